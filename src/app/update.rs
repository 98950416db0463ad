//! One thing happens, the model changes, intents come back.

use std::sync::Arc;

use crate::{
    app::{
        confirm, dialogs,
        effect::Effect,
        export, find,
        model::Model,
        msg::{Msg, Notice},
        overlay::Overlay,
        pointer, remarks, screen, sift, tolerance, whatif,
    },
    config::{
        key::{Key, KeyCode},
        keymap::{Action, Context},
    },
    domain::{capture::Capture, record::Record},
};

/// Takes one message in. Does nothing outside the model; what has to be done comes back.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut effects = match msg {
        Msg::Key(key) => key_pressed(model, key),
        Msg::Paste(text) => {
            if let Some(field) = model.overlay.as_mut().and_then(Overlay::field) {
                field.insert(&text);
            }
            Vec::new()
        }
        Msg::Resize { width, height } => {
            model.size = (width, height);
            Vec::new()
        }
        Msg::Mouse(mouse) => pointer::used(model, mouse),
        Msg::Focus(_) => Vec::new(),
        Msg::Delta(delta) => sift::changed(model, delta),
        Msg::Opened { id, record } => {
            match record {
                Some(record) if model.list.selected() == Some(id) => {
                    model.detail.open(record);
                    dialogs::tell_result(model);
                }
                Some(_) => {}
                None => model.detail.gone |= model.detail.id() == Some(id),
            }
            Vec::new()
        }
        Msg::Unreadable { id, why } => {
            if model.list.selected() == Some(id) {
                model.detail.close(Some(why));
            }
            Vec::new()
        }
        Msg::Decoded { ticket, document } => {
            model.detail.decoded(ticket, document);
            Vec::new()
        }
        Msg::Reported { ticket, report } => {
            let now = report.now;
            if model.detail.reported(ticket, report) {
                model.clock = now;
            }
            Vec::new()
        }
        Msg::Clock(now) => {
            model.clock = now;
            Vec::new()
        }
        Msg::Tolerances(known) => {
            tolerance::open(model, known);
            Vec::new()
        }
        Msg::Rotated(rotation) => {
            whatif::rotated(model, rotation);
            Vec::new()
        }
        Msg::Hidden { ticket, of, record } => {
            model.detail.hidden(ticket, of, record);
            Vec::new()
        }
        Msg::Exported(exported) => {
            export::exported(model, exported);
            Vec::new()
        }
        Msg::Tried(tally) => {
            tolerance::checked(model, &tally);
            whatif::tried(model, tally);
            Vec::new()
        }
        Msg::Saved(saved) => {
            whatif::saved(model, saved);
            Vec::new()
        }
        Msg::Filter(text) => sift::begin(model, &text),
        Msg::Sifted { ticket, ids, done } => sift::sifted(model, ticket, ids, done),
        Msg::Examined { ticket, matching, others } => sift::examined(model, ticket, matching, &others),
        Msg::Found { ticket, found } => {
            find::found(model, ticket, found);
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
            let same = model.session.hiding == session.hiding;
            model.session = session;
            if model.hide && !same {
                model.detail.hide(Some(Arc::clone(&model.session.hiding)));
            }
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
            // The screen as it was drawn is not yet the one that was asked for.
            return if find::drawn(model) { vec![Effect::Again] } else { Vec::new() };
        }
    };
    let pane = model.pane().copied();
    effects.extend(model.detail.wants(pane.as_ref()));
    if matches!(model.overlay, Some(Overlay::Send(_))) {
        effects.extend(model.detail.wants_report());
    }
    effects.extend(find::wants(model));
    if let Some(Overlay::Filter(line)) = &mut model.overlay {
        line.check();
    }
    effects
}

fn key_pressed(model: &mut Model, key: Key) -> Vec<Effect> {
    model.notice = None;
    let context = model.context();
    let field = model.overlay.as_mut().and_then(Overlay::field);
    if let (Some(field), Some(_)) = (field, key.typed()) {
        field.key(key);
        return Vec::new();
    }
    match model.keymap.action(context, key) {
        Some(action) => act(model, context, action),
        // Whatever a user's keymap says, there is a way out.
        None if key == (Key { code: KeyCode::Char('c'), ctrl: true, alt: false }) => vec![Effect::Quit],
        // Whatever else is pressed after the question means no.
        None if context == Context::Delete => {
            model.overlay = None;
            Vec::new()
        }
        None => {
            if let Some(field) = model.overlay.as_mut().and_then(Overlay::field) {
                field.key(key);
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
        Context::Help => dialogs::help(model, action),
        Context::Copy => dialogs::copy_menu(model, action),
        Context::Send => dialogs::send_dialog(model, action),
        Context::WhatIf => whatif::act(model, action),
        Context::Tolerance => tolerance::act(model, action),
        Context::Question => confirm::act(model, action),
        Context::Export => export::act(model, action),
        Context::Filter => sift::act(model, action),
        Context::Note => remarks::note(model, action),
        Context::Delete => remarks::delete(model, action),
        Context::Find => {
            find::act(model, action);
            Vec::new()
        }
        Context::List | Context::Detail => screen::act(model, context, action),
    }
}

/// No scrolling beyond the last page.
pub(super) fn keep_in_bounds(model: &mut Model) {
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

/// Shows a pane, if there is one of this number.
pub(super) fn show_pane(model: &mut Model, pane: usize) {
    if pane < model.panes.len() {
        model.detail.pane = pane;
    }
}

/// Asks for the selected capture.
pub(super) fn open(model: &Model) -> Vec<Effect> {
    model.list.selected().map(Effect::Open).into_iter().collect()
}

/// Hides secrets and personal fields, or shows them.
pub fn hide(model: &mut Model, on: bool) {
    model.hide = on;
    model.detail.hide(on.then(|| Arc::clone(&model.session.hiding)));
}

/// The record that is shown, as it may be seen.
pub(super) fn current_shown(model: &mut Model) -> Option<Record> {
    current(model)?;
    let shown = model.detail.shown().cloned();
    if shown.is_none() {
        model.notice = Some(Notice::info("Still hiding what is in it; try again in a moment."));
    }
    shown
}

/// The capture that keys are about: the one that is shown.
pub(super) fn current(model: &mut Model) -> Option<Arc<Capture>> {
    let record = model.detail.record.as_ref().filter(|r| Some(r.capture.id()) == model.list.selected());
    let capture = record.map(|record| Arc::clone(&record.capture));
    if capture.is_none() {
        model.notice = Some(Notice::info("No capture is selected."));
    }
    capture
}
