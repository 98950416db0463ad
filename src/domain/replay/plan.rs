//! From a capture and a target to the bytes that are sent.

use std::sync::Arc;

use super::{
    Outgoing,
    fields::{Line, Removed, is_token, lines},
};
use crate::domain::{
    capture::{Capture, CaptureId, Cut, HttpVersion},
    delivery::DeliveryKind,
    target::Target,
};

/// The header of what a person sends again: the number of the capture.
pub const REPLAY_HEADER: &str = "x-hookglass-replay";

/// The header of what is forwarded by itself: how many forwarders it has been through, from 1.
pub const HOP_HEADER: &str = "x-hookglass-hop";

/// Through how many forwarders a request may go. Two allow one behind another; a ring ends before a
/// request comes by for the third time.
pub const MOST_HOPS: u32 = 2;

/// Why a capture is not sent. The texts name no bytes of the request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The request was refused when it came.
    #[error("Capture {0} was refused when it came in: only whole, well-formed requests can be sent.")]
    Refused(CaptureId),
    /// The body is not complete.
    #[error("{}", incomplete(*.id, *.cut, *.kept, *.announced))]
    Incomplete {
        /// Which capture.
        id: CaptureId,
        /// What cut it.
        cut: Cut,
        /// Bytes of the body that are kept.
        kept: u64,
        /// Bytes of the body that were announced.
        announced: Option<u64>,
    },
    /// It has been forwarded [`MOST_HOPS`] times already.
    #[error(
        "Capture {0} has come through hookglass {MOST_HOPS} times and is not forwarded again: \
         a forward target leads back here, take it away."
    )]
    Loop(CaptureId),
    /// The method is CONNECT.
    #[error("Capture {0} is a CONNECT request, which asks for a tunnel: there is nothing to send.")]
    Connect(CaptureId),
    /// A transfer coding other than `chunked` is on the body.
    #[error("Capture {0} has a body with a transfer coding other than chunked, which cannot be sent again.")]
    Coding(CaptureId),
    /// Method, request target or a header line could not stand in a head as one line.
    #[error("Capture {0} has a {1} that would break up the request: it is not sent.")]
    Unsound(CaptureId, &'static str),
}

/// Lays out how a capture is sent to a target; see the [module](super) for what changes on the way.
///
/// `mount` is the fixed part of the endpoint's path ([`Endpoint::mount`]), empty for none.
///
/// # Errors
/// When the capture is not a complete, sound request, or has been forwarded too often.
///
/// [`Endpoint::mount`]: crate::domain::endpoint::Endpoint::mount
pub fn plan(
    capture: &Arc<Capture>,
    target: &Target,
    mount: &str,
    kind: DeliveryKind,
) -> Result<Outgoing, PlanError> {
    check_sendable(capture)?;
    let captured = capture.head();
    let marker = marker(capture, kind)?;
    let path = target.join(captured.target(), mount);

    let mut head = Head::with_capacity(captured.raw().len() + path.len() + 128);
    head.push(&[captured.method(), b" ", &path, b" HTTP/1.1"]);
    let authority = target.authority();
    if captured.get("host").is_none() {
        let name = if capture.summary.version == HttpVersion::Http2 { "host" } else { "Host" };
        head.field(name.as_bytes(), authority.as_bytes());
    }
    let removed = Removed::of(captured);
    let size = capture.body().len();
    let (mut hosted, mut framed, mut marked) = (false, false, marker.is_none());
    for line in sound_lines(capture) {
        if line.is("host") {
            if !std::mem::replace(&mut hosted, true) {
                head.field(line.name, authority.as_bytes());
            }
        } else if line.is("content-length") || line.is("transfer-encoding") {
            if !std::mem::replace(&mut framed, true) {
                head.length(&line, size);
            }
        } else if let Some((_, value)) = marker.as_ref().filter(|(name, _)| line.is(name)) {
            if !std::mem::replace(&mut marked, true) {
                head.field(line.name, value.as_bytes());
            }
        } else if !removed.contains(&line) {
            head.push(&[line.raw]);
        }
    }
    if !framed && size > 0 {
        let lower = capture.summary.version == HttpVersion::Http2;
        let name: &[u8] = if lower { b"content-length" } else { b"Content-Length" };
        head.field(name, size.to_string().as_bytes());
    }
    if let Some((name, value)) = marker.filter(|_| !marked) {
        head.field(name.as_bytes(), value.as_bytes());
    }
    head.push(&[]);

    Ok(Outgoing {
        url: format!("{}{}", target.origin(), String::from_utf8_lossy(&path)),
        target: target.clone(),
        kind,
        head: head.bytes,
        is_head_method: captured.method() == b"HEAD",
        source: Arc::clone(capture),
    })
}

