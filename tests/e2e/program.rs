//! The executable under test: in a pseudo-terminal with a screen that can be read, or in a pipe.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, Instant},
};

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long anything may take before a test fails. Nothing waits this long when it works.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The executable.
pub(crate) const EXE: &str = env!("CARGO_BIN_EXE_hookglass");

/// An empty folder that is removed at the end: the program's working directory and home.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("hookglass-test-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The variables that a test's program starts with: nothing of the machine's own.
fn environment(folder: &Folder) -> Vec<(String, String)> {
    let home = folder.0.to_str().unwrap().to_owned();
    [
        ("HOME", home.as_str()),
        ("XDG_CONFIG_HOME", home.as_str()),
        ("TERM", "xterm-256color"),
        ("TZ", "UTC"),
        ("LANG", "C.UTF-8"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .chain(std::env::var("PATH").map(|path| ("PATH".to_owned(), path)))
    .collect()
}

/// What the terminal has seen.
struct Seen {
    screen: vt100::Parser,
    bytes: Vec<u8>,
    closed: bool,
}

/// The program in a pseudo-terminal.
pub(crate) struct Tui {
    /// Removed with the rest at the end.
    _folder: Folder,
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn portable_pty::Child + Send + Sync>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
}

impl Tui {
    /// Starts the program on a free port and waits for its first screen.
    pub(crate) fn start(arguments: &[&str], size: (u16, u16)) -> Self {
        Self::start_in(Folder::new(), arguments, size, &[])
    }

    pub(crate) fn start_in(
        folder: Folder,
        arguments: &[&str],
        (columns, rows): (u16, u16),
        env: &[(&str, &str)],
    ) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(EXE);
        command.env_clear();
        for (name, value) in environment(&folder) {
            command.env(name, value);
        }
        for (name, value) in env {
            command.env(name, value);
        }
        command.cwd(&folder.0);
        command.args(["--port", "0"]);
        command.args(arguments);
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let writer = pair.master.take_writer().unwrap();
        let seen = Arc::new((
            Mutex::new(Seen {
                screen: vt100::Parser::new(rows, columns, 0),
                bytes: Vec::new(),
                closed: false,
            }),
            Condvar::new(),
        ));
        let theirs = Arc::clone(&seen);
        thread::spawn(move || {
            let mut buffer = [0; 8_192];
            loop {
                let read = reader.read(&mut buffer).unwrap_or(0);
                let mut seen = theirs.0.lock().unwrap();
                seen.screen.process(&buffer[..read]);
                seen.bytes.extend_from_slice(&buffer[..read]);
                seen.closed = read == 0;
                theirs.1.notify_all();
                if read == 0 {
                    return;
                }
            }
        });
        let tui = Self { _folder: folder, master: pair.master, writer, child, seen };
        tui.wait_for("http://127.0.0.1:");
        tui
    }

    /// Waits until the screen is as a test wants it; returns its text.
    pub(crate) fn wait_until(&self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = self.seen.0.lock().unwrap();
        loop {
            if wanted(seen.screen.screen()) {
                return seen.screen.screen().contents();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let last = &seen.bytes[seen.bytes.len().saturating_sub(600)..];
                let last = String::from_utf8_lossy(last).escape_debug().to_string();
                panic!(
                    "{what} never came; the screen:\n{}\nthe last bytes: {last}",
                    seen.screen.screen().contents()
                );
            }
            seen = self.seen.1.wait_timeout(seen, left).unwrap().0;
        }
    }

    pub(crate) fn wait_for(&self, text: &str) -> String {
        self.wait_until(&format!("{text:?}"), |screen| screen.contents().contains(text))
    }

    pub(crate) fn screen(&self) -> String {
        self.seen.0.lock().unwrap().screen.screen().contents()
    }

    pub(crate) fn keys(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        // The emulator of the test cannot be narrower than a wide character; the program's terminal can.
        if columns >= 20 && rows >= 5 {
            self.seen.0.lock().unwrap().screen.screen_mut().set_size(rows, columns);
        }
        self.master.resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    /// The address that the screen says it listens at.
    pub(crate) fn address(&self) -> SocketAddr {
        let screen = self.screen();
        let at = screen.find("http://127.0.0.1:").unwrap() + "http://".len();
        let end = screen[at..].find(|c: char| !c.is_ascii_digit() && c != '.' && c != ':').unwrap();
        screen[at..at + end].trim_end_matches([':', '.']).parse().unwrap()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Sends a signal by name (`TERM`).
    pub(crate) fn signal(&self, name: &str) {
        kill(name, self.pid());
    }

    /// Waits for the end; returns the exit code and everything that was written.
    pub(crate) fn end(mut self) -> (u32, Vec<u8>, Ended) {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "still running; the screen:\n{}", self.screen());
            thread::yield_now();
        };
        drop(self.writer);
        let mut seen = self.seen.0.lock().unwrap();
        while !seen.closed && Instant::now() < deadline {
            seen = self.seen.1.wait_timeout(seen, Duration::from_millis(200)).unwrap().0;
        }
        let screen = seen.screen.screen();
        let ended = Ended {
            alternate: screen.alternate_screen(),
            cursor_hidden: screen.hide_cursor(),
            pasting: screen.bracketed_paste(),
            mouse: screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None,
        };
        (status.exit_code(), seen.bytes.clone(), ended)
    }
}

/// The state in which the terminal was left.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) alternate: bool,
    pub(crate) cursor_hidden: bool,
    pub(crate) pasting: bool,
    pub(crate) mouse: bool,
}

