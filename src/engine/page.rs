//! The contents of the detail panes, made from a capture off the thread that draws.

use std::{fmt, sync::Arc};

use crate::{
    app::{
        View,
        content::{Lines, Role, SignatureView},
    },
    domain::{
        capture::Capture,
        decode::{Document, Kind},
        signature::{Piece, PieceBytes},
        text::Marks,
    },
    engine::rules::Rules,
};

/// How many lines the first part of a large body has: more than any screen, and indexed in
/// microseconds.
const FIRST_LINES: usize = 500;
/// Bodies up to this size are indexed whole at once.
const SMALL: usize = 256 * 1024;

/// A body together with the index of its lines.
struct Page {
    capture: Arc<Capture>,
    document: Document,
}

impl Lines for Page {
    fn kind(&self) -> &str {
        self.document.kind().as_str()
    }

    fn note(&self) -> Option<&str> {
        self.document.note()
    }

    fn complete(&self) -> bool {
        self.document.complete()
    }

    fn count(&self) -> usize {
        self.document.lines()
    }

    fn line(&self, index: usize, skip: usize, columns: usize, ascii: bool) -> Vec<(Role, String)> {
        let marks = if ascii { Marks::Ascii } else { Marks::Unicode };
        let spans = self.document.line(self.capture.body(), index, skip, columns, marks);
        spans.into_iter().map(|span| (span.role, span.text.into_owned())).collect()
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page").field("capture", &self.capture.id()).finish_non_exhaustive()
    }
}

/// Makes a body readable. A large one is told twice: its beginning at once, then the whole.
pub fn decode(capture: &Arc<Capture>, view: View, tell: impl Fn(Arc<dyn Lines>)) {
    let content_type = capture.summary.content_type.as_deref();
    let kind = match view {
        View::Decoded => None,
        View::Raw => Some(raw_kind(capture.body())),
    };
    let page = |limit| {
        let document = Document::of(content_type, capture.body(), kind, limit);
        Arc::new(Page { capture: Arc::clone(capture), document })
    };
    if capture.body().len() > SMALL {
        tell(page(Some(FIRST_LINES)));
    }
    tell(page(None));
}

/// Bytes as they are: as text where they are text, else as a hex dump.
fn raw_kind(body: &[u8]) -> Kind {
    let control = |b: &u8| *b < b' ' && !matches!(b, b'\t' | b'\n' | b'\r' | 0x1b);
    if std::str::from_utf8(body).is_ok() && !body.iter().any(control) { Kind::Text } else { Kind::Hex }
}

/// How much of a piece of signed content is shown.
const SHOWN: usize = 16 * 1024;

/// Checks the signature of a capture in detail.
#[must_use]
pub fn signature(rules: &Rules, capture: &Capture) -> SignatureView {
    let report = rules.report(capture, rules.endpoint_of(capture));
    let provider = report.provider.as_ref().and_then(|(id, _)| rules.catalog.provider(id));
    let content = report.content.iter().map(|piece| shown(piece, capture)).collect();
    let received = report.received.iter().map(|received| match received.secret {
        true => masked(received.text.len()),
        false => String::from_utf8_lossy(&received.text).into_owned(),
    });
    let expected = report.expected.iter().filter_map(|expected| {
        expected.reveal().map(|value| (expected.secret.to_string(), value.to_owned()))
    });
    let matched = report.expected.iter().find(|expected| expected.matches);
    SignatureView {
        verdict: report.check.verdict,
        content,
        received: received.collect(),
        expected: expected.collect(),
        matched: matched.map(|expected| expected.secret.to_string()),
        timestamp: report.timestamp.map(|timestamp| timestamp.to_string()),
        age_s: report.check.age_s,
        tolerance_s: report.tolerance.map(|tolerance| tolerance.as_secs()),
        signed_ok: report.check.signed_ok,
        weak: report.check.weak.as_deref().map(str::to_owned),
        secret_names: provider
            .map(|provider| provider.env().map(str::to_owned).collect())
            .unwrap_or_default(),
        explanation: report.explanation,
        provider: report.provider.map(|(_, name)| name),
        scheme: report.scheme,
        docs: report.docs,
        algorithm: report.algorithm.map(str::to_owned),
        header: report.place,
    }
}

/// A piece of signed content with its label; a long one is cut, and the label says so.
fn shown(piece: &Piece, capture: &Capture) -> (String, Vec<u8>) {
    let bytes = match &piece.bytes {
        PieceBytes::Body => capture.body(),
        PieceBytes::Bytes(bytes) => bytes,
        PieceBytes::Hidden => return (piece.label.clone(), "••••••".into()),
    };
    if bytes.len() <= SHOWN {
        return (piece.label.clone(), bytes.to_vec());
    }
    let label = format!("{} (its first {SHOWN} of {} bytes)", piece.label, bytes.len());
    (label, bytes[..SHOWN].to_vec())
}

/// What stands in the place of a shared secret that came with the request.
fn masked(length: usize) -> String {
    format!("•••••• ({length} characters, not shown)")
}
