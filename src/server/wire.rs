//! What the connection knows of a request: its raw head, matched with what hyper parsed.

use std::{net::SocketAddr, sync::Arc};

use http::{HeaderMap, Request, Version, header, request::Parts};

use crate::{
    domain::{capture::HttpVersion, headers::Head},
    server::{registry::Gauge, tap::Tap},
};

/// What the connection hands to a request as an extension.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    pub(crate) remote: SocketAddr,
    /// The head as sent; `None` where it has to be rebuilt.
    pub(crate) head: Option<Vec<u8>>,
    /// Whether the connection must be closed after the answer.
    pub(crate) ambiguous: bool,
    /// The number of the request on its connection.
    pub(crate) number: u64,
    pub(crate) tap: Option<Arc<Tap>>,
    pub(crate) gauge: Arc<Gauge>,
}

impl Wire {
    /// For a request that came from no connection, as in a test.
    pub(crate) fn none() -> Self {
        Self {
            remote: ([0, 0, 0, 0], 0).into(),
            head: None,
            ambiguous: false,
            number: 0,
            tap: None,
            gauge: Arc::new(Gauge::detached()),
        }
    }

    /// For a request that hyper has parsed: takes its raw head from the tap and makes sure that it is
    /// the same request.
    pub(crate) fn pair<B>(
        request: &Request<B>,
        remote: SocketAddr,
        tap: &Arc<Tap>,
        gauge: &Arc<Gauge>,
    ) -> Self {
        let mut wire = Self {
            remote,
            head: None,
            ambiguous: false,
            number: 0,
            tap: Some(Arc::clone(tap)),
            gauge: Arc::clone(gauge),
        };
        if request.version() == Version::HTTP_2 {
            tap.give_up();
            return wire;
        }
        match tap.pair() {
            Some((number, head)) if is_of(Head::new(&head.bytes), request) => {
                wire.number = number;
                wire.ambiguous = head.ambiguous;
                wire.head = Some(head.bytes);
            }
            // Out of step: what the tap says of this connection from now on is not to be believed.
            _ => {
                wire.ambiguous = true;
                tap.give_up();
            }
        }
        wire
    }
}

/// Whether a raw head is that of a request.
fn is_of<B>(head: Head<'_>, request: &Request<B>) -> bool {
    let line = head.request_line();
    let version: &[u8] = if request.version() == Version::HTTP_10 { b" HTTP/1.0" } else { b" HTTP/1.1" };
    if head.method() != request.method().as_str().as_bytes() || !line.ends_with(version) {
        return false;
    }
    let target = head.target();
    // Other forms than the usual one are normalised by the `http` crate, and rare.
    if !target.starts_with(b"/") {
        return true;
    }
    let parsed = request.uri().path_and_query().map_or("", |p| p.as_str()).as_bytes();
    // The `http` crate drops a fragment.
    target.strip_prefix(parsed).is_some_and(|rest| rest.is_empty() || rest[0] == b'#')
}

/// The version in the terms of a capture.
pub(crate) fn version_of(version: Version) -> HttpVersion {
    match version {
        Version::HTTP_09 => HttpVersion::Http09,
        Version::HTTP_10 => HttpVersion::Http10,
        Version::HTTP_2 => HttpVersion::Http2,
        _ => HttpVersion::Http11,
    }
}

/// A head written from parsed parts: of HTTP/2, and where the raw one could not be paired. HTTP/2's
/// authority becomes the `host` field that it stands for (RFC 9113 section 8.3.1).
pub(crate) fn rebuild(parts: &Parts) -> Vec<u8> {
    let mut head = Vec::with_capacity(512);
    head.extend_from_slice(parts.method.as_str().as_bytes());
    head.push(b' ');
    let authority = parts.uri.authority().map(|a| a.as_str());
    let http2 = parts.version == Version::HTTP_2;
    match (parts.uri.path_and_query(), authority) {
        (None, Some(authority)) => head.extend_from_slice(authority.as_bytes()),
        (Some(path), _) if http2 || authority.is_none() => {
            head.extend_from_slice(path.as_str().as_bytes());
        }
        _ => head.extend_from_slice(parts.uri.to_string().as_bytes()),
    }
    head.extend_from_slice(b" HTTP/");
    head.extend_from_slice(version_of(parts.version).as_str().as_bytes());
    head.extend_from_slice(b"\r\n");
    if let Some(authority) = authority.filter(|_| http2 && !parts.headers.contains_key(header::HOST)) {
        push_field(&mut head, b"host", authority.as_bytes());
    }
    head.extend_from_slice(&lines(&parts.headers));
    head.extend_from_slice(b"\r\n");
    head
}

/// Parsed fields as lines.
pub(crate) fn lines(fields: &HeaderMap) -> Vec<u8> {
    let mut lines = Vec::new();
    for (name, value) in fields {
        push_field(&mut lines, name.as_str().as_bytes(), value.as_bytes());
    }
    lines
}

fn push_field(into: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    into.extend_from_slice(name);
    into.extend_from_slice(b": ");
    into.extend_from_slice(value);
    into.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, uri: &str, version: Version) -> Request<()> {
        Request::builder().method(method).uri(uri).version(version).header("a", "1").body(()).unwrap()
    }

    #[test]
    fn a_raw_head_has_to_be_that_of_the_request() {
        let parsed = request("POST", "/a?b=1", Version::HTTP_11);
        for (line, expected) in [
            ("POST /a?b=1 HTTP/1.1", true),
            ("POST /a?b=1#c HTTP/1.1", true),
            ("POST /a?b=12 HTTP/1.1", false),
            ("POST /a HTTP/1.1", false),
            ("PUT /a?b=1 HTTP/1.1", false),
            ("POST /a?b=1 HTTP/1.0", false),
        ] {
            let raw = format!("{line}\r\n\r\n");
            assert_eq!(is_of(Head::new(raw.as_bytes()), &parsed), expected, "{line}");
        }
        let parsed = request("GET", "http://h", Version::HTTP_11);
        assert!(is_of(Head::new(b"GET http://h HTTP/1.1\r\n\r\n"), &parsed));
    }

    #[test]
    fn a_rebuilt_head_reads_like_one() {
        let rebuilt = |method, uri, version| {
            let (parts, ()) = request(method, uri, version).into_parts();
            String::from_utf8(rebuild(&parts)).unwrap()
        };
        assert_eq!(
            rebuilt("POST", "http://h:1/a?b", Version::HTTP_2),
            "POST /a?b HTTP/2\r\nhost: h:1\r\na: 1\r\n\r\n"
        );
        assert_eq!(rebuilt("GET", "http://h/a", Version::HTTP_11), "GET http://h/a HTTP/1.1\r\na: 1\r\n\r\n");
        assert_eq!(rebuilt("OPTIONS", "*", Version::HTTP_11), "OPTIONS * HTTP/1.1\r\na: 1\r\n\r\n");
        assert_eq!(rebuilt("CONNECT", "h:1", Version::HTTP_11), "CONNECT h:1 HTTP/1.1\r\na: 1\r\n\r\n");
    }
}
