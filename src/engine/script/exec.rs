//! `--exec`: a shell command for each matching capture. The body is its stdin, the facts stand in its
//! environment; nothing of a capture is ever part of the command's text.

use std::{
    ffi::OsString,
    process::{ExitStatus, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
    sync::{Semaphore, mpsc},
    task::JoinHandle,
};

use crate::{
    domain::{
        capture::{Capture, CaptureId},
        record::Record,
        text::visible,
    },
    engine::library::Library,
};

/// How many commands run at a time.
const AT_A_TIME: usize = 4;
/// How many captures may wait for their commands. They wait as numbers.
const MOST_WAITING: usize = 65_536;

/// Where the output of the commands goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Streams {
    /// To our own stdout and stderr.
    Shared,
    /// Both to stderr: stdout has our own lines.
    Stderr,
    /// Nowhere: there is a screen.
    Nowhere,
}

/// Says a sentence to the person.
pub type Tell = Arc<dyn Fn(String) + Send + Sync>;

/// Runs commands.
pub struct Exec {
    queue: Mutex<Option<mpsc::Sender<CaptureId>>>,
    work: Mutex<Option<JoinHandle<()>>>,
    shared: Arc<Shared>,
}

struct Shared {
    command: String,
    streams: Streams,
    library: Library,
    tell: Tell,
    ran: AtomicU64,
    failed: AtomicU64,
}

impl Exec {
    /// A runner of a command. Its work runs on the runtime that this is called in.
    #[must_use]
    pub fn start(command: String, streams: Streams, library: Library, tell: Tell) -> Self {
        let (queue, waiting) = mpsc::channel(MOST_WAITING);
        let shared = Arc::new(Shared {
            command,
            streams,
            library,
            tell,
            ran: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        });
        let work = tokio::spawn(work(Arc::clone(&shared), waiting));
        Self { queue: Mutex::new(Some(queue)), work: Mutex::new(Some(work)), shared }
    }

    /// Runs the command for a capture, soon.
    pub(super) fn run(&self, id: CaptureId) {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.as_ref().is_none_or(|queue| queue.try_send(id).is_err()) {
            self.shared
                .fail(id, &format!("not run: {MOST_WAITING} captures already wait for their commands"));
        }
    }

    /// Waits for the commands that run and wait, for so long; then ends them. How many ran, and how many
    /// of them failed.
    pub(super) async fn finish(&self, longest: Option<Duration>) -> (u64, u64) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        let work = self.work.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut work) = work {
            let up = match longest {
                Some(longest) => tokio::time::timeout(longest, &mut work).await.is_err(),
                None => {
                    let _ = (&mut work).await;
                    false
                }
            };
            if up {
                work.abort();
                let _ = work.await;
                (self.shared.tell)("The time is up: commands that still ran were ended.".to_owned());
            }
        }
        (self.shared.ran.load(Ordering::Relaxed), self.shared.failed.load(Ordering::Relaxed))
    }
}

async fn work(shared: Arc<Shared>, mut waiting: mpsc::Receiver<CaptureId>) {
    let places = Arc::new(Semaphore::new(AT_A_TIME));
    let mut running = tokio::task::JoinSet::new();
    while let Some(id) = waiting.recv().await {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        while running.try_join_next().is_some() {}
        let shared = Arc::clone(&shared);
        running.spawn(async move {
            shared.one(id).await;
            drop(place);
        });
    }
    while running.join_next().await.is_some() {}
}

impl Shared {
    async fn one(&self, id: CaptureId) {
        let Ok(record) = self.library.fetch(id).await else {
            return self.fail(id, "not run: it was evicted from memory before its turn came");
        };
        self.ran.fetch_add(1, Ordering::Relaxed);
        match self.start(&record) {
            Err(error) => self.fail(id, &format!("cannot be started: {error}")),
            Ok(child) => match feed(child, &record.capture).await {
                Ok(status) if status.success() => {}
                Ok(status) => self.fail(id, &format!("failed: {status}")),
                Err(error) => self.fail(id, &format!("failed: {error}")),
            },
        }
    }

