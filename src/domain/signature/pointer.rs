//! Finds one value in a JSON text without building a tree.
//!
//! Requests are looked at while they arrive, so this reads no further than it has to, allocates
//! nothing and uses no recursion: nesting, however deep, costs a counter. It does not validate. Of
//! members with the same name the first counts, always.

use std::borrow::Cow;

use memchr::memchr2;

/// A compiled JSON pointer (RFC 6901).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pointer {
    segments: Box<[Box<str>]>,
}

impl Pointer {
    /// Reads `/a/0/b`; `None` when it does not begin with a slash.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix('/')?;
        let segments = rest.split('/').map(|part| part.replace("~1", "/").replace("~0", "~").into());
        Some(Self { segments: segments.collect() })
    }

    /// The pointer to an element of the array that this one points to.
    pub(super) fn at(&self, index: usize) -> Self {
        let segments = self.segments.iter().cloned().chain([index.to_string().into()]);
        Self { segments: segments.collect() }
    }

    /// The pointer to what another one points to within what this one points to.
    pub(super) fn join(&self, inner: &Self) -> Self {
        Self { segments: self.segments.iter().chain(&inner.segments).cloned().collect() }
    }

    /// The pointer to what holds this one, and the name there; `None` at the top.
    pub(super) fn parent(&self) -> Option<(Self, &str)> {
        let (last, rest) = self.segments.split_last()?;
        Some((Self { segments: rest.into() }, last))
    }

    /// The raw text of the value it points to: a string with its quotes and escapes.
    pub(super) fn find<'a>(&self, json: &'a [u8]) -> Option<&'a [u8]> {
        let mut scan = Scan { json, at: 0 };
        for segment in &self.segments {
            scan.space();
            match scan.peek()? {
                b'{' => scan.member(segment)?,
                b'[' => scan.element(segment.parse().ok()?)?,
                _ => return None,
            }
        }
        scan.space();
        let value = scan.value()?;
        // A bare number or word that ends where the text ends may have been cut.
        (scan.at < json.len()).then_some(value)
    }
}

/// The name of the first member of a JSON object that is not among `except`.
pub(super) fn first_member<'a>(json: &'a [u8], except: &[Box<str>]) -> Option<Cow<'a, str>> {
    let mut scan = Scan { json, at: 0 };
    scan.space();
    scan.expect(b'{')?;
    loop {
        scan.space();
        let name = text(scan.string()?)?;
        if !except.iter().any(|other| **other == *name) {
            return Some(name);
        }
        scan.space();
        scan.expect(b':')?;
        scan.space();
        scan.value()?;
        scan.space();
        scan.expect(b',')?;
    }
}

/// A scalar as text: a string without quotes and escapes, a number or word as it is written. `None`
/// for objects, arrays, `null` and broken strings.
pub(super) fn text(raw: &[u8]) -> Option<Cow<'_, str>> {
    match raw.first()? {
        b'{' | b'[' => None,
        b'"' => {
            let inner = raw.get(1..raw.len().checked_sub(1)?)?;
            if memchr::memchr(b'\\', inner).is_none() {
                return std::str::from_utf8(inner).ok().map(Cow::Borrowed);
            }
            serde_json::from_slice::<String>(raw).ok().map(Cow::Owned)
        }
        _ if raw == b"null" => None,
        _ => std::str::from_utf8(raw).ok().map(Cow::Borrowed),
    }
}

