//! The commands that end by themselves, as a script runs them.

use std::{
    io::Write,
    process::{Output, Stdio},
};

use crate::{
    program::{Folder, Piped, command},
    sender::{Handler, answer, body},
};

const SECRET: &str = "whsec_4b6f2kd93kfls02xcanary";

/// Runs a command with an input; its exit code, stdout and stderr.
fn run(folder: &Folder, arguments: &[&str], input: &[u8]) -> (i32, String, String) {
    let mut child = command(folder, arguments)
        .env("STRIPE_WEBHOOK_SECRET", SECRET)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that needs no input may have ended already.
    let _ = child.stdin.take().unwrap().write_all(input);
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

#[test]
fn what_sign_prints_verify_finds_valid() {
    let folder = Folder::new();
    let (code, curl, said) =
        run(&folder, &["sign", "stripe", "{\"type\":\"ping\"}", "--curl", "http://localhost:3000/hook"], b"");
    assert_eq!((code, said.as_str()), (0, ""));
    let (code, found, said) = run(&folder, &["verify"], curl.as_bytes());
    assert_eq!((code, said.as_str()), (0, ""), "{found}");
    assert!(found.starts_with("valid\n") && found.contains("STRIPE_WEBHOOK_SECRET"), "{found}");
    assert!(!found.contains(SECRET) && !curl.contains(SECRET));

    let raw = |at: &str| {
        let (code, headers, said) = run(&folder, &["sign", "stripe", "{}", "--at", at], b"");
        assert_eq!((code, said.as_str()), (0, ""));
        format!("POST /hook HTTP/1.1\r\nHost: h\r\n{headers}\r\n{{}}")
    };
    folder.write("request.http", &raw("2026-11-21T22:26:40Z"));
    for (arguments, code, verdict, reason) in [
        (&["--at", "1795300000"][..], 0, "valid", None),
        (&["--at", "1795300300"], 0, "valid", None),
        (&["--at", "1795300301"], 1, "invalid", Some("timestamp_too_old")),
        (&["--at", "1795300301", "--tolerance", "10m"], 0, "valid", None),
        (&["--provider", "github"], 1, "unsigned", None),
    ] {
        let arguments = [&["verify", "request.http", "--json"], arguments].concat();
        let (found, line, _) = run(&folder, &arguments, b"");
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!((found, line["verdict"].as_str()), (code, Some(verdict)), "{arguments:?}");
        assert_eq!(line["code"].as_str(), reason, "{arguments:?}");
    }
    folder.write("changed.http", &raw("1795300000").replace("{}", "{ }"));
    let (code, text, _) = run(&folder, &["verify", "changed.http", "--at", "1795300000"], b"");
    assert!(code == 1 && text.starts_with("invalid: "), "{text}");
}

#[test]
fn a_captured_line_is_checked_for_its_arrival() {
    let folder = Folder::new();
    let (_, headers, _) = run(&folder, &["sign", "stripe", "{}", "--at", "1700000000"], b"");
    let signature = headers.lines().find_map(|line| line.strip_prefix("Stripe-Signature: ")).unwrap();
    let line = serde_json::json!({
        "type": "capture", "id": 1, "received_at": "2023-11-14T22:13:21Z", "method": "POST", "target": "/",
        "headers": [["Stripe-Signature", signature]], "body": { "size": 2, "text": "{}" }, "complete": true,
        "provider": "stripe",
    });
    let line = line.to_string();
    let (code, text, said) = run(&folder, &["verify", "-"], line.as_bytes());
    assert!(
        code == 1 && text.starts_with("invalid: timestamp_too_old (the signature itself is right)"),
        "{text}"
    );
    assert!(said.contains("--at arrival"), "{said}");
    assert_eq!(run(&folder, &["verify", "--at", "arrival"], line.as_bytes()).0, 0);

    let two = format!("{line}\n{line}\n");
    let (code, _, said) = run(&folder, &["verify"], two.as_bytes());
    assert!(code == 2 && said.contains("--entry"), "{said}");
    assert_eq!(run(&folder, &["verify", "--entry", "2", "--at", "arrival"], two.as_bytes()).0, 0);
}

#[test]
fn sent_samples_are_valid_and_broken_ones_are_not() {
    let mut listening = Piped::start_in(Folder::new(), &[], &[("STRIPE_WEBHOOK_SECRET", SECRET)]);
    let folder = Folder::new();
    let to = format!("http://{}/hooks/stripe", listening.address);
    for (arguments, verdict, reason, count) in [
        (&["charge.refunded"][..], "valid", None, 1),
        (&["--break", "stale"], "invalid", Some("timestamp_too_old"), 1),
        (&["--break", "missing"], "unsigned", None, 1),
        (&["--break", "replayed"], "valid", None, 2),
    ] {
        let arguments = [&["send", "stripe"], arguments, &["--to", &to, "--json"]].concat();
        let (code, out, said) = run(&folder, &arguments, b"");
        // A missing header takes away what a request is recognised by.
        let recognised = !arguments.contains(&"missing");
        assert_eq!(code, 0, "{said}");
        assert_eq!(out.lines().count(), count, "{out}");
        let delivery: serde_json::Value = serde_json::from_str(out.lines().next().unwrap()).unwrap();
        assert_eq!((&delivery["type"], &delivery["kind"]), (&"delivery".into(), &"test".into()));
        assert_eq!((&delivery["status"], &delivery["url"]), (&200.into(), &to.as_str().into()));
        let mut bodies = Vec::new();
        for _ in 0..count {
            let capture = listening.next("capture");
            assert_eq!(capture["target"], "/hooks/stripe");
            let expected = if recognised { verdict } else { "unknown" };
            assert_eq!(capture["signature"]["verdict"], expected, "{arguments:?} {capture}");
            assert_eq!(capture["signature"]["code"].as_str(), reason, "{arguments:?}");
            bodies.push(capture["body"].clone());
        }
        bodies.dedup();
        assert_eq!(bodies.len(), 1, "a replayed request is the same again");
    }
    for how in ["secret", "body"] {
        assert_eq!(run(&folder, &["send", "stripe", "--to", &to, "--break", how], b"").0, 0);
        assert_eq!(listening.next("capture")["signature"]["verdict"], "invalid", "{how}");
    }
}

#[test]
fn what_a_handler_says_is_the_exit_code() {
    let handler = Handler::start(|request| {
        if body(request) == b"{\"own\":1}" {
            answer("201 Created", "")
        } else {
            answer("401 Unauthorized", "no")
        }
    });
    let folder = Folder::new();
    folder.write("own.json", "{\"own\":1}");
    let to = format!("http://{}", handler.address);
    let (code, out, _) = run(&folder, &["send", "stripe", "--to", &to], b"");
    assert!(code == 1 && out.contains(": 401 Unauthorized in ") && out.contains("\n  no\n"), "{out}");
    assert_eq!(run(&folder, &["send", "stripe", "--body", "own.json", "--to", &to], b"").0, 0);
    assert_eq!(run(&folder, &["send", "stripe", "--to", "127.0.0.1:1"], b"").0, 3);
    let (code, out, said) = run(&folder, &["send", "discord", "--to", &to], b"");
    assert!(code == 1 && !out.is_empty() && said.contains("without a signature"), "{said}");
    let sent = handler.got();
    assert!(String::from_utf8_lossy(&sent[0]).contains("\r\nStripe-Signature: t="));
}

#[test]
fn usage_errors_are_one_sentence_and_end_with_2() {
    let folder = Folder::new();
    for (arguments, part) in [
        (&["verify", "none.http"][..], "no such file"),
        (&["verify", "--at", "CANARY"], "2026"),
        (&["verify", "--provider", "strpe"], "did you mean stripe?"),
        (&["verify", "--entry", "0"], "--entry"),
        (&["verify", "--tolerance", "5"], "--tolerance"),
        (&["verify", "-s", "CANARY"], "write PROVIDER=SOURCE"),
        (&["sign"], "PROVIDER is missing"),
        (&["sign", "github", "{}"], "GITHUB_WEBHOOK_SECRET"),
        (&["sign", "discord", "{}"], "private key"),
        (&["sign", "twilio", "-s", "env:STRIPE_WEBHOOK_SECRET"], "--url"),
        (&["sign", "stripe", "{}", "--url", "CANARY"], "--url"),
        (&["send", "stripe", "invoice.payd", "--to", "1"], "did you mean invoice.paid?"),
        (&["send", "stripe", "--to", "ftp://x"], "--to"),
        (&["send", "stripe", "--to", "1", "--break", "CANARY"], "stale, secret, body, missing, replayed"),
        (&["send", "shopify", "--to", "1", "--break", "stale"], "signs no time"),
        (&["send", "telegram", "--to", "1", "--break", "body"], "does not cover the body"),
        (&["providers", "CANARY"], "no such provider"),
        (&["doctor", "CANARY"], "FILTER"),
        (&["completions", "CANARY"], "bash, zsh, fish"),
    ] {
        let (code, out, said) = run(&folder, arguments, b"hello");
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?} {said}");
        assert_eq!(said.lines().count(), 1, "{arguments:?} {said}");
        assert!(said.starts_with("error: ") && said.contains(part) && !said.contains("CANARY"), "{said}");
    }
}

