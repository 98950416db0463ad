//! Copying: to the system clipboard, or through the terminal with OSC 52.

use std::{
    fmt, io,
    sync::mpsc::{self, Sender},
    thread,
};

/// Longest text that is sent through the terminal, in bytes before base64: longer ones are refused or
/// cut silently by many terminals.
pub const LONGEST_OSC52: usize = 74_000;

/// Which way a text went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The clipboard of the desktop.
    System,
    /// The terminal, by OSC 52. Whether it took the text cannot be known.
    Osc52,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "system clipboard",
            Self::Osc52 => "terminal clipboard (OSC 52)",
        })
    }
}

/// Why nothing was copied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CopyError {
    /// Clipboards hold text.
    #[error("the body is not UTF-8 text, and a clipboard holds text: copy it as curl instead")]
    NotText,
    /// Too long for a terminal, and there is no other clipboard.
    #[error("{0} bytes are too many for the terminal's clipboard, and there is no system clipboard here")]
    TooLong(usize),
    /// The terminal is gone.
    #[error("the terminal did not take the text: {0}")]
    Terminal(String),
}

/// Copies text. The system clipboard is opened when it is first needed and kept open, because on X11
/// the contents vanish with their owner.
#[derive(Debug, Default)]
pub struct Clipboard {
    remote: bool,
    owner: Option<Sender<Job>>,
}

#[derive(Debug)]
struct Job {
    text: String,
    done: Sender<bool>,
}

impl Clipboard {
    /// A clipboard. `remote` says that the terminal is on another machine (SSH): its clipboard is the
    /// one that the person at the keyboard means.
    #[must_use]
    pub const fn new(remote: bool) -> Self {
        Self { remote, owner: None }
    }

    /// Copies a text and says which way it went. `out` is the terminal.
    ///
    /// # Errors
    /// When the text fits neither way.
    pub fn copy(&mut self, text: &[u8], out: &mut impl io::Write) -> Result<Way, CopyError> {
        let text = std::str::from_utf8(text).map_err(|_| CopyError::NotText)?;
        if !self.remote && self.system(text) {
            return Ok(Way::System);
        }
        if text.len() > LONGEST_OSC52 {
            return Err(CopyError::TooLong(text.len()));
        }
        let sequence = format!("\x1b]52;c;{}\x07", data_encoding::BASE64.encode(text.as_bytes()));
        out.write_all(sequence.as_bytes())
            .and_then(|()| out.flush())
            .map_err(|error| CopyError::Terminal(error.to_string()))?;
        Ok(Way::Osc52)
    }

    /// Hands the text to the thread that owns the system clipboard: a slow X server must not hold up
    /// the screen for longer than a moment.
    fn system(&mut self, text: &str) -> bool {
        let owner = self.owner.get_or_insert_with(own);
        let (done, answer) = mpsc::channel();
        owner.send(Job { text: text.to_owned(), done }).is_ok()
            && answer.recv_timeout(std::time::Duration::from_millis(500)).unwrap_or(false)
    }
}

/// Starts the thread that owns the system clipboard. Without one it answers every job with `false`.
fn own() -> Sender<Job> {
    let (sender, jobs) = mpsc::channel::<Job>();
    let spawned = thread::Builder::new().name("clipboard".into()).spawn(move || {
        let mut copy = system_clipboard();
        for Job { text, done } in jobs {
            let _ = done.send(copy(text));
        }
    });
    drop(spawned);
    sender
}

#[cfg(feature = "clipboard")]
fn system_clipboard() -> impl FnMut(String) -> bool {
    let mut clipboard = arboard::Clipboard::new().ok();
    move |text| clipboard.as_mut().is_some_and(|clipboard| clipboard.set_text(text).is_ok())
}

#[cfg(not(feature = "clipboard"))]
fn system_clipboard() -> impl FnMut(String) -> bool {
    |_| false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_ssh_the_terminal_gets_the_text_as_base64() {
        let mut out = Vec::new();
        let way = Clipboard::new(true).copy(b"h\x1b]52;c;eA==\x07\n", &mut out);
        assert_eq!(way, Ok(Way::Osc52));
        assert_eq!(out, b"\x1b]52;c;aBtdNTI7YztlQT09Bwo=\x07");
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let mut out = Vec::new();
        assert_eq!(Clipboard::new(true).copy(b"\xff", &mut out), Err(CopyError::NotText));
        let long = vec![b'a'; LONGEST_OSC52 + 1];
        assert_eq!(Clipboard::new(true).copy(&long, &mut out), Err(CopyError::TooLong(long.len())));
        assert!(out.is_empty());
    }
}
