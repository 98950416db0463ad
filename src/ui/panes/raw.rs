//! Raw: head and body byte for byte, line ends included.

use ratatui::text::Span;

use crate::{
    app::View,
    ui::{
        panes::{Scene, document},
        widgets::page::Page,
    },
};

/// Most lines of the head that are drawn.
const MOST: usize = 2_000;

/// Fills the page.
pub(super) fn build<'a>(scene: &Scene<'a>, page: &mut Page<'a>) {
    let style = &scene.kit.style;
    let capture = &scene.record.capture;
    for line in capture.head().raw().split_inclusive(|&b| b == b'\n').take(MOST) {
        let pieces = page.pieces(line, style.text);
        page.hanging(Span::raw(""), 0, &pieces);
    }
    page.gap();
    document(scene, page, View::Raw);
    if !capture.trailers().is_empty() {
        page.heading("Trailers");
        for line in capture.trailers().split_inclusive(|&b| b == b'\n').take(MOST) {
            let pieces = page.pieces(line, style.text);
            page.hanging(Span::raw(""), 0, &pieces);
        }
    }
}
