//! Raw mode and the alternate screen, and the promise that both are undone: on a quiet end, on an
//! error, and on a panic.

use std::{
    io::{self, Write},
    panic,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, ThreadId},
};

use crossterm::{
    cursor,
    event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture},
    execute, queue,
    style::ResetColor,
    terminal::{self, EnterAlternateScreen, LeaveAlternateScreen, SetTitle},
};

/// Whether the terminal is in our hands now. A static, because a panic hook has nothing else to ask.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// Panics of other threads than the one that draws: told when the screen is back to normal.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Holds the terminal in raw mode on the alternate screen; dropping it gives the terminal back.
#[derive(Debug)]
pub struct Guard {
    mouse: bool,
}

impl Guard {
    /// Takes the terminal.
    ///
    /// # Errors
    /// When standard output is no terminal or it refuses raw mode.
    pub fn enter(mouse: bool) -> io::Result<Self> {
        let guard = Self { mouse };
        guard.resume()?;
        Ok(guard)
    }

    /// Takes the terminal again after [`Guard::pause`].
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn resume(&self) -> io::Result<()> {
        terminal::enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        let mut out = io::stdout();
        queue!(out, EnterAlternateScreen, EnableBracketedPaste, cursor::Hide, SetTitle("hookglass"))?;
        if self.mouse {
            queue!(out, EnableMouseCapture)?;
        }
        out.flush()
    }

    /// Gives the terminal back for a while: for an editor, or to be suspended.
    pub fn pause(&self) {
        restore();
    }

    /// Switches mouse reports on or off. While they are on, most terminals select text only with Shift.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn set_mouse(&mut self, on: bool) -> io::Result<()> {
        self.mouse = on;
        if on {
            execute!(io::stdout(), EnableMouseCapture)
        } else {
            execute!(io::stdout(), DisableMouseCapture)
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back, if it is taken. Safe to call from any thread and more than once; failures
/// are ignored, because there is nobody left to tell.
pub fn restore() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let mut out = io::stdout();
        let _ = execute!(
            out,
            DisableMouseCapture,
            DisableBracketedPaste,
            ResetColor,
            LeaveAlternateScreen,
            cursor::Show,
        );
        let _ = terminal::disable_raw_mode();
    }
}

/// Makes panics harmless for the terminal. The thread that calls this is the one that draws: when it
/// panics, the terminal is restored and the panic printed. A panic anywhere else (one request, one
/// decoder) must not tear down a live screen: it is kept for [`take_panics`] and `told` is called.
pub fn install_panic_hook(told: impl Fn() + Send + Sync + 'static) {
    let screen: ThreadId = thread::current().id();
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() == screen || !TAKEN.load(Ordering::SeqCst) {
            restore();
            before(info);
            return;
        }
        let name = thread::current().name().unwrap_or("a thread").to_owned();
        PANICS.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{name}: {info}"));
        told();
    }));
}

/// The panics of other threads so far, oldest first; they are handed out once.
#[must_use]
pub fn take_panics() -> Vec<String> {
    std::mem::take(&mut *PANICS.lock().unwrap_or_else(PoisonError::into_inner))
}
