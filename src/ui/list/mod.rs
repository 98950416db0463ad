//! The list of captures: a window of rows over columns that fit.

mod cells;
mod columns;

pub(in crate::ui) use self::cells::UNSAVED;

use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use crate::{
    app::{Model, model::Focus},
    config::keymap::{Action, Context},
    ui::{
        list::{cells::Place, columns::Column},
        widgets::{kit::Kit, safe},
    },
};

/// Draws heading and rows; returns the area of the rows.
pub(super) fn draw(model: &Model, kit: &Kit, area: Rect, buffer: &mut Buffer) -> Rect {
    let rows = Rect { y: area.y.saturating_add(1), height: area.height.saturating_sub(1), ..area };
    if area.is_empty() {
        return rows;
    }
    let digits = model.list.highest().max(1).ilog10() as usize + 1;
    let forwards = !model.session.forward_to.is_empty();
    let columns = columns::fit(usize::from(area.width), digits, forwards, model.list.has_signs());
    let style = if model.list.paused() { kit.style.warn } else { kit.style.heading };
    heading(style, &columns, area, buffer);

    let window = model.list.window(usize::from(rows.height));
    let selected = model.list.place();
    for (y, index) in (rows.y..rows.bottom()).zip(window) {
        let Some(row) = model.list.row(index) else { break };
        let here = selected == Some(index);
        let line = Rect { y, height: 1, ..rows };
        let place = Place { row, here, zone: &model.session.zone, hiding: model.hiding() };
        let mut x = line.x;
        for (column, width) in &columns {
            cells::draw(*column, &place, kit, Rect { x, width: *width, ..line }, buffer);
            x = x.saturating_add(*width).saturating_add(column.gap());
        }
        if here {
            let style = if model.focus == Focus::List { kit.style.selected } else { kit.style.selected_idle };
            buffer.set_style(line, style);
        }
    }
    if model.list.is_empty() && rows.height > 0 {
        let text = match model.list.waiting() {
            0 if model.sift.scanning => "looking through the captures".to_owned(),
            0 if model.list.sifted() => {
                let key = model.key(Context::List, Action::Back);
                format!("no capture matches the filter; {key} shows all")
            }
            0 => "no captures yet".to_owned(),
            n => format!("paused: {n} waiting"),
        };
        put(buffer, rows, 1, &text, kit.style.dim, kit);
    }
    rows
}

fn heading(style: Style, columns: &[(Column, u16)], area: Rect, buffer: &mut Buffer) {
    buffer.set_style(Rect { height: 1, ..area }, style);
    let mut x = area.x;
    for (column, width) in columns {
        let title = column.title(*width);
        let pad = if column.right() { usize::from(*width).saturating_sub(title.len()) } else { 0 };
        let at = x.saturating_add(u16::try_from(pad).unwrap_or(0));
        if at < area.right() {
            buffer.set_stringn(
                at,
                area.y,
                title,
                usize::from(area.right() - at).min(usize::from(*width)),
                style,
            );
        }
        x = x.saturating_add(*width).saturating_add(column.gap());
    }
}

/// Writes one line within an area, at an indent.
pub(super) fn put(buffer: &mut Buffer, area: Rect, indent: u16, text: &str, style: Style, kit: &Kit) {
    let room = usize::from(area.width.saturating_sub(indent));
    if room > 0 && area.height > 0 {
        buffer.set_stringn(area.x + indent, area.y, safe::fit(text, room, kit.ascii), room, style);
    }
}
