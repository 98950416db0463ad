//! A request as it stands on the wire, or in an editor that has changed its line ends.

use crate::domain::{
    headers::Head,
    import::{Form, ImportError, Imported, request::is_token},
};

/// The longest head in bytes.
const LONGEST_HEAD: usize = 1 << 20;

/// Whether a text begins with a request line.
pub(super) fn is_request(text: &[u8]) -> bool {
    let line = text.split(|&b| b == b'\n').next().unwrap_or_default().trim_ascii_end();
    let mut words = line.split(|&b| b == b' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return false };
    let version = line.rsplit(|&b| b == b' ').next().unwrap_or_default();
    is_token(method)
        && (target.starts_with(b"/") || target.starts_with(b"http") || target == b"*")
        && (version.starts_with(b"HTTP/") || words.next().is_none())
}

/// Reads it. Lines end in CR LF or LF; the body is what follows the first empty line, byte for byte.
pub(super) fn read(text: &[u8]) -> Result<Imported, ImportError> {
    let end = head_end(text);
    if end > LONGEST_HEAD {
        return Err(ImportError::Request("the head of the request is longer than 1 MiB"));
    }
    let (head, rest) = text.split_at(end);
    let mut head = head.to_vec();
    if !head.ends_with(b"\n\n") && !head.ends_with(b"\n\r\n") {
        head.extend_from_slice(if head.ends_with(b"\n") { b"\r\n" } else { b"\r\n\r\n" });
    }
    let fields = Head::new(&head);
    let mut notes = Vec::new();
    let chunked =
        fields.get("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case(b"chunked"));
    let length = fields
        .get("content-length")
        .and_then(|text| std::str::from_utf8(text).ok()?.parse::<usize>().ok())
        .filter(|_| !chunked);
    let mut trailers = Vec::new();
    let body = match (chunked.then(|| unchunk(rest)).flatten(), length) {
        (Some((body, after)), _) => {
            // Up to the empty line, which is not one of them.
            let lines =
                after.split_inclusive(|&b| b == b'\n').take_while(|line| !line.trim_ascii().is_empty());
            lines.for_each(|line| trailers.extend_from_slice(line));
            body
        }
        // What editors add at the end of a file. Other bytes are kept: an edited body must not pass for
        // the one that was sent.
        (None, Some(length)) if length < rest.len() && rest[length..].trim_ascii().is_empty() => {
            rest[..length].to_vec()
        }
        (None, Some(length)) if length < rest.len() => {
            notes.push("There are more bytes than Content-Length says; all of them are checked.");
            rest.to_vec()
        }
        (None, Some(length)) if length > rest.len() => {
            notes.push(
                "There are fewer bytes than Content-Length says: the body was cut, or its line ends were changed.",
            );
            rest.to_vec()
        }
        (None, None) if rest.ends_with(b"\n") && !chunked => {
            notes.push(
                "The text ends with a line end, which counts as a part of the body; \
                 a Content-Length would say where it ends.",
            );
            rest.to_vec()
        }
        _ => rest.to_vec(),
    };
    let absolute = std::str::from_utf8(fields.target()).ok().filter(|target| target.contains("://"));
    let url = absolute.map(str::to_owned);
    Ok(Imported {
        form: Form::Raw,
        head,
        body,
        trailers,
        url,
        received_at: None,
        provider: None,
        complete: true,
        notes,
    })
}

/// Where the body begins: after the first empty line.
fn head_end(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(end) = memchr::memchr(b'\n', &text[at..]) {
        let line = &text[at..at + end];
        at += end + 1;
        if line.is_empty() || line == b"\r" {
            return at;
        }
    }
    text.len()
}

/// The body of a chunked one and what follows it; `None` where it is not chunked after all, as dumps of tools that have
/// decoded it are not.
fn unchunk(mut rest: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut body = Vec::new();
    loop {
        let end = memchr::memchr(b'\n', rest)?;
        let line = rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]);
        let size = line.split(|&b| b == b';').next()?.trim_ascii();
        let size = usize::from_str_radix(std::str::from_utf8(size).ok()?, 16).ok()?;
        rest = &rest[end + 1..];
        if size == 0 {
            return Some((body, rest));
        }
        body.extend_from_slice(rest.get(..size)?);
        rest = &rest[size..];
        rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n"))?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(text: &str) -> (String, usize) {
        let found = read(text.as_bytes()).unwrap();
        assert!(Head::new(&found.head).raw().ends_with(b"\n"));
        (String::from_utf8(found.body).unwrap(), found.notes.len())
    }

    #[test]
    fn the_body_is_kept_byte_for_byte() {
        for (text, expected, notes) in [
            ("POST / HTTP/1.1\r\nA: 1\r\n\r\na\r\n\r\nb", "a\r\n\r\nb", 0),
            ("POST / HTTP/1.1\nA: 1\n\n{\n}\n", "{\n}\n", 1),
            ("POST / HTTP/1.1\nContent-Length: 3\n\n{\n}\n", "{\n}", 0),
            ("POST / HTTP/1.1\nContent-Length: 3\n\n{\n}\nmore", "{\n}\nmore", 1),
            ("POST / HTTP/1.1\nContent-Length: 9\n\n{\n}\n", "{\n}\n", 1),
            ("POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n3;x\r\nabc\r\n1\r\nd\r\n0\r\n\r\n", "abcd", 0),
            ("POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n{}", "{}", 0),
            ("POST / HTTP/1.1\nA: 1", "", 0),
            ("GET /", "", 0),
        ] {
            assert_eq!(body(text), (expected.to_owned(), notes), "{text}");
        }
        let found = read(b"POST / HTTP/1.1\nA: 1\nB: 2").unwrap();
        assert_eq!(Head::new(&found.head).get("b"), Some(&b"2"[..]));
    }

    #[test]
    fn request_lines_are_told_from_other_text() {
        for (text, expected) in [
            ("POST /a HTTP/1.1\r\n", true),
            ("GET /a", true),
            ("POST https://h/a HTTP/2\n", true),
            ("POST a HTTP/1.1", false),
            ("GET /a b c", false),
            ("hello", false),
            ("HTTP/1.1 200 OK", false),
        ] {
            assert_eq!(is_request(text.as_bytes()), expected, "{text}");
        }
    }
}
