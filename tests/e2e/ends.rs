//! How the program ends, or does not, when what it was started on goes away or was never there.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use crate::{
    program::{EXE, Folder, Piped, command, ended, kill},
    sender::post,
};

#[test]
fn a_terminal_that_is_closed_ends_it_quietly() {
    let folder = Folder::new();
    let pair = native_pty_system().openpty(PtySize::default()).unwrap();
    let mut program = CommandBuilder::new(EXE);
    program.env("TERM", "xterm-256color");
    program.cwd(&folder.0);
    program.args(["--port", "0"]);
    let mut child = pair.slave.spawn_command(program).unwrap();
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let (mut seen, mut buffer) = (Vec::new(), [0; 4_096]);
    while !seen.windows(17).any(|text| text == b"http://127.0.0.1:") {
        let read = reader.read(&mut buffer).unwrap();
        assert!(read > 0, "the program ended before its first screen");
        seen.extend_from_slice(&buffer[..read]);
    }
    // Nobody holds the other end any more: input, output and standard error are gone at once.
    drop((reader, pair.master));
    assert_eq!(child.wait().unwrap().exit_code(), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_said_and_ends_with_3() {
    let folder = Folder::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output =
        command(&folder, &["--port", "0", "--output", "json"]).stdout(Stdio::from(full)).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("standard output cannot be written"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn nohup_keeps_it_when_the_terminal_hangs_up() {
    let folder = Folder::new();
    let mut child = Command::new("nohup")
        .args([EXE, "--port", "0", "--output", "json"])
        .current_dir(&folder.0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first: serde_json::Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    let address = first["url"].as_str().unwrap().strip_prefix("http://").unwrap().parse().unwrap();
    kill("HUP", child.id());
    assert_eq!(post(address, "/", &[], b"x"), 200);
    assert!(lines.next().unwrap().unwrap().contains("\"capture\""));
    // The end by another signal shows that the first one was not merely slow.
    kill("TERM", child.id());
    assert_eq!(ended(&mut child).code(), Some(0));
    assert!(lines.next().is_none(), "it went on until it was told to end");
}

#[test]
fn what_a_changed_env_file_lacks_is_said_while_it_runs() {
    let folder = Folder::new();
    folder.write(".env", "GITHUB_WEBHOOK_SECRET=right\n");
    let path = folder.0.join(".env");
    let mut program = Piped::start_in(folder, &[], &[]);
    std::fs::write(&path, "GITHUB_WEBHOOK_SECRET='hunter2\n").unwrap();
    let mut lines = BufReader::new(program.child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.by_ref().any(|line| line.contains("read again")), "the change was not noticed");
    program.signal("TERM");
    let said: Vec<String> = lines.collect();
    assert!(said.iter().any(|line| line.contains(".env:1:1") && line.contains("cannot be read")), "{said:?}");
    assert!(!said.concat().contains("hunter2"), "{said:?}");
}
