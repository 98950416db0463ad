//! What keys do on the main screen: the list and the panes.

use crate::{
    app::{
        confirm, dialogs,
        effect::Effect,
        export, find,
        model::{Arrangement, Focus, Model, SIDE},
        msg::Notice,
        overlay::Overlay,
        remarks, sift, tolerance,
        update::{hide, keep_in_bounds, open, show_pane},
        whatif,
    },
    config::keymap::{Action, Context},
};

/// Columns that one key press scrolls sideways.
const SIDEWAYS: usize = 8;

/// Does what a key of the list or of a pane is for.
pub(super) fn act(model: &mut Model, context: Context, action: Action) -> Vec<Effect> {
    if let Some(pane) = action.pane() {
        show_pane(model, pane);
        return Vec::new();
    }
    match action {
        Action::Open if context == Context::List => {
            if model.list.selected().is_some() {
                model.list.leave();
                model.focus = Focus::Detail;
            }
        }
        Action::Open => model.zoom = !model.zoom && model.can_zoom(),
        Action::Back if context == Context::Detail && model.find.active() => find::clear(model),
        Action::Back if context == Context::List && model.sift.active.is_some() => return sift::clear(model),
        Action::Back | Action::Close if context == Context::Detail => {
            if model.zoom && model.can_zoom() {
                model.zoom = false;
            } else {
                model.focus = Focus::List;
            }
        }
        Action::Close | Action::Back => return vec![Effect::Quit],
        Action::NextPane => show_pane(model, (model.detail.pane + 1) % model.panes.len().max(1)),
        Action::PreviousPane => {
            let count = model.panes.len().max(1);
            show_pane(model, (model.detail.pane + count - 1) % count);
        }
        Action::Left => {
            let scroll = model.detail.scroll_mut();
            scroll.column = scroll.column.saturating_sub(SIDEWAYS);
        }
        Action::Right => {
            let scroll = model.detail.scroll_mut();
            scroll.column = scroll.column.saturating_add(SIDEWAYS);
        }
        Action::Follow => {
            if model.list.following() {
                model.list.leave();
                return Vec::new();
            }
            model.list.to_bottom();
            return open(model);
        }
        Action::Pause => {
            model.list.pause();
            return open(model);
        }
        Action::Layout => {
            let (width, height) = model.size;
            model.chosen = Some(match model.arrangement(width, height) {
                Arrangement::Side => Arrangement::Stacked,
                Arrangement::Stacked => Arrangement::Single,
                Arrangement::Single if width >= SIDE => Arrangement::Side,
                Arrangement::Single => Arrangement::Stacked,
            });
            model.zoom = false;
        }
        Action::Mouse => {
            model.mouse = !model.mouse;
            model.notice = Some(Notice::info(if model.mouse {
                "Mouse on: click and scroll here; most terminals select text with Shift held."
            } else {
                "Mouse off: the terminal selects text."
            }));
            return vec![Effect::Mouse(model.mouse)];
        }
        Action::Help => model.overlay = Some(Overlay::Help { context, scroll: 0 }),
        Action::Copy => return dialogs::start_copy(model),
        Action::Hide => {
            hide(model, !model.hide);
            model.notice = Some(Notice::info(if model.hide {
                "Secrets and personal fields are hidden, in copies too."
            } else {
                "Everything is shown."
            }));
        }
        Action::Export => export::start(model),
        Action::Replay => return dialogs::replay(model),
        Action::Send => dialogs::start_send(model),
        Action::WhatIf => return whatif::start(model),
        Action::Tolerance => return tolerance::start(model),
        Action::Confirm => confirm::start(model),
        Action::Filter => sift::start(model),
        Action::Search => find::start(model),
        Action::NextMatch => find::step(model, true),
        Action::PreviousMatch => find::step(model, false),
        Action::Mark => return remarks::toggle_mark(model),
        Action::Note => remarks::start_note(model),
        Action::Delete => remarks::start_delete(model),
        _ if context == Context::List => return move_in_list(model, action),
        _ => scroll_pane(model, action),
    }
    Vec::new()
}

fn move_in_list(model: &mut Model, action: Action) -> Vec<Effect> {
    let page = isize::try_from(model.layout.list.height.saturating_sub(1).max(1)).unwrap_or(1);
    match action {
        Action::Down => model.list.step(1),
        Action::Up => model.list.step(-1),
        Action::PageDown => model.list.step(page),
        Action::PageUp => model.list.step(-page),
        Action::Top => model.list.to_top(),
        Action::Bottom => model.list.to_bottom(),
        _ => return Vec::new(),
    }
    open(model)
}

fn scroll_pane(model: &mut Model, action: Action) {
    let page = usize::from(model.layout.detail.height.saturating_sub(1).max(1));
    let last = model.layout.detail_lines;
    let scroll = model.detail.scroll_mut();
    scroll.line = match action {
        Action::Down => scroll.line.saturating_add(1),
        Action::Up => scroll.line.saturating_sub(1),
        Action::PageDown => scroll.line.saturating_add(page),
        Action::PageUp => scroll.line.saturating_sub(page),
        Action::Top => {
            scroll.column = 0;
            0
        }
        Action::Bottom => last,
        _ => scroll.line,
    };
    keep_in_bounds(model);
}