#[test]
fn doctor_looks_and_never_shows_a_secret() {
    let folder = Folder::new();
    let (code, out, _) = run(&folder, &["-p", "0", "doctor", "port"], b"");
    assert!(code == 0 && out.starts_with("ok       port      a free one"), "{out}");
    folder.write("hookglass.toml", "[listen]\naddress = \"127.0.0.1:0\"\n");
    folder.write(".env", "SLACK_SIGNING_SECRET=xoxb-CANARY\nGITHUB_WEBHOOK_SECRET='CANARYCANARY '\n");
    let (code, out, _) = run(&folder, &["doctor"], b"");
    assert_eq!(code, 0, "{out}");
    for part in [
        "ok       clock   ",
        "ok       port      a free one",
        "STRIPE_WEBHOOK_SECRET (stripe): 28 characters of the right form",
        "SLACK_SIGNING_SECRET (slack): it begins with `xoxb-`: that is a bot token of Slack",
        "GITHUB_WEBHOOK_SECRET (github): white space stands around it",
    ] {
        assert!(out.contains(part), "{part}\n{out}");
    }
    assert!(!out.contains("CANARY") && !out.contains(SECRET), "{out}");
    folder.write(".env", "DISCORD_PUBLIC_KEY=CANARY\n");
    let (code, out, _) = run(&folder, &["doctor", "discord", "--json"], b"");
    assert_eq!(code, 1);
    for line in out.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!((&line["type"], &line["topic"]), (&"check".into(), &"secret".into()));
    }
    folder.write(
        "seen.jsonl",
        "{\"type\":\"capture\",\"id\":7,\"received_at\":\"2026-11-21T22:26:40Z\",\"method\":\"POST\",\"target\":\"/\",\"headers\":[[\"Stripe-Signature\",\"t=1795300000,v1=00\"]],\"body\":null}\n",
    );
    let (code, out, _) = run(&folder, &["doctor", "--from", "seen.jsonl", "signature"], b"");
    assert!(
        code == 1 && out.starts_with("problem  signature stripe: 1 invalid: malformed_header, the newest #7"),
        "{out}"
    );
    folder.write("hookglass.toml", "[listen]\naddress = 7\n");
    let (code, out, _) = run(&folder, &["doctor"], b"");
    assert!(code == 1 && out.contains("problem  config    hookglass.toml:2:11: listen.address"), "{out}");
}

