//! How the parts share the screen.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    app::{
        Model,
        layout::{Area, Layout},
        model::{Arrangement, Focus},
    },
    ui::{detail, empty, footer, header, list, overlays, widgets::kit::Kit},
};

/// Draws everything.
pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) -> Layout {
    let mut layout = Layout::default();
    if area.is_empty() {
        return layout;
    }
    let kit = Kit::of(&model.look);
    buffer.set_style(area, kit.style.ground);
    let top = header::height(model, area.height).min(area.height);
    let bottom = u16::from(area.height >= 3);
    header::draw(model, &kit, Rect { height: top, ..area }, buffer);
    let body = Rect { y: area.y + top, height: area.height.saturating_sub(top + bottom), ..area };
    if model.list.highest() == 0 && model.detail.record.is_none() {
        empty::draw(model, &kit, body, buffer);
    } else {
        shared(model, &kit, model.arrangement(area.width, area.height), body, buffer, &mut layout);
    }
    layout.overlay = overlays::draw(model, &kit, body, buffer);
    if bottom > 0 {
        let (lines, seen) = layout.overlay;
        footer::draw(model, &kit, seen >= lines, Rect { y: area.bottom() - 1, height: 1, ..area }, buffer);
    }
    layout
}

/// List and detail.
fn shared(
    model: &Model,
    kit: &Kit,
    arrangement: Arrangement,
    body: Rect,
    buffer: &mut Buffer,
    layout: &mut Layout,
) {
    let alone = model.focus == Focus::Detail && model.zoom;
    match arrangement {
        _ if alone => detail::draw(model, kit, body, buffer, layout),
        Arrangement::Single if model.focus == Focus::Detail => detail::draw(model, kit, body, buffer, layout),
        Arrangement::Single => layout.list = area(list::draw(model, kit, body, buffer)),
        Arrangement::Side => {
            let left = left(body.width);
            layout.list = area(list::draw(model, kit, Rect { width: left, ..body }, buffer));
            for y in body.y..body.bottom() {
                buffer.set_stringn(body.x + left, y, kit.sign.vertical, 1, kit.style.border);
            }
            let right = Rect { x: body.x + left + 1, width: body.width - left - 1, ..body };
            detail::draw(model, kit, right, buffer, layout);
        }
        Arrangement::Stacked => {
            let upper = (body.height * 2 / 5).max(4).min(body.height);
            layout.list = area(list::draw(model, kit, Rect { height: upper, ..body }, buffer));
            let lower = Rect { y: body.y + upper, height: body.height - upper, ..body };
            detail::draw(model, kit, lower, buffer, layout);
        }
    }
}

/// The columns of the list beside the detail. The detail wants room for a signature of 64 digits with
/// its label; what is beyond that goes to the list until every column has its room.
fn left(width: u16) -> u16 {
    width.saturating_sub(84).clamp(68, 130).min(if width < 140 { width / 2 } else { width / 2 + width / 8 })
}

const fn area(rect: Rect) -> Area {
    Area { x: rect.x, y: rect.y, width: rect.width, height: rect.height }
}
