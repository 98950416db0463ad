//! One thing happens, the model changes, intents come back.

use std::sync::Arc;

use crate::{
    app::{
        input::Input,
        model::{Arrangement, Focus, Model},
        msg::{CopyWhat, Effect, Mouse, MouseKind, Msg, Notice},
        overlay::{COPY_MENU, Overlay, SendDialog},
    },
    config::{
        key::{Key, KeyCode},
        keymap::{Action, Context},
    },
    domain::{capture::Capture, target::Target},
};

/// Columns that one key press scrolls sideways.
const SIDEWAYS: usize = 8;
/// Rows or lines that one notch of the wheel moves.
const NOTCH: isize = 3;
/// How many targets are remembered.
const TARGETS: usize = 50;

/// Takes one message in. Does nothing outside the model; what has to be done comes back.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut effects = match msg {
        Msg::Key(key) => key_pressed(model, key),
        Msg::Paste(text) => {
            if let Some(Overlay::Send(dialog)) = &mut model.overlay {
                dialog.input.insert(&text);
            }
            Vec::new()
        }
        Msg::Resize { width, height } => {
            model.size = (width, height);
            Vec::new()
        }
        Msg::Mouse(mouse) => mouse_used(model, mouse),
        Msg::Focus(_) => Vec::new(),
        Msg::Delta(delta) => {
            let changed = model.list.apply(delta);
            model.detail.gone = model.detail.id().is_some_and(|id| model.list.evicted(id));
            if changed { open(model) } else { Vec::new() }
        }
        Msg::Opened { id, record } => {
            match record {
                Some(record) if model.list.selected() == Some(id) => model.detail.open(record),
                Some(_) => {}
                None => model.detail.gone |= model.detail.id() == Some(id),
            }
            Vec::new()
        }
        Msg::Decoded { ticket, document } => {
            model.detail.decoded(ticket, document);
            Vec::new()
        }
        Msg::Reported { ticket, report } => {
            model.detail.reported(ticket, report);
            Vec::new()
        }
        Msg::Noticed(notice) => {
            model.notice = Some(notice);
            Vec::new()
        }
        Msg::Session(session) => {
            for target in &session.forward_to {
                if !model.targets.contains(target) {
                    model.targets.insert(0, target.clone());
                }
            }
            model.session = session;
            model.detail.forget_report();
            Vec::new()
        }
        Msg::Drawn(layout) => {
            let height = usize::from(layout.list.height);
            if height > 0 {
                model.list.settle(height);
            }
            model.layout = layout;
            keep_in_bounds(model);
            return Vec::new();
        }
    };
    let pane = model.pane().copied();
    effects.extend(model.detail.wants(pane.as_ref()));
    effects
}

fn key_pressed(model: &mut Model, key: Key) -> Vec<Effect> {
    model.notice = None;
    let context = model.context();
    if let (Some(Overlay::Send(dialog)), Some(_)) = (&mut model.overlay, key.typed()) {
        dialog.input.key(key);
        return Vec::new();
    }
    match model.keymap.action(context, key) {
        Some(action) => act(model, context, action),
        // Whatever a user's keymap says, there is a way out.
        None if key == (Key { code: KeyCode::Char('c'), ctrl: true, alt: false }) => vec![Effect::Quit],
        None => {
            if let Some(Overlay::Send(dialog)) = &mut model.overlay {
                dialog.input.key(key);
            }
            Vec::new()
        }
    }
}

fn act(model: &mut Model, context: Context, action: Action) -> Vec<Effect> {
    match action {
        Action::Quit => return vec![Effect::Quit],
        Action::Suspend => return vec![Effect::Suspend],
        Action::Redraw => return vec![Effect::Redraw],
        _ => {}
    }
    match context {
        Context::Help => help(model, action),
        Context::Copy => copy_menu(model, action),
        Context::Send => send_dialog(model, action),
        Context::List | Context::Detail => main_screen(model, context, action),
    }
}

fn main_screen(model: &mut Model, context: Context, action: Action) -> Vec<Effect> {
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
        Action::Open => model.zoom = !model.zoom,
        Action::Back | Action::Close if context == Context::Detail => {
            if model.zoom {
                model.zoom = false;
            } else {
                model.focus = Focus::List;
            }
        }
        Action::Close => return vec![Effect::Quit],
        Action::Back => model.notice = Some(Notice::info("this is the top: q quits")),
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
                Arrangement::Single if width >= 60 => Arrangement::Side,
                Arrangement::Single => Arrangement::Stacked,
            });
            model.zoom = false;
        }
        Action::Mouse => {
            model.mouse = !model.mouse;
            model.notice = Some(Notice::info(if model.mouse {
                "mouse on: click and scroll here; hold Shift to select text in most terminals"
            } else {
                "mouse off: the terminal selects text"
            }));
            return vec![Effect::Mouse(model.mouse)];
        }
        Action::Help => model.overlay = Some(Overlay::Help { context, scroll: 0 }),
        Action::Copy => return start_copy(model),
        Action::Replay => return replay(model),
        Action::Send => start_send(model),
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

