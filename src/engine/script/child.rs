//! The program after `--`: it has the terminal, the URL stands in its environment, signals are passed on.

use std::{ffi::OsString, io, process::ExitStatus, time::Duration};

use tokio::process::{Child, Command};

/// How long it may take to end once it was asked to.
const PATIENCE: Duration = Duration::from_secs(2);

/// A program that runs while we listen.
pub struct Program {
    child: Child,
    #[cfg(unix)]
    signals: unix::Signals,
}

impl Program {
    /// Starts it. `url` is where it is to send to.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(words: &[OsString], url: &str, port: u16) -> io::Result<Self> {
        let (name, arguments) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        // Before it is started: a signal that comes now is passed on, and does not end us alone.
        #[cfg(unix)]
        let signals = unix::Signals::new()?;
        let child = Command::new(name)
            .args(arguments)
            .env("HOOKGLASS_URL", url)
            .env("HOOKGLASS_PORT", port.to_string())
            .kill_on_drop(true)
            .spawn()?;
        Ok(Self {
            child,
            #[cfg(unix)]
            signals,
        })
    }

    /// Waits for its end, passing signals on. May be dropped and called again.
    ///
    /// # Errors
    /// When the system does not tell how it ended.
    pub async fn ended(&mut self) -> io::Result<ExitStatus> {
        #[cfg(unix)]
        loop {
            let id = self.child.id();
            tokio::select! {
                status = self.child.wait() => return status,
                signal = self.signals.next() => unix::send(id, signal),
            }
        }
        #[cfg(not(unix))]
        self.child.wait().await
    }

    /// Asks it to end, and ends it if it does not.
    pub async fn stop(&mut self) {
        #[cfg(unix)]
        unix::send(self.child.id(), rustix::process::Signal::TERM);
        #[cfg(not(unix))]
        let _ = self.child.start_kill();
        if tokio::time::timeout(PATIENCE, self.child.wait()).await.is_err() {
            let _ = self.child.kill().await;
        }
    }
}

/// The exit code that a shell would give: 128 and its number for a signal.
#[must_use]
pub fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    // Windows has larger ones: what failed must not become 0.
    status.code().map_or(1, |code| u8::try_from(code).unwrap_or(1))
}

#[cfg(unix)]
mod unix {
    use std::io;

    use rustix::process::{Pid, Signal, getpgrp, kill_process};
    use tokio::signal::unix::{SignalKind, signal};

    pub(super) struct Signals {
        interrupt: tokio::signal::unix::Signal,
        quit: tokio::signal::unix::Signal,
        terminate: tokio::signal::unix::Signal,
        hangup: tokio::signal::unix::Signal,
    }

    impl Signals {
        pub(super) fn new() -> io::Result<Self> {
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                quit: signal(SignalKind::quit())?,
                terminate: signal(SignalKind::terminate())?,
                hangup: signal(SignalKind::hangup())?,
            })
        }

        /// The next signal to pass on. A terminal sends its keys' signals to the program itself.
        pub(super) async fn next(&mut self) -> Signal {
            loop {
                tokio::select! {
                    _ = self.interrupt.recv() => if !terminal_sends() { return Signal::INT },
                    _ = self.quit.recv() => if !terminal_sends() { return Signal::QUIT },
                    _ = self.terminate.recv() => return Signal::TERM,
                    _ = self.hangup.recv() => return Signal::HUP,
                }
            }
        }
    }

    /// Whether we are in the foreground of a terminal: then Ctrl-C reaches the whole group.
    fn terminal_sends() -> bool {
        rustix::termios::tcgetpgrp(io::stdin()).is_ok_and(|group| group == getpgrp())
    }

    pub(super) fn send(id: Option<u32>, signal: Signal) {
        if let Some(pid) = id.and_then(|id| Pid::from_raw(id.cast_signed())) {
            // It may have ended already.
            let _ = kill_process(pid, signal);
        }
    }
}
