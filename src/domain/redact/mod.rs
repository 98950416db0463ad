//! What is taken out before a capture is given away, or while somebody looks at the screen.
//!
//! | part | what goes |
//! |---|---|
//! | headers, trailers | values of hidden names; URLs and known kinds of keys in other values |
//! | request target, URLs | values of the query, user names, segments that are keys |
//! | JSON | string and number tokens of hidden members; every other byte stays |
//! | form, multipart, text, XML | values of hidden names |
//! | binary bodies | stay in an export, which says so; the screen hides them whole |
//!
//! What goes is replaced by [`MARKER`]. `Content-Length` follows the new body, so that a redacted request
//! is a sound one. Its signature no longer fits, of course.

mod body;
mod json;
mod names;
mod record;
mod shapes;

use std::{borrow::Cow, collections::BTreeSet};

pub use self::{
    names::{Class, Place, class},
    record::{capture, is_request, record, renewed},
    shapes::MARKER,
};

/// What is hidden.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redaction {
    /// Secrets: what lets somebody in.
    secrets: bool,
    /// Signatures.
    signatures: bool,
    /// Personal fields.
    personal: bool,
    /// Bodies that cannot be looked into.
    binary: bool,
    /// The headers in which providers put their signatures, in lower case.
    signed: BTreeSet<String>,
    /// More names that are hidden, in lower case.
    names: BTreeSet<String>,
    /// Paths in JSON that are hidden, step by step; `*` is any step.
    paths: Vec<Vec<String>>,
}

impl Redaction {
    /// Hides nothing.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Hides secrets and signatures, for what leaves the program.
    #[must_use]
    pub fn secrets() -> Self {
        Self { secrets: true, signatures: true, ..Self::default() }
    }

    /// Hides personal fields and what cannot be looked into as well, for a screen that somebody watches.
    #[must_use]
    pub fn everything() -> Self {
        Self { personal: true, binary: true, ..Self::secrets() }
    }

    /// With signatures hidden or not.
    #[must_use]
    pub fn with_signatures(mut self, hidden: bool) -> Self {
        self.signatures = hidden;
        self
    }

    /// With the headers in which providers put signatures.
    #[must_use]
    pub fn with_signed<'n>(mut self, names: impl IntoIterator<Item = &'n str>) -> Self {
        self.signed.extend(names.into_iter().map(str::to_ascii_lowercase));
        self
    }

    /// With more names (`x-my-header`, a query key, a field) and paths (`json:/customer/email`).
    #[must_use]
    pub fn with(mut self, more: &[impl AsRef<str>]) -> Self {
        for text in more {
            let text = text.as_ref();
            match text.strip_prefix("json:/") {
                Some(path) => self.paths.push(path.split('/').map(step).collect()),
                None => {
                    self.names.insert(text.to_ascii_lowercase());
                }
            }
        }
        self
    }

    /// Whether anything is hidden at all.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.secrets
    }

    /// Whether a field of this name is hidden.
    #[must_use]
    pub fn hides(&self, name: &str, place: Place) -> bool {
        if !self.is_on() {
            return false;
        }
        let lower = name.trim().to_ascii_lowercase();
        if self.names.contains(&lower) {
            return true;
        }
        // What a provider signs with may be a token, and the word for it says so.
        match class(name, place) {
            Some(Class::Secret) => true,
            Some(Class::Signature) => self.signatures,
            Some(Class::Personal) => {
                self.personal || (place == Place::Header && self.signatures && self.signed.contains(&lower))
            }
            None => place == Place::Header && self.signatures && self.signed.contains(&lower),
        }
    }

    /// Whether a value beside such a name is hidden: `{"name": "Authorization", "value": …}`.
    fn hides_pair(&self, name: &str) -> bool {
        name.len() <= 64 && (self.hides(name, Place::Header) || self.hides(name, Place::Body))
    }

    /// A URL or a request target without what is hidden.
    #[must_use]
    pub fn url<'t>(&self, text: &'t [u8]) -> Cow<'t, [u8]> {
        shapes::url(text, self)
    }

    /// A sentence without the secrets that are known by their looks or stand in URLs.
    #[must_use]
    pub fn sentence(&self, text: &str) -> String {
        if !self.is_on() {
            return text.to_owned();
        }
        String::from_utf8_lossy(&shapes::text(text.as_bytes(), self)).into_owned()
    }

    /// The value of a header without what is hidden.
    #[must_use]
    pub fn header<'v>(&self, name: &[u8], value: &'v [u8]) -> Cow<'v, [u8]> {
        if !self.is_on() || value.is_empty() {
            return value.into();
        }
        // A line without a name or the continuation of another: nobody can say what it is.
        let odd = name.is_empty() || name.first().is_some_and(u8::is_ascii_whitespace);
        if odd || self.hides(&String::from_utf8_lossy(name), Place::Header) {
            return shapes::marker_for(value).into();
        }
        if value.starts_with(b"/") {
            return shapes::url(value, self);
        }
        match self.json_text(value) {
            Some(new) => new.into(),
            None => shapes::text(value, self),
        }
    }

    /// A body without what is hidden.
    #[must_use]
    pub fn body<'b>(&self, content_type: Option<&[u8]>, body: &'b [u8]) -> Cow<'b, [u8]> {
        if self.is_on() { body::redact(content_type, body, self) } else { body.into() }
    }

    /// Whether a body is one that cannot be looked into.
    #[must_use]
    pub fn is_blind(body: &[u8]) -> bool {
        body::is_binary(body)
    }

    /// A text that is JSON, where anything in it changes.
    fn json_text(&self, text: &[u8]) -> Option<Vec<u8>> {
        self.json_text_at(text, 0)
    }

    fn json_text_at(&self, text: &[u8], depth: usize) -> Option<Vec<u8>> {
        let may = matches!(text.first(), Some(b'{' | b'[')) && text.len() > 6;
        may.then(|| json::redact(text, self, depth)).flatten()
    }
}

/// A step of a JSON pointer (RFC 6901).
fn step(text: &str) -> String {
    text.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_decide_about_signatures_and_more_names() {
        let rules = Redaction::secrets().with_signed(["X-Odd"]).with(&["X-My-Header", "json:/a"]);
        for (name, hidden) in
            [("x-odd", true), ("x-my-header", true), ("X-Sig", true), ("X-Token", true), ("X-Other", false)]
        {
            assert_eq!(rules.hides(name, Place::Header), hidden, "{name}");
        }
        let rules = rules.with_signatures(false);
        for (name, hidden) in [("x-odd", false), ("X-My-Header", true), ("X-Sig", false), ("X-Token", true)] {
            assert_eq!(rules.hides(name, Place::Header), hidden, "{name}");
        }
        assert!(!Redaction::none().hides("password", Place::Body));
    }

    #[test]
    fn values_of_headers_keep_their_kind() {
        let rules = Redaction::secrets();
        for (name, value, expected) in [
            ("Authorization", "Bearer abc", "Bearer [redacted]"),
            ("Cookie", "a=b; c=d", "[redacted]"),
            ("Referer", "https://h/?token=a", "https://h/?token=[redacted]"),
            ("X-Original-URI", "/a?token=a", "/a?token=[redacted]"),
            ("", "Authorization Bearer x", "[redacted]"),
            (" folded", "x", "[redacted]"),
            ("X-Payload", "{\"token\":\"abc\"}", "{\"token\":\"[redacted]\"}"),
            ("X-Empty-Token", "", ""),
            ("Accept", "*/*", "*/*"),
        ] {
            assert_eq!(rules.header(name.as_bytes(), value.as_bytes()), expected.as_bytes(), "{name}");
        }
    }
}
