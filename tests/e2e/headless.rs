//! Output without a screen: what scripts read, and how it ends.

use std::{io::Read, process::Stdio};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::{
    program::{Folder, Piped, command, ended},
    sender::{Handler, answer, body, post, send},
};

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

fn hmac_hex(secret: &[u8], body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(body);
    hex(&mac.finalize().into_bytes())
}

#[test]
fn a_capture_is_one_line_with_every_byte() {
    let mut program = Piped::start(&[]);
    let request = b"POST /a%20b?x=1&x=2 HTTP/1.1\r\nHost: h\r\nX-Dup: 1\r\nx-dUP:  2 \r\nX-Bad: \xff\r\nContent-Length: 5\r\nConnection: close\r\n\r\nh\x1b\xe2\x80\xae";
    assert!(send(program.address, request).starts_with("HTTP/1.1 200"));
    let line = program.next("capture");
    assert_eq!(
        (&line["id"], &line["method"], &line["target"]),
        (&1.into(), &"POST".into(), &"/a%20b?x=1&x=2".into())
    );
    assert_eq!(
        line["headers"],
        serde_json::json!([
            ["Host", "h"],
            ["X-Dup", "1"],
            ["x-dUP", "2"],
            ["X-Bad", { "base64": "/w==" }],
            ["Content-Length", "5"],
            ["Connection", "close"]
        ])
    );
    assert_eq!(line["body"], serde_json::json!({ "size": 5, "text": "h\u{1b}\u{202e}" }));
    assert_eq!((&line["complete"], &line["http"]), (&true.into(), &"1.1".into()));
    assert_eq!(line["signature"]["verdict"], "unknown");
    assert_eq!(line["response"], serde_json::json!({ "status": 200, "by": "default" }));
}

