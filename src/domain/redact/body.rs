//! Bodies: which kind one is, and what is taken out of those that are not JSON.

use std::borrow::Cow;

use crate::domain::redact::{MARKER, Redaction, json, names::Place, shapes};

/// A body without what is hidden.
pub(super) fn redact<'b>(content_type: Option<&[u8]>, body: &'b [u8], rules: &Redaction) -> Cow<'b, [u8]> {
    if body.is_empty() {
        return body.into();
    }
    let kind = content_type.unwrap_or_default().to_ascii_lowercase();
    let kind = kind.trim_ascii();
    if kind.starts_with(b"multipart/")
        && let Some(new) = boundary(content_type.unwrap_or_default()).and_then(|b| multipart(body, &b, rules))
    {
        return new.into();
    }
    if is_binary(body) {
        let text = format!("{MARKER} ({} bytes)", body.len());
        return if rules.binary { text.into_bytes().into() } else { body.into() };
    }
    let start = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    if matches!(start.first(), Some(b'{' | b'[')) {
        let valid = serde_json::from_slice::<serde::de::IgnoredAny>(start).is_ok();
        let new = json::redact(body, rules, 0);
        return match (valid, new) {
            (true, Some(new)) => new.into(),
            (true, None) => body.into(),
            // It only looks like JSON, or is cut: it is read as a text too.
            (false, new) => text(&new.unwrap_or_else(|| body.to_vec()), rules).into_owned().into(),
        };
    }
    let typed = kind.starts_with(b"application/x-www-form-urlencoded");
    if typed || looks_like_form(body) {
        let (new, changed) = shapes::pairs(body, b"&", Place::Body, rules);
        return if changed { new.into() } else { body.into() };
    }
    text(body, rules)
}

/// Whether the first bytes are those of binary data.
pub(super) fn is_binary(body: &[u8]) -> bool {
    let head = &body[..body.len().min(4096)];
    let odd: usize = head
        .utf8_chunks()
        .map(|chunk| {
            let controls = chunk.valid().bytes().filter(|b| b.is_ascii_control() && !b.is_ascii_whitespace());
            controls.count() + chunk.invalid().len()
        })
        .sum();
    memchr::memchr(0, head).is_some() || odd * 10 > head.len() * 3
}

fn looks_like_form(body: &[u8]) -> bool {
    body.contains(&b'=')
        && body.iter().all(|&b| b.is_ascii_graphic() && !b"\"'<>{}\\`^|".contains(&b))
        && !body.windows(3).any(|three| three == b"://")
}

/// The `boundary` parameter of a multipart type.
fn boundary(content_type: &[u8]) -> Option<Vec<u8>> {
    let lower = content_type.to_ascii_lowercase();
    let at = memchr::memmem::find(&lower, b"boundary=")? + b"boundary=".len();
    let value = &content_type[at..];
    let value = match value.strip_prefix(b"\"") {
        Some(quoted) => quoted.split(|&b| b == b'"').next()?,
        None => value.split(|&b| b == b';' || b.is_ascii_whitespace()).next()?,
    };
    (!value.is_empty()).then(|| [b"--", value].concat())
}

/// The parts of a multipart body, each by its name and type; `None` where there are none.
fn multipart(body: &[u8], delimiter: &[u8], rules: &Redaction) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    let first = memchr::memmem::find(rest, delimiter)?;
    out.extend_from_slice(&rest[..first]);
    rest = &rest[first..];
    while let Some(after) = rest.strip_prefix(delimiter) {
        out.extend_from_slice(delimiter);
        let end = memchr::memmem::find(after, delimiter).unwrap_or(after.len());
        part(&after[..end], rules, &mut out);
        rest = &after[end..];
    }
    Some(out)
}

fn part(part: &[u8], rules: &Redaction, out: &mut Vec<u8>) {
    let gaps = [&b"\r\n\r\n"[..], b"\n\n"];
    let Some(at) = gaps.iter().find_map(|gap| Some(memchr::memmem::find(part, gap)? + gap.len())) else {
        out.extend_from_slice(part);
        return;
    };
    let (head, value) = part.split_at(at);
    let line_end: &[u8] = if value.ends_with(b"\r\n") { b"\r\n" } else { b"\n" };
    let (value, end) = match value.strip_suffix(line_end) {
        Some(value) => (value, line_end),
        None => (value, &b""[..]),
    };
    let lower = head.to_ascii_lowercase();
    let parameter = |name: &[u8]| {
        let at = memchr::memmem::find(&lower, name)? + name.len();
        head[at..].split(|&b| b == b'"').next()
    };
    let name = parameter(b" name=\"").unwrap_or_default();
    let kind = memchr::memmem::find(&lower, b"content-type:").map(|at| {
        let value = &head[at + b"content-type:".len()..];
        value.split(|&b| b == b'\r' || b == b'\n').next().unwrap_or_default().trim_ascii()
    });
    out.extend_from_slice(head);
    if rules.hides(&String::from_utf8_lossy(name), Place::Body) && !value.is_empty() {
        out.extend_from_slice(MARKER.as_bytes());
    } else {
        out.extend_from_slice(&redact(kind.or(Some(b"text/plain")), value, rules));
    }
    out.extend_from_slice(end);
}

