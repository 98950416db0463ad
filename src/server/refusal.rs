//! Why a request was refused, in one sentence. hyper says only that it was; this reads the bytes.

use http::uri::PathAndQuery;

use crate::{
    domain::{capture::HttpVersion, headers::Head},
    server::{
        follower::{H2_PREFACE, is_tls},
        limits::Limits,
        scan::parse_length,
    },
};

/// The longest target that hyper takes, in bytes.
const LONGEST_TARGET: usize = 65_534;

/// Says what is wrong with a head that hyper refused.
pub(crate) fn diagnose(raw: &[u8], limits: &Limits) -> String {
    if is_tls(raw) {
        return "This is a TLS handshake: the sender used https:// but this listener speaks http://.".into();
    }
    if raw.starts_with(H2_PREFACE) {
        return "The HTTP/2 connection broke the protocol before a request was complete.".into();
    }
    if raw.starts_with(b"SSH-") {
        return "This is an SSH client: this listener speaks HTTP.".into();
    }
    let head = Head::new(raw);
    let line = head.request_line();
    request_line(line, head, limits)
        .or_else(|| fields(head, limits))
        .or_else(|| framing(head))
        .unwrap_or_else(|| {
            if raw.len() >= limits.max_head {
                format!("The head is longer than the limit of {} bytes.", limits.max_head)
            } else {
                "The head is not valid HTTP.".into()
            }
        })
}

/// The version in the request line of a refused request.
pub(crate) fn version_in(raw: &[u8]) -> HttpVersion {
    let line = Head::new(raw).request_line();
    if raw.starts_with(H2_PREFACE) {
        HttpVersion::Http2
    } else if line.ends_with(b"HTTP/1.0") {
        HttpVersion::Http10
    } else if line.ends_with(b"HTTP/1.1") {
        HttpVersion::Http11
    } else {
        HttpVersion::Http09
    }
}

fn request_line(line: &[u8], head: Head<'_>, limits: &Limits) -> Option<String> {
    let method = head.method();
    if method.is_empty() || !method.iter().all(|&b| is_token(b)) {
        return Some("The request line does not begin with a method: this is not HTTP.".into());
    }
    let complete = head.raw().contains(&b'\n');
    let target = head.target();
    if target.len() > LONGEST_TARGET || (!complete && line.len() >= limits.max_head) {
        return Some(format!("The target is longer than the limit of {LONGEST_TARGET} bytes."));
    }
    if !complete {
        return None;
    }
    if target.is_empty() {
        return Some("The request line has no target.".into());
    }
    let Some(version) = line.rsplit(|&b| b == b' ').next().filter(|v| v.starts_with(b"HTTP/")) else {
        return Some("The request line has no version: HTTP/0.9 is not accepted.".into());
    };
    if !matches!(version, b"HTTP/1.0" | b"HTTP/1.1") {
        let shown = version.escape_ascii().to_string();
        let shown: String = shown.chars().take(32).collect();
        return Some(format!("The version {shown} is not one that this listener speaks."));
    }
    if target.iter().any(|&b| b <= b' ' || b == 0x7f) {
        return Some("The target contains white space or a control character.".into());
    }
    unescaped(target)
        .map(|c| format!("The target contains `{c}`, which a URL may carry only as %{:02X}.", c as u8))
}

/// The first of the visible characters in a target that hyper takes only escaped. Some stand for
/// themselves in the path and not in the query, or the other way round.
fn unescaped(target: &[u8]) -> Option<char> {
    let (path, query) = target.split_at(memchr::memchr(b'?', target).unwrap_or(target.len()));
    let refused = |part: &[u8], before: &str| {
        (b'!'..=b'~').filter(|b| part.contains(b)).map(char::from).find(|c| {
            // With a fragment, which it cuts off, hyper has no quarrel.
            *c != '#' && PathAndQuery::try_from(format!("{before}{c}")).is_err()
        })
    };
    refused(path, "/").or_else(|| refused(query, "/?"))
}

fn fields(head: Head<'_>, limits: &Limits) -> Option<String> {
    let (mut count, mut fault) = (0_usize, None);
    let complete = ends_complete(head.raw());
    let total = head.fields().count();
    let mut lines = head.raw().split(|&b| b == b'\n').skip_while(|line| line.trim_ascii().is_empty());
    lines.next();
    for line in lines {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        count += 1;
        // The last line of a head that is not complete may be cut anywhere.
        if fault.is_none() && (complete || count < total) {
            fault = field_fault(line).map(|what| format!("Header line {count} {what}."));
        }
    }
    if count > limits.max_headers {
        let more = if complete { "" } else { "at least " };
        return Some(format!("The request has {more}{count} headers; the limit is {}.", limits.max_headers));
    }
    if head.raw().len() > limits.max_head {
        return Some(format!("The head is longer than the limit of {} bytes.", limits.max_head));
    }
    fault
}

