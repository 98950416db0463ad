//! The note dialog, and the question before a capture is deleted.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    app::{Model, overlay::NoteDialog},
    config::keymap::{Action, Context},
    domain::capture::CaptureId,
    ui::{
        overlays,
        widgets::{kit::Kit, safe},
    },
};

/// Draws the dialog; returns how many lines there are and how many are seen.
pub(super) fn draw(
    model: &Model,
    dialog: &NoteDialog,
    kit: &Kit,
    area: Rect,
    buffer: &mut Buffer,
) -> (usize, usize) {
    let width = area.width.saturating_sub(8).clamp(1, 76);
    let field = overlays::send::field(&dialog.input, kit, usize::from(width));
    let empty = if dialog.input.text().trim().is_empty() { "keep no note" } else { "keep" };
    let keys = [(Action::Accept, empty), (Action::Back, "cancel"), (Action::Clear, "empty")];
    let lines = vec![field, Line::default(), hints(model, Context::Note, &keys, kit)];
    boxed(&format!("Note on #{}", dialog.id), lines, width, kit, area, buffer)
}

/// Draws the question.
pub(super) fn delete(
    model: &Model,
    id: CaptureId,
    kit: &Kit,
    area: Rect,
    buffer: &mut Buffer,
) -> (usize, usize) {
    let width = area.width.saturating_sub(8).clamp(1, 56);
    let mut lines = Vec::new();
    if let Some(row) = model.list.row_of(id) {
        let what = [row.summary.method(), b" ", row.summary.target()].concat();
        let what = safe::text(&what, kit.ascii);
        lines.push(Line::styled(
            safe::fit(&what, usize::from(width), kit.ascii).into_owned(),
            kit.style.strong,
        ));
        if row.is_marked() {
            lines.push(Line::styled("It is marked.", kit.style.warn));
        }
    }
    lines.push(Line::styled("It cannot be brought back.", kit.style.text));
    lines.push(Line::default());
    let keys = [(Action::Yes, "or"), (Action::Delete, "delete"), (Action::Back, "keep")];
    lines.push(hints(model, Context::Delete, &keys, kit));
    boxed(&format!("Delete #{id}?"), lines, width, kit, area, buffer)
}

fn hints<'a>(model: &Model, context: Context, keys: &[(Action, &str)], kit: &Kit) -> Line<'a> {
    let mut spans: Vec<Span<'a>> = Vec::new();
    for (action, text) in keys {
        if let Some(key) = model.keymap.shown(context, *action) {
            spans.extend(overlays::hint(key, text, kit).spans);
            spans.push(Span::raw(if *text == "or" { " " } else { "   " }));
        }
    }
    Line::from(spans)
}

fn boxed(
    title: &str,
    lines: Vec<Line<'_>>,
    width: u16,
    kit: &Kit,
    area: Rect,
    buffer: &mut Buffer,
) -> (usize, usize) {
    let total = lines.len();
    let height = u16::try_from(total).unwrap_or(u16::MAX);
    let inner = overlays::frame(title, (width, height), kit, area, buffer);
    overlays::lines(lines, inner, buffer);
    (total, usize::from(inner.height))
}
