//! What the mouse does.

use crate::app::{
    effect::Effect,
    model::{Focus, Model},
    msg::{Mouse, MouseKind},
    update::{keep_in_bounds, open, show_pane},
};

/// Rows or lines that one notch of the wheel moves.
const NOTCH: isize = 3;

/// Clicks select, the wheel moves; neither does anything under an overlay.
pub(super) fn used(model: &mut Model, mouse: Mouse) -> Vec<Effect> {
    if model.overlay.is_some() {
        return Vec::new();
    }
    let (column, row) = (mouse.column, mouse.row);
    let in_list = model.layout.list.contains(column, row);
    let in_detail = model.layout.detail.contains(column, row);
    let tab = model.layout.tabs.iter().position(|tab| tab.contains(column, row));
    match mouse.kind {
        MouseKind::Press if in_list => {
            model.focus = Focus::List;
            let window = model.list.window(usize::from(model.layout.list.height));
            let index = window.start + usize::from(row - model.layout.list.y);
            if window.contains(&index) {
                model.list.pick(index);
                return open(model);
            }
        }
        MouseKind::Press => {
            if let Some(pane) = tab {
                show_pane(model, pane);
            } else if in_detail && model.list.selected().is_some() {
                model.list.leave();
                model.focus = Focus::Detail;
            }
        }
        MouseKind::ScrollUp | MouseKind::ScrollDown => {
            let by = if mouse.kind == MouseKind::ScrollUp { -NOTCH } else { NOTCH };
            if in_list {
                model.list.step(by);
                return open(model);
            }
            if in_detail {
                let scroll = model.detail.scroll_mut();
                scroll.line = scroll.line.saturating_add_signed(by);
                keep_in_bounds(model);
            }
        }
    }
    Vec::new()
}
