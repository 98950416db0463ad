//! Contentful signs method, path, chosen headers and the body, one a line.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::domain::signature::{fault::Fault, request::Facts};

const LIST: &str = "x-contentful-signed-headers";
const TIME: &str = "x-contentful-timestamp";

/// What Node's `querystring.escape` leaves as it is.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');
/// What `encodeURI` leaves beside that.
const PATH: &AsciiSet = &QUERY
    .remove(b';')
    .remove(b',')
    .remove(b'/')
    .remove(b'?')
    .remove(b':')
    .remove(b'@')
    .remove(b'&')
    .remove(b'=')
    .remove(b'+')
    .remove(b'$')
    .remove(b'#');

/// The canonical request.
pub(super) fn make(facts: &Facts<'_, '_>) -> Result<Vec<u8>, Fault> {
    let head = facts.head;
    let text = |name: &str| {
        let value = head.get(name).ok_or_else(|| Fault::MissingHeader(name.into()))?;
        std::str::from_utf8(value).map(str::trim).map_err(|_| Fault::Malformed("a signed header is not text"))
    };
    let mut names: Vec<String> =
        text(LIST)?.split(',').map(|name| name.trim().to_ascii_lowercase()).collect();
    names.sort_unstable();
    names.dedup();
    for needed in [LIST, TIME] {
        if !names.iter().any(|name| name == needed) {
            return Err(Fault::Malformed("its timestamp is not among the signed headers"));
        }
    }
    let mut lines = Vec::with_capacity(names.len());
    for name in &names {
        let value = match facts.number {
            _ if name == LIST => names.join(","),
            Some((_, number)) if name == TIME => number.to_owned(),
            _ => text(name)?.to_owned(),
        };
        lines.push(format!("{name}:{value}"));
    }
    let target = String::from_utf8_lossy(head.target());
    let mut content = head.method().to_vec();
    content.push(b'\n');
    content.extend_from_slice(path(&target).as_bytes());
    content.push(b'\n');
    content.extend_from_slice(lines.join(";").as_bytes());
    content.push(b'\n');
    content.extend_from_slice(facts.body);
    Ok(content)
}

/// The path, and the query escaped twice.
fn path(target: &str) -> String {
    let mut parts = target.split('?');
    let path = parts.next().unwrap_or_default();
    let whole = match parts.next().filter(|query| !query.is_empty()) {
        Some(query) => format!("{path}?{}", utf8_percent_encode(query, QUERY)),
        None => path.to_owned(),
    };
    utf8_percent_encode(&whole, PATH).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_escaped_twice() {
        assert_eq!(path("/a b/%20?x=1&y=a/b"), "/a%20b/%2520?x%253D1%2526y%253Da%252Fb");
        assert_eq!(path("/a?"), "/a");
    }
}
