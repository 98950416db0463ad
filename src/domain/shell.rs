//! Words and pipes for a POSIX shell that stand for exact bytes, and can do nothing else.
//!
//! Written for what bash, dash, zsh and busybox have in common. What ends up on a clipboard is pasted
//! into terminals: so no control character, no line break, and nothing that hides or reorders text
//! (bidi, zero-width) stands in it as itself, and `'…'` is the only quotation, in which nothing is
//! special. Such bytes are written as octal escapes for `printf %b`, or the whole as base64.

use std::fmt::Write as _;

use data_encoding::BASE64;

/// The longest word in bytes: Linux takes no argument beyond 128 KiB (`MAX_ARG_STRLEN`). A pipe has no
/// such limit, as `printf` is part of the shell.
const LONGEST_WORD: usize = 100_000;

/// The most single quotation marks that are quoted one by one. bash takes time by the square of them:
/// minutes for a hostile megabyte.
const MOST_QUOTES: usize = 256;

/// Bytes as one word. They must not hold a NUL (no argument can) nor end in a line feed (`$(…)` takes
/// it off); captured methods, targets and header lines do neither.
#[must_use]
pub fn word(bytes: &[u8]) -> String {
    match quotable(bytes) {
        Some(text) if is_bare(text) => text.to_owned(),
        Some(text) => quote(text),
        // Older versions of bash replace `!` by history between the outer quotation marks.
        None => format!("\"$(printf %b '{}')\"", escape(bytes).replace('!', r"\0041")),
    }
}

/// A command that prints exactly these bytes, to stand before a `|`.
#[must_use]
pub fn print(bytes: &[u8]) -> String {
    if let Some(text) = quotable(bytes) {
        return format!("printf %s {}", quote(text));
    }
    let escaped = escape(bytes);
    let readable = !bytes.contains(&0) && std::str::from_utf8(bytes).is_ok();
    if readable && escaped.len() <= bytes.len() / 2 * 3 + 64 {
        format!("printf %b '{escaped}'")
    } else {
        format!("printf %s '{}' | base64 -d", BASE64.encode(bytes))
    }
}

/// Bytes as an argument that stands there as it is, quoted; `None` when they are no plain text or too
/// long for one.
#[must_use]
pub fn argument(bytes: &[u8]) -> Option<String> {
    quotable(bytes).filter(|text| text.len() <= LONGEST_WORD).map(quote)
}

/// The text of bytes that may stand between quotation marks as they are.
fn quotable(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes)
        .ok()
        .filter(|text| text.chars().all(is_plain) && text.matches('\'').count() <= MOST_QUOTES)
}

/// Text between single quotation marks. One within the text ends the quotation, stands escaped, and
/// begins it again.
fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Whether a character looks like itself and nothing else on every screen.
fn is_plain(c: char) -> bool {
    !(c.is_control()
        || matches!(c,
            '\u{a0}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202f}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'))
}

/// Whether a word needs no quotation marks in any shell.
fn is_bare(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('-')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_./:-".contains(&b))
}

/// Bytes for `printf %b` between single quotation marks.
fn escape(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' => out.push_str(r"\\"),
                '\n' => out.push_str(r"\n"),
                '\r' => out.push_str(r"\r"),
                '\t' => out.push_str(r"\t"),
                c if is_plain(c) && c != '\'' => out.push(c),
                c => octal(&mut out, c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        octal(&mut out, chunk.invalid());
    }
    out
}

fn octal(out: &mut String, bytes: &[u8]) {
    for byte in bytes {
        // Four digits, so that a digit after it does not become part of it. Memory takes everything.
        let _ = write!(out, r"\0{byte:03o}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_inert() {
        for (bytes, expected) in [
            (&b"POST"[..], "POST"),
            (b"http://h:1/a", "http://h:1/a"),
            (b"", "''"),
            (b"-K", "'-K'"),
            (b"~root", "'~root'"),
            (b"a b", "'a b'"),
            (b"$(id)`id`\"!!", "'$(id)`id`\"!!'"),
            (b"it's", r"'it'\''s'"),
            ("caf\u{e9} \u{1f600}".as_bytes(), "'caf\u{e9} \u{1f600}'"),
            (b"caf\xe9'1", "\"$(printf %b 'caf\\0351\\00471')\""),
            (b"\xe9!1", "\"$(printf %b '\\0351\\00411')\""),
            ("a\u{202e}b".as_bytes(), "\"$(printf %b 'a\\0342\\0200\\0256b')\""),
            (b"a\\\tb\x1b", "\"$(printf %b 'a\\\\\\tb\\0033')\""),
        ] {
            assert_eq!(word(bytes), expected);
        }
    }

    #[test]
    fn pipes_are_readable_where_they_can_be() {
        for (bytes, expected) in [
            (&b"@/etc/passwd"[..], "printf %s '@/etc/passwd'"),
            (b"{\n \"a\": 1%\n}\n", "printf %b '{\\n \"a\": 1%\\n}\\n'"),
            (b"a\0b", "printf %s 'YQBi' | base64 -d"),
            (b"\xff\xfe", "printf %s '//4=' | base64 -d"),
        ] {
            assert_eq!(print(bytes), expected);
        }
    }

    #[test]
    fn arguments_stand_as_they_are_or_not_at_all() {
        for (bytes, expected) in [
            (&b""[..], Some("''".to_owned())),
            (b"-a'@", Some(r"'-a'\''@'".to_owned())),
            (b"a\n", None),
            (b"\xff", None),
            (&[b'a'; LONGEST_WORD + 1], None),
            (&[b'\''; MOST_QUOTES + 1], None),
        ] {
            assert_eq!(argument(bytes), expected);
        }
    }

    #[test]
    fn nothing_but_plain_text_comes_out() {
        let all: Vec<u8> = (1..=255).collect();
        for text in [word(&all), print(&all), print(b"\x1b[201~\nid\r")] {
            assert!(text.chars().all(is_plain), "{text:?}");
        }
    }
}
