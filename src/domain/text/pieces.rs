//! Bytes as a sequence of visible pieces: runs of plain text, and marks for all else.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

use crate::domain::text::{Marks, is_special};

/// Most combining characters shown on one base; further ones become marks. Hangul syllables and
/// Vietnamese need two, Thai two, a carefully pointed Hebrew letter four.
pub const MOST_COMBINING: u8 = 4;

/// Longest plain run in bytes, about: so that a reader who needs one line of a large text does not
/// walk all of it.
const LONGEST_RUN: usize = 512;

const C0: [(&str, &str); 32] = [
    ("␀", "<NUL>"),
    ("␁", "<SOH>"),
    ("␂", "<STX>"),
    ("␃", "<ETX>"),
    ("␄", "<EOT>"),
    ("␅", "<ENQ>"),
    ("␆", "<ACK>"),
    ("␇", "<BEL>"),
    ("␈", "<BS>"),
    ("␉", "<HT>"),
    ("␊", "<LF>"),
    ("␋", "<VT>"),
    ("␌", "<FF>"),
    ("␍", "<CR>"),
    ("␎", "<SO>"),
    ("␏", "<SI>"),
    ("␐", "<DLE>"),
    ("␑", "<DC1>"),
    ("␒", "<DC2>"),
    ("␓", "<DC3>"),
    ("␔", "<DC4>"),
    ("␕", "<NAK>"),
    ("␖", "<SYN>"),
    ("␗", "<ETB>"),
    ("␘", "<CAN>"),
    ("␙", "<EM>"),
    ("␚", "<SUB>"),
    ("␛", "<ESC>"),
    ("␜", "<FS>"),
    ("␝", "<GS>"),
    ("␞", "<RS>"),
    ("␟", "<US>"),
];

/// A part of a text: printable characters alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// What is shown.
    pub text: Cow<'a, str>,
    /// Whether it is a mark that stands for something else. A text may contain the characters of a
    /// mark itself: where it matters, draw marks in another style.
    pub special: bool,
}

/// Iterator over the pieces of a text. Walks no further than it is asked to.
#[derive(Clone, Debug)]
pub struct Pieces<'a> {
    rest: &'a [u8],
    marks: Marks,
    tail: Tail,
}

/// The end of what was shown last, as far as the next character may join it.
#[derive(Clone, Copy, Debug)]
struct Tail {
    last: Option<char>,
    combining: u8,
}

/// Nothing that a combining character could stand on.
const NO_BASE: Tail = Tail { last: None, combining: 0 };

/// The pieces of a text with Unicode marks.
#[must_use]
pub const fn pieces(bytes: &[u8]) -> Pieces<'_> {
    pieces_with(bytes, Marks::Unicode)
}

/// The pieces of a text with marks of a kind.
#[must_use]
pub const fn pieces_with(bytes: &[u8], marks: Marks) -> Pieces<'_> {
    Pieces { rest: bytes, marks, tail: NO_BASE }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let run = plain_run(self.rest, self.marks, LONGEST_RUN, &mut self.tail);
        if run > 0 {
            let (plain, rest) = self.rest.split_at(run);
            self.rest = rest;
            return Some(Piece { text: String::from_utf8_lossy(plain), special: false });
        }
        let first = *self.rest.first()?;
        let (decoded, len) = decode(self.rest);
        self.rest = &self.rest[len..];
        self.tail = NO_BASE;
        Some(Piece { text: mark(decoded.ok_or(first), self.marks), special: true })
    }
}

/// The whole text when nothing in it needs a mark.
pub(super) fn all_plain(bytes: &[u8], marks: Marks) -> Option<&str> {
    let run = plain_run(bytes, marks, usize::MAX, &mut NO_BASE.clone());
    std::str::from_utf8(bytes).ok().filter(|_| run == bytes.len())
}

