//! Plivo's third scheme signs the URL with its query sorted and decoded, then the form's fields sorted.

use crate::domain::signature::{form, request::Facts, url};

/// The URL and the parameters.
pub(super) fn make(facts: &Facts<'_, '_>, address: &str) -> Vec<u8> {
    let parts = url::Parts::of(address);
    let port = parts.port.map_or_else(String::new, |port| format!(":{port}"));
    let mut text = format!("{}://{}{port}{}", parts.scheme, parts.host, parts.path);
    let post = !facts.head.method().eq_ignore_ascii_case(b"GET") && form::is_form(facts.head, facts.body);
    let mut query: Vec<_> = form_urlencoded::parse(parts.query.unwrap_or_default().as_bytes()).collect();
    query.sort_unstable();
    let mut fields: Vec<_> = form_urlencoded::parse(if post { facts.body } else { b"" }).collect();
    fields.sort_unstable();
    if !query.is_empty() || !fields.is_empty() {
        text.push('?');
    }
    for (index, (name, value)) in query.iter().enumerate() {
        text.push_str(if index > 0 { "&" } else { "" });
        text.extend([name, "=", value]);
    }
    if !query.is_empty() && !fields.is_empty() {
        text.push('.');
    }
    for (name, value) in &fields {
        text.extend([&**name, &**value]);
    }
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::headers::Head;

    #[test]
    fn query_and_form_are_sorted_and_decoded() {
        for (request, url, body, expected) in [
            ("GET", "https://h/p?b=2&a=%20", "", "https://h/p?a= &b=2"),
            ("POST", "https://h:8/p", "b=2&a=1&a=0", "https://h:8/p?a0a1b2"),
            ("POST", "https://h/p?x=1", "b=2", "https://h/p?x=1.b2"),
            ("POST", "https://h/p", "", "https://h/p"),
        ] {
            let head =
                format!("{request} / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n");
            let facts = Facts::bare(Head::new(head.as_bytes()), body.as_bytes());
            assert_eq!(String::from_utf8(make(&facts, url)).unwrap(), expected);
        }
    }
}
