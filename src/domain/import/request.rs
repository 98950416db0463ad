//! A request that was read from a text.

use crate::domain::{
    import::{Form, ImportError},
    time::Timestamp,
};

/// The most header lines.
const MOST_HEADERS: usize = 2_000;

/// A request that was read from a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// What it was read from.
    pub form: Form,
    /// The head, closed by an empty line.
    pub head: Vec<u8>,
    /// The body, its transfer coding removed.
    pub body: Vec<u8>,
    /// The trailer lines behind a chunked body, raw; mostly empty.
    pub trailers: Vec<u8>,
    /// The whole URL, where the text has one.
    pub url: Option<String>,
    /// When it arrived (or was sent), where the text says so.
    pub received_at: Option<Timestamp>,
    /// The provider, where the text names one.
    pub provider: Option<String>,
    /// Whether the whole body is there.
    pub complete: bool,
    /// What a person should know about the reading, a sentence each.
    pub notes: Vec<&'static str>,
}

/// A head that is put together from its parts.
pub(super) struct HeadText {
    bytes: Vec<u8>,
    count: usize,
    /// Whether it has a Host.
    hosted: bool,
}

impl HeadText {
    /// Begins with a request line.
    pub(super) fn new(method: &[u8], target: &[u8]) -> Result<Self, ImportError> {
        if !is_token(method) {
            return Err(ImportError::Request("the method of the request is missing or not a word"));
        }
        if target.is_empty() || target.iter().any(|&b| b <= b' ' || b == 0x7f) {
            return Err(ImportError::Request("the URL of the request is missing or has blanks in it"));
        }
        Ok(Self { bytes: [method, b" ", target, b" HTTP/1.1\r\n"].concat(), count: 0, hosted: false })
    }

    /// Adds a header line. HTTP/2 writes its own fields with a colon in front: they are no headers.
    pub(super) fn push(&mut self, name: &[u8], value: &[u8]) -> Result<(), ImportError> {
        if name.starts_with(b":") {
            return Ok(());
        }
        if !is_token(name) {
            return Err(ImportError::Request("a header name of the request is not one word"));
        }
        if value.iter().any(|b| matches!(b, b'\r' | b'\n' | 0)) {
            return Err(ImportError::Request("a header of the request has a line end in its value"));
        }
        self.count += 1;
        if self.count > MOST_HEADERS {
            return Err(ImportError::Request("the request has more than 2,000 headers"));
        }
        self.hosted |= name.eq_ignore_ascii_case(b"host");
        self.bytes.extend_from_slice(&[name, b": ", value, b"\r\n"].concat());
        Ok(())
    }

    /// Whether there is a header with this name.
    pub(super) fn has(&self, name: &str) -> bool {
        crate::domain::headers::Head::new(&self.bytes).get(name).is_some()
    }

    /// Ends the head; a Host is added where it has none.
    pub(super) fn end(mut self, host: Option<&str>) -> Vec<u8> {
        if let Some(host) = host.filter(|_| !self.hosted) {
            self.bytes.extend_from_slice(format!("Host: {host}\r\n").as_bytes());
        }
        self.bytes.extend_from_slice(b"\r\n");
        self.bytes
    }
}

/// Host and request target of an absolute URL.
pub(super) fn split_url(url: &str) -> Result<(&str, String), ImportError> {
    const FAULT: ImportError = ImportError::Request("the URL of the request is not an http or https URL");
    let plain = url.split('#').next().unwrap_or_default();
    let (scheme, rest) = plain.split_once("://").ok_or(FAULT)?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return Err(FAULT);
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    if host.is_empty() || plain.bytes().any(|b| b <= b' ' || b == 0x7f) {
        return Err(FAULT);
    }
    Ok((host, if target.starts_with('/') { target.to_owned() } else { format!("/{target}") }))
}

pub(super) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|&b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}
