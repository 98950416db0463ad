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
    end: [tokio::signal::unix::Signal; 4],
    stop: Option<tokio::signal::unix::Signal>,
    resume: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Listens for SIGINT, SIGTERM, SIGHUP, SIGQUIT and SIGCONT, and for SIGTSTP when there is a screen
    /// to restore before stopping.
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
                signal(SignalKind::hangup())?,
                signal(SignalKind::quit())?,
            ],
            stop: screen.then(|| signal(tstp)).transpose()?,
            resume: signal(cont)?,
        })
    }

    /// The next signal.
    pub async fn next(&mut self) -> Asked {
        let [interrupt, terminate, hangup, quit] = &mut self.end;
        let stop = async {
            match &mut self.stop {
                Some(stop) => stop.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = interrupt.recv() => Asked::End,
            _ = terminate.recv() => Asked::End,
            _ = hangup.recv() => Asked::End,
            _ = quit.recv() => Asked::End,
            _ = stop => Asked::Suspend,
            _ = self.resume.recv() => Asked::Continue,
        }
    }
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
