//! The curl command, run by real shells: what arrives is what was captured, and nothing else happens.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use data_encoding::BASE64;
use hookglass::domain::{capture::Capture, export::curl, headers::Head, target::Target};
use tokio::{process::Command, time::timeout};

use super::{
    capture,
    recorder::{Recorder, split},
};

/// What is made anew or belongs to the connection, written out here once more.
const OWN: [&str; 7] =
    ["host", "content-length", "transfer-encoding", "connection", "keep-alive", "expect", "upgrade"];

/// The requests of the fixture: id, head and body.
pub(super) fn fixture() -> Vec<(String, Vec<u8>, Vec<u8>)> {
    let text = include_str!("../../fixtures/export_hostile.jsonl");
    let rows = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    rows.map(|row| {
        let text = |key: &str| row[key].as_str().unwrap().to_owned();
        let mut body = BASE64.decode(text("body_b64").as_bytes()).unwrap();
        if body.starts_with(b"@GEN:a*") {
            body = vec![b'a'; 1_000_000];
        }
        let mut head = format!("{} {} HTTP/1.1\r\nHost: captured.test\r\n", text("method"), text("target"));
        for field in row["headers"].as_array().unwrap() {
            head += &format!("{}: {}\r\n", field[0].as_str().unwrap(), field[1].as_str().unwrap());
        }
        (text("id"), format!("{head}Content-Length: {}\r\n\r\n", body.len()).into(), body)
    })
    .collect()
}

/// More that is easy to get wrong: id, lines after the request line, body.
pub(super) fn more() -> Vec<(String, Vec<u8>, Vec<u8>)> {
    let all: Vec<u8> =
        (1..=255).filter(|b| !matches!(b, b'\r' | b'\n' | 0x7f) && (*b >= 0x20 || *b == b'\t')).collect();
    let value = [&b"X-All: ."[..], &all, b".\r\nX-C1: \xc2\x9b31m\xe2\x80\xae\r\n"].concat();
    let text = "line one! 50% \\n \\\\0 'q' \"$HOME\" `id`\r\n\tcaf\u{e9} \u{1f600} \u{202e}evil\n\n";
    let esc = "\x1b[201~\ntouch PWN\n";
    let digits: Vec<u8> = (0..=255_u8).flat_map(|b| [b, b'7', b'8']).collect();
    let cases: [(&str, &str, &[u8], &[u8]); 18] = [
        ("history in a value", "POST /", b"X-Note: \xe9 !! !true !?EVENT? !:1 ^true^id^\r\n", b"x"),
        ("history in a body", "POST /", b"", b"!!\n!true\n!?EVENT?\n^true^id^\n!"),
        ("every byte of a value", "POST /", &value, b"x"),
        ("text with everything", "POST /", b"Content-Type: text/plain\r\n", text.as_bytes()),
        ("a paste that would end", "POST /", b"", esc.as_bytes()),
        ("digits after escapes", "POST /", b"", &digits),
        ("printf options", "POST /", b"", b"-v x\n"),
        ("only a line feed", "POST /", b"", b"\n"),
        ("a backslash at the end", "POST /", b"", b"a\n\\"),
        ("an at sign and a line feed", "POST /", b"", b"@secret.txt\n"),
        ("less than", "POST /", b"", b"<secret.txt"),
        ("empty agent", "POST /", b"User-Agent:\r\nAccept:\r\nContent-Type:\r\n", b"x"),
        ("agent and accept", "PUT /", b"user-agent: me\r\nACCEPT: x/y\r\naccept: z\r\n", b"x"),
        ("no body and no length", "POST /a", b"", b""),
        ("head", "HEAD /a", b"X: 1\r\n", b""),
        ("options of a server", "OPTIONS *", b"", b""),
        ("a target of every kind", "GET /a'b\"c;d$(e)`f`|g<h>i\\j^k#l%2f%zz%2e%2e/../\u{e9}", b"", b""),
        ("a name like an option", "GET /", b"-o: secret.txt\r\n--next: 1\r\n", b""),
    ];
    let mut cases: Vec<_> = cases
        .into_iter()
        .map(|(id, start, lines, body)| {
            let mut head = [start.as_bytes(), b" HTTP/1.1\r\nHost: captured.test\r\n", lines].concat();
            if !body.is_empty() {
                head.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
            }
            (id.to_owned(), [&head[..], b"\r\n"].concat(), body.to_vec())
        })
        .collect();
    for size in [1_023, 1_024, 99_999, 100_000, 100_001, 131_072, 1_500_000] {
        let head = format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n");
        cases.push((format!("{size} bytes"), head.into(), vec![b'\''; size]));
    }
    cases
}

