//! What lies over the screen, in a box.

mod confirm;
mod copy;
mod export;
mod help;
mod line;
mod note;
mod send;
mod tolerance;
mod whatif;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Modifier,
    text::{Line, Span},
};

use crate::{
    app::{Model, overlay::Overlay},
    config::keymap::{Action, Context},
    ui::widgets::{kit::Kit, safe},
};

/// Columns beside a box that are too few to show anything.
const STRIP: u16 = 8;

/// Draws the open overlay; returns how many lines it has and how many are seen.
pub(super) fn draw(model: &Model, kit: &Kit, area: Rect, buffer: &mut Buffer) -> (usize, usize) {
    match &model.overlay {
        None => (0, 0),
        Some(Overlay::Help { context, scroll }) => help::draw(model, *context, *scroll, kit, area, buffer),
        Some(Overlay::Copy { index }) => copy::draw(model, *index, kit, area, buffer),
        Some(Overlay::Send(dialog)) => send::draw(model, dialog, kit, area, buffer),
        Some(Overlay::Export(dialog)) => export::draw(model, dialog, kit, area, buffer),
        Some(Overlay::WhatIf(dialog)) => whatif::draw(model, dialog, kit, area, buffer),
        Some(Overlay::Tolerance(dialog)) => tolerance::draw(model, dialog, kit, area, buffer),
        Some(Overlay::Confirm(question)) => confirm::draw(model, question, kit, area, buffer),
        Some(Overlay::Filter(filter)) => line::filter(filter, kit, area, buffer),
        Some(Overlay::Find(input)) => line::find(input, kit, area, buffer),
        Some(Overlay::Note(dialog)) => note::draw(model, dialog, kit, area, buffer),
        Some(Overlay::Delete(id)) => note::delete(model, *id, kit, area, buffer),
    }
}

/// An empty box with a title in the middle of an area, for content of some size; returns what is
/// within.
fn frame(title: &str, wanted: (u16, u16), kit: &Kit, area: Rect, buffer: &mut Buffer) -> Rect {
    let width = wanted.0.saturating_add(4).min(area.width);
    // A strip of what lies below, a few columns wide, would be noise.
    let width = if area.width - width <= STRIP { area.width } else { width };
    let height = wanted.1.saturating_add(2).min(area.height);
    let outer =
        Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 3, width, height };
    clear(outer, buffer);
    buffer.set_style(outer, kit.style.ground);
    if width < 4 || height < 3 {
        return Rect { height: outer.height.min(1), ..outer };
    }
    let [top_left, top_right, bottom_left, bottom_right] = kit.sign.corners;
    let line = kit.sign.horizontal.repeat(usize::from(width - 2));
    let style = kit.style.accent;
    let right = outer.right() - 1;
    let bottom = outer.bottom() - 1;
    for (y, left_corner, right_corner) in
        [(outer.y, top_left, top_right), (bottom, bottom_left, bottom_right)]
    {
        buffer.set_stringn(outer.x, y, left_corner, 1, style);
        buffer.set_stringn(outer.x + 1, y, &line, usize::from(width - 2), style);
        buffer.set_stringn(right, y, right_corner, 1, style);
    }
    for y in outer.y + 1..bottom {
        buffer.set_stringn(outer.x, y, kit.sign.vertical, 1, style);
        buffer.set_stringn(right, y, kit.sign.vertical, 1, style);
    }
    let room = usize::from(width - 2);
    let title = format!(" {title} ");
    buffer.set_stringn(outer.x + 1, outer.y, safe::fit(&title, room, kit.ascii), room, style);
    Rect { x: outer.x + 2, y: outer.y + 1, width: width - 4, height: height - 2 }
}

/// Blanks an area. A wide character that reaches into it from the left is blanked as well: the
/// terminal would draw it over the border.
fn clear(area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    for y in area.y..area.bottom() {
        if let Some(left) = area.x.checked_sub(1)
            && let Some(cell) = buffer.cell_mut((left, y))
            && safe::width(cell.symbol()) > 1
        {
            cell.set_symbol(" ");
        }
        for x in area.x..area.right() {
            if let Some(cell) = buffer.cell_mut((x, y)) {
                cell.reset();
            }
        }
    }
}

/// Draws lines into an area.
fn lines<'a>(lines: impl IntoIterator<Item = Line<'a>>, area: Rect, buffer: &mut Buffer) {
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        if line.style.bg.is_some() || line.style.add_modifier.contains(Modifier::REVERSED) {
            buffer.set_style(Rect { y, height: 1, ..area }, line.style);
        }
        buffer.set_line(area.x, y, &line, area.width);
    }
}

/// The keys of a dialog with what they do, in one line.
fn hints<'a>(model: &Model, context: Context, hints: &[(Action, &str)], kit: &Kit) -> Line<'a> {
    let mut spans: Vec<Span<'a>> = Vec::new();
    for (action, text) in hints {
        if let Some(key) = model.keymap.shown(context, *action) {
            spans.extend(hint(key, text, kit).spans);
            spans.push(Span::raw("  "));
        }
    }
    Line::from(spans)
}

/// A key and what it does.
fn hint<'a>(key: String, text: &str, kit: &Kit) -> Line<'a> {
    Line::from(vec![Span::styled(key, kit.style.accent), Span::styled(format!(" {text}"), kit.style.dim)])
}