fn field_fault(line: &[u8]) -> Option<&'static str> {
    if line.starts_with(b" ") || line.starts_with(b"\t") {
        return Some("continues the line before it, which HTTP no longer allows");
    }
    let Some(colon) = line.iter().position(|&b| b == b':') else {
        return Some("has no colon");
    };
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    if name.is_empty() {
        return Some("has no name");
    }
    if name.ends_with(b" ") || name.ends_with(b"\t") {
        return Some("has white space before its colon");
    }
    if !name.iter().all(|&b| is_token(b)) {
        return Some("has a name with a character that no name may have");
    }
    if value.contains(&0) {
        return Some("has a NUL character in its value");
    }
    value
        .iter()
        .any(|&b| (b < b' ' && b != b'\t') || b == 0x7f)
        .then_some("has a control character in its value")
}

fn framing(head: Head<'_>) -> Option<String> {
    let mut lengths = head.get_all("content-length");
    let coding = head.get_all("transfer-encoding").last();
    if let Some(coding) = coding {
        if head.request_line().ends_with(b"HTTP/1.0") {
            return Some("HTTP/1.0 has no Transfer-Encoding.".into());
        }
        let last = coding.rsplit(|&b| b == b',').next().unwrap_or(coding).trim_ascii();
        if !last.eq_ignore_ascii_case(b"chunked") {
            return Some("The last transfer coding is not chunked, so the body has no end.".into());
        }
    }
    let first = lengths.next()?;
    match parse_length(first) {
        None => Some("Content-Length is not a number.".into()),
        Some(_) if lengths.any(|length| parse_length(length) != parse_length(first)) => {
            Some("The request has two different values of Content-Length.".into())
        }
        Some(_) => None,
    }
}

fn ends_complete(raw: &[u8]) -> bool {
    raw.ends_with(b"\n\r\n") || raw.ends_with(b"\n\n")
}

/// Characters of a token (RFC 9110 section 5.6.2).
const fn is_token(b: u8) -> bool {
    b.is_ascii_alphanumeric()
        || matches!(
            b,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_names_what_is_wrong() {
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(150));
        let long = format!("GET / HTTP/1.1\r\nA: {}", "b".repeat(70_000));
        let target = format!("GET /{}", "b".repeat(70_000));
        let cases: &[(&[u8], &str)] = &[
            (b"\x16\x03\x01\x02\x00", "TLS handshake"),
            (b"\x00\x01garbage\r\n\r\n", "does not begin with a method"),
            (b" GET / HTTP/1.1\r\n\r\n", "does not begin with a method"),
            (b"GET\r\n\r\n", "no target"),
            (b"GET /\r\n\r\n", "HTTP/0.9"),
            (b"GET / HTTP/9.9\r\n\r\n", "version HTTP/9.9"),
            (b"GET /a b HTTP/1.1\r\n\r\n", "white space"),
            (b"GET /a?b=\"c\" HTTP/1.1\r\n\r\n", "contains `\"`, which a URL may carry only as %22"),
            (b"GET /`?b={c} HTTP/1.1\r\n\r\n", "only as %60"),
            (b"GET /?<#> HTTP/1.1\r\n\r\n", "as %3C"),
            (b"GET / HTTP/1.1\r\nA b: c\r\n\r\n", "Header line 1 has a name"),
            (b"GET / HTTP/1.1\r\nA: 1\r\nB : c\r\n\r\n", "Header line 2 has white space before its colon"),
            (b"GET / HTTP/1.1\r\nA: 1\r\n folded\r\n\r\n", "Header line 2 continues"),
            (b"GET / HTTP/1.1\r\nA: \x00\r\n\r\n", "NUL"),
            (b"GET / HTTP/1.1\r\nbroken\r\n\r\n", "no colon"),
            (b"GET / HTTP/1.1\r\nContent-Length: abc\r\n\r\n", "not a number"),
            (b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "not a number"),
            (b"GET / HTTP/1.1\r\nContent-Length: 1\r\ncontent-length: 2\r\n\r\n", "two different"),
            (b"GET / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n", "not chunked"),
            (b"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.0 has no"),
            (many.as_bytes(), "has 150 headers; the limit is 128"),
            (long.as_bytes(), "longer than the limit of 65536 bytes"),
            (target.as_bytes(), "target is longer"),
            (H2_PREFACE, "HTTP/2"),
        ];
        for (raw, expected) in cases {
            let sentence = diagnose(raw, &Limits::default());
            assert!(
                sentence.contains(expected),
                "{sentence:?} for {}",
                raw[..raw.len().min(60)].escape_ascii()
            );
            assert!(sentence.ends_with('.') && !sentence.contains(char::is_control));
        }
    }
}