/// Text of any kind: `name=value`, `name: value`, `"name": "value"`, `<name>value</name>`.
fn text<'t>(text: &'t [u8], rules: &Redaction) -> Cow<'t, [u8]> {
    let mut out = Vec::with_capacity(text.len());
    let (mut kept, mut at) = (0, 0);
    while at < text.len() {
        if !is_name(text[at]) {
            at += 1;
            continue;
        }
        let start = at;
        at += text[at..].iter().position(|&b| !is_name(b)).unwrap_or(text.len() - at);
        let name = &text[start..at];
        let Some((from, to)) = value(text, start, at) else { continue };
        if name.len() <= 64 && to > from && rules.hides(&String::from_utf8_lossy(name), Place::Body) {
            out.extend_from_slice(&text[kept..from]);
            out.extend_from_slice(&shapes::marker_for(&text[from..to]));
            kept = to;
            at = to;
        }
    }
    if kept == 0 {
        return shapes::text(text, rules);
    }
    out.extend_from_slice(&text[kept..]);
    shapes::text(&out, rules).into_owned().into()
}

const fn is_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')
}

/// Where the value of a name that ends at `end` stands, if what follows says that there is one.
fn value(text: &[u8], start: usize, end: usize) -> Option<(usize, usize)> {
    let run = |from: usize, stops: &[u8]| {
        from + text[from..].iter().position(|b| stops.contains(b)).unwrap_or(text.len() - from)
    };
    let element =
        start > 0 && (text[start - 1] == b'<' || (text[start - 1] == b':' && text[..start].contains(&b'<')));
    if element && text.get(end) == Some(&b'>') {
        return Some((end + 1, run(end + 1, b"<")));
    }
    if element {
        // An element with attributes: its text stands behind the bracket, the attributes have names too.
        return None;
    }
    let mut at = end;
    if matches!(text.get(at), Some(b'"' | b'\'')) {
        at += 1;
    }
    while text.get(at) == Some(&b' ') {
        at += 1;
    }
    if !matches!(text.get(at), Some(b'=' | b':')) || text.get(at + 1) == Some(&b'/') {
        return None;
    }
    at += 1;
    while matches!(text.get(at), Some(b' ' | b'\t')) {
        at += 1;
    }
    match text.get(at) {
        Some(&quote @ (b'"' | b'\'')) => Some((at + 1, run(at + 1, &[quote, b'\n']))),
        // A value to the end of its line, as headers have; `&` and `,` end it as well.
        Some(_) => {
            let stops: &[u8] = if text[end..at].contains(&b':') { b"\r\n,;<" } else { b"\r\n,;<& \"'" };
            Some((at, run(at, stops)))
        }
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(kind: &str, body: &str) -> String {
        let kind = Some(kind.as_bytes()).filter(|kind| !kind.is_empty());
        String::from_utf8(Redaction::everything().body(kind, body.as_bytes()).into_owned()).unwrap()
    }

    #[test]
    fn every_kind_of_body_is_read() {
        const FORM: &str = "application/x-www-form-urlencoded";
        for (kind, body, expected) in [
            (FORM, "a=1&pass%77ord=x+y&From=%2B1&b", "a=1&pass%77ord=[redacted]&From=[redacted]&b"),
            (FORM, "payload=%7B%22token%22%3A%22x%22%7D", "payload=%7B%22token%22%3A%22%5Bredacted%5D%22%7D"),
            ("", "user=1&token=x", "user=1&token=[redacted]"),
            ("text/plain", "password: hunter 2\nother: x\n", "password: [redacted]\nother: x\n"),
            (
                "text/plain",
                "let apiKey = 'a b'; f(token=\"x\")",
                "let apiKey = '[redacted]'; f(token=\"[redacted]\")",
            ),
            (
                "text/xml",
                "<a><Password>x</Password><b token=\"y\"/></a>",
                "<a><Password>[redacted]</Password><b token=\"[redacted]\"/></a>",
            ),
            ("text/xml", "<x:password>y</x:password>", "<x:password>[redacted]</x:password>"),
            ("application/json", "{password: 'x', a: 1}", "{password: '[redacted]', a: 1}"),
            ("application/json", "[2026] password=x", "[2026] password=[redacted]"),
            ("application/octet-stream", "\0\u{1}\u{2}secret", "[redacted] (9 bytes)"),
            (
                "multipart/form-data; boundary=\"b\"",
                "--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data; name=\"j\"\r\nContent-Type: application/json\r\n\r\n{\"token\":\"y\"}\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n[redacted]\r\n--b\r\nContent-Disposition: form-data; name=\"j\"\r\nContent-Type: application/json\r\n\r\n{\"token\":\"[redacted]\"}\r\n--b--\r\n",
            ),
            ("text/plain", "nothing of interest", "nothing of interest"),
        ] {
            assert_eq!(redacted(kind, body), expected);
        }
    }

    #[test]
    fn any_bytes_are_taken() {
        proptest::proptest!(|(kind in "(multipart/form-data; boundary=a|text/xml|)", body: Vec<u8>, text in "[<>=:\"'a-c \\n&;-]{0,50}")| {
            let _ = Redaction::everything().body(Some(kind.as_bytes()), &body);
            let _ = Redaction::everything().body(Some(kind.as_bytes()), text.as_bytes());
        });
    }
}
