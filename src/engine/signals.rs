//! The signals that end, suspend or continue the program.

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Answer what is under way, give the terminal back, end.
    End,
    /// Give the terminal back and stop until continued.
    Suspend,
    /// Draw everything anew: the process was continued.
    Continue,
}

/// The signals of this process as a stream.
#[cfg(unix)]
pub struct Signals {
    end: [tokio::signal::unix::Signal; 3],
    hangup: Option<tokio::signal::unix::Signal>,
    stop: Option<tokio::signal::unix::Signal>,
    resume: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Listens for SIGINT, SIGTERM, SIGHUP, SIGQUIT and SIGCONT, and for SIGTSTP when there is a screen
    /// to restore before stopping. SIGHUP stays ignored for a program without a screen that was started
    /// so, with `nohup`.
    ///
    /// # Errors
    /// When the system refuses a handler.
    pub fn new(screen: bool) -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let tstp = SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw());
        let cont = SignalKind::from_raw(rustix::process::Signal::CONT.as_raw());
        Ok(Self {
            end: [
                signal(SignalKind::interrupt())?,
                signal(SignalKind::terminate())?,
                signal(SignalKind::quit())?,
            ],
            hangup: (screen || !hangup_is_ignored()).then(|| signal(SignalKind::hangup())).transpose()?,
            stop: screen.then(|| signal(tstp)).transpose()?,
            resume: signal(cont)?,
        })
    }

    /// The next signal.
    pub async fn next(&mut self) -> Asked {
        let [interrupt, terminate, quit] = &mut self.end;
        let (hangup, stop) = (maybe(&mut self.hangup), maybe(&mut self.stop));
        tokio::select! {
            _ = interrupt.recv() => Asked::End,
            _ = terminate.recv() => Asked::End,
            _ = quit.recv() => Asked::End,
            () = hangup => Asked::End,
            () = stop => Asked::Suspend,
            _ = self.resume.recv() => Asked::Continue,
        }
    }
}

/// A signal that may not be listened for: then it never comes.
#[cfg(unix)]
async fn maybe(signal: &mut Option<tokio::signal::unix::Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

/// Whether this process was started with SIGHUP ignored. Where the system does not tell it in a file, no.
#[cfg(unix)]
fn hangup_is_ignored() -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| ignores_hangup(&status))
}

/// Reads the mask of ignored signals, whose lowest bit is signal 1, SIGHUP (proc_pid_status(5)).
#[cfg(unix)]
fn ignores_hangup(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

/// The signals of this process: Ctrl-C alone.
#[cfg(not(unix))]
pub struct Signals;

#[cfg(not(unix))]
impl Signals {
    /// Listens for Ctrl-C.
    ///
    /// # Errors
    /// Never here.
    pub fn new(_screen: bool) -> std::io::Result<Self> {
        Ok(Self)
    }

    /// The next signal.
    pub async fn next(&mut self) -> Asked {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Asked::End
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_mask_of_ignored_signals_is_read() {
        for (status, expected) in [
            ("SigBlk:\t0000000000000001\nSigIgn:\t0000000000001001\n", true),
            ("SigBlk:\t0000000000000001\nSigIgn:\t0000000000001000\n", false),
            ("SigIgn:\tnonsense\n", false),
            ("", false),
        ] {
            assert_eq!(ignores_hangup(status), expected, "{status:?}");
        }
    }
}