impl Ended {
    pub(crate) const CLEAN: Self =
        Self { alternate: false, cursor_hidden: false, pasting: false, mouse: false };
}

/// The program in a pipe.
pub(crate) struct Piped {
    /// Removed with the rest at the end.
    _folder: Folder,
    pub(crate) child: Child,
    pub(crate) lines: BufReader<ChildStdout>,
    pub(crate) address: SocketAddr,
}

impl Piped {
    /// Starts the program with JSON output on a free port and reads its first line.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_in(Folder::new(), arguments, &[])
    }

    pub(crate) fn start_in(folder: Folder, arguments: &[&str], env: &[(&str, &str)]) -> Self {
        let mut child = command(&folder, &[&["--port", "0", "--output", "json"], arguments].concat())
            .envs(env.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        lines.read_line(&mut first).unwrap();
        if first.is_empty() {
            let mut said = String::new();
            child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
            panic!("no first line; standard error: {said}");
        }
        let listening: serde_json::Value = serde_json::from_str(&first).unwrap();
        assert_eq!(listening["type"], "listening", "{first}");
        let address = listening["url"].as_str().unwrap().strip_prefix("http://").unwrap().parse().unwrap();
        Self { _folder: folder, child, lines, address }
    }

    /// The next line of output.
    pub(crate) fn line(&mut self) -> serde_json::Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    /// The next line of a type; others are passed over.
    pub(crate) fn next(&mut self, kind: &str) -> serde_json::Value {
        loop {
            let line = self.line();
            if line["type"] == kind {
                return line;
            }
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        kill(name, self.child.id());
    }
}

impl Drop for Piped {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program with a clean environment, not yet started.
pub(crate) fn command(folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = Command::new(EXE);
    command.env_clear().envs(environment(folder)).current_dir(&folder.0).args(arguments).stdin(Stdio::null());
    command
}

/// Waits for a process to end by itself.
pub(crate) fn ended(child: &mut Child) -> ExitStatus {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        assert!(Instant::now() < deadline, "the program is still running");
        thread::yield_now();
    }
}

/// Sends a signal by name. The shell's own `kill`: a machine with a compiler need not have the program.
pub(crate) fn kill(name: &str, pid: u32) {
    let sent = Command::new("sh").args(["-c", &format!("kill -{name} {pid}")]).status().unwrap();
    assert!(sent.success());
}