#[test]
fn lists_pages_and_completions_are_whole() {
    let folder = Folder::new();
    for (arguments, part) in [
        (&["providers"][..], "\nstripe "),
        (&["providers", "slack"], "v0:{header:X-Slack-Request-Timestamp}:{body}"),
        (&["send"], "twilio             sms\n"),
        (&["send", "github"], "github             pull_request\n"),
        (&["man"], ".TH hookglass 1"),
        (&["completions", "bash"], "hookglass__subcmd__verify"),
        (&["completions", "zsh"], "#compdef hookglass"),
        (&["completions", "fish"], "complete -c hookglass"),
        (&["completions", "powershell"], "Register-ArgumentCompleter"),
        (&["completions", "elvish"], "edit:completion"),
    ] {
        let (code, out, said) = run(&folder, arguments, b"");
        assert!(code == 0 && out.contains(part), "{arguments:?} {said} {out}");
    }
}

#[test]
fn captures_are_converted_and_come_back() {
    let folder = Folder::new();
    let (_, curl, _) =
        run(&folder, &["sign", "stripe", "{\"password\":\"canary\"}", "--curl", "http://h.test/hook"], b"");
    folder.write("one.sh", &format!("{curl}\ncurl http://h.test/two -d token=canary\n"));
    // Checked as it comes in; the arrival is now.
    let (code, lines, said) = run(&folder, &["import", "--print", "one.sh"], b"");
    assert_eq!((code, lines.lines().count()), (0, 2), "{said}");
    assert!(lines.contains("\"verdict\":\"valid\"") && said.contains("2 captures read"), "{lines}{said}");

    let (code, har, said) = run(&folder, &["export", "--from", "one.sh", "--format", "har"], b"");
    assert!(code == 0 && said.contains("--raw keeps them") && !har.contains("canary"), "{said}{har}");
    let export = ["export", "all", "--from", "-", "--format", "jsonl", "--raw", "--out", "all.jsonl"];
    let (code, out, said) = run(&folder, &export, lines.as_bytes());
    assert_eq!((code, out.as_str()), (0, ""), "{said}");
    let (code, _, said) = run(&folder, &export, lines.as_bytes());
    assert!(code == 3 && said.contains("there already; --force writes over it"), "{said}");
    let (code, same, _) = run(&folder, &["import", "--print", "all.jsonl"], b"");
    assert_eq!((code, &same), (0, &lines));
    let (code, back, _) =
        run(&folder, &["export", "2", "--from", "all.jsonl", "--format", "curl", "--to", "3000"], b"");
    assert!(
        code == 0
            && back.contains("curl -X POST http://localhost:3000/two")
            && back.contains("token=[redacted]"),
        "{back}"
    );

    for (arguments, code, reason) in [
        (&["export", "9", "--from", "all.jsonl", "--format", "har"][..], 1, "no such capture"),
        (&["export", "provider:", "--from", "all.jsonl", "--format", "har"], 2, "WHICH: "),
        (&["export", "--from", "all.jsonl", "--format", "hat"], 2, "did you mean har?"),
        (&["export", "--from", "all.jsonl"], 2, "--format is missing"),
        (&["export", "--format", "har"], 3, "there is no session file at"),
        (&["export", "--from", "none.har", "--format", "har"], 2, "--from: there is no such file"),
        (&["import", "none.har"], 2, "there is no such file"),
        (&["import", "--session", ".", "one.sh"], 3, "does not name a file"),
    ] {
        let (found, out, said) = run(&folder, arguments, b"");
        assert!(found == code && said.contains(reason) && out.is_empty(), "{arguments:?}: {found} {said}");
    }
}

