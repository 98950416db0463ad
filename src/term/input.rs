//! What the terminal reports, in the words of the interface.

use crossterm::event::{
    Event, KeyCode as Code, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind,
};
use futures_util::{Stream, StreamExt};

use crate::config::key::{Key, KeyCode};

/// One report of the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A key was pressed or repeats.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// The terminal has another size, in columns and rows.
    Resize(u16, u16),
    /// The left mouse button was pressed in a cell (column, row).
    Press(u16, u16),
    /// The wheel was turned by one notch in a cell (column, row): up or not.
    Wheel(u16, u16, bool),
    /// The window got or lost the focus.
    Focus(bool),
}

/// The reports of the terminal until it is gone. Must be dropped before another program (an editor, the
/// shell after Ctrl-Z) reads from the terminal.
pub fn stream() -> impl Stream<Item = Input> + Unpin {
    // An interrupted read is the trace of a stream that was dropped before this one.
    crossterm::event::EventStream::new()
        .take_while(|event| std::future::ready(event.as_ref().map_or_else(is_interrupted, |_| true)))
        .filter_map(|event| std::future::ready(event.ok().and_then(translate)))
}

fn is_interrupted(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::Interrupted
}

fn translate(event: Event) -> Option<Input> {
    Some(match event {
        Event::Key(event) => Input::Key(key(event)?),
        Event::Paste(text) => Input::Paste(text),
        Event::Resize(width, height) => Input::Resize(width, height),
        Event::FocusGained => Input::Focus(true),
        Event::FocusLost => Input::Focus(false),
        Event::Mouse(mouse) => match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => Input::Press(mouse.column, mouse.row),
            MouseEventKind::ScrollUp => Input::Wheel(mouse.column, mouse.row, true),
            MouseEventKind::ScrollDown => Input::Wheel(mouse.column, mouse.row, false),
            _ => return None,
        },
    })
}

fn key(event: KeyEvent) -> Option<Key> {
    // Windows and the kitty protocol report releases too.
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let shift = event.modifiers.contains(KeyModifiers::SHIFT);
    let code = match event.code {
        // Some terminals report Shift and the small letter.
        Code::Char(c) if shift && c.is_ascii_lowercase() => KeyCode::Char(c.to_ascii_uppercase()),
        Code::Char(c) => KeyCode::Char(c),
        Code::Enter => KeyCode::Enter,
        Code::Esc => KeyCode::Esc,
        Code::Tab if shift => KeyCode::BackTab,
        Code::Tab => KeyCode::Tab,
        Code::BackTab => KeyCode::BackTab,
        Code::Backspace => KeyCode::Backspace,
        Code::Delete => KeyCode::Delete,
        Code::Up => KeyCode::Up,
        Code::Down => KeyCode::Down,
        Code::Left => KeyCode::Left,
        Code::Right => KeyCode::Right,
        Code::Home => KeyCode::Home,
        Code::End => KeyCode::End,
        Code::PageUp => KeyCode::PageUp,
        Code::PageDown => KeyCode::PageDown,
        Code::F(number) => KeyCode::F(number),
        _ => return None,
    };
    Some(Key {
        code,
        ctrl: event.modifiers.contains(KeyModifiers::CONTROL),
        alt: event.modifiers.contains(KeyModifiers::ALT),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(code: Code, modifiers: KeyModifiers) -> Option<Key> {
        key(KeyEvent::new(code, modifiers))
    }

    #[test]
    fn shift_is_part_of_the_character() {
        assert_eq!(pressed(Code::Char('g'), KeyModifiers::SHIFT), Some(Key::plain(KeyCode::Char('G'))));
        assert_eq!(pressed(Code::Char('G'), KeyModifiers::SHIFT), Some(Key::plain(KeyCode::Char('G'))));
        assert_eq!(pressed(Code::BackTab, KeyModifiers::SHIFT), Some(Key::plain(KeyCode::BackTab)));
        assert_eq!(pressed(Code::Tab, KeyModifiers::SHIFT), Some(Key::plain(KeyCode::BackTab)));
    }

    #[test]
    fn control_and_alt_are_kept() {
        let expected = Key { code: KeyCode::Char('f'), ctrl: true, alt: false };
        assert_eq!(pressed(Code::Char('f'), KeyModifiers::CONTROL), Some(expected));
    }

    #[test]
    fn releases_are_not_presses() {
        let event = KeyEvent::new_with_kind(Code::Enter, KeyModifiers::NONE, KeyEventKind::Release);
        assert_eq!(key(event), None);
    }
}
