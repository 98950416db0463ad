//! The configuration file: what it may say, and that every fault is told with its line and without
//! its value.

use std::{path::Path, time::Duration};

use hookglass::config::{KEYS, PublicKey, SecretSource, Settings, TEMPLATE, parse};

/// A value that must never come out again.
const CANARY: &str = "CANARY-7f3a9b";

fn read(text: &str) -> (Settings, Vec<String>) {
    let (settings, problems) = parse("hookglass.toml", Path::new("/base"), text.as_bytes());
    (settings, problems.iter().map(ToString::to_string).collect())
}

fn good(text: &str) -> Settings {
    let (settings, problems) = read(text);
    assert_eq!(problems, [""; 0], "{text}");
    settings
}

/// The template with every key in force.
fn uncommented() -> String {
    let key = |line: &str| line.starts_with('#') && !line.starts_with("# ") && line != "#";
    TEMPLATE.lines().map(|line| if key(line) { &line[1..] } else { line }).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_whole_example_of_the_design_is_read() {
    let settings = good(include_str!("../fixtures/hookglass.toml"));
    assert_eq!(settings.listen.socket().to_string(), "127.0.0.1:7878");
    assert!(settings.listen.explicit_bind);
    assert_eq!(settings.listen.public_url.as_ref().unwrap().as_str(), "https://hooks.example.com");
    assert_eq!((settings.listen.max_body, settings.session.keep), (32 << 20, 1 << 30));

    let endpoint = &settings.endpoints.list[0];
    assert_eq!((&*endpoint.name, endpoint.path.as_str()), ("stripe", "/stripe/**"));
    assert_eq!(endpoint.provider.as_deref(), Some("stripe"));
    assert_eq!(endpoint.params["webhook_id"], "8PT597");
    assert_eq!(endpoint.tolerance, Some(Duration::from_secs(300)));
    assert_eq!(endpoint.on_invalid, Some(401));
    let answer = &endpoint.respond[0];
    assert_eq!((answer.status, answer.body.as_str(), answer.delay), (200, "ok", Duration::ZERO));
    assert_eq!(answer.headers, [("x-test".to_owned(), "1".to_owned())]);
    assert_eq!(endpoint.forward_to[0].to_string(), "http://localhost:3000/webhooks");
    assert!(endpoint.forward_response);
    assert_eq!(endpoint.rate_limit.unwrap().count, 20);

    let sources: Vec<String> =
        settings.endpoint_secrets[0].iter().map(|secret| format!("{:?}", secret.value)).collect();
    assert_eq!(sources, ["env:STRIPE_WEBHOOK_SECRET", "env:STRIPE_WEBHOOK_SECRET_OLD"]);
    let PublicKey::Source(SecretSource::File(path)) = &settings.endpoint_public_keys[0][0].value else {
        panic!("a file");
    };
    assert_eq!(path, Path::new("/base/provider.pem"));
    let times: Vec<(u16, u32)> =
        settings.endpoints.list[1].respond.iter().map(|answer| (answer.status, answer.times)).collect();
    assert_eq!(times, [(500, 2), (200, 1)]);
    let mine = settings.providers[0].table().unwrap();
    assert_eq!(mine["sig"]["header"].as_str(), Some("X-Acme-Signature"));
}

#[test]
fn values_may_be_written_in_several_ways() {
    let settings = good(
        "[listen]\naddress = ':9000'\nmax_body = 4096\ntrusted_proxies = '10.0.0.0/8'\nforward_to = 3000\n\
         [secrets]\ngithub = 'env:A'\nslack = ['env:B', 'command:echo x']\n\
         [[endpoint]]\npath = '/a'\nmethods = 'post'\nforward_to = ['8080', 'https://x.example/y/']\nparams = {a = 1}\n\
         [[endpoint]]\npath = '/a/b*'\nrespond = { status = 204, headers = { b = ['1', '2'], a = '3' } }\n",
    );
    assert_eq!((settings.listen.port, settings.listen.explicit_bind), (9000, false));
    assert_eq!(settings.forward_to[0].to_string(), "http://localhost:3000");
    assert_eq!(settings.provider_secrets["slack"].len(), 2);
    assert_eq!(settings.mentions.iter().map(|m| m.value.as_str()).collect::<Vec<_>>(), ["github", "slack"]);
    let [first, second] = &settings.endpoints.list[..] else { panic!("two endpoints") };
    assert_eq!((first.methods[0].as_str(), first.params["a"].as_str(), &*second.name), ("POST", "1", "a"));
    let headers: Vec<String> =
        second.respond[0].headers.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(headers, ["b=1", "b=2", "a=3"]);
}

#[test]
fn the_shipped_file_says_nothing_and_names_everything() {
    assert!(TEMPLATE.lines().all(|line| line.is_empty() || line.starts_with('#')));
    assert_eq!(format!("{:?}", good(TEMPLATE)), format!("{:?}", Settings::default()));
    let text = uncommented();
    for (table, keys) in KEYS {
        for key in keys {
            let named = text
                .lines()
                .any(|line| line.starts_with(&format!("{key} = ")) || line.trim_matches(['[', ']']) == *key)
                || text.contains(&format!("{{ {key} = "))
                || text.contains(&format!(", {key} = "));
            assert!(named, "{table}.{key} is not in assets/config.toml");
        }
    }
}

#[test]
fn the_shipped_file_shows_the_defaults() {
    let shown = good(&uncommented());
    let mut expected = Settings::default();
    // The examples.
    expected.listen.explicit_bind = true;
    expected.listen.public_url = shown.listen.public_url.clone();
    expected.listen.trusted_proxies = shown.listen.trusted_proxies.clone();
    expected.session.file = Some("/base/webhooks.sqlite".into());
    expected.session.keep_count = Some(100_000);
    expected.session.keep_age = Some(Duration::from_secs(30 * 86_400));
    assert_eq!(shown.listen, expected.listen);
    assert_eq!((shown.memory, shown.session), (expected.memory, expected.session));
    assert!(!shown.interface.mouse);
    assert_eq!((shown.endpoints.list.len(), shown.providers.len()), (2, 1));
    assert!(shown.keys.is_some() && !shown.provider_secrets.is_empty());
}

/// A broken file, and its problems: the line, the column, the key, and words of the sentence.
#[test]
fn every_fault_is_told_with_its_line() {
    let faults = include_str!("../fixtures/config-faults.txt");
    let mut checked = 0;
    for case in faults.split("=====\n").filter(|case| !case.trim().is_empty()) {
        let (text, expected) = case.split_once("~~~~~\n").expect("a case has a text and its problems");
        let (_, problems) = read(text);
        let expected: Vec<&str> = expected.lines().collect();
        assert_eq!(problems.len(), expected.len(), "{text}\n{problems:#?}");
        for (problem, expected) in problems.iter().zip(expected) {
            let problem = problem.replacen("hookglass.toml:", "", 1);
            assert_eq!(problem, expected, "{text}");
        }
        checked += 1;
    }
    assert!(checked >= 60, "{checked}");
}

#[test]
fn no_problem_and_no_debug_output_holds_a_value() {
    // The canary in place of every value of the template, and of every value in the broken files.
    let mut texts: Vec<String> = include_str!("../fixtures/config-faults.txt")
        .split("=====\n")
        .filter_map(|case| case.split_once("~~~~~\n"))
        .map(|(text, _)| text.to_owned())
        .collect();
    let lines = uncommented();
    let lines: Vec<&str> = lines.lines().collect();
    for (index, line) in lines.iter().enumerate() {
        let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) else { continue };
        for value in [
            format!("\"{CANARY}\""),
            format!("[\"{CANARY}\", 1]"),
            format!("{{ \"a\" = \"{CANARY}\" }}"),
            CANARY.to_owned(),
            format!("\"{CANARY}"),
            format!("env:{CANARY}"),
            format!("\"env:{CANARY}\""),
            format!("\"command:{CANARY}\""),
            format!("\"keyring:{CANARY}\""),
            format!("\"https://{CANARY}@x/?y\""),
        ] {
            let mut changed: Vec<String> = lines.iter().map(|&line| line.to_owned()).collect();
            changed[index] = format!("{key} = {value}");
            texts.push(changed.join("\n"));
        }
    }
    assert!(texts.len() > 300);
    for text in texts {
        let (settings, problems) = read(&text);
        assert!(!problems.join("\n").contains(CANARY), "{text}\n{problems:#?}");
        for fragment in settings.providers.iter().chain(&settings.keys) {
            assert!(!format!("{fragment:?}").contains(CANARY), "{text}");
        }
        for secrets in settings.endpoint_secrets.iter().chain(settings.provider_secrets.values()) {
            assert!(!format!("{secrets:?}").contains(CANARY), "{text}");
        }
        assert!(!format!("{:?}", settings.endpoint_public_keys).contains(CANARY), "{text}");
    }
}

#[test]
fn hostile_files_do_no_harm() {
    let deep = format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    let dotted = format!("{} = 1", vec!["a"; 50_000].join("."));
    let wide = (0..20_000).map(|n| format!("[[endpoint]]\npath = '/{n}'\n")).collect::<String>();
    for text in [deep, dotted, wide, "\u{feff}[listen]\n".into(), "[listen]\r\naddress=':1'\r\n".into()] {
        let _ = read(&text);
    }
    for bytes in [&b"\xff\xfe[\x00"[..], b"a = \"\x00\"", b"\xef\xbb\xbf", b"[[[[[[", b"=\n=\n"] {
        let _ = parse("f", Path::new(""), bytes);
    }
    let (_, problems) = read("[listen]\n\"\\u001b[31m\\u202e\" = 1\n");
    assert!(problems[0].chars().all(|c| !c.is_control() && c != '\u{202e}'), "{problems:?}");
}
