//! The head of a request as it stood on the wire, read without copying.
//!
//! hyper's header map lower-cases names and groups duplicates. A webhook inspector has to show and
//! resend what was sent, so the head is kept as bytes and these views walk it line by line.

use std::borrow::Cow;

/// One header field as sent: name and value with the optional white space around the value removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// The name with its case as sent.
    pub name: &'a [u8],
    /// The value without surrounding spaces and tabs (RFC 9110 section 5.5).
    pub value: &'a [u8],
}

/// The parts of a raw head: a request line and the header lines after it.
///
/// Works on any bytes: a line without a colon is a field with an empty name, so that a refused
/// request can be shown as well.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    raw: &'a [u8],
}

impl<'a> Head<'a> {
    /// A view of a raw head, with or without its closing empty line.
    #[must_use]
    pub const fn new(raw: &'a [u8]) -> Self {
        Self { raw }
    }

    /// The bytes themselves.
    #[must_use]
    pub const fn raw(self) -> &'a [u8] {
        self.raw
    }

    /// The first line without its line end. Empty lines before it are skipped (RFC 9112 section 2.2).
    #[must_use]
    pub fn request_line(self) -> &'a [u8] {
        next_line(skip_blank(self.raw)).0
    }

    /// The method: what stands before the first space of the request line.
    #[must_use]
    pub fn method(self) -> &'a [u8] {
        let line = self.request_line();
        line.split(|&b| b == b' ').next().unwrap_or(line)
    }

    /// The request target as sent: what stands between the first and the last space of the request
    /// line, or after the first one when there is no version (HTTP/0.9).
    #[must_use]
    pub fn target(self) -> &'a [u8] {
        let line = self.request_line();
        let Some(first) = memchr::memchr(b' ', line) else {
            return b"";
        };
        let rest = &line[first + 1..];
        match memchr::memrchr(b' ', rest) {
            Some(last) if rest[last + 1..].starts_with(b"HTTP/") => &rest[..last],
            _ => rest,
        }
    }

    /// The header fields in the order in which they were sent.
    #[must_use]
    pub fn fields(self) -> Fields<'a> {
        Fields { rest: next_line(skip_blank(self.raw)).1 }
    }

    /// The first value of a header, its name compared without regard to case.
    #[must_use]
    pub fn get(self, name: &str) -> Option<&'a [u8]> {
        self.get_all(name).next()
    }

    /// The value of a header; where it stands there several times, all of them with a comma and a blank
    /// between, as servers hand them on (RFC 9110 section 5.3).
    #[must_use]
    pub fn joined(self, name: &str) -> Option<Cow<'a, [u8]>> {
        let mut values = self.get_all(name);
        let first = values.next()?;
        let Some(second) = values.next() else { return Some(Cow::Borrowed(first)) };
        let mut whole = [first, second].join(&b", "[..]);
        for value in values {
            whole.extend_from_slice(b", ");
            whole.extend_from_slice(value);
        }
        Some(Cow::Owned(whole))
    }

    /// All values of a header in order, its name compared without regard to case.
    pub fn get_all(self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        let name = name.as_bytes();
        let mut rest = next_line(skip_blank(self.raw)).1;
        // Looked up often, so other lines are passed over without being taken apart.
        std::iter::from_fn(move || {
            while !matches!(rest, [] | [b'\n', ..] | [b'\r'] | [b'\r', b'\n', ..]) {
                let found =
                    rest.get(name.len()) == Some(&b':') && rest[..name.len()].eq_ignore_ascii_case(name);
                let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                let line = &rest[..end];
                rest = rest.get(end + 1..).unwrap_or_default();
                if found {
                    let value = &line[name.len() + 1..];
                    return Some(trim(value.strip_suffix(b"\r").unwrap_or(value)));
                }
            }
            None
        })
    }
}

/// Iterator over the fields of a head (or of trailers).
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    /// The fields of a block of header lines that has no request line, as trailers have.
    #[must_use]
    pub const fn of_block(raw: &'a [u8]) -> Self {
        Self { rest: raw }
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let (line, rest) = next_line(self.rest);
        if line.is_empty() {
            self.rest = b"";
            return None;
        }
        self.rest = rest;
        Some(match memchr::memchr(b':', line) {
            Some(colon) => Field { name: &line[..colon], value: trim(&line[colon + 1..]) },
            None => Field { name: b"", value: trim(line) },
        })
    }
}

fn skip_blank(mut bytes: &[u8]) -> &[u8] {
    while let [b'\r' | b'\n', rest @ ..] = bytes {
        bytes = rest;
    }
    bytes
}

/// Splits after the first line feed; the line loses it and one carriage return before it.
fn next_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let (line, rest) = match memchr::memchr(b'\n', bytes) {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &b""[..]),
    };
    (line.strip_suffix(b"\r").unwrap_or(line), rest)
}

pub(in crate::domain) fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = value {
        value = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIRE: &[u8] =
        b"POST /a b?x=1 HTTP/1.1\r\nHost: h\r\nX-Dup: 1\r\nx-dup:  2 \r\nEmpty:\r\nbroken line\r\n\r\n";

    #[test]
    fn request_line_parts_keep_every_byte() {
        let head = Head::new(WIRE);
        assert_eq!(head.method(), b"POST");
        assert_eq!(head.target(), b"/a b?x=1");
        assert_eq!(Head::new(b"GET /\r\n").target(), b"/");
        assert_eq!(Head::new(b"\r\n\r\nGET / HTTP/1.0\r\n\r\n").method(), b"GET");
        assert_eq!(Head::new(b"").target(), b"");
    }

    #[test]
    fn fields_keep_order_case_and_duplicates() {
        let names: Vec<_> = Head::new(WIRE).fields().map(|f| (f.name, f.value)).collect();
        let expected: [(&[u8], &[u8]); 5] =
            [(b"Host", b"h"), (b"X-Dup", b"1"), (b"x-dup", b"2"), (b"Empty", b""), (b"", b"broken line")];
        assert_eq!(names, expected);
    }

    #[test]
    fn names_compare_without_case() {
        let head = Head::new(WIRE);
        assert_eq!(head.get("X-DUP"), Some(&b"1"[..]));
        assert_eq!(head.get_all("x-dup").count(), 2);
        assert_eq!(head.joined("x-dup").as_deref(), Some(&b"1, 2"[..]));
        assert_eq!(head.joined("host").as_deref(), Some(&b"h"[..]));
        assert_eq!(head.get("nope"), None);
        assert_eq!(head.get("x-du"), None);
        assert_eq!(head.get("empty"), Some(&b""[..]));
        assert_eq!(Head::new(b"GET / HTTP/1.1\r\nA: 1\r\n\r\nB: 2\r\n").get("b"), None);
    }

    #[test]
    fn fields_end_at_the_empty_line() {
        assert_eq!(Head::new(b"GET / HTTP/1.1\r\nA: 1\r\n\r\nB: 2\r\n").fields().count(), 1);
        assert_eq!(Fields::of_block(b"A: 1\nB: 2\n").count(), 2);
    }
}
