//! HTTPie commands and snippets, run: what arrives is what was captured, as far as the tool can, and
//! nothing else happens. A tool that is not installed is told on standard error.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use hookglass::domain::{
    capture::Capture,
    export::{Exporter, Format, Options},
    headers::Head,
    record::{Deliveries, Record},
    redact::Redaction,
    target::Target,
};
use tokio::{process::Command, time::timeout};

use super::{
    capture,
    curl::{fields, fixture, more, run, works},
    recorder::{Recorder, split},
};

fn script(
    format: &str,
    captured: std::sync::Arc<Capture>,
    base: &Target,
) -> Option<(Record, String, Vec<String>)> {
    let options =
        Options { base: base.clone(), redaction: Redaction::none(), many: false, bare: false, version: "0" };
    let mut exporter = Exporter::new(Format::find(format).unwrap(), options);
    let record = Record {
        capture: captured,
        check: None,
        answered: None,
        deliveries: Deliveries::default(),
        remark: None,
    };
    let mut out = Vec::new();
    exporter.push(&record, None, "", &mut out);
    let summary = exporter.finish(&mut out);
    // What a tool cannot send at all is left out with a reason.
    (summary.count == 1).then(|| (record, String::from_utf8(out).unwrap(), summary.notes))
}

/// Values of the same name joined, names in lower case.
fn joined(fields: &[(String, String)]) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    for (name, value) in fields {
        let name = name.to_lowercase();
        match out.iter_mut().find(|(before, _)| *before == name) {
            Some((_, values)) => *values = format!("{values}, {value}"),
            None => out.push((name, value.clone())),
        }
    }
    out.sort();
    out
}

struct Tool {
    format: &'static str,
    /// Whether names, their order and duplicates arrive as they are.
    ordered: bool,
    /// Names that the tool adds.
    adds: &'static [&'static str],
}

fn check(tool: &Tool, id: &str, record: &Record, notes: &[String], arrived: &[u8]) {
    let id = format!("{} {id}", tool.format);
    let (raw, body) = split(arrived).expect(&id);
    let (head, before) = (Head::new(raw), record.capture.head());
    let said = |word: &str| notes.iter().any(|note| note.contains(word));
    if !said("capitals") {
        assert_eq!(
            head.method().escape_ascii().to_string(),
            before.method().escape_ascii().to_string(),
            "{id}"
        );
    }
    if !said("normalised") {
        assert_eq!(
            head.target().escape_ascii().to_string(),
            before.target().escape_ascii().to_string(),
            "{id}"
        );
    }
    let (mut sent, mut expected) = (fields(raw), fields(before.raw()));
    if said("together") {
        sent.sort_by_key(|(name, _)| name.to_lowercase());
        expected.sort_by_key(|(name, _)| name.to_lowercase());
    }
    if tool.ordered && !said("joined") {
        if !said("another encoding") {
            assert_eq!(sent, expected, "{id}");
        }
    } else {
        let added = |name: &str| {
            tool.adds.iter().any(|added| name.eq_ignore_ascii_case(added))
                && !expected.iter().any(|(sent, _)| sent.eq_ignore_ascii_case(name))
        };
        let sent: Vec<_> = sent.into_iter().filter(|(name, _)| !added(name)).collect();
        assert_eq!(joined(&sent), joined(&expected), "{id}");
    }
    assert!(
        body == record.capture.body(),
        "{id}: the body differs: {:.200}",
        body.escape_ascii().to_string()
    );
}

#[expect(clippy::print_stderr, reason = "what was not tested has to be said")]
async fn prove(tool: Tool, runner: &str, ready: bool) {
    if !ready || !works("bash", "/dev/null") || !works("base64", "--version") {
        eprintln!("skipped: what {} exports needs is not installed", tool.format);
        return;
    }
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{runner}", tool.format));
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join("secret.txt"), "secret").unwrap();
    let mut recorder = Recorder::start().await;
    let base = Target::parse(&recorder.address.to_string()).unwrap();
    // The largest ones say nothing new, and take a shell or an interpreter long to read.
    let cases = fixture().into_iter().chain(more()).filter(|(_, _, body)| body.len() < 200_000);
    let cases: Vec<_> = cases
        .filter_map(|(id, head, body)| Some((id, script(tool.format, capture(&head, &body), &base)?)))
        .collect();
    assert!(cases.len() >= 50, "{}: {}", tool.format, cases.len());
    // An interpreter takes long to start: one program for all of them.
    let ending = Format::find(tool.format).unwrap().ending;
    let program = ending != "sh";
    if program {
        let records: Vec<_> = cases.iter().map(|(_, (record, _, _))| record.clone()).collect();
        interpret(runner, ending, &together(tool.format, &records, &base), &directory).await;
    }
    for (id, (record, text, notes)) in &cases {
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{id}");
        if !program {
            run(runner, text, &directory).await;
        }
        let arrived = timeout(Duration::from_secs(20), recorder.next()).await;
        let arrived = arrived.unwrap_or_else(|_| panic!("{id}: nothing came\n{text:.600}"));
        check(&tool, id, record, notes, &arrived);
        assert!(program || recorder.is_empty(), "{id}: sent twice");
        let mut left: Vec<_> =
            fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.retain(|name| name != ".config");
        assert_eq!(left, ["secret.txt"], "{id}");
    }
    assert!(recorder.is_empty(), "{}: more was sent", tool.format);
}

fn together(format: &str, records: &[Record], base: &Target) -> String {
    let options =
        Options { base: base.clone(), redaction: Redaction::none(), many: true, bare: false, version: "0" };
    let mut exporter = Exporter::new(Format::find(format).unwrap(), options);
    let mut out = Vec::new();
    records.iter().for_each(|record| exporter.push(record, None, "", &mut out));
    assert_eq!(exporter.finish(&mut out).count, records.len());
    String::from_utf8(out).unwrap()
}

async fn interpret(program: &str, ending: &str, text: &str, directory: &Path) {
    let file = directory.join(format!("script.{ending}"));
    fs::write(&file, text).unwrap();
    let mut command = Command::new(program);
    command.arg(&file).current_dir(directory).stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
    command.env("HOME", directory).env("PYTHONDONTWRITEBYTECODE", "1");
    let output = timeout(Duration::from_secs(60), command.output()).await.expect("an end").unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {error}\n{text:.2000}");
    fs::remove_file(file).unwrap();
}

const HTTPIE: Tool = Tool { format: "httpie", ordered: true, adds: &[] };

#[tokio::test]
async fn httpie_commands_are_exact_and_inert_in_bash() {
    prove(HTTPIE, "bash", works("http", "--version")).await;
}

#[tokio::test]
async fn httpie_commands_are_exact_and_inert_in_dash() {
    prove(HTTPIE, "dash", works("http", "--version") && works("dash", "/dev/null")).await;
}

#[tokio::test]
async fn python_programs_are_exact_and_inert() {
    let ready = std::process::Command::new("python3")
        .args(["-c", "import requests"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    prove(Tool { format: "python", ordered: true, adds: &[] }, "python3", ready).await;
}

#[tokio::test]
async fn fetch_programs_are_exact_and_inert() {
    let adds = &["accept", "accept-language", "accept-encoding", "sec-fetch-mode", "user-agent"];
    let ready = works("node", "--version");
    prove(Tool { format: "fetch", ordered: false, adds }, "node", ready).await;
}
