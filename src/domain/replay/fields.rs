//! The header lines of a capture, and which of them belong to one connection only.

use std::collections::HashSet;

use crate::domain::headers::{Fields, Head};

/// Fields that mean something between two neighbours only, whether `Connection` names them or not
/// (RFC 9110 section 7.6.1 and the older `Keep-Alive` and `Proxy-Connection`), and `Expect`, which
/// asks for an answer before the body.
const HOP_BY_HOP: [&str; 10] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authorization",
    "proxy-authenticate",
    "te",
    "trailer",
    "upgrade",
    "http2-settings",
    "expect",
];

/// One header line as it stood on the wire.
#[derive(Clone, Copy, Debug)]
pub(in crate::domain) struct Line<'a> {
    /// The whole line without its line end.
    pub(in crate::domain) raw: &'a [u8],
    /// The name as sent.
    pub(in crate::domain) name: &'a [u8],
    /// The value without the white space around it.
    pub(in crate::domain) value: &'a [u8],
}

impl Line<'_> {
    /// Whether this is the field of that name.
    pub(in crate::domain) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// Whether the line can stand in a head by itself: a name that is a token, and nothing that would
    /// end the line or the head early.
    pub(in crate::domain) fn is_sound(&self) -> bool {
        is_token(self.name) && !self.raw.iter().any(|b| matches!(b, b'\r' | b'\n' | 0))
    }
}

/// The header lines of a head in order.
pub(in crate::domain) fn lines(head: Head<'_>) -> impl Iterator<Item = Line<'_>> {
    head.raw()
        .split(|&b| b == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .skip_while(|line| line.is_empty())
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|raw| {
            let field = Fields::of_block(raw).next()?;
            Some(Line { raw, name: field.name, value: field.value })
        })
}

/// Whether bytes are a token: what methods and header names are made of (RFC 9110 section 5.6.2).
pub(in crate::domain) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|&b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// Whether a field always goes through, even where `Connection` names it: what describes the body,
/// and what says who may send it. Otherwise a sender could have its own content type or
/// authorization taken off on the way ("hop-by-hop abuse").
#[must_use]
pub fn is_end_to_end(name: &[u8]) -> bool {
    const ALWAYS: [&[u8]; 4] = [b"authorization", b"cookie", b"date", b"user-agent"];
    name.get(..8).is_some_and(|start| start.eq_ignore_ascii_case(b"content-"))
        || ALWAYS.iter().any(|always| name.eq_ignore_ascii_case(always))
}

/// The names of the fields that one head's next hop must not see.
pub(in crate::domain) struct Removed {
    named: HashSet<Vec<u8>>,
}

impl Removed {
    /// Reads the `Connection` fields of a head.
    pub(in crate::domain) fn of(head: Head<'_>) -> Self {
        let named = head
            .get_all("connection")
            .flat_map(|value| value.split(|&b| b == b','))
            .map(|option| option.trim_ascii().to_ascii_lowercase())
            .filter(|option| !option.is_empty() && !is_end_to_end(option) && option != b"host")
            .collect();
        Self { named }
    }

    /// Whether a field is removed.
    pub(in crate::domain) fn contains(&self, line: &Line<'_>) -> bool {
        HOP_BY_HOP.iter().any(|name| line.is(name))
            || (!self.named.is_empty() && self.named.contains(&line.name.to_ascii_lowercase()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole_and_end_with_the_head() {
        let head = Head::new(b"\r\nPOST / HTTP/1.1\r\nA:  1 \r\nb:2\nEmpty:\r\n\r\nBody: no\r\n");
        let got: Vec<_> = lines(head).map(|line| (line.raw, line.name, line.value)).collect();
        let expected: [(&[u8], &[u8], &[u8]); 3] =
            [(b"A:  1 ", b"A", b"1"), (b"b:2", b"b", b"2"), (b"Empty:", b"Empty", b"")];
        assert_eq!(got, expected);
    }

    #[test]
    fn lines_agree_with_the_fields_of_the_head() {
        for raw in [
            &b"GET / HTTP/1.1\r\nX: 1\r\nbroken\r\n y: 2\r\n\r\n"[..],
            b"GET / HTTP/1.1\nX: 1\n\nY: 2\n",
            b"GET / HTTP/1.1",
            b"",
        ] {
            let head = Head::new(raw);
            let fields: Vec<_> = head.fields().map(|f| (f.name, f.value)).collect();
            assert_eq!(lines(head).map(|l| (l.name, l.value)).collect::<Vec<_>>(), fields);
        }
    }

    #[test]
    fn an_unsound_line_is_found() {
        for (raw, sound) in [
            (&b"X-A: 1"[..], true),
            (b"X-A: caf\xe9\t1", true),
            (b"X-A : 1", false),
            (b" X-A: 1", false),
            (b"no colon", false),
            (b"X-A: 1\rX-B: 2", false),
            (b"X-A: a\0b", false),
            (b"X\xe9: 1", false),
        ] {
            let head = [b"GET / HTTP/1.1\r\n", raw, b"\r\n\r\n"].concat();
            let got = lines(Head::new(&head)).all(|line| line.is_sound());
            assert_eq!(got, sound, "{}", raw.escape_ascii());
        }
    }

    #[test]
    fn connection_removes_what_it_names_but_not_what_is_end_to_end() {
        let head = Head::new(
            b"POST / HTTP/1.1\r\nConnection: close, X-Private ,content-TYPE\r\nconnection: authorization, Host,,x-2\r\n\r\n",
        );
        let removed = Removed::of(head);
        for (name, expected) in [
            ("x-private", true),
            ("X-2", true),
            ("Close", true),
            ("Keep-Alive", true),
            ("TE", true),
            ("Content-Type", false),
            ("Authorization", false),
            ("Host", false),
            ("X-Other", false),
        ] {
            let line = Line { raw: b"", name: name.as_bytes(), value: b"" };
            assert_eq!(removed.contains(&line), expected, "{name}");
        }
    }
}
