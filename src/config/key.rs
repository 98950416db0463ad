//! A key as the keymap writes it and the terminal reports it.

use std::{fmt, str::FromStr};

/// One key press. Shift is part of the character, except for `shift-tab`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// What was pressed.
    pub code: KeyCode,
    /// With Control.
    pub ctrl: bool,
    /// With Alt (or Option, or Meta).
    pub alt: bool,
}

/// What was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyCode {
    /// A character, upper case where Shift was held.
    Char(char),
    /// Return.
    Enter,
    /// Escape.
    Esc,
    /// Tabulator.
    Tab,
    /// Shift and tabulator.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// A function key.
    F(u8),
}

/// The named keys, as the keymap writes them.
const NAMES: &[(&str, KeyCode)] = &[
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    ("space", KeyCode::Char(' ')),
];

/// Why a text is not a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a key: write one character, `ctrl-x`, `alt-x`, `f1` to `f12`, or one of {names}", names = names())]
pub struct KeyError(pub String);

impl Key {
    /// A key as the terminal reports it. With Control, a letter counts as lower case: terminals do not
    /// agree on it.
    #[must_use]
    pub fn new(code: KeyCode, ctrl: bool, alt: bool) -> Self {
        let code = match code {
            KeyCode::Char(c) if ctrl => KeyCode::Char(c.to_ascii_lowercase()),
            code => code,
        };
        Self { code, ctrl, alt }
    }

    /// A key without Control and Alt.
    #[must_use]
    pub const fn plain(code: KeyCode) -> Self {
        Self { code, ctrl: false, alt: false }
    }

    /// A character that can be typed into a text field.
    #[must_use]
    pub const fn typed(self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }

    /// Reads a row of keys: every character stands for itself, others stand in angle brackets:
    /// `jjG<tab><ctrl-f>y`.
    ///
    /// # Errors
    /// When a name in brackets is not a key.
    pub fn sequence(text: &str) -> Result<Vec<Self>, KeyError> {
        let mut keys = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let named = rest.strip_prefix('<').and_then(|inner| inner.split_once('>'));
            if let Some((name, after)) = named.filter(|(name, _)| !name.is_empty()) {
                keys.push(name.parse()?);
                rest = after;
            } else {
                keys.push(Self::plain(KeyCode::Char(first)));
                rest = &rest[first.len_utf8()..];
            }
        }
        Ok(keys)
    }
}

impl FromStr for Key {
    type Err = KeyError;

    /// Reads `j`, `G`, `ctrl-f` (or `^f`), `alt-x`, `pgdn`, `f5`. Names are read without regard to case.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let error = || KeyError(text.to_owned());
        let (mut ctrl, mut alt) = (false, false);
        let mut rest = text;
        loop {
            if let Some(after) = strip_word(rest, "ctrl-").or_else(|| caret(rest)) {
                (ctrl, rest) = (true, after);
            } else if let Some(after) = strip_word(rest, "alt-") {
                (alt, rest) = (true, after);
            } else {
                break;
            }
        }
        let mut chars = rest.chars();
        let code = match (chars.next(), chars.next()) {
            (Some(c), None) if !c.is_control() => KeyCode::Char(c),
            _ => NAMES
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(rest))
                .map(|&(_, code)| code)
                .or_else(|| function_key(rest))
                .ok_or_else(error)?,
        };
        Ok(Self::new(code, ctrl, alt))
    }
}

/// As the footer and the help show it: `j`, `^f`, `alt-x`, `pgdn`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("^")?;
        }
        if self.alt {
            f.write_str("alt-")?;
        }
        if let Some((name, _)) = NAMES.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::F(n) => write!(f, "f{n}"),
            _ => Ok(()),
        }
    }
}

/// `^f`, but not the character `^` itself.
fn caret(text: &str) -> Option<&str> {
    text.strip_prefix('^').filter(|rest| !rest.is_empty())
}

fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(word.len())?;
    (head.eq_ignore_ascii_case(word) && !rest.is_empty()).then_some(rest)
}

fn function_key(text: &str) -> Option<KeyCode> {
    let number: u8 = text.strip_prefix(['f', 'F'])?.parse().ok()?;
    (1..=12).contains(&number).then_some(KeyCode::F(number))
}

fn names() -> String {
    NAMES.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_and_shown() {
        for (text, shown) in [
            ("j", "j"),
            ("G", "G"),
            ("^f", "^f"),
            ("ctrl-F", "^f"),
            ("Ctrl-Alt-x", "^alt-x"),
            ("alt-X", "alt-X"),
            ("PgDn", "pgdn"),
            ("shift-tab", "shift-tab"),
            ("space", "space"),
            ("-", "-"),
            ("^", "^"),
            ("f12", "f12"),
        ] {
            let key: Key = text.parse().unwrap();
            assert_eq!(key.to_string(), shown, "{text}");
            assert_eq!(shown.parse::<Key>().unwrap(), key, "{text} again");
        }
    }

    #[test]
    fn what_is_not_a_key_is_refused() {
        for text in ["", "jj", "ctrl-", "f13", "f0", "hyper-x", "\u{1b}"] {
            assert!(text.parse::<Key>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_sequence_mixes_characters_and_names() {
        let keys = Key::sequence("jG<tab><ctrl-f><<y").unwrap();
        let shown: Vec<String> = keys.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["j", "G", "tab", "^f", "<", "<", "y"]);
        assert!(Key::sequence("<nonsense>").is_err());
    }
}
