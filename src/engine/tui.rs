//! The interface on the real terminal.

use std::{
    io::{self, BufWriter, Stdout},
    mem::ManuallyDrop,
};

use futures_util::Stream;
use ratatui::{Terminal, backend::CrosstermBackend};

use crate::{
    engine::screen::Face,
    term::{
        clipboard::Clipboard,
        guard::Guard,
        input::{self, Input},
        suspend,
    },
};

/// The terminal that frames are drawn on. Buffered, because a frame is many small writes. Never dropped:
/// on a terminal that is gone ratatui would print on standard error that it cannot show the cursor, which
/// panics where that is gone too, and half a frame would follow what [`Guard`] restored.
pub type Screen = ManuallyDrop<Terminal<CrosstermBackend<BufWriter<Stdout>>>>;

/// The real terminal.
pub struct RealFace {
    guard: Guard,
    clipboard: Clipboard,
}

/// Takes the terminal.
///
/// # Errors
/// When there is none, or it refuses.
pub fn open(mouse: bool, remote: bool) -> io::Result<(Screen, RealFace)> {
    let guard = Guard::enter(mouse)?;
    let screen = Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(64 * 1024, io::stdout())))?;
    Ok((ManuallyDrop::new(screen), RealFace { guard, clipboard: Clipboard::new(remote) }))
}

impl Face for RealFace {
    type Inputs = Box<dyn Stream<Item = Input> + Unpin>;

    fn inputs(&mut self) -> Self::Inputs {
        Box::new(input::stream())
    }

    fn no_inputs(&mut self) -> Self::Inputs {
        Box::new(futures_util::stream::pending())
    }

    fn suspend(&mut self) {
        self.guard.pause();
        suspend::stop();
        // A terminal that is gone now is noticed by the next frame.
        let _ = self.guard.resume();
    }

    fn mouse(&mut self, on: bool) {
        let _ = self.guard.set_mouse(on);
    }

    fn copy(&mut self, text: &[u8]) -> Result<String, String> {
        match self.clipboard.copy(text, &mut io::stdout()) {
            Ok(way) => Ok(way.to_string()),
            Err(error) => Err(error.to_string()),
        }
    }
}
