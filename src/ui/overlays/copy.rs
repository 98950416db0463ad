//! The copy menu.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    app::{Model, overlay::COPY_MENU},
    config::keymap::Context,
    ui::{
        overlays,
        widgets::{kit::Kit, number},
    },
};

/// Draws it; returns how many lines there are and how many are seen.
pub(super) fn draw(
    model: &Model,
    index: usize,
    kit: &Kit,
    area: Rect,
    buffer: &mut Buffer,
) -> (usize, usize) {
    let mut lines: Vec<Line<'_>> = COPY_MENU
        .iter()
        .enumerate()
        .map(|(line, (action, what))| {
            let key = model.keymap.shown(Context::Copy, *action).unwrap_or_default();
            let marker = if line == index { kit.sign.selected } else { " " };
            let size = match (what, model.detail.shown()) {
                (crate::app::CopyWhat::Body, Some(record)) => {
                    format!("  {}", number::size(record.capture.summary.size))
                }
                _ => String::new(),
            };
            let mut row = Line::from(vec![
                Span::styled(marker.to_owned(), kit.style.accent),
                Span::styled(format!(" {key:<3}"), kit.style.accent),
                Span::styled(format!("{:<15}", what.label()), kit.style.text),
                Span::styled(size, kit.style.dim),
            ]);
            if line == index {
                row = row.patch_style(kit.style.selected);
            }
            row
        })
        .collect();
    if !model.session.clipboard.is_empty() {
        lines.push(Line::default());
        lines.push(Line::styled(format!("to {}", model.session.clipboard), kit.style.dim));
    }
    let width = lines.iter().map(Line::width).max().unwrap_or(0).max(30);
    let size = (u16::try_from(width).unwrap_or(40), u16::try_from(lines.len()).unwrap_or(u16::MAX));
    let title = model.list.selected().map_or("Copy".to_owned(), |id| format!("Copy of #{id}"));
    let inner = overlays::frame(&title, size, kit, area, buffer);
    let total = lines.len();
    overlays::lines(lines, inner, buffer);
    (total, usize::from(inner.height))
}
