//! Raw HTTP: the request as it stood on the wire.
//!
//! One capture is nothing but its bytes. Several stand behind a line each that says how long they are:
//!
//! ```text
//! ### hookglass 12 2026-11-21T22:26:09.123456Z 127.0.0.1:50512 1234
//! POST /stripe HTTP/1.1
//! …
//! ```
//!
//! The numbers are id, arrival, sender, and the bytes that follow; a line end after them belongs to
//! nobody. A chunked body is written as one chunk, its trailers behind it.

use crate::domain::{
    capture::HttpVersion,
    export::{Format, One, nothing},
};

/// The row of the table.
pub(super) const FORMAT: Format = Format {
    name: "http",
    ending: "http",
    about: "raw HTTP, byte for byte",
    begin: nothing,
    one,
    end: nothing,
};

/// What the line before a request begins with.
pub const MARK: &str = "### hookglass ";

/// The header that a redacted request carries, as raw HTTP has no comments.
const NOTE: &[u8] = b"X-Hookglass-Export: secrets redacted; --raw keeps them\r\n";

fn one(one: &One<'_>, out: &mut Vec<u8>) -> Result<Vec<String>, String> {
    let capture = &one.record.capture;
    let mut request = capture.head().raw().to_vec();
    if request.is_empty() {
        return Err(format!("Capture {} has no head.", capture.id()));
    }
    // A rebuilt head of HTTP/2 or a cut one may lack its empty line.
    if !request.ends_with(b"\n\r\n") && !request.ends_with(b"\n\n") {
        request.extend_from_slice(if request.ends_with(b"\n") { b"\r\n" } else { b"\r\n\r\n" });
    }
    if one.options.redaction.is_on() {
        let end = if request.ends_with(b"\r\n") { 2 } else { 1 };
        let at = request.len() - end;
        request.splice(at..at, NOTE.iter().copied());
    }
    let chunked = capture
        .head()
        .get_all("transfer-encoding")
        .any(|coding| coding.to_ascii_lowercase().ends_with(b"chunked"));
    if chunked && capture.summary.cut.is_none() {
        if !capture.body().is_empty() {
            request.extend_from_slice(format!("{:x}\r\n", capture.body().len()).as_bytes());
            request.extend_from_slice(capture.body());
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"0\r\n");
        request.extend_from_slice(capture.trailers());
        request.extend_from_slice(b"\r\n");
    } else {
        request.extend_from_slice(capture.body());
    }
    if one.options.many {
        let summary = &capture.summary;
        let line =
            format!("{MARK}{} {} {} {}\r\n", summary.id, summary.received_at, summary.remote, request.len());
        out.extend_from_slice(line.as_bytes());
    }
    out.extend_from_slice(&request);
    if one.options.many {
        out.extend_from_slice(b"\r\n");
    }
    let mut notes = Vec::new();
    if capture.summary.version == HttpVersion::Http2 {
        notes.push("What came over HTTP/2 is written as text, which its head never was.".to_owned());
    }
    if capture.summary.cut.is_some() {
        notes.push("A capture that is not complete is written as far as it came.".to_owned());
    }
    Ok(notes)
}