/// Name and value of each header that counts.
pub(super) fn fields(head: &[u8]) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| bytes.escape_ascii().to_string();
    Head::new(head)
        .fields()
        .filter(|field| !OWN.iter().any(|own| field.name.eq_ignore_ascii_case(own.as_bytes())))
        .map(|field| (text(field.name), text(field.value)))
        .collect()
}

pub(super) fn works(program: &str, argument: &str) -> bool {
    let mut command = std::process::Command::new(program);
    command.arg(argument).stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Runs a command line in a shell, in a directory with one file in it and nothing of the user's.
pub(super) async fn run(shell: &str, line: &str, directory: &Path) {
    let (program, interactive) = shell.strip_suffix(" -i").map_or((shell, false), |program| (program, true));
    let mut command = Command::new(program);
    command.current_dir(directory).env("HOME", directory).env("LC_ALL", "C.UTF-8").kill_on_drop(true);
    for name in
        ["http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY", "CURL_HOME", "XDG_CONFIG_HOME"]
    {
        command.env_remove(name);
    }
    // From a file: a whole script may be longer than an argument.
    let script = directory.join("script");
    fs::write(&script, format!("true 'EVENT; touch PWN; '\n{line}\n")).unwrap();
    if interactive {
        // As if it were pasted: here bash replaces `!` and what follows by earlier lines.
        command.args(["--norc", "--noprofile", "-i"]).env("HISTFILE", "/dev/null");
        command.stdin(fs::File::open(&script).unwrap());
    } else {
        command.arg(&script).stdin(Stdio::null());
    }
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let output = timeout(Duration::from_secs(30), command.output()).await.expect("an end").unwrap();
    assert!(output.status.success(), "{shell}: {}\n{line:.300}", String::from_utf8_lossy(&output.stderr));
    fs::remove_file(script).unwrap();
}

fn check(id: &str, captured: &Capture, arrived: &[u8], authority: &str) {
    let (raw, body) = split(arrived).expect(id);
    let (head, before) = (Head::new(raw), captured.head());
    assert_eq!(head.method().escape_ascii().to_string(), before.method().escape_ascii().to_string(), "{id}");
    assert_eq!(head.target().escape_ascii().to_string(), before.target().escape_ascii().to_string(), "{id}");
    assert_eq!(fields(raw), fields(before.raw()), "{id}");
    assert_eq!(head.get("host"), Some(authority.as_bytes()), "{id}");
    assert_eq!(head.get_all("host").count(), 1, "{id}");
    assert_eq!(head.get("expect"), None, "{id}");
    if before.get("content-length").is_some() {
        assert_eq!(head.get("content-length"), Some(body.len().to_string().as_bytes()), "{id}");
    } else {
        assert_eq!(head.get("content-length"), None, "{id}");
    }
    assert!(body == captured.body(), "{id}: the body differs: {:.200}", body.escape_ascii().to_string());
}

#[expect(clippy::print_stderr, reason = "what was not tested has to be said")]
async fn prove(shell: &str) {
    let program = shell.split(' ').next().unwrap();
    if !works(program, "/dev/null") || !works("curl", "--version") || !works("base64", "--version") {
        eprintln!("skipped: {shell}, curl or base64 is not installed");
        return;
    }
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("curl-{shell}"));
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join("secret.txt"), "secret").unwrap();
    let mut recorder = Recorder::start().await;
    let authority = recorder.address.to_string();
    let base = Target::parse(&authority).unwrap();
    for (id, head, body) in fixture().into_iter().chain(more()) {
        let captured = capture(&head, &body);
        let curl = curl::command(&captured, &base).expect(&id);
        assert!(!curl.text.contains(|c: char| c.is_control()), "{id}");
        run(shell, &curl.text, &directory).await;
        check(&id, &captured, &recorder.next().await, &authority);
        assert!(recorder.is_empty(), "{id}: sent twice");
        let left: Vec<_> =
            fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["secret.txt"], "{id}");
        assert_eq!(fs::read(directory.join("secret.txt")).unwrap(), b"secret", "{id}");
    }
}

#[tokio::test]
async fn commands_are_exact_and_inert_in_bash() {
    prove("bash").await;
}

#[tokio::test]
async fn commands_are_exact_and_inert_when_they_are_pasted() {
    prove("bash -i").await;
}

#[tokio::test]
async fn commands_are_exact_and_inert_in_dash() {
    prove("dash").await;
}

#[tokio::test]
async fn commands_are_exact_and_inert_in_zsh() {
    prove("zsh").await;
}
