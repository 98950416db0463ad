//! Runs a command for its output: the `command:` of a secret.

use std::{
    io::Read,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use zeroize::Zeroizing;

/// Why a command gave no output. No message holds the command or what it printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ShellError {
    /// There is no shell, or no process could be made.
    #[error("the command could not be started")]
    Start,
    /// It took too long and was ended.
    #[error("the command did not end within {} s and was stopped", .0.as_secs())]
    Slow(Duration),
    /// It ended with a status other than 0.
    #[error("the command failed with exit status {0}; run it in a shell to see why")]
    Status(i32),
    /// A signal ended it.
    #[error("the command was ended by a signal")]
    Signal,
    /// It printed more than the limit.
    #[error("the command printed more than {} KiB", .0 >> 10)]
    Long(usize),
}

/// What a shell command prints to stdout, at most `most` bytes, within `limit`. Its stdin is empty and
/// its stderr is dropped: it could hold the secret, and the screen belongs to the interface.
pub(super) fn output(
    command: &str,
    dir: &Path,
    limit: Duration,
    most: usize,
) -> Result<Zeroizing<Vec<u8>>, ShellError> {
    let deadline = Instant::now() + limit;
    let mut child = start(command, dir).map_err(|_| ShellError::Start)?;
    let Some(mut stdout) = child.stdout.take() else { return Err(ShellError::Start) };
    let (sender, receiver) = mpsc::channel();
    // On a thread of its own, because a grandchild may hold the pipe open for ever. It ends when the
    // group is killed below.
    std::thread::spawn(move || {
        let mut bytes = Zeroizing::new(Vec::with_capacity(most + 1));
        let read = stdout.by_ref().take(most as u64 + 1).read_to_end(&mut bytes);
        // Nobody listens any more when the time was up.
        let _ = sender.send(read.map(|_| bytes));
    });
    let bytes = receiver.recv_timeout(limit);
    if matches!(&bytes, Ok(Ok(bytes)) if bytes.len() > most) {
        stop(&mut child);
        return Err(ShellError::Long(most));
    }
    let Ok(Ok(bytes)) = bytes else {
        stop(&mut child);
        return Err(ShellError::Slow(limit));
    };
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(bytes),
            Ok(Some(status)) => {
                return Err(status.code().map_or(ShellError::Signal, ShellError::Status));
            }
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(5)),
            _ => {
                stop(&mut child);
                return Err(ShellError::Slow(limit));
            }
        }
    }
}

#[cfg(unix)]
fn start(command: &str, dir: &Path) -> std::io::Result<Child> {
    use std::os::unix::process::CommandExt;
    // A group of its own, so that everything it starts can be ended with it.
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(command).process_group(0);
    piped(shell, dir)
}

#[cfg(not(unix))]
fn start(command: &str, dir: &Path) -> std::io::Result<Child> {
    let mut shell = Command::new("cmd");
    shell.arg("/C").arg(command);
    piped(shell, dir)
}

fn piped(mut shell: Command, dir: &Path) -> std::io::Result<Child> {
    shell.current_dir(dir).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()
}

fn stop(child: &mut Child) {
    #[cfg(unix)]
    let _ = rustix::process::kill_process_group(
        rustix::process::Pid::from_child(child),
        rustix::process::Signal::KILL,
    );
    // Both may fail because it has ended already.
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn run(command: &str) -> Result<String, ShellError> {
        output(command, Path::new("/"), Duration::from_millis(500), 1_000)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    #[test]
    fn commands_give_their_output_or_a_reason() {
        let slow = Err(ShellError::Slow(Duration::from_millis(500)));
        for (command, expected) in [
            ("printf 'a b\\n'", Ok("a b\n".to_owned())),
            ("pwd; echo x >&2", Ok("/\n".to_owned())),
            ("cat", Ok(String::new())),
            ("echo CANARY; exit 3", Err(ShellError::Status(3))),
            ("kill -9 $$", Err(ShellError::Signal)),
            ("no-such-command-here", Err(ShellError::Status(127))),
            ("sleep 60", slow.clone()),
            ("sleep 60 & echo x", slow.clone()),
            ("exec >&-; sleep 60", slow),
            ("yes", Err(ShellError::Long(1_000))),
        ] {
            let started = Instant::now();
            assert_eq!(run(command), expected, "{command}");
            assert!(started.elapsed() < Duration::from_secs(20), "{command}");
        }
    }
}
