//! What a snippet sends: method, URL, the header lines that are not made anew, body, and what programs
//! in general cannot send.

use crate::domain::{
    capture::{Capture, HttpVersion},
    export::One,
    replay::{Removed, check_sendable, sound_lines},
};

/// The parts of a request for a program.
pub(super) struct Parts<'a> {
    /// The method.
    pub method: &'a str,
    /// The whole URL. What a URL cannot hold is percent-encoded.
    pub url: String,
    /// Names and values in order, without what every program makes anew.
    pub headers: Vec<(&'a str, &'a [u8])>,
    /// The body.
    pub body: &'a [u8],
    /// What is not sent as it was, a sentence each.
    pub notes: Vec<String>,
}

/// Takes a capture apart.
pub(super) fn parts<'a>(one: &One<'a>) -> Result<Parts<'a>, String> {
    let capture: &'a Capture = &one.record.capture;
    check_sendable(capture).map_err(|error| error.to_string())?;
    let head = capture.head();
    let captured = head.target();
    let target = if one.base.path.is_empty() { captured.to_vec() } else { one.base.join(captured, "") };
    let (path, exact) = path(&target);
    let removed = Removed::of(head);
    let mut headers = Vec::new();
    for line in sound_lines(capture) {
        let rebuilt = ["host", "content-length", "transfer-encoding"].iter().any(|name| line.is(name));
        if !rebuilt && !removed.contains(&line) {
            headers.push((std::str::from_utf8(line.name).unwrap_or_default(), line.value));
        }
    }
    let mut notes = Vec::new();
    if !exact {
        notes.push(
            "The request target is normalised by the URL library and differs from the captured one.".into(),
        );
    }
    if capture.summary.version == HttpVersion::Http2 {
        notes.push("It came over HTTP/2 and is sent as HTTP/1.1.".into());
    }
    if !capture.trailers().is_empty() {
        notes.push("Its trailer fields are not sent.".into());
    }
    Ok(Parts {
        method: std::str::from_utf8(head.method()).unwrap_or_default(),
        url: format!("{}{path}", one.base.origin()),
        headers,
        body: capture.body(),
        notes,
    })
}

/// A path and query for a URL, and whether URL libraries leave it alone.
fn path(target: &[u8]) -> (String, bool) {
    let kept = |b: u8| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%".contains(&b);
    let escapes = target.iter().enumerate().filter(|&(_, &b)| b == b'%').all(|(at, _)| {
        let digits = target.get(at + 1..at + 3).unwrap_or_default();
        // Escapes of letters, digits and `-._~` are decoded by some.
        let hex = |b: u8| b.is_ascii_digit() || (b'A'..=b'F').contains(&b);
        let code = std::str::from_utf8(digits).ok().and_then(|text| u8::from_str_radix(text, 16).ok());
        digits.len() == 2
            && digits.iter().all(|&b| hex(b))
            && code.is_some_and(|b| !(b.is_ascii_alphanumeric() || b"-._~".contains(&b)))
    });
    let slash = target.starts_with(b"/");
    let dots = target
        .split(|&b| b == b'?')
        .next()
        .unwrap_or_default()
        .split(|&b| b == b'/')
        .any(|segment| segment == b"." || segment == b"..");
    let exact = slash
        && !target.starts_with(b"//")
        && !dots
        && escapes
        && target.iter().all(|&b| kept(b))
        && !target.contains(&b'\'');
    let mut out = String::from(if slash { "" } else { "/" });
    for &byte in target {
        if kept(byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    (out, exact)
}

/// Whether a name stands twice.
pub(super) fn has_duplicates(headers: &[(&str, &[u8])]) -> bool {
    headers
        .iter()
        .enumerate()
        .any(|(at, (name, _))| headers[..at].iter().any(|(before, _)| before.eq_ignore_ascii_case(name)))
}

/// Headers by name, the values of the same name joined by a comma and a blank, which means the same
/// (RFC 9110 section 5.3); cookies are joined by a semicolon.
pub(super) fn joined<'a>(headers: &[(&'a str, &[u8])]) -> Vec<(&'a str, Vec<u8>)> {
    let mut out: Vec<(&str, Vec<u8>)> = Vec::new();
    for (name, value) in headers {
        match out.iter_mut().find(|(before, _)| before.eq_ignore_ascii_case(name)) {
            Some((_, values)) => {
                values.extend_from_slice(if name.eq_ignore_ascii_case("cookie") { b"; " } else { b", " });
                values.extend_from_slice(value);
            }
            None => out.push((name, value.to_vec())),
        }
    }
    out
}
