//! A request that is being made: what a sender fills in before and after it signs.

use crate::domain::signature::{form, pointer::Pointer};

/// A request that is being made. Names and values are the caller's own: they are written as they
/// stand, so they must hold no line end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// The method.
    pub method: String,
    /// The whole URL, as the sender has it configured.
    pub url: String,
    /// Header names and values in order, without `Host` and `Content-Length`.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Draft {
    /// The head of the request with `Host` and the closing empty line, as it would stand on the wire.
    /// `Content-Length` is left to who sends it.
    #[must_use]
    pub fn head(&self) -> Vec<u8> {
        let (host, target) = split(&self.url);
        let mut head = format!("{} {target} HTTP/1.1\r\nHost: {host}\r\n", self.method);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.as_str())
    }

    /// Gives a header a value, in the place of the one it has.
    pub fn set_header(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        match self.headers.iter_mut().find(|(other, _)| other.eq_ignore_ascii_case(name)) {
            Some((_, old)) => *old = value,
            None => self.headers.push((name.to_owned(), value)),
        }
    }

    /// Gives a header a value if it has none.
    pub fn add_header(&mut self, name: &str, value: impl Into<String>) {
        if self.header(name).is_none() {
            self.headers.push((name.to_owned(), value.into()));
        }
    }

    /// Gives a query parameter a value, in the place of the one it has.
    pub(super) fn set_query(&mut self, name: &str, value: &str) {
        let plain = self.url.split('#').next().unwrap_or_default();
        let (path, query) = plain.split_once('?').unwrap_or((plain, ""));
        let query = with_field(query.as_bytes(), name, value);
        self.url = format!("{path}?{}", String::from_utf8_lossy(&query));
    }

    /// Gives a field of a form body a value, in the place of the one it has.
    pub(super) fn set_form(&mut self, name: &str, value: &str) {
        self.body = with_field(&self.body, name, value);
    }

    /// Gives a scalar of the JSON text in a form field another value; false where there is none.
    pub(super) fn set_form_json(&mut self, name: &str, pointer: &Pointer, value: &str) -> bool {
        let Some(field) = form::field(&self.body, name) else { return false };
        let mut inner = Self { body: field.into_owned().into_bytes(), ..Self::default() };
        let found = inner.set_json(pointer, value);
        if found {
            self.set_form(name, &String::from_utf8_lossy(&inner.body));
        }
        found
    }

    /// Gives a scalar of a JSON body another value and leaves every other byte alone; false where the
    /// body has no such member. A number stays a number.
    pub(super) fn set_json(&mut self, pointer: &Pointer, value: &str) -> bool {
        let Some(raw) = pointer.find(&self.body) else { return false };
        let number = !raw.starts_with(b"\"") && value.bytes().all(|b| b.is_ascii_digit());
        let text = if number { value.to_owned() } else { serde_json::Value::from(value).to_string() };
        // The found text is a part of the body, so this is its place in it.
        let start = raw.as_ptr() as usize - self.body.as_ptr() as usize;
        let end = start + raw.len();
        self.body.splice(start..end, text.into_bytes());
        true
    }
}

impl Draft {
    /// Gives a member of a JSON body a text, and adds it and the objects around it where they are
    /// missing; false where something else than an object is in its place.
    pub(super) fn put_json(&mut self, pointer: &Pointer, value: &str) -> bool {
        self.set_json(pointer, value) || self.add_json(pointer, &serde_json::Value::from(value).to_string())
    }

    fn add_json(&mut self, pointer: &Pointer, raw: &str) -> bool {
        let Some((parent, name)) = pointer.parent() else { return false };
        let member = format!("{}:{raw}", serde_json::Value::from(name));
        let whole = self.body.trim_ascii();
        let object = if parent.parent().is_some() { parent.find(&self.body) } else { Some(whole) };
        let Some(object) = object else {
            return self.add_json(&parent, &format!("{{{member}}}"));
        };
        if object.first() != Some(&b'{') {
            return false;
        }
        let empty = object[1..].trim_ascii_start().first() == Some(&b'}');
        let start = object.as_ptr() as usize - self.body.as_ptr() as usize + 1;
        let member = if empty { member } else { format!("{member},") };
        self.body.splice(start..start, member.into_bytes());
        true
    }
}

/// Host and request target of a URL.
fn split(url: &str) -> (&str, String) {
    let plain = url.split('#').next().unwrap_or_default();
    let rest = plain.split_once("://").map_or(plain, |(_, rest)| rest);
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    (host, if target.starts_with('/') { target.to_owned() } else { format!("/{target}") })
}

/// A form with one field changed or added; the others keep their writing.
fn with_field(form: &[u8], name: &str, value: &str) -> Vec<u8> {
    let field = form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
    let mut parts: Vec<&[u8]> = form.split(|&b| b == b'&').filter(|part| !part.is_empty()).collect();
    match parts.iter_mut().find(|part| form::field(part, name).is_some()) {
        Some(part) => *part = field.as_bytes(),
        None => parts.push(field.as_bytes()),
    }
    parts.join(&b'&')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_is_that_of_the_url() {
        for (url, expected) in [
            ("https://u:p@h.test:1/a?b#c", "POST /a?b HTTP/1.1\r\nHost: h.test:1\r\nA: 1\r\n\r\n"),
            ("http://h", "POST / HTTP/1.1\r\nHost: h\r\nA: 1\r\n\r\n"),
            ("http://h?b", "POST /?b HTTP/1.1\r\nHost: h\r\nA: 1\r\n\r\n"),
        ] {
            let draft = Draft {
                method: "POST".into(),
                url: url.into(),
                headers: vec![("A".into(), "1".into())],
                body: Vec::new(),
            };
            assert_eq!(String::from_utf8(draft.head()).unwrap(), expected);
        }
    }

    #[test]
    fn fields_change_alone() {
        let body = br#"{ "a" : {"t": 17, "s":"x" } ,"n":1.10}"#;
        let mut draft =
            Draft { body: body.to_vec(), url: "http://h/?x=%7e&y=2#z".into(), ..Draft::default() };
        assert!(draft.set_json(&Pointer::parse("/a/t").unwrap(), "42"));
        assert!(draft.set_json(&Pointer::parse("/a/s").unwrap(), "4\"2"));
        assert!(!draft.set_json(&Pointer::parse("/b").unwrap(), "42"));
        assert_eq!(draft.body, br#"{ "a" : {"t": 42, "s":"4\"2" } ,"n":1.10}"#);
        draft.body = br#"{"a":{},"n":1}"#.to_vec();
        assert!(draft.put_json(&Pointer::parse("/a/b/c").unwrap(), "x"));
        assert!(draft.put_json(&Pointer::parse("/d").unwrap(), "y"));
        assert!(!draft.put_json(&Pointer::parse("/n/e").unwrap(), "z"));
        assert_eq!(draft.body, br#"{"d":"y","a":{"b":{"c":"x"}},"n":1}"#);
        draft.set_query("y", "a b");
        draft.set_query("z", "3");
        assert_eq!(draft.url, "http://h/?x=%7e&y=a+b&z=3");
        draft.body = b"a=%7e&sig=&b=2".to_vec();
        draft.set_form("sig", "x|y");
        assert_eq!(draft.body, b"a=%7e&sig=x%7Cy&b=2");
        draft.set_header("content-type", "a/b");
        draft.set_header("Content-Type", "c/d");
        draft.add_header("CONTENT-TYPE", "e/f");
        assert_eq!(draft.headers, [("content-type".into(), "c/d".into())]);
    }
}
