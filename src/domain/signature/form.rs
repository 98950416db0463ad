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

/// All fields, decoded, in order.
pub(super) fn fields(form: &[u8]) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    form_urlencoded::parse(form)
}

/// A field of a `multipart/form-data` body, as it stands: field names are looked for as browsers and
/// webhook senders write them.
pub(super) fn multipart<'a>(head: Head<'_>, body: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let kind = std::str::from_utf8(head.get("content-type")?).ok()?;
    let start = kind.get(..19).filter(|start| start.eq_ignore_ascii_case("multipart/form-data"));
    let params = kind.get(start?.len()..)?.split(';').filter_map(|param| param.trim().split_once('='));
    let boundary = params.into_iter().find(|(key, _)| key.eq_ignore_ascii_case("boundary"))?.1;
    let mark = format!("--{}", boundary.trim_matches('"'));
    let quoted = format!("name=\"{name}\"");
    let finder = memchr::memmem::Finder::new(mark.as_bytes());
    let mut rest = &body[finder.find(body)? + mark.len()..];
    while let Some(part) = rest.strip_prefix(b"\r\n") {
        let end = finder.find(part)?;
        let (part, next) = (part[..end].strip_suffix(b"\r\n")?, &part[end + mark.len()..]);
        let blank = memchr::memmem::find(part, b"\r\n\r\n")?;
        let fields = String::from_utf8_lossy(&part[..blank]);
        let named = fields.lines().any(|line| {
            let disposition = line.get(..20).is_some_and(|s| s.eq_ignore_ascii_case("content-disposition:"));
            disposition && line.split(';').any(|param| param.trim() == quoted)
        });
        if named {
            return Some(&part[blank + 4..]);
        }
        rest = next;
    }
    None
}

/// A text with everything escaped that a form escapes, and blanks as `%20`.
pub(super) fn percent_encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
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
    fn multipart_fields_are_found() {
        let head = Head::new(b"POST / HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=\"B\"\r\n\r\n");
        let body = b"--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
                     --B\r\ncontent-disposition: form-data; name=\"json\"; filename=\"f\"\r\nX: y\r\n\r\n{}\r\n--B--\r\n";
        assert_eq!(multipart(head, body, "json"), Some(&b"{}"[..]));
        assert_eq!(multipart(head, body, "a"), Some(&b"1"[..]));
        assert_eq!(multipart(head, body, "b"), None);
        assert_eq!(multipart(head, &body[..30], "a"), None);
        assert_eq!(multipart(Head::new(b""), body, "a"), None);
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
