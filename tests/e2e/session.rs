//! The session file as its users meet it: after a crash, a restart, beside another instance, on a full disk.

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    ops::ControlFlow,
    path::Path,
    process::Stdio,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use hookglass::{archive::Reader, domain::capture::CaptureId};

use crate::{
    program::{Folder, PATIENCE, Piped, Tui, command, ended},
    sender::post,
};

/// How often the program is killed; `HOOKGLASS_CYCLES` in the environment says otherwise.
const CYCLES: usize = 8;
const SENDERS: usize = 4;

/// Sends numbered bodies on one connection until it breaks; notes those that were sent and those that were
/// answered with 200.
fn load(to: SocketAddr, next: &AtomicUsize, sent: &Mutex<BTreeSet<usize>>, kept: &Mutex<BTreeSet<usize>>) {
    let Ok(mut stream) = TcpStream::connect(to) else { return };
    let _ = stream.set_read_timeout(Some(PATIENCE));
    let mut answer = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let body = format!("number {number} {}", "x".repeat(number * 37 % 9_000));
        let head = format!("POST /n HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", body.len());
        sent.lock().unwrap().insert(number);
        if stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).is_err() {
            return;
        }
        answer.clear();
        let mut buffer = [0; 512];
        while !answer.windows(4).any(|window| window == b"\r\n\r\n") {
            match stream.read(&mut buffer) {
                Ok(read @ 1..) => answer.extend_from_slice(&buffer[..read]),
                _ => return,
            }
        }
        if answer.starts_with(b"HTTP/1.1 200") {
            kept.lock().unwrap().insert(number);
        }
    }
}