struct Scan<'a> {
    json: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    fn peek(&self) -> Option<u8> {
        self.json.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// Goes to the value of the first member with this name.
    fn member(&mut self, name: &str) -> Option<()> {
        self.expect(b'{')?;
        loop {
            self.space();
            let key = self.string()?;
            self.space();
            self.expect(b':')?;
            self.space();
            let inner = &key[1..key.len() - 1];
            let same = inner == name.as_bytes()
                || (memchr::memchr(b'\\', inner).is_some() && text(key).is_some_and(|key| key == name));
            if same {
                return Some(());
            }
            self.value()?;
            self.space();
            self.expect(b',')?;
        }
    }

    /// Goes to the element of an array with this index.
    fn element(&mut self, index: usize) -> Option<()> {
        self.expect(b'[')?;
        self.space();
        for _ in 0..index {
            self.value()?;
            self.space();
            self.expect(b',')?;
            self.space();
        }
        (self.peek()? != b']').then_some(())
    }

    /// A string with its quotes.
    fn string(&mut self) -> Option<&'a [u8]> {
        let start = self.at;
        self.expect(b'"')?;
        loop {
            let found = memchr2(b'"', b'\\', &self.json[self.at..])?;
            self.at += found + 1;
            if self.json[self.at - 1] == b'"' {
                return Some(&self.json[start..self.at]);
            }
            self.at += 1;
            if self.at > self.json.len() {
                return None;
            }
        }
    }

    /// Any value, whole; objects and arrays by counting brackets.
    fn value(&mut self) -> Option<&'a [u8]> {
        let start = self.at;
        let mut depth = 0_usize;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.string()?;
                }
                Some(b'{' | b'[') => {
                    depth += 1;
                    self.at += 1;
                }
                Some(b'}' | b']') if depth > 0 => {
                    depth -= 1;
                    self.at += 1;
                }
                Some(b'}' | b']' | b',' | b' ' | b'\t' | b'\r' | b'\n') if depth == 0 => {}
                Some(_) => {
                    self.at += 1;
                    if depth == 0 {
                        continue;
                    }
                }
                None if depth == 0 && self.at > start => {}
                None => return None,
            }
            if depth == 0 {
                return (self.at > start).then(|| &self.json[start..self.at]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(json: &str, pointer: &str) -> Option<String> {
        let raw = Pointer::parse(pointer).unwrap().find(json.as_bytes())?;
        text(raw).map(Cow::into_owned)
    }

    #[test]
    fn finds_values_at_any_depth() {
        let json = r#" { "a" : "x\"y", "b":[1, {"c":[true,null,-1.50e3]} ], "a":"second","e/f":"s","g~h":{}, "i\u006a":"esc" } "#;
        for (pointer, expected) in [
            ("/a", Some("x\"y")),
            ("/b/0", Some("1")),
            ("/b/1/c/0", Some("true")),
            ("/b/1/c/1", None),
            ("/b/1/c/2", Some("-1.50e3")),
            ("/b/1/c/3", None),
            ("/b/x", None),
            ("/e~1f", Some("s")),
            ("/g~0h", None),
            ("/ij", Some("esc")),
            ("/nope", None),
            ("/a/b", None),
        ] {
            assert_eq!(find(json, pointer).as_deref(), expected, "{pointer}");
        }
    }

    #[test]
    fn a_cut_text_never_gives_a_cut_value() {
        for json in [
            r#"{"a":12"#,
            r#"{"a":"x"#,
            r#"{"a":"x\"#,
            r#"{"a":tru"#,
            r#"{"a""#,
            "{",
            "",
            "[",
            r#"{"a":{"b""#,
        ] {
            assert_eq!(find(json, "/a"), None, "{json}");
            assert_eq!(find(json, "/a/b"), None, "{json}");
        }
    }

    #[test]
    fn deep_nesting_costs_no_stack() {
        let json = format!("{{\"x\":{}{},\"a\":\"ok\"}}", "[".repeat(200_000), "]".repeat(200_000));
        assert_eq!(find(&json, "/a").as_deref(), Some("ok"));
    }

    #[test]
    fn first_members_are_named() {
        let except: Vec<Box<str>> = vec!["update_id".into()];
        assert_eq!(first_member(br#"{"update_id":1,"message":{}}"#, &except).as_deref(), Some("message"));
        assert_eq!(first_member(br#"{"update_id":1}"#, &except), None);
        assert_eq!(first_member(b"[]", &except), None);
    }
}
