//! Parts of a line with what they are, and the window through which a line is seen.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

use crate::domain::text::{Marks, pieces_with, width};

/// What a part of a line is. The theme gives each a style.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Text without a special meaning.
    Text,
    /// The name of a member or field.
    Key,
    /// A JSON string that is a value.
    Str,
    /// A number; in a hex dump, the bytes.
    Number,
    /// `true` or `false`.
    Bool,
    /// `null`.
    Null,
    /// Brackets, commas, colons, equal signs.
    Punct,
    /// Stands for something that cannot be shown as it is: see [`crate::domain::text`].
    Mark,
    /// An offset in a hex dump.
    Offset,
    /// The ASCII column of a hex dump.
    Ascii,
    /// A heading or a name that is not part of the body.
    Label,
    /// Says what is wrong.
    Error,
}

/// A part of a line: visible text, safe for a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span<'a> {
    /// What it is.
    pub role: Role,
    /// What is shown.
    pub text: Cow<'a, str>,
}

/// Takes a line from its beginning and keeps the columns that are in view.
pub(super) struct Window<'a> {
    spans: Vec<Span<'a>>,
    at: usize,
    from: usize,
    to: usize,
    marks: Marks,
}

impl<'a> Window<'a> {
    pub(super) const fn new(skip: usize, columns: usize, marks: Marks) -> Self {
        Self { spans: Vec::new(), at: 0, from: skip, to: skip.saturating_add(columns), marks }
    }

    /// Whether nothing that follows can be in view.
    pub(super) const fn is_full(&self) -> bool {
        self.at >= self.to
    }

    /// Columns of the line that were passed so far.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// Columns from the beginning of the line to the right edge of the window.
    pub(super) const fn reach(&self) -> usize {
        self.to
    }

    pub(super) fn finish(self) -> Vec<Span<'a>> {
        self.spans
    }

    /// Adds bytes of the body.
    pub(super) fn push(&mut self, role: Role, bytes: &'a [u8]) {
        for piece in pieces_with(bytes, self.marks) {
            let role = if piece.special { Role::Mark } else { role };
            match piece.text {
                Cow::Borrowed(text) => self.push_visible(role, text, Cow::Borrowed),
                Cow::Owned(text) => self.push_visible(role, &text, |part| Cow::Owned(part.to_owned())),
            }
            if self.is_full() {
                return;
            }
        }
    }

    /// Adds bytes that do not live as long as the body.
    pub(super) fn push_copy(&mut self, role: Role, bytes: &[u8]) {
        for piece in pieces_with(bytes, self.marks) {
            let role = if piece.special { Role::Mark } else { role };
            self.push_visible(role, &piece.text, |part| Cow::Owned(part.to_owned()));
            if self.is_full() {
                return;
            }
        }
    }

    /// Adds text of this program: printable ASCII.
    pub(super) fn push_own(&mut self, role: Role, text: &'static str) {
        self.push_visible(role, text, Cow::Borrowed);
    }

    /// Moves on by empty columns.
    pub(super) fn push_spaces(&mut self, mut count: usize) {
        const BLANK: &str = "                                ";
        while count > 0 && !self.is_full() {
            let part = count.min(BLANK.len());
            self.push_own(Role::Text, &BLANK[..part]);
            count -= part;
        }
    }

    fn push_visible<'t>(&mut self, role: Role, text: &'t str, keep: impl Fn(&'t str) -> Cow<'a, str>) {
        if self.is_full() {
            return;
        }
        let start = self.at;
        let whole = width(text);
        if start + whole <= self.from {
            self.at += whole;
            return;
        }
        if start >= self.from && start + whole <= self.to {
            self.at += whole;
            self.spans.push(Span { role, text: keep(text) });
            return;
        }
        self.push_part(role, text, keep);
    }

    /// A text that crosses an edge of the window. A wide character that does leaves a space, so that
    /// the columns after it stay in place.
    fn push_part<'t>(&mut self, role: Role, text: &'t str, keep: impl Fn(&'t str) -> Cow<'a, str>) {
        let (mut begin, mut end) = (None, 0);
        for (at, c) in text.char_indices() {
            let columns = c.width().unwrap_or(0);
            let after = self.at + columns;
            if after > self.to {
                break;
            }
            if begin.is_none() && columns > 0 && after > self.from {
                if self.at < self.from {
                    self.spans.push(Span { role, text: Cow::Borrowed(" ") });
                } else {
                    begin = Some(at);
                }
            }
            end = at + c.len_utf8();
            self.at = after;
        }
        if let Some(begin) = begin {
            self.spans.push(Span { role, text: keep(&text[begin..end]) });
        }
        if end < text.len() {
            self.at = self.to;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str, skip: usize, columns: usize) -> String {
        let mut window = Window::new(skip, columns, Marks::Unicode);
        window.push(Role::Text, text.as_bytes());
        window.finish().iter().map(|span| &*span.text).collect()
    }

    #[test]
    fn only_the_columns_in_view_are_kept() {
        for (text, skip, columns, expected) in [
            ("abcdef", 0, 9, "abcdef"),
            ("abcdef", 2, 3, "cde"),
            ("abcdef", 6, 3, ""),
            ("abcdef", 0, 0, ""),
            ("界界界", 1, 4, " 界"),
            ("界界界", 2, 3, "界"),
            ("a\u{301}b\u{301}c", 1, 1, "b\u{301}"),
            ("a\u{1b}b", 1, 2, "␛b"),
            ("a\u{202e}b", 3, 4, "+202"),
        ] {
            assert_eq!(seen(text, skip, columns), expected, "{text} {skip}+{columns}");
        }
    }

    #[test]
    fn a_window_is_the_same_as_cutting_the_whole() {
        let text = format!("{}\u{202e}界{}", "a".repeat(600), "éx\u{0}".repeat(300));
        let whole = seen(&text, 0, usize::MAX);
        assert!(whole.starts_with("aaa") && whole.contains("‹U+202E›界éx␀"));
        for skip in (0..1_500).step_by(37) {
            let part = seen(&text, skip, 80);
            assert!(width(&part) <= 80);
            assert!(whole.contains(part.trim_start()), "{skip}: {part}");
        }
    }
}
