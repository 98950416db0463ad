//! The command line: what comes before what, and that nothing that was typed comes out again.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use clap::FromArgMatches;
use hookglass::{
    cli::{Cli, Loaded, Terminal, World, command, help, load, variable},
    config::{Output, Problem},
};

const CANARY: &str = "CANARY-7f3a9b";
const TERMINAL: Terminal = Terminal { stdin: true, stdout: true, dumb: false };

/// A working directory and a user's configuration file, removed in the end.
struct Place {
    dir: PathBuf,
}

impl Place {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("hookglass-cli-{name}-{}", std::process::id()));
        fs::create_dir_all(dir.join("home")).unwrap();
        Self { dir }
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.dir.join(name), text).unwrap();
    }

    fn load(&self, words: &[&str], env: &[(&str, &str)]) -> Result<Loaded, Vec<Problem>> {
        self.load_on(TERMINAL, words, env)
    }

    fn load_on(
        &self,
        terminal: Terminal,
        words: &[&str],
        env: &[(&str, &str)],
    ) -> Result<Loaded, Vec<Problem>> {
        let words = std::iter::once("hookglass").chain(words.iter().copied());
        let flags = Cli::from_arg_matches(&command().try_get_matches_from(words).unwrap()).unwrap().flags();
        let env: BTreeMap<&str, &str> = env.iter().copied().collect();
        let world = World {
            env: &|name| env.get(name).map(|&value| value.to_owned()),
            dir: self.dir.clone(),
            user_config: Some(self.dir.join("home/hookglass.toml")),
            terminal,
        };
        load(&flags, &world)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

fn told(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn flags_come_before_variables_and_those_before_the_file() {
    let place = Place::new("order");
    let file = "[listen]\naddress = '10.0.0.1:1'\nforward_to = 1001\n\
                [ui]\ntheme = 'file'\nmouse = true\nascii = true\n\
                [secrets]\nstripe = 'env:FILE'\ngithub = 'env:FILE'\n";
    let env = [
        ("HOOKGLASS_PORT", "2"),
        ("HOOKGLASS_BIND", "10.0.0.2"),
        ("HOOKGLASS_FORWARD_TO", "1002, 1003"),
        ("HOOKGLASS_SECRET", "stripe=env:VARIABLE,slack=file:x"),
        ("HOOKGLASS_OUTPUT", "json"),
        ("HOOKGLASS_THEME", "variable"),
        ("HOOKGLASS_MOUSE", "0"),
        ("HOOKGLASS_EPHEMERAL", "yes"),
        ("HOOKGLASS_ASCII", ""),
        ("HOOKGLASS_NO_COLOR", "false"),
        ("NO_COLOR", "1"),
    ];
    let flags = [
        "1005",
        "-p",
        "3",
        "--bind",
        "::1",
        "-f",
        "http://h/x",
        "-f",
        "1005",
        "-s",
        "stripe=env:FLAG",
        "-o",
        "quiet",
        "--theme",
        "flag",
        "--mouse",
        "--no-color",
    ];
    let summary = |loaded: Loaded| {
        let settings = loaded.settings;
        let targets: Vec<String> = settings.forward_to.iter().map(ToString::to_string).collect();
        let secrets: Vec<String> = settings
            .provider_secrets
            .iter()
            .map(|(id, sources)| {
                format!("{id}={:?}", sources.iter().map(|source| &source.value).collect::<Vec<_>>())
            })
            .collect();
        format!(
            "{} {} {} {:?} {:?} {} {:?} {:?} {}",
            settings.listen.socket(),
            targets.join(" "),
            secrets.join(" "),
            settings.output.unwrap(),
            settings.interface.theme,
            settings.interface.mouse,
            settings.interface.ascii,
            settings.interface.color,
            settings.session.ephemeral,
        )
    };
    let run = |flags: &[&str], env: &[(&str, &str)]| summary(place.load(flags, env).unwrap());

    assert_eq!(run(&[], &[]), "127.0.0.1:7878   Tui None false None None false");
    place.write("hookglass.toml", file);
    assert_eq!(
        run(&[], &[]),
        "10.0.0.1:1 http://localhost:1001 github=[env:FILE] stripe=[env:FILE] Tui Some(\"file\") true Some(true) None false"
    );
    assert_eq!(
        run(&[], &env),
        "10.0.0.2:2 http://localhost:1002 http://localhost:1003 \
         github=[env:FILE] slack=[file:x] stripe=[env:VARIABLE] Json Some(\"variable\") false Some(true) Some(true) true"
    );
    assert_eq!(
        run(&flags, &env),
        "[::1]:3 http://localhost:1005 http://h/x \
         github=[env:FILE] stripe=[env:FLAG] Quiet Some(\"flag\") true Some(true) Some(false) true"
    );
    // A target that was typed is the only one; a variable does not add to it.
    assert!(run(&["1009"], &env).contains(":2 http://localhost:1009 github"));
}

#[test]
fn the_first_file_there_is_counts() {
    let place = Place::new("lookup");
    let file = |words: &[&str], env: &[(&str, &str)]| {
        let loaded = place.load(words, env).unwrap();
        (loaded.settings.listen.port, loaded.config_file.map(|path| path.display().to_string()))
    };
    let path = |name: &str| Some(place.dir.join(name).display().to_string());
    assert_eq!(file(&[], &[]), (7878, None));
    place.write("home/hookglass.toml", "[listen]\naddress = ':1'");
    assert_eq!(file(&[], &[]), (1, path("home/hookglass.toml")));
    place.write("hookglass.toml", "[listen]\naddress = ':2'");
    assert_eq!(file(&[], &[]), (2, path("hookglass.toml")));
    place.write("other.toml", "[listen]\naddress = ':3'");
    assert_eq!(file(&[], &[("HOOKGLASS_CONFIG", "other.toml")]), (3, path("other.toml")));
    place.write("named.toml", "[listen]\naddress = ':4'");
    assert_eq!(file(&["-c", "named.toml"], &[("HOOKGLASS_CONFIG", "other.toml")]), (4, path("named.toml")));

    let problems = place.load(&["-c", "none.toml"], &[]).unwrap_err();
    assert!(told(&problems)[0].starts_with("--config: there is no such file"), "{problems:?}");
    let problems = place.load(&["-c", "home"], &[]).unwrap_err();
    assert!(told(&problems)[0].starts_with("--config: this is not a file"), "{problems:?}");
}

#[test]
fn all_problems_of_all_places_are_told_together() {
    let place = Place::new("problems");
    place.write("hookglass.toml", "[listen]\nmax_body = 'x'\n\n[[endpoint]]\npth = '/'\n");
    place.write(".env", "A=1\n'\nB=2\n");
    let problems = place.load(&["-p", "x", "replay"], &[("HOOKGLASS_MOUSE", "maybe")]).unwrap_err();
    let starts = [
        "hookglass.toml:2:12: listen.max_body: a size",
        "hookglass.toml:4:1: endpoint[1].path: an endpoint needs a path",
        "hookglass.toml:5:1: endpoint[1].pth: this key is not known; did you mean `path`?",
        "--port: a port is",
        "TARGET: the command `replay` is not in this version yet",
        "HOOKGLASS_MOUSE: this must be",
        "warning: .env:2:1: this line cannot be read",
    ];
    let told = told(&problems);
    assert_eq!(told.len(), starts.len(), "{told:#?}");
    for (told, start) in told.iter().zip(starts) {
        assert!(told.starts_with(start), "{told}");
    }
}

#[test]
fn the_output_is_chosen_by_the_terminal() {
    let place = Place::new("output");
    let on = |stdin, stdout, dumb| Terminal { stdin, stdout, dumb };
    for (terminal, words, expected) in [
        (on(true, true, false), &[][..], Some(Output::Tui)),
        (on(true, false, false), &[], Some(Output::Text)),
        (on(false, true, false), &[], Some(Output::Text)),
        (on(true, true, true), &[], Some(Output::Text)),
        (on(false, false, true), &["-o", "json"], Some(Output::Json)),
        (on(true, true, false), &["-o", "text"], Some(Output::Text)),
        (on(true, false, false), &["-o", "tui"], None),
        (on(true, true, false), &["-o", "xml"], None),
    ] {
        let output = place.load_on(terminal, words, &[]).ok().and_then(|loaded| loaded.settings.output);
        assert_eq!(output, expected, "{terminal:?} {words:?}");
    }
    let loaded = place.load_on(on(true, true, true), &[], &[]).unwrap();
    assert_eq!(loaded.settings.interface.color, Some(false));
}

#[test]
fn no_problem_and_no_debug_output_holds_what_was_given() {
    let place = Place::new("canary");
    place.write(".env", &format!("STRIPE_WEBHOOK_SECRET={CANARY}\nBROKEN='{CANARY}\n"));
    let values = [
        CANARY.to_owned(),
        format!("stripe={CANARY}"),
        format!("{CANARY}="),
        format!("{CANARY}=env:X"),
        format!("stripe=env:{CANARY}"),
        format!("stripe=keyring:{CANARY}"),
        format!("stripe=command:echo {CANARY}"),
        format!("http://u:{CANARY}@h"),
        format!("http://h/?{CANARY}"),
    ];
    for flag in ["port", "bind", "forward-to", "secret", "output"] {
        for value in &values {
            let word = format!("--{flag}={value}");
            let name = variable(flag);
            for (words, env) in
                [(vec![word.as_str()], vec![]), (vec![], vec![(name.as_str(), value.as_str())])]
            {
                // A host may be of any name, and is shown.
                if flag == "forward-to" && !value.starts_with("http") {
                    continue;
                }
                let shown = match place.load(&words, &env) {
                    Ok(loaded) => format!("{loaded:?}"),
                    Err(problems) => format!("{problems:?} {}", told(&problems).join("\n")),
                };
                assert!(!shown.contains(CANARY), "{flag} {value}: {shown}");
            }
        }
    }
    for value in &values {
        let problems = place.load(&[value], &[]).unwrap_err();
        assert!(!format!("{problems:?}").contains(CANARY), "{value}");
    }
}

#[test]
fn every_flag_has_a_variable_and_every_word_of_the_help_stands() {
    let text = help();
    let flags: Vec<String> =
        command().get_arguments().filter_map(|arg| arg.get_long().map(str::to_owned)).collect();
    assert!(flags.len() >= 11, "{flags:?}");
    for flag in flags.iter().filter(|flag| !matches!(flag.as_str(), "help" | "version")) {
        assert!(text.contains(&format!("[env:{}]", variable(flag))), "{flag}");
    }
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("help", text);
    });
}

