//! Form bodies and queries.

use std::{borrow::Cow, cell::OnceCell};

use crate::domain::headers::Head;

/// The query of a request target, without its question mark.
pub(super) fn query(target: &[u8]) -> &[u8] {
    memchr::memchr(b'?', target).map_or(&[], |mark| {
        let query = &target[mark + 1..];
        memchr::memchr(b'#', query).map_or(query, |hash| &query[..hash])
    })
}

/// The first field with this name, decoded.
pub(super) fn field<'a>(form: &'a [u8], name: &str) -> Option<Cow<'a, str>> {
    form_urlencoded::parse(form).find(|(key, _)| key == name).map(|(_, value)| value)
}

/// Whether the body is a form by its content type, or empty.
pub(super) fn is_form(head: Head<'_>, body: &[u8]) -> bool {
    const FORM: &[u8] = b"application/x-www-form-urlencoded";
    body.is_empty()
        || head.get("content-type").is_some_and(|kind| {
            let kind = kind.split(|&b| b == b';').next().unwrap_or(kind);
            kind.trim_ascii().eq_ignore_ascii_case(FORM)
        })
}

/// The sorted fields of one body, made at most once: a scheme may try several URLs and secrets, and a
/// hostile body may have a million fields.
#[derive(Default)]
pub(super) struct Sorted {
    kept: OnceCell<String>,
    once: OnceCell<String>,
}

impl Sorted {
    /// See [`sorted`].
    pub(super) fn of(&self, form: &[u8], dedup: bool) -> &str {
        let cell = if dedup { &self.once } else { &self.kept };
        cell.get_or_init(|| sorted(form, dedup))
    }
}

/// All names and values one after the other, sorted by name. Twilio sorts the values of a name too
/// and counts the same value once; Mandrill keeps them as they are.
fn sorted(form: &[u8], dedup: bool) -> String {
    let mut pairs: Vec<_> = form_urlencoded::parse(form).collect();
    if dedup {
        pairs.sort_unstable();
        pairs.dedup();
    } else {
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
    }
    let mut text = String::with_capacity(form.len());
    for (name, value) in pairs {
        text.push_str(&name);
        text.push_str(&value);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_as_the_providers_do() {
        let form = b"b=2&a=z&a=y&a=z&c=+%2B";
        assert_eq!(sorted(form, true), "ayazb2c +");
        assert_eq!(sorted(form, false), "azayazb2c +");
    }

    #[test]
    fn a_query_ends_at_the_fragment() {
        for (target, expected) in [("/a?b=1#c", "b=1"), ("/a", ""), ("/a?b?c", "b?c")] {
            assert_eq!(query(target.as_bytes()), expected.as_bytes());
        }
    }

    #[test]
    fn a_form_is_known_by_its_type() {
        let head = Head::new(
            b"POST / HTTP/1.1\r\ncontent-type: Application/X-WWW-form-urlencoded ; charset=x\r\n\r\n",
        );
        assert!(is_form(head, b"a=b"));
        assert!(is_form(Head::new(b"GET / HTTP/1.1\r\n\r\n"), b""));
        assert!(!is_form(Head::new(b"GET / HTTP/1.1\r\n\r\n"), b"a=b"));
    }
}