/// The numbers of the bodies in a session file, from a capture on, and the number of the last capture.
fn numbers(file: &Path, from: u64) -> (Vec<usize>, u64) {
    let reader = Reader::open(file).unwrap();
    let (mut found, mut last) = (Vec::new(), from);
    let damaged = reader
        .each(CaptureId(from + 1)..=CaptureId(u64::MAX >> 1), &mut |record| {
            let text = std::str::from_utf8(record.capture.body()).unwrap();
            let number: usize = text.split(' ').nth(1).unwrap().parse().unwrap();
            assert_eq!(text, format!("number {number} {}", "x".repeat(number * 37 % 9_000)));
            found.push(number);
            last = record.capture.id().0;
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(damaged, 0);
    (found, last)
}

#[test]
fn a_kill_at_any_moment_loses_nothing_that_was_acknowledged() {
    let cycles = std::env::var("HOOKGLASS_CYCLES").ok().and_then(|text| text.parse().ok()).unwrap_or(CYCLES);
    let folder = Folder::new();
    let file = folder.0.join("kept.sqlite");
    let (next, mut last) = (Arc::new(AtomicUsize::new(0)), 0);
    let mut acknowledged = 0;
    for cycle in 0..cycles {
        let mut program = Piped::start_in(Folder::new(), &["--session", file.to_str().unwrap()], &[]);
        let address = program.address;
        let (sent, kept) = (Arc::new(Mutex::default()), Arc::new(Mutex::default()));
        let senders: Vec<_> = (0..SENDERS)
            .map(|_| {
                let (next, sent, kept) = (Arc::clone(&next), Arc::clone(&sent), Arc::clone(&kept));
                thread::spawn(move || load(address, &next, &sent, &kept))
            })
            .collect();
        // The moment is that of some answer, another one in each cycle.
        let enough = cycle * cycle * 7 % 160;
        while kept.lock().unwrap().len() < enough {
            thread::yield_now();
        }
        program.child.kill().unwrap();
        program.child.wait().unwrap();
        senders.into_iter().for_each(|sender| sender.join().unwrap());
        let (found, highest) = numbers(&file, last);
        last = highest;
        let once: BTreeSet<usize> = found.iter().copied().collect();
        assert_eq!(once.len(), found.len(), "none is there twice");
        let (sent, kept) = (sent.lock().unwrap(), kept.lock().unwrap());
        assert!(kept.is_subset(&once), "lost: {:?}", kept.difference(&once).collect::<Vec<_>>());
        assert!(once.is_subset(&sent), "invented: {:?}", once.difference(&sent).collect::<Vec<_>>());
        acknowledged += kept.len();
    }
    assert!(acknowledged > 0);
}

#[test]
fn a_restart_shows_what_was_captured_before() {
    let folder = Folder::new();
    let file = folder.0.join("kept.sqlite");
    let argument = ["--session", file.to_str().unwrap()];
    let mut first = Piped::start_in(Folder::new(), &argument, &[]);
    assert_eq!(post(first.address, "/before", &[], b"{\"kept\":1.10}"), 200);
    assert_eq!(first.next("capture")["id"], 1);
    first.signal("TERM");
    assert!(ended(&mut first.child).success());

    let mut tui = Tui::start_in(Folder::new(), &argument, (120, 36), &[]);
    tui.wait_for("/before");
    tui.wait_for("1.10");
    tui.keys("q");
    assert_eq!(tui.end().0, 0);

    // Scripts hear of new captures alone, and their numbers go on.
    let mut third = Piped::start_in(Folder::new(), &argument, &[]);
    assert_eq!(post(third.address, "/after", &[], b"x"), 200);
    let line = third.next("capture");
    assert_eq!((line["id"].as_u64(), line["target"].as_str()), (Some(2), Some("/after")));
}

#[cfg(unix)]
#[test]
fn the_usual_file_is_for_its_owner_alone_whatever_the_umask() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    let home = folder.0.clone();
    let script = format!("umask 000; exec {} --port 0 --output json", crate::program::EXE);
    let mut child = std::process::Command::new("sh")
        .args(["-c", &script])
        .env("HOME", &home)
        .env("XDG_STATE_HOME", home.join("state"))
        .current_dir(&home)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    assert!(lines.next().unwrap().unwrap().contains("listening"));
    let state = home.join("state/hookglass");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&state), 0o700);
    let files: Vec<_> = std::fs::read_dir(&state).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.iter().any(|file| file.ends_with("session.sqlite")), "{files:?}");
    for file in &files {
        assert_eq!(mode(file), 0o600, "{}", file.display());
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_second_instance_on_the_same_file_reads_it_and_says_so() {
    let folder = Folder::new();
    let file = folder.0.join("kept.sqlite");
    let argument = ["--session", file.to_str().unwrap()];
    let mut first = Piped::start_in(Folder::new(), &argument, &[]);
    assert_eq!(post(first.address, "/first", &[], b"1"), 200);
    first.next("capture");
    let mut second = Tui::start_in(Folder::new(), &argument, (120, 36), &[]);
    second.wait_for("/first");
    second.wait_for("another hookglass");
    second.keys("q");
    assert_eq!(second.end().0, 0);
    assert_eq!(post(first.address, "/still", &[], b"1"), 200);
    assert_eq!(first.next("capture")["id"], 2);
}

#[test]
fn a_file_that_cannot_be_used_ends_the_program_with_a_reason() {
    let folder = Folder::new();
    std::fs::create_dir(folder.0.join("folder")).unwrap();
    folder.write("file", "a file where a folder is wanted");
    for name in ["folder", "file/below"] {
        let path = folder.0.join(name);
        let arguments = ["--port", "0", "-o", "json", "--session", path.to_str().unwrap()];
        let output = command(&folder, &arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

/// `ulimit -f` makes the system refuse to let a file grow, which is what a full disk does.
#[cfg(unix)]
#[test]
fn a_full_disk_is_told_to_senders_and_on_the_screen() {
    let folder = Folder::new();
    folder.write("run.sh", "trap '' XFSZ\nulimit -f 400\nexec \"$@\"\n");
    let script = folder.0.join("run.sh");
    let file = folder.0.join("kept.sqlite");
    let mut child = std::process::Command::new("sh")
        .arg(&script)
        .args([crate::program::EXE, "--port", "0", "--output", "json", "--session"])
        .arg(&file)
        .env("HOME", &folder.0)
        .current_dir(&folder.0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    let first: serde_json::Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    let address = first["url"].as_str().unwrap().strip_prefix("http://").unwrap().parse().unwrap();
    let body = vec![b'x'; 60_000];
    let answers: Vec<u16> = (0..12).map(|_| post(address, "/big", &[], &body)).collect();
    assert_eq!(answers[0], 200, "{answers:?}");
    assert_eq!(answers[11], 503, "{answers:?}");
    // Each is listed, and says how it was answered.
    let statuses: Vec<u64> = lines
        .map(|line| serde_json::from_str::<serde_json::Value>(&line.unwrap()).unwrap())
        .filter(|line| line["type"] == "capture")
        .take(12)
        .map(|line| line["response"]["status"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses.iter().map(|&status| status as u16).collect::<Vec<_>>(), answers);
    child.kill().unwrap();
    child.wait().unwrap();
    let kept = Reader::open(&file).unwrap().rows().unwrap();
    assert!(kept.len() >= answers.iter().filter(|&&answer| answer == 200).count());
}

#[test]
fn nothing_is_kept_when_nothing_is_to_be_kept() {
    let folder = Folder::new();
    let home = folder.0.clone();
    let mut program = Piped::start_in(folder, &["--ephemeral"], &[]);
    assert_eq!(post(program.address, "/x", &[], b"1"), 200);
    program.next("capture");
    let files: Vec<_> = std::fs::read_dir(&home).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(files.is_empty(), "{files:?}");
}
