//! JSON strings that are safe for a terminal.
//!
//! JSON itself asks for escapes of C0, the quote and the backslash alone (RFC 8259 section 7). Here
//! every character that acts on a terminal or cannot be seen is escaped as well; what a parser reads
//! back is the same.

use std::io::Write;

use data_encoding::BASE64;

use crate::domain::text::is_special;

/// Appends a string with its quotes.
pub(crate) fn push_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let (mut written, mut at) = (0, 0);
    while let Some(&byte) = bytes.get(at) {
        if matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\' {
            at += 1;
            continue;
        }
        let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else { break };
        let next = at + c.len_utf8();
        if byte.is_ascii() || is_special(c) {
            out.extend_from_slice(&bytes[written..at]);
            push_escape(out, c);
            written = next;
        }
        at = next;
    }
    out.extend_from_slice(&bytes[written..]);
    out.push(b'"');
}

/// Appends bytes: a string where they are UTF-8, else `{"base64":"…"}`.
pub(crate) fn push_text_or_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    match std::str::from_utf8(bytes) {
        Ok(text) => push_string(out, text),
        Err(_) => {
            out.extend_from_slice(b"{\"base64\":");
            push_base64(out, bytes);
            out.push(b'}');
        }
    }
}

/// Appends a body: its size in bytes, and `text` where it is UTF-8, else `base64`. `whole` is the size
/// it had before it was cut.
pub(crate) fn push_body(out: &mut Vec<u8>, body: &[u8], whole: Option<u64>) {
    push_display(out, format_args!("{{\"size\":{}", body.len()));
    match std::str::from_utf8(body) {
        Ok(text) => {
            out.extend_from_slice(b",\"text\":");
            push_string(out, text);
        }
        Err(_) => {
            out.extend_from_slice(b",\"base64\":");
            push_base64(out, body);
        }
    }
    if let Some(whole) = whole {
        push_display(out, format_args!(",\"cut_from\":{whole}"));
    }
    out.push(b'}');
}

/// Appends something whose text needs no escapes.
pub(crate) fn push_display(out: &mut Vec<u8>, what: impl std::fmt::Display) {
    // Writing to a vector cannot fail.
    let _ = write!(out, "{what}");
}

fn push_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    let from = out.len();
    out.resize(from + BASE64.encode_len(bytes.len()), 0);
    BASE64.encode_mut(bytes, &mut out[from..]);
    out.push(b'"');
}

fn push_escape(out: &mut Vec<u8>, c: char) {
    match c {
        '"' => out.extend_from_slice(b"\\\""),
        '\\' => out.extend_from_slice(b"\\\\"),
        '\n' => out.extend_from_slice(b"\\n"),
        '\r' => out.extend_from_slice(b"\\r"),
        '\t' => out.extend_from_slice(b"\\t"),
        _ => {
            for unit in c.encode_utf16(&mut [0; 2]) {
                push_display(out, format_args!("\\u{unit:04x}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = include_str!("../../../tests/fixtures/terminal_hostile.jsonl");

    fn string(text: &str) -> String {
        let mut out = Vec::new();
        push_string(&mut out, text);
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn what_cannot_be_seen_is_escaped() {
        for (text, expected) in [
            ("", r#""""#),
            ("plain é 界 👍", "\"plain é 界 👍\""),
            ("\"\\/\n\r\t\u{8}", r#""\"\\/\n\r\t\u0008""#),
            ("\u{1b}[0m\u{7f}\0", r#""\u001b[0m\u007f\u0000""#),
            ("\u{9b}\u{202e}\u{200b}\u{2028}\u{feff}", r#""\u009b\u202e\u200b\u2028\ufeff""#),
            ("\u{e0041}", r#""\udb40\udc41""#),
        ] {
            assert_eq!(string(text), expected);
        }
    }

    #[test]
    fn hostile_cases_are_safe_and_parse_back_equal() {
        for line in HOSTILE.lines() {
            let case: serde_json::Value = serde_json::from_str(line).expect("JSON");
            let bytes =
                BASE64.decode(case["bytes_b64"].as_str().expect("base64").as_bytes()).expect("base64");
            let mut out = Vec::new();
            push_text_or_base64(&mut out, &bytes);
            let shown = std::str::from_utf8(&out).expect("UTF-8");
            assert_eq!(shown.chars().find(|&c| is_special(c)), None, "{shown}");
            let back: serde_json::Value = serde_json::from_str(shown).expect("JSON");
            let back = match &back {
                serde_json::Value::String(text) => text.clone().into_bytes(),
                other => BASE64.decode(other["base64"].as_str().expect("base64").as_bytes()).expect("base64"),
            };
            assert_eq!(back, bytes);
        }
    }

    #[test]
    fn every_character_parses_back_equal() {
        let all: String = (0..=0x10_ffff).filter_map(char::from_u32).collect();
        let line = string(&all);
        assert_eq!(line.chars().find(|&c| is_special(c)), None);
        let back: String = serde_json::from_str(&line).expect("JSON");
        assert!(back == all);
    }
}