/// How many bytes from the start are plain; at `limit` it stops before the next character that has a
/// width of its own.
fn plain_run(bytes: &[u8], marks: Marks, limit: usize, tail: &mut Tail) -> usize {
    let mut at = 0;
    loop {
        let room = limit.saturating_sub(at).min(bytes.len() - at);
        let ascii = bytes[at..at + room].iter().position(|b| !matches!(b, b' '..=b'~')).unwrap_or(room);
        at += ascii;
        if ascii > 0 {
            *tail = Tail { last: Some(char::from(bytes[at - 1])), combining: 0 };
        }
        if marks == Marks::Ascii || bytes.get(at).is_none_or(u8::is_ascii) {
            return at;
        }
        let (Some(c), len) = decode(&bytes[at..]) else { return at };
        let wide = c.width().unwrap_or(0) > 0;
        if is_special(c) || (wide && at >= limit) {
            return at;
        }
        if wide {
            *tail = Tail { last: Some(c), combining: 0 };
        } else {
            let Some(last) = tail.last.filter(|_| tail.combining < MOST_COMBINING) else { return at };
            if !joins(last, c) {
                return at;
            }
            *tail = Tail { last: Some(c), combining: tail.combining + 1 };
        }
        at += len;
    }
}

/// Whether a character without width stands on the one before it. Otherwise it would be a cell
/// without width, which drawing drops.
fn joins(last: char, c: char) -> bool {
    let mut buffer = [0; 8];
    let first = last.encode_utf8(&mut buffer).len();
    let len = first + c.encode_utf8(&mut buffer[first..]).len();
    std::str::from_utf8(&buffer[..len]).is_ok_and(|pair| pair.graphemes(true).count() == 1)
}

/// The first character and its length, or `None` and 1 for a byte that is not UTF-8.
fn decode(bytes: &[u8]) -> (Option<char>, usize) {
    let len = match bytes.first() {
        Some(0xc2..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf4) => 4,
        _ => 1,
    };
    let character = bytes.get(..len).and_then(|b| std::str::from_utf8(b).ok()).and_then(|s| s.chars().next());
    (character, if character.is_some() { len } else { 1 })
}

fn mark(what: Result<char, u8>, marks: Marks) -> Cow<'static, str> {
    let ascii = marks == Marks::Ascii;
    match what {
        Ok(c) => match (u32::from(c), ascii) {
            (code @ 0..=0x1f, false) => Cow::Borrowed(C0[code as usize].0),
            (code @ 0..=0x1f, true) => Cow::Borrowed(C0[code as usize].1),
            (0x7f, false) => Cow::Borrowed("␡"),
            (0x7f, true) => Cow::Borrowed("<DEL>"),
            (code, false) => Cow::Owned(format!("‹U+{code:04X}›")),
            (code, true) => Cow::Owned(format!("<U+{code:04X}>")),
        },
        Err(byte) if ascii => Cow::Owned(format!("<x{byte:02X}>")),
        Err(byte) => Cow::Owned(format!("‹x{byte:02X}›")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &[u8]) -> Vec<(String, bool)> {
        pieces(bytes).map(|piece| (piece.text.into_owned(), piece.special)).collect()
    }

    #[test]
    fn runs_and_marks_alternate() {
        let expected = [("ab", false), ("␛", true), ("é", false), ("‹xFF›", true)];
        assert_eq!(shown(b"ab\x1b\xc3\xa9\xff"), expected.map(|(text, special)| (text.to_owned(), special)));
        assert!(shown(b"").is_empty());
    }

    #[test]
    fn text_that_looks_like_a_mark_is_told_apart() {
        assert_eq!(shown("‹U+202E›".as_bytes()), [("‹U+202E›".to_owned(), false)]);
    }

    #[test]
    fn accents_are_bounded_and_the_rest_is_marked() {
        let text = format!("H{}i", "\u{301}".repeat(500));
        let all = shown(text.as_bytes());
        assert_eq!(all[0], (format!("H{}", "\u{301}".repeat(4)), false));
        assert_eq!(all.iter().filter(|(text, special)| *special && text == "‹U+0301›").count(), 496);
        assert_eq!(all.last(), Some(&("i".to_owned(), false)));
    }

    #[test]
    fn long_runs_come_in_parts_that_keep_accents_with_their_base() {
        let text = format!("{}e\u{301}{}", "a".repeat(LONGEST_RUN - 1), "界".repeat(400));
        let parts = shown(text.as_bytes());
        assert!(parts.len() >= 3);
        assert!(parts.iter().all(|(text, special)| !special && text.len() <= LONGEST_RUN + 8));
        assert!(parts.iter().all(|(text, _)| !text.starts_with('\u{301}')));
        assert_eq!(parts.into_iter().map(|(text, _)| text).collect::<String>(), text);
    }
}