#[test]
fn documentation_vectors_verify_with_secrets_of_the_environment_and_of_env_files() {
    let folder = Folder::new();
    folder.write(".env", "GITHUB_WEBHOOK_SECRET=\"It's a Secret to Everybody\"\n");
    let mut program =
        Piped::start_in(folder, &[], &[("SLACK_SIGNING_SECRET", "8f742231b10e8888abcd99yyyzzz85a5")]);
    let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    post(
        program.address,
        "/",
        &[("X-Hub-Signature-256", signature), ("X-GitHub-Event", "push")],
        b"Hello, World!",
    );
    let line = program.next("capture");
    assert_eq!((&line["provider"], &line["event"]), (&"github".into(), &"push".into()));
    assert_eq!(line["signature"]["verdict"], "valid");
    assert_eq!(line["signature"]["code"], serde_json::Value::Null);

    let form = b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    let headers = [
        ("X-Slack-Signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
        ("X-Slack-Request-Timestamp", "1531420618"),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    post(program.address, "/slack", &headers, form);
    let line = program.next("capture");
    assert_eq!(line["signature"]["verdict"], "invalid");
    assert_eq!(line["signature"]["code"], "timestamp_too_old");
    assert_eq!(line["signature"]["signed_ok"], true);
}

#[test]
fn both_tutorial_handlers_get_the_captured_bytes_and_their_answers_are_told() {
    let secret = "s3cret";
    let sha = Handler::start(move |request| {
        let text = String::from_utf8_lossy(request).into_owned();
        let sent = text.lines().find_map(|line| line.strip_prefix("X-Signature: ")).unwrap_or("");
        let mut hash = Sha256::new();
        hash.update(secret);
        hash.update(body(request));
        if sent == hex(&hash.finalize()) { answer("200 OK", "ok") } else { answer("403 Forbidden", "no") }
    });
    let token = Handler::start(move |request| {
        let text = String::from_utf8_lossy(request).into_owned();
        let right = text.lines().any(|line| line == format!("X-Webhook-Token: {secret}"));
        if right { answer("200 OK", "ok") } else { answer("401 Unauthorized", "no") }
    });
    let targets = [format!("http://{}", sha.address), format!("http://{}", token.address)];
    let mut program = Piped::start(&["-f", &targets[0], "-f", &targets[1]]);
    let payload = "{ \"n\": 1.10,\n\"n\": 2 }\n".as_bytes();
    let mut hash = Sha256::new();
    hash.update(secret);
    hash.update(payload);
    let signature = hex(&hash.finalize());
    let mut statuses = |headers: &[(&str, &str)]| {
        assert_eq!(post(program.address, "/hook?x=%2F", headers, payload), 200);
        let mut found = [program.next("delivery"), program.next("delivery")]
            .map(|line| (line["url"].as_str().unwrap().to_owned(), line["status"].as_u64().unwrap()));
        found.sort();
        let mut urls = targets.clone().map(|target| format!("{target}/hook?x=%2F"));
        urls.sort();
        assert_eq!(found.clone().map(|(url, _)| url), urls);
        targets.clone().map(|target| found.iter().find(|(url, _)| url.starts_with(&target)).unwrap().1)
    };
    assert_eq!(statuses(&[("X-Signature", &signature)]), [200, 401]);
    assert_eq!(statuses(&[("X-Webhook-Token", secret)]), [403, 200]);
    for handler in [&sha, &token] {
        for request in handler.got() {
            assert_eq!(body(&request), payload);
        }
    }
}

#[test]
fn chat_senders_get_their_200() {
    let mut program = Piped::start(&[]);
    let card = br#"{"@type":"MessageCard","@context":"http://schema.org/extensions","text":"hi"}"#;
    let discord = br#"{"content":"hi"}"#;
    assert_eq!(post(program.address, "/teams", &[("Content-Type", "application/json")], card), 200);
    assert_eq!(post(program.address, "/discord", &[("Content-Type", "application/json")], discord), 200);
    assert_eq!(program.next("capture")["body"]["text"], std::str::from_utf8(card).unwrap());
    assert_eq!(program.next("capture")["body"]["text"], std::str::from_utf8(discord).unwrap());
}

#[test]
fn secrets_never_come_out() {
    let canary = "CANARY-2f9d81";
    let mut program =
        Piped::start_in(Folder::new(), &["-s", "github=env:MY_SECRET"], &[("MY_SECRET", canary)]);
    let payload = b"{}";
    let right = format!("sha256={}", hmac_hex(canary.as_bytes(), payload));
    let wrong = format!("sha256={}", hmac_hex(b"other", payload));
    for signature in [&right, &wrong] {
        post(
            program.address,
            "/",
            &[("X-GitHub-Event", "ping"), ("X-Hub-Signature-256", signature)],
            payload,
        );
    }
    let valid = program.next("capture");
    let invalid = program.next("capture");
    assert_eq!(valid["signature"]["secret"], "MY_SECRET");
    assert_eq!(invalid["signature"]["verdict"], "invalid");
    assert!(!valid.to_string().contains(canary) && !invalid.to_string().contains(canary));
    assert!(
        !invalid.to_string().contains(&hmac_hex(canary.as_bytes(), payload)),
        "the expected signature came out"
    );
    let arguments =
        std::fs::read_to_string(format!("/proc/{}/cmdline", program.child.id())).unwrap_or_default();
    assert!(!arguments.contains(canary));
}

#[test]
fn a_taken_port_is_said_and_ends_with_3() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = Folder::new();
    let output = command(&folder, &["--port", &port, "--output", "text"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains(&port) && said.contains("--port"), "{said}");
    assert!(output.stdout.is_empty());
}

#[test]
fn usage_errors_end_with_2() {
    let folder = Folder::new();
    for arguments in
        [&["--nonsense"][..], &["--output", "xml"], &["ftp://x"], &["--secret", "github=hunter2"]]
    {
        let output = command(&folder, arguments).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[test]
fn signals_end_it_cleanly() {
    for signal in ["INT", "TERM", "HUP"] {
        let mut program = Piped::start(&[]);
        program.signal(signal);
        assert_eq!(ended(&mut program.child).code(), Some(0), "SIG{signal}");
        let mut said = String::new();
        program.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(!said.contains("panic"), "{said}");
    }
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let mut program = Piped::start(&[]);
    program.lines = closed_reader();
    // The first line after the reader has gone meets the closed pipe.
    let _ = std::panic::catch_unwind(|| post(program.address, "/", &[], b"x"));
    assert_eq!(ended(&mut program.child).code(), Some(0));
    let mut said = String::new();
    program.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(!said.contains("panic"), "{said}");
}

/// A reader to put in the place of the one that is dropped: the output of a process that prints nothing.
fn closed_reader() -> std::io::BufReader<std::process::ChildStdout> {
    let mut idle = std::process::Command::new("true").stdout(Stdio::piped()).spawn().unwrap();
    idle.wait().unwrap();
    std::io::BufReader::new(idle.stdout.take().unwrap())
}

#[test]
fn a_reader_that_is_too_slow_delays_nobody_and_is_told_what_it_missed() {
    let folder = Folder::new();
    folder.write("hookglass.toml", "[memory]\ncaptures = 100\n");
    let mut program = Piped::start_in(folder, &[], &[]);
    let body = vec![b'x'; 4_096];
    // Nobody reads: the pipe fills up, then the store evicts.
    for _ in 0..400 {
        assert_eq!(post(program.address, "/", &[], &body), 200);
    }
    let (mut captures, mut lost) = (0, 0);
    while captures + lost < 400 {
        let line = program.line();
        match line["type"].as_str() {
            Some("capture") => captures += 1,
            Some("lost") => lost += line["count"].as_u64().unwrap(),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(captures + lost, 400);
    assert!(lost > 0);
}

#[test]
fn handshakes_are_answered_and_told() {
    let folder = Folder::new();
    folder.write(
        "hookglass.toml",
        "[[endpoint]]\npath = '/meta'\nprovider = 'meta'\nparams = { verify_token = 'mine' }\non_invalid = 401\n\
         [[endpoint]]\npath = '/off'\nhandshakes = false\n",
    );
    let mut program = Piped::start_in(folder, &[], &[("TWITTER_CONSUMER_SECRET", "cs")]);
    let challenge = br#"{"token":"t","challenge":"3eZbrw","type":"url_verification"}"#;
    let slack = |path: &str, head: &str| {
        let size = challenge.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: h\r\n{head}Content-Length: {size}\r\nConnection: close\r\n\r\n"
        );
        [head.as_bytes(), challenge].concat()
    };
    let get =
        |target: &str| format!("GET {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").into_bytes();
    let page = "Origin: https://evil.example\r\n";
    let hub = "/meta?hub.mode=subscribe&hub.challenge=1158&hub.verify_token";
    for (request, status, body, name) in [
        (
            slack("/a", "X-Slack-Signature: v0=00\r\nX-Slack-Request-Timestamp: 1\r\n"),
            200,
            r#"{"challenge":"3eZbrw"}"#,
            Some("slack url_verification"),
        ),
        (slack("/a", ""), 200, r#"{"challenge":"3eZbrw"}"#, Some("slack url_verification")),
        (slack("/off", ""), 200, "", None),
        (slack("/a", page), 200, "", None),
        (get(&format!("{hub}=mine")), 200, "1158", Some("meta hub.challenge")),
        (get(&format!("{hub}=other")), 403, "", Some("meta hub.challenge")),
        (
            get("/x?crc_token=MjFhZGI5MDItNzE0ZS00Y2Vl"),
            200,
            r#"{"response_token":"sha256=J79U3AdG5J+rRwdODel+Qo+ceLRY9hbXf/ec33MmKpI="}"#,
            Some("x crc"),
        ),
        (
            get("/meta?crc_token=a"),
            401,
            "{\"error\":\"signature\",\"verdict\":\"unsigned\",\"code\":null}\n",
            None,
        ),
    ] {
        let answer = send(program.address, &request);
        let told = String::from_utf8_lossy(&request).into_owned();
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} "))
                && answer.ends_with(&format!("\r\n\r\n{body}")),
            "{told}\n{answer}"
        );
        let line = program.next("capture");
        assert_eq!(line["response"]["handshake"].as_str(), name, "{told}");
        assert_eq!(line["response"]["by"] == "handshake", name.is_some());
    }
}

#[test]
fn a_secret_that_a_handshake_brings_is_used_from_then_on() {
    let mut program = Piped::start(&[]);
    let body = br#"{"events":[]}"#;
    let signature = hmac_hex(b"b537207f20cbfa02", body);
    let ask = b"POST /asana?a=1 HTTP/1.1\r\nHost: h\r\nX-Hook-Secret: b537207f20cbfa02\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
    let answer = send(program.address, ask);
    assert!(answer.contains("x-hook-secret: b537207f20cbfa02\r\n"), "{answer}");
    assert_eq!(program.next("capture")["response"]["handshake"], "asana X-Hook-Secret");
    for (path, verdict) in [("/asana", "valid"), ("/asana?b", "valid"), ("/other", "unchecked")] {
        post(program.address, path, &[("X-Hook-Signature", &signature)], body);
        assert_eq!(program.next("capture")["signature"]["verdict"], verdict, "{path}");
    }
}
