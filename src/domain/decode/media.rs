//! What a content type says about a body, and what its bytes say.

use crate::domain::decode::Kind;

/// A content type, read leniently: what cannot be read says nothing.
pub(super) struct Media {
    /// The view that the type asks for; `None` when it is missing, unknown or binary.
    pub(super) kind: Option<Kind>,
    /// The `charset` parameter in lower case.
    pub(super) charset: Option<String>,
}

impl Media {
    /// Reads a `Content-Type` value (RFC 9110 section 8.3.1).
    pub(super) fn of(content_type: Option<&[u8]>) -> Self {
        let lower = content_type.unwrap_or_default().to_ascii_lowercase();
        let text = String::from_utf8_lossy(&lower);
        let mut parts = text.split(';');
        let essence = parts.next().unwrap_or_default().trim();
        let charset = parts
            .filter_map(|parameter| parameter.split_once('='))
            .find(|(name, _)| name.trim() == "charset")
            .map(|(_, value)| value.trim().trim_matches('"').to_owned());
        Self { kind: kind(essence), charset }
    }

    /// Whether the type names a charset whose bytes this program does not decode.
    pub(super) fn is_other_charset(&self) -> bool {
        self.charset
            .as_deref()
            .is_some_and(|name| !matches!(name, "" | "utf-8" | "utf8" | "us-ascii" | "ascii"))
    }
}

fn kind(essence: &str) -> Option<Kind> {
    match essence {
        "application/json" | "text/json" | "application/x-json" | "application/csp-report" => {
            Some(Kind::Json)
        }
        "application/x-www-form-urlencoded" => Some(Kind::Form),
        "application/xml"
        | "application/javascript"
        | "application/yaml"
        | "application/x-yaml"
        | "application/graphql"
        | "application/toml"
        | "application/jsonl"
        | "application/x-ndjson"
        | "application/json-seq"
        | "application/jwt"
        | "application/jose" => Some(Kind::Text),
        _ if essence.ends_with("+json") => Some(Kind::Json),
        _ if essence.ends_with("+xml") || essence.ends_with("+yaml") => Some(Kind::Text),
        _ if essence.starts_with("text/") || essence.starts_with("multipart/") => Some(Kind::Text),
        _ => None,
    }
}

/// Whether the bytes could be a JSON object or array: the two that are worth trying without a type.
pub(super) fn may_be_json(body: &[u8]) -> bool {
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// Whether the first bytes are those of binary data: a NUL, or nearly a third of them controls or not
/// UTF-8.
pub(super) fn is_binary(body: &[u8]) -> bool {
    let head = &body[..body.len().min(4096)];
    if memchr::memchr(0, head).is_some() {
        return true;
    }
    let odd: usize = head
        .utf8_chunks()
        .map(|chunk| {
            let controls = chunk.valid().bytes().filter(|b| b.is_ascii_control() && !b.is_ascii_whitespace());
            controls.count() + chunk.invalid().len()
        })
        .sum();
    odd * 10 > head.len() * 3
}

/// What binary data is, by its first bytes.
pub(super) fn magic(body: &[u8]) -> Option<&'static str> {
    const KNOWN: [(&[u8], &str); 9] = [
        (b"\x1f\x8b", "gzip data"),
        (b"\x28\xb5\x2f\xfd", "zstd data"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"\x89PNG\r\n", "a PNG image"),
        (b"\xff\xd8\xff", "a JPEG image"),
        (b"GIF8", "a GIF image"),
        (b"%PDF-", "a PDF document"),
        (b"\xff\xfe", "UTF-16 text, little-endian"),
        (b"\xfe\xff", "UTF-16 text, big-endian"),
    ];
    KNOWN.iter().find(|(start, _)| body.starts_with(start)).map(|&(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_ask_for_views() {
        for (content_type, expected) in [
            ("application/json", Some(Kind::Json)),
            ("Application/JSON; charset=utf-8", Some(Kind::Json)),
            ("application/cloudevents+json", Some(Kind::Json)),
            ("application/x-www-form-urlencoded;charset=UTF-8", Some(Kind::Form)),
            ("text/plain", Some(Kind::Text)),
            ("application/soap+xml", Some(Kind::Text)),
            ("multipart/form-data; boundary=x", Some(Kind::Text)),
            ("application/octet-stream", None),
            ("image/png", None),
            ("", None),
            ("\u{1b}[31m", None),
        ] {
            assert_eq!(Media::of(Some(content_type.as_bytes())).kind, expected, "{content_type}");
        }
        assert_eq!(Media::of(None).kind, None);
    }

    #[test]
    fn charsets_are_read() {
        for (content_type, other) in [
            ("text/plain", false),
            ("text/plain; charset=UTF-8", false),
            ("text/plain; charset=\"utf-8\"", false),
            ("text/plain; x=1; Charset = ISO-8859-1", true),
        ] {
            assert_eq!(Media::of(Some(content_type.as_bytes())).is_other_charset(), other, "{content_type}");
        }
    }

    #[test]
    fn binary_is_told_from_text() {
        let latin1 = b"d\xe9j\xe0 vu, gar\xe7on";
        for (body, binary) in [
            (&b"hello\r\n\tworld"[..], false),
            (latin1, false),
            (b"\x1b[31mred\x1b[0m text", false),
            (b"a\0b", true),
            (b"\x1f\x8b\x08\x01\x02\x03\xff\xfe\x12", true),
            ("日本語".as_bytes(), false),
        ] {
            assert_eq!(is_binary(body), binary, "{body:?}");
        }
        assert_eq!(magic(b"\x1f\x8b\x08"), Some("gzip data"));
        assert_eq!(magic(b"hello"), None);
    }
}
