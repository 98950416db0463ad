//! Strings of programming languages: every character that is not plainly visible is escaped, so that
//! nothing ends a string early and an editor shows what is there.

use std::fmt::Write as _;

use crate::domain::text::is_special;

/// Text in quotes for JavaScript.
pub(super) fn javascript(text: &str) -> String {
    quoted(text, |out, c| {
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    })
}

/// Text in quotes for Python.
pub(super) fn python(text: &str) -> String {
    quoted(text, |out, c| {
        let _ = match u32::from(c) {
            code @ 0..=0xffff => write!(out, "\\u{code:04x}"),
            code => write!(out, "\\U{code:08x}"),
        };
    })
}

/// Text in quotes for Rust.
pub(super) fn rust(text: &str) -> String {
    quoted(text, |out, c| {
        let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
    })
}

/// Bytes as `b"…"`, which Python and Rust read alike.
pub(super) fn bytes(bytes: &[u8]) -> String {
    let mut out = String::from("b\"");
    for &byte in bytes {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b' '..=b'~' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
    }
    out.push('"');
    out
}

fn quoted(text: &str, escape: impl Fn(&mut String, char)) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || is_special(c) => escape(&mut out, c),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_string_early() {
        let text = "a\"\\\n\u{2028}\u{202e}\u{1f600}\0";
        assert_eq!(javascript(text), "\"a\\\"\\\\\\n\\u2028\\u202e\u{1f600}\\u0000\"");
        assert_eq!(python(text), "\"a\\\"\\\\\\n\\u2028\\u202e\u{1f600}\\u0000\"");
        assert_eq!(rust(text), "\"a\\\"\\\\\\n\\u{2028}\\u{202e}\u{1f600}\\u{0}\"");
        assert_eq!(bytes(b"a\"\\\n\xff\0"), "b\"a\\\"\\\\\\n\\xff\\x00\"");
    }
}
