//! Anomalies: what is odd about a head that was accepted all the same.
//!
//! Programs along the way may read such a request differently from the app that it was meant for, so
//! an inspector says so.

use crate::domain::{capture::HttpVersion, headers::Head};

/// What is odd about a head, one sentence each; mostly nothing. Sources: RFC 9112 sections 2.2, 3.2,
/// 5.2, 6.1 and 6.3, RFC 9110 section 5.5.
#[must_use]
pub fn anomalies(head: Head<'_>, version: HttpVersion) -> Vec<&'static str> {
    let mut found = Vec::new();
    // HTTP/2 has neither lines nor transfer codings; its head was rebuilt from fields.
    let lines = version != HttpVersion::Http2;
    if lines && has_bare_lf(head.raw()) {
        found.push(
            "A line of the head ends with a line feed alone; some servers see another end of the head.",
        );
    }
    let (mut hosts, mut lengths, mut coded, mut obsolete) = (0, 0, false, false);
    for field in head.fields() {
        match field.name.len() {
            4 if field.name.eq_ignore_ascii_case(b"host") => hosts += 1,
            14 if field.name.eq_ignore_ascii_case(b"content-length") => lengths += 1,
            17 if field.name.eq_ignore_ascii_case(b"transfer-encoding") => coded = true,
            _ => {}
        }
        obsolete |= !field.value.is_ascii();
    }
    if lines && coded && lengths > 0 {
        found.push(
            "Both Transfer-Encoding and Content-Length are there; servers may disagree where the body ends.",
        );
    }
    if lengths > 1 {
        found.push("Content-Length is there more than once.");
    }
    if hosts > 1 {
        found.push("There is more than one Host header.");
    }
    if hosts == 0 && version == HttpVersion::Http11 {
        found.push("There is no Host header, which HTTP/1.1 requires.");
    }
    if obsolete {
        found.push("A header value has bytes beyond ASCII; programs decode them differently.");
    }
    if !head.target().is_ascii() {
        found.push("The target has bytes beyond ASCII that should be percent-encoded.");
    }
    found
}

fn has_bare_lf(raw: &[u8]) -> bool {
    memchr::memchr_iter(b'\n', raw).any(|at| at == 0 || raw[at - 1] != b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_oddity_is_named_once() {
        let cases: &[(&[u8], HttpVersion, &[&str])] = &[
            (b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", HttpVersion::Http11, &[]),
            (b"GET / HTTP/1.0\r\n\r\n", HttpVersion::Http10, &[]),
            (b"GET / HTTP/2\r\na: b\r\n\r\n", HttpVersion::Http2, &[]),
            (b"GET / HTTP/1.1\r\nHost: h\nA: b\n\r\n", HttpVersion::Http11, &["line feed alone"]),
            (b"GET / HTTP/1.1\r\nHost: h\r\nhost: i\r\n\r\n", HttpVersion::Http11, &["more than one Host"]),
            (b"GET / HTTP/1.1\r\n\r\n", HttpVersion::Http11, &["no Host"]),
            (
                b"GET / HTTP/1.1\r\nHOST: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
                HttpVersion::Http11,
                &["disagree"],
            ),
            (
                b"GET / HTTP/1.0\r\nContent-Length: 1\r\ncontent-length: 1\r\n\r\n",
                HttpVersion::Http10,
                &["more than once"],
            ),
            (
                b"GET /\xc3\xa9 HTTP/1.1\r\nHost: h\r\nA: \xff\r\n\r\n",
                HttpVersion::Http11,
                &["header value has bytes beyond", "target has bytes beyond"],
            ),
        ];
        for (raw, version, expected) in cases {
            let found = anomalies(Head::new(raw), *version);
            assert_eq!(found.len(), expected.len(), "{} {found:?}", raw.escape_ascii());
            assert!(found.iter().zip(*expected).all(|(found, part)| found.contains(part)), "{found:?}");
        }
    }
}
