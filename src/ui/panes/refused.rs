//! What is shown of a request that was refused: the bytes that came, as far as they were read.

use ratatui::text::Span;

use crate::{
    domain::{
        decode::{Document, Kind},
        text::Marks,
    },
    ui::{
        panes::Scene,
        widgets::{number, page::Page},
    },
};

/// Bytes that are shown here; the Raw pane has all of them.
const MOST: usize = 1_024;

/// Adds the bytes: text as lines with their ends visible, anything else as a hex dump.
pub(super) fn build<'a>(scene: &Scene<'a>, page: &mut Page<'a>) {
    let kit = scene.kit;
    let raw = scene.record.capture.head().raw();
    if raw.is_empty() {
        return;
    }
    page.heading(format!("What came: {}", number::size(raw.len() as u64)));
    let first = &raw[..raw.len().min(MOST)];
    if is_text(first) {
        for line in first.split_inclusive(|&b| b == b'\n') {
            let pieces = page.pieces(line, kit.style.text);
            page.hanging(Span::raw(""), 0, &pieces);
        }
    } else {
        hex(scene, page, first);
    }
    if raw.len() > MOST {
        page.sentence("the Raw pane has all of it", kit.style.dim);
    }
}

/// Adds a hex dump, or the bytes as they are where it does not fit.
fn hex<'a>(scene: &Scene<'a>, page: &mut Page<'a>, bytes: &[u8]) {
    let marks = if scene.kit.ascii { Marks::Ascii } else { Marks::Unicode };
    let dump = Document::of(None, bytes, Some(Kind::Hex), None);
    for index in 0..dump.lines() {
        let spans = dump.line(bytes, index, 0, page.columns(), marks);
        let spans = spans.into_iter().map(|s| Span::styled(s.text.into_owned(), scene.kit.role(s.role)));
        page.line(spans.collect::<Vec<_>>());
    }
}

fn is_text(bytes: &[u8]) -> bool {
    let control = |b: &u8| (*b < b' ' && !matches!(b, b'\t' | b'\n' | b'\r')) || *b == 0x7f;
    // The last character may be cut.
    std::str::from_utf8(bytes).map_or_else(|error| error.error_len().is_none(), |_| true)
        && !bytes.iter().any(control)
}
