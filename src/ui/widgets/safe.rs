//! The one door through which text of others reaches a cell.
//!
//! Everything that a terminal would act on or not show becomes a visible mark here. Nothing else in
//! `ui` turns bytes of a request, a response or an error into text.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A piece of visible text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ui) struct Piece {
    /// The text, safe for a cell.
    pub text: String,
    /// Whether it stands for something that could not be shown.
    pub mark: bool,
}

/// Bytes as text of one line.
pub(in crate::ui) fn text(bytes: &[u8], ascii: bool) -> Cow<'_, str> {
    if bytes.iter().all(|&b| (b' '..0x7f).contains(&b)) {
        return String::from_utf8_lossy(bytes);
    }
    Cow::Owned(pieces(bytes, ascii).into_iter().map(|piece| piece.text).collect())
}

/// Bytes as text of one line, with the marks told apart.
pub(in crate::ui) fn pieces(bytes: &[u8], ascii: bool) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    let mut push = |text: &str, mark: bool| match out.last_mut() {
        Some(last) if last.mark == mark => last.text.push_str(text),
        _ => out.push(Piece { text: text.to_owned(), mark }),
    };
    for chunk in bytes.utf8_chunks() {
        let mut rest = chunk.valid();
        while let Some(at) = rest.find(hidden) {
            if at > 0 {
                push(&rest[..at], false);
            }
            let c = rest[at..].chars().next().unwrap_or_default();
            push(&sign(c, ascii), true);
            rest = &rest[at + c.len_utf8()..];
        }
        if !rest.is_empty() {
            push(rest, false);
        }
        for byte in chunk.invalid() {
            push(&if ascii { format!("<x{byte:02X}>") } else { format!("‹x{byte:02X}›") }, true);
        }
    }
    out
}

/// Columns that a text takes.
pub(in crate::ui) fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// A text cut to some columns, with a sign where it was cut. No grapheme is split.
pub(in crate::ui) fn fit(text: &str, columns: usize, ascii: bool) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    if columns == 0 {
        return Cow::Borrowed("");
    }
    let mut out = String::with_capacity(columns + 3);
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let wide = width(grapheme);
        if used + wide > columns - 1 {
            break;
        }
        out.push_str(grapheme);
        used += wide;
    }
    out.push_str(if ascii { "~" } else { "…" });
    Cow::Owned(out)
}

/// Whether a character would not be seen, or would do something.
fn hidden(c: char) -> bool {
    !(' '..='~').contains(&c)
        && (c.width().unwrap_or(0) == 0
            || matches!(c, '\u{a0}' | '\u{ad}' | '\u{1680}' | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}'
                | '\u{205f}'..='\u{206f}' | '\u{3000}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}' | '\u{fff0}'..='\u{ffff}' | '\u{e0000}'..='\u{10ffff}'))
}

fn sign(c: char, ascii: bool) -> String {
    let code = u32::from(c);
    match code {
        0..0x20 if !ascii => char::from_u32(0x2400 + code).unwrap_or(' ').to_string(),
        0x7f if !ascii => "␡".to_owned(),
        0..0x20 => CONTROLS[code as usize].to_owned(),
        0x7f => "<DEL>".to_owned(),
        _ if ascii => format!("<U+{code:04X}>"),
        _ => format!("‹U+{code:04X}›"),
    }
}

const CONTROLS: [&str; 32] = [
    "<NUL>", "<SOH>", "<STX>", "<ETX>", "<EOT>", "<ENQ>", "<ACK>", "<BEL>", "<BS>", "<TAB>", "<LF>", "<VT>",
    "<FF>", "<CR>", "<SO>", "<SI>", "<DLE>", "<DC1>", "<DC2>", "<DC3>", "<DC4>", "<NAK>", "<SYN>", "<ETB>",
    "<CAN>", "<EM>", "<SUB>", "<ESC>", "<FS>", "<GS>", "<RS>", "<US>",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hidden_stays_hidden() {
        for (bytes, unicode, ascii) in [
            (&b"plain"[..], "plain", "plain"),
            (b"a\x1b[31m", "a␛[31m", "a<ESC>[31m"),
            (b"a\tb\r\n", "a␉b␍␊", "a<TAB>b<CR><LF>"),
            ("a\u{202e}b".as_bytes(), "a‹U+202E›b", "a<U+202E>b"),
            ("\u{9b}31m".as_bytes(), "‹U+009B›31m", "<U+009B>31m"),
            (b"\xff\x7f", "‹xFF›␡", "<xFF><DEL>"),
            ("\u{200b}\u{feff}".as_bytes(), "‹U+200B›‹U+FEFF›", "<U+200B><U+FEFF>"),
        ] {
            assert_eq!(text(bytes, false), unicode);
            assert_eq!(text(bytes, true), ascii);
        }
    }

    #[test]
    fn fitting_keeps_to_the_columns() {
        for (text, columns, expected) in [
            ("abc", 3, "abc"),
            ("abcd", 3, "ab…"),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日…"),
            ("ab", 0, ""),
            ("ab", 1, "…"),
        ] {
            assert_eq!(fit(text, columns, false), expected, "{text} {columns}");
        }
    }
}