#[test]
fn captures_go_into_the_session_file_and_out_of_it() {
    let folder = Folder::new();
    let (_, curl, _) = run(&folder, &["sign", "stripe", "{\"a\":1}", "--curl", "http://h.test/hook"], b"");
    folder.write("one.sh", &format!("{curl}\ncurl http://h.test/two -d token=canary\n"));
    let session = ["--session", "kept.sqlite"];
    let with = |arguments: &[&'static str]| [arguments, &session].concat();
    let (code, out, said) = run(&folder, &with(&["import", "one.sh"]), b"");
    assert!(code == 0 && out.is_empty() && said.contains("2 captures put into"), "{out}{said}");
    let (code, _, said) = run(&folder, &with(&["import", "one.sh"]), b"");
    assert!(code == 0 && said.contains("as 3-4"), "{said}");

    for (which, ids) in [
        ("all", &[1, 2, 3, 4][..]),
        ("2-3", &[2, 3]),
        ("last", &[4]),
        ("provider:stripe", &[1, 3]),
        ("body:canary id>2", &[4]),
    ] {
        let (code, out, said) = run(&folder, &with(&["export", which, "--format", "jsonl", "--raw"]), b"");
        let lines = out.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let found: Vec<u64> = lines.map(|line| line["id"].as_u64().unwrap()).collect();
        assert_eq!((code, &found[..]), (0, ids), "{which} {said}");
    }
    let (code, _, said) = run(&folder, &with(&["export", "marked", "--format", "curl"]), b"");
    assert!(code == 1 && said.contains("no such capture"), "{said}");

    let (code, out, said) = run(&folder, &with(&["doctor", "signature"]), b"");
    assert!(code == 0 && out.contains("stripe"), "{code} {out}{said}");
    folder.write("broken.sqlite", "not a database at all, but long enough to look at\n");
    let (code, _, said) =
        run(&folder, &["export", "all", "--format", "curl", "--session", "broken.sqlite"], b"");
    assert!(code == 3 && said.lines().count() == 1, "{code} {said}");
}
