//! The contents of the detail panes, made from a capture off the thread that draws.

use std::{fmt, sync::Arc};

use crate::{
    app::{
        View,
        content::{LimitFrom, Lines, Role, SignatureView},
    },
    domain::{
        capture::Capture,
        decode::{Document, Kind},
        signature::{Code, Verdict},
        text::Marks,
    },
    engine::{ears::now, rules::Rules},
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
    let content_type = capture.summary.content_type();
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

/// Checks the signature of a capture in detail.
#[must_use]
pub fn signature(rules: &Rules, capture: &Capture) -> SignatureView {
    let report = rules.report(capture, rules.endpoint_of(capture));
    let provider = report.provider.as_ref().and_then(|(id, _)| rules.catalog.provider(id));
    let secret_names =
        provider.map(|provider| provider.env().map(str::to_owned).collect()).unwrap_or_default();
    let endpoint = rules.endpoint_of(capture).map(|index| &rules.endpoints.list[index]);
    let run = provider.and_then(|provider| rules.extra.tolerance(provider.id()));
    let limit_from = match (run, endpoint.and_then(|endpoint| endpoint.tolerance)) {
        (Some(_), _) => LimitFrom::Run,
        (None, Some(_)) => LimitFrom::Endpoint,
        (None, None) => LimitFrom::Provider,
    };
    let lacks = report.check.verdict == Verdict::Unchecked
        || report.check.verdict == Verdict::Invalid(Code::KeyUnavailable);
    let key_note = provider.filter(|_| lacks && rules.fetch_keys).and_then(|p| rules.extra.key_note(p.id()));
    let address = provider.and_then(|provider| provider.key_address(capture.head(), capture.body()));
    let key_address = address.map(|address| address.as_str().to_owned());
    SignatureView { report, secret_names, key_address, key_note, limit_from, now: now() }
}