    fn start(&self, record: &Record) -> std::io::Result<Group> {
        let mut command = shell(&self.command);
        command.stdin(Stdio::piped()).kill_on_drop(true).envs(environment(record));
        match self.streams {
            Streams::Shared => {}
            Streams::Stderr => drop(command.stdout(std::io::stderr())),
            Streams::Nowhere => drop(command.stdout(Stdio::null()).stderr(Stdio::null())),
        }
        command.spawn().map(Group)
    }

    fn fail(&self, id: CaptureId, why: &str) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        (self.tell)(format!("The command for #{id} {why}."));
    }
}

/// Gives the body and waits for the end. A command need not read.
async fn feed(mut group: Group, capture: &Capture) -> std::io::Result<ExitStatus> {
    let stdin = group.0.stdin.take();
    let write = async {
        if let Some(mut stdin) = stdin {
            let _ = stdin.write_all(capture.body()).await;
        }
    };
    let (status, ()) = tokio::join!(group.0.wait(), write);
    status
}

/// A command with everything that it starts: ended as one when it is given up.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(pid) = self.0.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed())) {
            let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
        }
    }
}

#[cfg(unix)]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(command).process_group(0);
    shell
}

#[cfg(not(unix))]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("cmd");
    shell.arg("/C").arg(command);
    shell
}

/// The facts, by the names of their variables. What is not known is empty.
fn environment(record: &Record) -> Vec<(&'static str, OsString)> {
    let (capture, summary) = (&record.capture, &*record.capture.summary);
    let head = capture.head();
    let target = head.target();
    let (path, query) = match memchr::memchr(b'?', target) {
        Some(at) => (&target[..at], &target[at + 1..]),
        None => (target, &b""[..]),
    };
    let verdict = record.check.as_ref().map(|check| check.verdict);
    let code = verdict.and_then(|verdict| verdict.code()).map_or("", |code| code.as_str());
    let text = |text: Option<&str>| value(text.unwrap_or_default().as_bytes());
    let number = |number: Option<u64>| OsString::from(number.map(|n| n.to_string()).unwrap_or_default());
    vec![
        ("HOOKGLASS_ID", number(Some(summary.id.0))),
        ("HOOKGLASS_RECEIVED_AT", summary.received_at.to_string().into()),
        ("HOOKGLASS_REMOTE", summary.remote.to_string().into()),
        ("HOOKGLASS_METHOD", value(head.method())),
        ("HOOKGLASS_TARGET", value(target)),
        ("HOOKGLASS_PATH", value(path)),
        ("HOOKGLASS_QUERY", value(query)),
        ("HOOKGLASS_CONTENT_TYPE", value(summary.content_type().unwrap_or_default())),
        ("HOOKGLASS_BODY_SIZE", number(Some(summary.size))),
        ("HOOKGLASS_ENDPOINT", text(summary.endpoint.as_deref())),
        ("HOOKGLASS_PROVIDER", text(summary.provider.as_deref())),
        ("HOOKGLASS_EVENT", text(summary.event())),
        ("HOOKGLASS_DELIVERY_ID", text(summary.delivery_id())),
        ("HOOKGLASS_ATTEMPT", number(summary.attempt().map(u64::from))),
        ("HOOKGLASS_VERDICT", text(verdict.map(|verdict| verdict.as_str()))),
        ("HOOKGLASS_CODE", text(Some(code))),
        ("HOOKGLASS_STATUS", number(record.answered.map(|answered| answered.status.into()))),
    ]
}

/// Bytes as the value of a variable: a NUL, which ends one, becomes U+FFFD.
#[cfg(unix)]
fn value(bytes: &[u8]) -> OsString {
    use std::os::unix::ffi::OsStringExt;
    if !bytes.contains(&0) {
        return OsString::from_vec(bytes.to_vec());
    }
    let parts: Vec<&[u8]> = bytes.split(|&byte| byte == 0).collect();
    OsString::from_vec(parts.join("\u{fffd}".as_bytes()))
}

#[cfg(not(unix))]
fn value(bytes: &[u8]) -> OsString {
    String::from_utf8_lossy(bytes).replace('\0', "\u{fffd}").into()
}

/// The sentences of commands on standard error.
#[must_use]
pub fn on_stderr() -> Tell {
    Arc::new(|sentence| crate::engine::talk::say(&format!("hookglass: {}", visible(sentence.as_bytes()))))
}
