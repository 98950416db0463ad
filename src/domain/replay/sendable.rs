//! Which captures can be sent again, and why others cannot.

use super::{
    fields::{Line, is_token, lines},
    plan::MOST_HOPS,
};
use crate::domain::capture::{Capture, CaptureId, Cut, HttpVersion};

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

/// Whether a capture is a complete request whose parts can stand in a head again.
pub(in crate::domain) fn check_sendable(capture: &Capture) -> Result<(), PlanError> {
    let id = capture.id();
    match capture.summary.cut {
        Some(Cut::Refused) => return Err(PlanError::Refused(id)),
        Some(cut) => {
            let (kept, announced) = (capture.summary.size, capture.summary.announced());
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