/// Runs the executable in an empty environment; its exit code, stdout and stderr.
fn run(place: &Place, words: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_hookglass"))
        .args(words)
        .env_clear()
        .current_dir(&place.dir)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn usage_and_configuration_errors_end_with_two_and_talk_on_stderr() {
    let place = Place::new("binary");
    for words in [
        &["--prot", CANARY][..],
        &["1", CANARY],
        &["--output", CANARY],
        &["-s", CANARY],
        &["-s", &format!("stripe={CANARY}")],
        &["-p", CANARY],
        &[CANARY],
        &["-o", "tui"],
    ] {
        let (code, stdout, stderr) = run(&place, words);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{words:?}");
        assert_eq!(stderr.lines().count(), 1, "{words:?} {stderr}");
        assert!(stderr.starts_with("error: ") && !stderr.contains(CANARY), "{words:?} {stderr}");
    }
    place.write("hookglass.toml", &format!("[secrets]\nstripe = '{CANARY}'\nx = 1\n"));
    let (code, _, stderr) = run(&place, &[]);
    assert_eq!((code, stderr.lines().count()), (Some(2), 2), "{stderr}");
    assert!(stderr.contains("hookglass.toml:2:10: secrets.stripe: ") && !stderr.contains(CANARY), "{stderr}");

    let (code, stdout, stderr) = run(&place, &["--version"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert_eq!(stdout, format!("hookglass {}\n", env!("CARGO_PKG_VERSION")));
    assert_eq!(run(&place, &["--help"]).0, Some(0));
}

#[cfg(unix)]
#[test]
fn closed_streams_are_no_failure() {
    let place = Place::new("closed");
    for (script, code) in [
        ("\"$0\" --help >&-", 0),
        ("\"$0\" --help | true; exit 0", 0),
        ("\"$0\" --prot 2>&-", 2),
        ("\"$0\" --prot <&- >&- 2>&-", 2),
    ] {
        let status = Command::new("/bin/sh")
            .args(["-c", script, env!("CARGO_BIN_EXE_hookglass")])
            .current_dir(&place.dir)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert_eq!(status.code(), Some(code), "{script}");
    }
}