/// No scrolling beyond the last page.
fn keep_in_bounds(model: &mut Model) {
    let lines = model.layout.detail_lines;
    let height = usize::from(model.layout.detail.height);
    if height > 0 {
        let scroll = model.detail.scroll_mut();
        scroll.line = scroll.line.min(lines.saturating_sub(height));
    }
    let (lines, height) = model.layout.overlay;
    if let Some(Overlay::Help { scroll, .. }) = &mut model.overlay {
        *scroll = (*scroll).min(lines.saturating_sub(height));
    }
}

fn show_pane(model: &mut Model, pane: usize) {
    if pane < model.panes.len() {
        model.detail.pane = pane;
    }
}

/// Asks for the selected capture.
fn open(model: &Model) -> Vec<Effect> {
    model.list.selected().map(Effect::Open).into_iter().collect()
}

/// The capture that keys are about: the one that is shown.
fn current(model: &mut Model) -> Option<Arc<Capture>> {
    let record = model.detail.record.as_ref().filter(|r| Some(r.capture.id()) == model.list.selected());
    let capture = record.map(|record| Arc::clone(&record.capture));
    if capture.is_none() {
        model.notice = Some(Notice::info("no capture is selected"));
    }
    capture
}

fn replay(model: &mut Model) -> Vec<Effect> {
    let Some(target) = model.last_target().cloned() else {
        start_send(model);
        return Vec::new();
    };
    current(model).map(|capture| send(model, capture, target)).into_iter().collect()
}

fn start_send(model: &mut Model) {
    if let Some(capture) = current(model) {
        let input = Input::new(model.last_target().map(ToString::to_string).unwrap_or_default());
        model.overlay = Some(Overlay::Send(SendDialog { input, capture, older: None }));
    }
}

fn send(model: &mut Model, capture: Arc<Capture>, target: Target) -> Effect {
    model.notice = Some(Notice::info(format!("sending #{} to {target}", capture.id())));
    model.targets.retain(|known| *known != target);
    model.targets.push(target.clone());
    if model.targets.len() > TARGETS {
        model.targets.remove(0);
    }
    Effect::Send { captures: vec![capture], target }
}

fn send_dialog(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Overlay::Send(dialog)) = &mut model.overlay else { return Vec::new() };
    let count = model.targets.len();
    match action {
        Action::Back => model.overlay = None,
        Action::Clear => dialog.input = Input::default(),
        Action::Older | Action::Newer => {
            let older = match (dialog.older, action) {
                (None, Action::Older) => Some(0),
                (Some(n), Action::Older) => Some(n + 1),
                (Some(n), _) => n.checked_sub(1),
                (None, _) => None,
            };
            // The newest target fills the field from the start: one step back leads to the one before.
            let older = match older {
                Some(0)
                    if dialog.older.is_none()
                        && count > 1
                        && dialog.input.text() == model.targets[count - 1].to_string() =>
                {
                    Some(1)
                }
                older => older,
            };
            if let Some(target) = older.and_then(|n| count.checked_sub(n + 1)).map(|at| &model.targets[at]) {
                dialog.input = Input::new(target.to_string());
                dialog.older = older;
            }
        }
        Action::Accept => {
            // A target that is not one stays in the field; the dialog says what is wrong with it.
            if let Ok((target, _)) = dialog.resolve(&model.session) {
                let capture = Arc::clone(&dialog.capture);
                model.overlay = None;
                return vec![send(model, capture, target)];
            }
        }
        _ => {}
    }
    Vec::new()
}

fn start_copy(model: &mut Model) -> Vec<Effect> {
    if model.list.selected().is_none()
        && let Some(text) = model.session.try_curl()
    {
        return vec![Effect::CopyText { label: "curl command", text }];
    }
    if current(model).is_some() {
        model.overlay = Some(Overlay::Copy { index: 0 });
    }
    Vec::new()
}

fn copy_menu(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Overlay::Copy { index }) = &mut model.overlay else { return Vec::new() };
    let what = match action {
        Action::Down => {
            *index = (*index + 1) % COPY_MENU.len();
            return Vec::new();
        }
        Action::Up => {
            *index = (*index + COPY_MENU.len() - 1) % COPY_MENU.len();
            return Vec::new();
        }
        Action::Accept => COPY_MENU.get(*index).map(|&(_, what)| what),
        other => COPY_MENU.iter().find(|(action, _)| *action == other).map(|&(_, what)| what),
    };
    model.overlay = None;
    what.and_then(|what: CopyWhat| current(model).map(|capture| Effect::Copy { what, capture }))
        .into_iter()
        .collect()
}

fn help(model: &mut Model, action: Action) -> Vec<Effect> {
    let page = model.layout.overlay.1.saturating_sub(1).max(1);
    if let Some(Overlay::Help { scroll, .. }) = &mut model.overlay {
        *scroll = match action {
            Action::Down => *scroll + 1,
            Action::Up => scroll.saturating_sub(1),
            Action::PageDown => *scroll + page,
            Action::PageUp => scroll.saturating_sub(page),
            Action::Top => 0,
            Action::Bottom => model.layout.overlay.0,
            _ => {
                model.overlay = None;
                return Vec::new();
            }
        };
    }
    keep_in_bounds(model);
    Vec::new()
}

fn mouse_used(model: &mut Model, mouse: Mouse) -> Vec<Effect> {
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