/// Whether a capture is a complete request whose parts can stand in a head again.
pub(in crate::domain) fn check_sendable(capture: &Capture) -> Result<(), PlanError> {
    let id = capture.id();
    match capture.summary.cut {
        Some(Cut::Refused) => return Err(PlanError::Refused(id)),
        Some(cut) => {
            let (kept, announced) = (capture.summary.size, capture.summary.announced);
            return Err(PlanError::Incomplete { id, cut, kept, announced });
        }
        None => {}
    }
    let head = capture.head();
    if !is_token(head.method()) {
        return Err(PlanError::Unsound(id, "method"));
    }
    if head.method() == b"CONNECT" {
        return Err(PlanError::Connect(id));
    }
    if head.target().iter().any(|&b| b <= b' ' || b == 0x7f) {
        return Err(PlanError::Unsound(id, "request target"));
    }
    if sound_lines(capture).any(|line| !line.is_sound()) {
        return Err(PlanError::Unsound(id, "header line"));
    }
    if head.get_all("transfer-encoding").any(|coding| !coding.eq_ignore_ascii_case(b"chunked")) {
        return Err(PlanError::Coding(id));
    }
    Ok(())
}

/// The header lines. The pseudo-header fields of HTTP/2 (RFC 9113 section 8.3) are no header lines.
pub(in crate::domain) fn sound_lines(capture: &Capture) -> impl Iterator<Item = Line<'_>> {
    let http2 = capture.summary.version == HttpVersion::Http2;
    lines(capture.head()).filter(move |line| !(http2 && line.raw.starts_with(b":")))
}

/// The header that says what this sending is.
fn marker(capture: &Capture, kind: DeliveryKind) -> Result<Option<(&'static str, String)>, PlanError> {
    match kind {
        DeliveryKind::Replay => Ok(Some((REPLAY_HEADER, capture.id().to_string()))),
        DeliveryKind::Forward => {
            // Several, or one that is no number, can only come from somebody who plays with it.
            let mut hops = capture.head().get_all(HOP_HEADER).map(|value| {
                std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()).unwrap_or(MOST_HOPS)
            });
            let most = hops.by_ref().max().unwrap_or(0);
            if most >= MOST_HOPS {
                return Err(PlanError::Loop(capture.id()));
            }
            Ok(Some((HOP_HEADER, (most + 1).to_string())))
        }
        DeliveryKind::Test => Ok(None),
    }
}

/// A head that is being written.
struct Head {
    bytes: Vec<u8>,
}

impl Head {
    fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes) }
    }

    /// Adds one line.
    fn push(&mut self, parts: &[&[u8]]) {
        for part in parts {
            self.bytes.extend_from_slice(part);
        }
        self.bytes.extend_from_slice(b"\r\n");
    }

    fn field(&mut self, name: &[u8], value: &[u8]) {
        self.push(&[name, b": ", value]);
    }

    /// Adds the length of the body in the place of a line that framed it. A length that was right stays
    /// as it was sent.
    fn length(&mut self, line: &Line<'_>, size: usize) {
        let stays = line.value.iter().all(u8::is_ascii_digit)
            && std::str::from_utf8(line.value).is_ok_and(|text| text.parse() == Ok(size));
        if line.is("content-length") {
            if stays {
                self.push(&[line.raw]);
            } else {
                self.field(line.name, size.to_string().as_bytes());
            }
            return;
        }
        let lower = line.name.iter().all(|b| !b.is_ascii_uppercase());
        let name: &[u8] = if lower { b"content-length" } else { b"Content-Length" };
        self.field(name, size.to_string().as_bytes());
    }
}

fn incomplete(id: CaptureId, cut: Cut, kept: u64, announced: Option<u64>) -> String {
    let (why, what) = match cut {
        Cut::TooLarge => ("its body is larger than max_body", "Raise max_body and have it sent once more."),
        Cut::Aborted => ("the sender closed the connection within the body", "Have it sent once more."),
        Cut::Timeout => ("the sender stopped within the body", "Have it sent once more."),
        Cut::Refused => ("it was refused", "Have it sent once more."),
    };
    let of = announced.map(|whole| format!("of {whole} ")).unwrap_or_default();
    format!("Capture {id} is not complete: {why}, {kept} {of}bytes are kept. {what}")
}
