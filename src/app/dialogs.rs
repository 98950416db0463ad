//! What keys do in the send dialog, the copy menu and the help, and what opens them.

use std::sync::Arc;

use crate::{
    app::{
        effect::{CopyWhat, Effect},
        input::Input,
        model::Model,
        msg::Notice,
        overlay::{COPY_MENU, Overlay, SendDialog},
        update::{current, current_shown, keep_in_bounds},
    },
    config::keymap::Action,
    domain::{capture::Capture, delivery::DeliveryKind, record::Record, target::Target},
};

/// How many targets are remembered.
const TARGETS: usize = 50;

/// Sends the capture to the last target, or asks for one.
pub(super) fn replay(model: &mut Model) -> Vec<Effect> {
    let Some(target) = model.last_target().cloned() else {
        start_send(model);
        return Vec::new();
    };
    current(model).map(|capture| send(model, capture, target)).into_iter().collect()
}

/// Asks for a target.
pub(super) fn start_send(model: &mut Model) {
    if let Some(capture) = current(model) {
        let input = Input::new(model.last_target().map(ToString::to_string).unwrap_or_default());
        model.overlay = Some(Overlay::Send(SendDialog { input, capture, older: None }));
    }
}

fn send(model: &mut Model, capture: Arc<Capture>, target: Target) -> Effect {
    let stale = if model.is_stale() { " (its signature is too old by now)" } else { "" };
    model.notice = Some(Notice::info(format!("Sending #{} to {target}{stale} ...", capture.id())));
    let before = model.detail.record.as_ref().filter(|record| record.capture.id() == capture.id());
    model.sent = before.map(|record| (capture.id(), record.deliveries.len()));
    model.targets.retain(|known| *known != target);
    model.targets.push(target.clone());
    if model.targets.len() > TARGETS {
        model.targets.remove(0);
    }
    Effect::Send { captures: vec![capture], target }
}

/// Says how what was sent by hand ended, once that is known.
pub(super) fn tell_result(model: &mut Model) {
    let (Some((id, before)), Some(record)) = (model.sent, &model.detail.record) else { return };
    if record.capture.id() != id {
        return;
    }
    let ended = record.deliveries.iter().skip(before).filter(|d| d.kind != DeliveryKind::Forward);
    let Some((delivery, outcome)) = ended.filter_map(|d| Some((d, d.outcome.as_ref()?))).next() else {
        return;
    };
    let ms = outcome.took.as_millis();
    model.notice = Some(match &outcome.result {
        Ok(reply) => Notice {
            bad: reply.status >= 400,
            text: format!("#{id} sent: {} {} in {ms} ms from {}", reply.status, reply.reason, delivery.url),
        },
        Err(error) => Notice::bad(format!("#{id} not sent: {error}")),
    });
    model.sent = None;
}

/// A key of the send dialog.
pub(super) fn send_dialog(model: &mut Model, action: Action) -> Vec<Effect> {
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
            if let Ok((target, _)) = dialog.resolve(&model.session)
                && !model.session.is_own(&target)
            {
                let capture = Arc::clone(&dialog.capture);
                model.overlay = None;
                return vec![send(model, capture, target)];
            }
        }
        _ => {}
    }
    Vec::new()
}

/// Asks what to copy; before there is a capture, copies the command that makes one.
pub(super) fn start_copy(model: &mut Model) -> Vec<Effect> {
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

/// A key of the copy menu.
pub(super) fn copy_menu(model: &mut Model, action: Action) -> Vec<Effect> {
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
    let effect = |what: CopyWhat, record: Record, redacted: bool| match what.format() {
        Some(format) => Effect::CopyAs { format, record, redacted },
        None => Effect::Copy { what, capture: record.capture, redacted },
    };
    // What is hidden on the screen is not given away by a copy either.
    let redacted = model.hide;
    what.and_then(|what| current_shown(model).map(|record| effect(what, record, redacted)))
        .into_iter()
        .collect()
}

/// A key of the help; one that does not scroll closes it.
pub(super) fn help(model: &mut Model, action: Action) -> Vec<Effect> {
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
