//! A field of one line that text is typed into.

use unicode_segmentation::UnicodeSegmentation;
use zeroize::Zeroize;

use crate::config::key::{Key, KeyCode};

/// Longest text in bytes: a paste of a whole file must not fill memory.
const LONGEST: usize = 4_096;

/// The text and where the next character goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input {
    text: String,
    /// Byte offset, always at a boundary of graphemes.
    cursor: usize,
}

impl Input {
    /// A field with a text, the cursor at its end.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { cursor: text.len(), text }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text before and after the cursor.
    #[must_use]
    pub fn halves(&self) -> (&str, &str) {
        self.text.split_at(self.cursor)
    }

    /// Takes a key; whether it meant anything to the field.
    pub fn key(&mut self, key: Key) -> bool {
        if let Some(c) = key.typed() {
            self.insert(c.encode_utf8(&mut [0; 4]));
            return true;
        }
        let ctrl = |c| key.ctrl && key.code == KeyCode::Char(c);
        match key.code {
            KeyCode::Left => self.cursor = self.before(),
            KeyCode::Right => self.cursor = self.after(),
            KeyCode::Home => self.cursor = 0,
            KeyCode::End => self.cursor = self.text.len(),
            _ if ctrl('a') => self.cursor = 0,
            _ if ctrl('e') => self.cursor = self.text.len(),
            _ if ctrl('w') => {
                let word = self.text[..self.cursor].trim_end_matches(['/', ' ']);
                let start = word.rfind(['/', ' ']).map_or(0, |at| at + 1);
                self.cut(start, self.cursor);
            }
            KeyCode::Backspace => self.cut(self.before(), self.cursor),
            KeyCode::Delete => self.cut(self.cursor, self.after()),
            _ => return false,
        }
        true
    }

    /// Puts text in at the cursor; line ends and other control characters are left out.
    pub fn insert(&mut self, text: &str) {
        for c in text.chars().filter(|c| !c.is_control()) {
            if self.text.len() + c.len_utf8() > LONGEST {
                break;
            }
            self.text.insert(self.cursor, c);
            self.cursor += c.len_utf8();
        }
    }

    /// Empties the field and wipes what was in it from memory.
    pub fn wipe(&mut self) {
        self.text.zeroize();
        self.cursor = 0;
    }

    fn cut(&mut self, from: usize, to: usize) {
        self.text.replace_range(from..to, "");
        self.cursor = from;
    }

    fn before(&self) -> usize {
        self.cursor - self.text[..self.cursor].graphemes(true).next_back().map_or(0, str::len)
    }

    fn after(&self) -> usize {
        self.cursor + self.text[self.cursor..].graphemes(true).next().map_or(0, str::len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(start: &str, keys: &str) -> String {
        let mut input = Input::new(start);
        for key in Key::sequence(keys).unwrap() {
            input.key(key);
        }
        let (before, after) = input.halves();
        format!("{before}|{after}")
    }

    #[test]
    fn the_usual_keys_edit() {
        for (start, keys, result) in [
            ("", "abc", "abc|"),
            ("abc", "<left><left>x", "ax|bc"),
            ("abc", "<home><delete>", "|bc"),
            ("abc", "<backspace><backspace>", "a|"),
            ("", "<backspace><delete><left><right>", "|"),
            ("http://a/b/c", "<ctrl-w>", "http://a/b/|"),
            ("http://a/b/", "<ctrl-w>", "http://a/|"),
            ("abc", "<ctrl-a>x<ctrl-e>y", "xabcy|"),
            ("e\u{301}e\u{301}", "<backspace>", "e\u{301}|"),
            ("ab", "<alt-x>", "ab|"),
        ] {
            assert_eq!(typed(start, keys), result, "{start} {keys}");
        }
    }

    #[test]
    fn pasted_text_is_one_line_and_bounded() {
        let mut input = Input::default();
        input.insert("a\r\nb\u{1b}[31m");
        assert_eq!(input.text(), "ab[31m");
        input.insert(&"x".repeat(10_000));
        assert_eq!(input.text().len(), LONGEST);
    }
}
