//! The program in scripts and CI: what ends it, what it expects, what it runs.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    process::{Child, Command, Stdio},
};

use crate::{
    program::{EXE, Folder, Piped, command, ended, kill},
    sender::{Handler, answer, post},
};

/// A program with its output to be read when it has ended.
fn start(folder: &Folder, arguments: &[&str]) -> Child {
    command(folder, arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// The exit code, and what was written to stdout and stderr.
fn outcome(mut child: Child) -> (Option<i32>, String, String) {
    let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let errors = std::thread::spawn(move || {
        let mut text = String::new();
        err.read_to_string(&mut text).unwrap();
        text
    });
    let mut text = String::new();
    out.read_to_string(&mut text).unwrap();
    (ended(&mut child).code(), text, errors.join().unwrap())
}

/// The rest of what a piped program says, and its exit code.
fn rest(mut program: Piped) -> (Option<i32>, Vec<serde_json::Value>, String) {
    let mut text = String::new();
    program.lines.read_to_string(&mut text).unwrap();
    let mut said = String::new();
    program.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (ended(&mut program.child).code(), lines, said)
}

fn json(to: SocketAddr, target: &str, body: &str) -> u16 {
    post(to, target, &[("Content-Type", "application/json")], body.as_bytes())
}

#[test]
fn it_ends_after_as_many_matches_as_were_asked_for() {
    let program = Piped::start(&["--filter", "json(.n)>1", "--count", "2", "--timeout", "20s"]);
    for n in 1..=3 {
        json(program.address, "/x", &format!("{{\"n\":{n}}}"));
    }
    let (code, lines, said) = rest(program);
    let ids: Vec<u64> =
        lines.iter().filter(|l| l["type"] == "capture").map(|l| l["id"].as_u64().unwrap()).collect();
    assert_eq!((code, ids), (Some(0), vec![2, 3]), "{said}");
    assert!(said.contains("3 captures came, 2 matched: 2 unknown."), "{said}");
}

#[test]
fn what_does_not_come_in_time_is_a_failure() {
    let folder = Folder::new();
    let limits = ["-p", "0", "-o", "quiet", "--timeout", "300ms"];
    for (more, code, part) in [
        (&[][..], 0, "0 captures came."),
        (&["--count", "1", "--junit", "a.xml"], 1, "Only 0 of 1 came within"),
        (&["--expect", "sig:valid", "--junit", "b.xml"], 1, "None came within"),
    ] {
        let (ended, out, said) = outcome(start(&folder, &[&limits[..], more].concat()));
        assert_eq!(ended, Some(code), "{said}");
        assert!(said.contains(part) && out.is_empty(), "{said}");
    }
    for file in ["a.xml", "b.xml"] {
        let report = std::fs::read_to_string(folder.0.join(file)).unwrap();
        assert!(report.contains("tests=\"1\" failures=\"1\"") && report.contains("the run"), "{report}");
    }
}

#[test]
fn each_match_must_be_as_expected_and_the_report_says_which_is_not() {
    let folder = Folder::new();
    let file = folder.0.join("report.xml");
    let path = file.to_str().unwrap().to_owned();
    std::fs::write(&file, "what was there").unwrap();
    let program = Piped::start(&[
        "--count",
        "2",
        "--expect",
        "json(.ok)=true",
        "--expect",
        "method:post",
        "--junit",
        &path,
    ]);
    json(program.address, "/good", "{\"ok\":true}");
    // One more would be counted or not, as it comes before the end or after it.
    json(program.address, "/bad?\"]]><&'%1b", "{\"ok\":false}");
    let (code, _, said) = rest(program);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("Not as expected (json(.ok)=true): 1 of 2: #2."), "{said}");
    let report = std::fs::read_to_string(&file).unwrap();
    assert!(report.contains("tests=\"4\" failures=\"1\""), "{report}");
    assert!(report.contains("&gt;") && !report.contains("]]>"), "{report}");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn forwards_are_waited_for() {
    let handler = Handler::start(|_| {
        std::thread::sleep(std::time::Duration::from_millis(300));
        answer("500 Internal Server Error", "no")
    });
    let target = format!("http://{}", handler.address);
    let program = Piped::start(&["-f", &target, "--count", "1", "--expect", "fwd:2xx"]);
    json(program.address, "/x", "{}");
    let (code, lines, said) = rest(program);
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(lines.last().unwrap()["status"], 500, "the delivery is told as well: {lines:?}");
    assert!(said.contains("Not as expected (fwd:2xx)"), "{said}");
}

#[test]
fn a_signal_ends_the_wait_and_what_is_missing_fails() {
    let mut program = Piped::start(&["--count", "2", "--junit", "r.xml"]);
    json(program.address, "/x", "{}");
    program.next("capture");
    program.signal("TERM");
    let (code, _, said) = rest(program);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("Only 1 of 2 came."), "{said}");
}

/// Sends a request with a body by the program itself and the shell, so that no other is needed.
const SEND: &str = "$EXE send github ping --to \"$HOOKGLASS_URL/hook\" -s github=env:S >&2";

fn with_command(folder: &Folder, flags: &[&str], script: &str) -> Command {
    let mut program = command(folder, &[&["-p", "0"], flags, &["--", "sh", "-c", script]].concat());
    program.env("EXE", EXE).env("S", "secret").env("GITHUB_WEBHOOK_SECRET", "secret");
    program.stdout(Stdio::piped()).stderr(Stdio::piped());
    program
}

#[test]
fn a_command_runs_while_it_listens_and_gives_the_exit_code() {
    let folder = Folder::new();
    for (flags, script, code) in [
        (&[][..], "exit 0".to_owned(), 0),
        (&[], "exit 7".into(), 7),
        (&[], "kill -9 $$".into(), 137),
        (&["--expect", "sig:valid"], format!("{SEND}; exit 0"), 0),
        (&["--expect", "sig:invalid"], format!("{SEND}; exit 0"), 1),
        (&["--expect", "sig:invalid"], format!("{SEND}; exit 9"), 9),
        (&["--expect", "sig:valid"], "exit 0".into(), 1),
        (&["--count", "2"], format!("{SEND}; exit 0"), 1),
        (&["--count", "2"], format!("{SEND}; {SEND}; exit 0"), 0),
        (&["--count", "1", "--timeout", "20s"], format!("({SEND}) & exit 0"), 0),
        (&["--timeout", "300ms"], "exec sleep 60".into(), 1),
    ] {
        let child = with_command(&folder, flags, &script).spawn().unwrap();
        let (ended, out, said) = outcome(child);
        assert_eq!(ended, Some(code), "{flags:?} {script}: {said}");
        assert_eq!(out, "", "{flags:?} {script}");
    }
    let (code, _, said) = outcome(start(&folder, &["-p", "0", "--", "no-such-program-here"]));
    assert_eq!(code, Some(2));
    assert!(said.contains("cannot be started"), "{said}");
}

#[test]
fn a_command_has_stdin_and_stdout_and_gets_signals() {
    let folder = Folder::new();
    let script = "trap 'echo stopped; exit 3' TERM; read line; echo \"$line $HOOKGLASS_PORT $HOOKGLASS_URL\"; while :; do sleep 0.05; done";
    let mut child = with_command(&folder, &[], script).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.as_mut().unwrap().write_all(b"hello\n").unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(words[0], "hello");
    assert_eq!(words[2], format!("http://127.0.0.1:{}", words[1]));
    kill("TERM", child.id());
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    assert_eq!((rest.as_str(), ended(&mut child).code()), ("stopped\n", Some(3)));
}

#[test]
fn each_match_runs_a_command_with_the_body_and_the_facts() {
    let folder = Folder::new();
    let script = "printf '%s|%s|%s|%s|%s|' \"$HOOKGLASS_ID\" \"$HOOKGLASS_METHOD\" \"$HOOKGLASS_PATH\" \"$HOOKGLASS_QUERY\" \"$HOOKGLASS_BODY_SIZE\" >> got; cat >> got; test $HOOKGLASS_ID = 1";
    let folder_path = folder.0.to_str().unwrap().to_owned();
    let script = format!("cd '{folder_path}' && {script}");
    let program = Piped::start(&["--exec", &script, "--filter", "!path:/no", "--count", "2"]);
    json(program.address, "/a$(id);x?y=$HOME", "one\n");
    json(program.address, "/no", "none\n");
    // One after the other, so that their lines do not mix.
    let first = || std::fs::read_to_string(folder.0.join("got")).is_ok_and(|got| got.ends_with("one\n"));
    while !first() {
        std::thread::yield_now();
    }
    json(program.address, "/b", "two\n");
    let (code, _, said) = rest(program);
    assert_eq!(code, Some(0), "{said}");
    let mut got: Vec<String> =
        std::fs::read_to_string(folder.0.join("got")).unwrap().lines().map(str::to_owned).collect();
    got.sort();
    assert_eq!(got, ["1|POST|/a$(id);x|y=$HOME|4|one", "3|POST|/b||4|two"]);
    assert!(said.contains("The command for #3 failed") && said.contains("1 of 2 commands failed."), "{said}");
}

#[test]
fn what_is_wrong_with_the_flags_is_told_at_once() {
    let flags = [
        "--filter",
        "a |",
        "--expect",
        "sig:vaild",
        "--count",
        "0",
        "--timeout",
        "soon",
        "--junit",
        "/no/such/x",
    ];
    let (code, _, said) = outcome(start(&Folder::new(), &flags));
    assert_eq!(code, Some(2));
    for part in ["--filter: column 4", "--expect: column 5", "--count: ", "--timeout: ", "--junit: "] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn variables_say_the_same_as_flags() {
    let folder = Folder::new();
    let mut program = command(&folder, &["-p", "0", "-o", "quiet"]);
    program.envs([("HOOKGLASS_COUNT", "1"), ("HOOKGLASS_TIMEOUT", "300ms"), ("HOOKGLASS_EXPECT", "id:1,2")]);
    let (code, _, said) = outcome(program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    assert_eq!(code, Some(1));
    assert!(said.contains("Only 0 of 1 came within"), "{said}");
}
