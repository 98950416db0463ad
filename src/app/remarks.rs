//! Marks, notes, and taking a capture out.

use crate::{
    app::{
        effect::Effect,
        input::Input,
        model::Model,
        msg::Notice,
        overlay::{NoteDialog, Overlay},
    },
    config::keymap::Action,
    domain::{capture::CaptureId, record::Remark},
};

/// What is noted about the selected capture; nothing where it is gone.
fn selected(model: &mut Model) -> Option<(CaptureId, Remark)> {
    let row = model.list.selected().and_then(|id| model.list.row_of(id));
    let found = row.map(|row| (row.summary.id, row.remark.as_deref().cloned().unwrap_or_default()));
    if found.is_none() {
        let gone = model.list.selected().is_some();
        let text = if gone { "This capture is no longer kept." } else { "No capture is selected." };
        model.notice = Some(Notice::info(text));
    }
    found
}

/// Marks the selected capture, or no longer.
pub(super) fn toggle_mark(model: &mut Model) -> Vec<Effect> {
    let Some((id, mut remark)) = selected(model) else { return Vec::new() };
    remark.marked = !remark.marked;
    vec![Effect::Remark { id, remark }]
}

/// Asks for a note on the selected capture.
pub(super) fn start_note(model: &mut Model) {
    if let Some((id, remark)) = selected(model) {
        let input = Input::new(&*remark.note);
        model.overlay = Some(Overlay::Note(NoteDialog { input, id }));
    }
}

/// A key of the note's dialog.
pub(super) fn note(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Overlay::Note(dialog)) = &mut model.overlay else { return Vec::new() };
    match action {
        Action::Back => model.overlay = None,
        Action::Clear => dialog.input = Input::default(),
        Action::Accept => {
            let (id, note) = (dialog.id, dialog.input.text().trim().into());
            model.overlay = None;
            let Some(row) = model.list.row_of(id) else {
                model.notice = Some(Notice::bad(format!("#{id} is no longer kept: the note is lost.")));
                return Vec::new();
            };
            return vec![Effect::Remark { id, remark: Remark { marked: row.is_marked(), note } }];
        }
        _ => {}
    }
    Vec::new()
}

/// Asks whether the selected capture is to be taken out.
pub(super) fn start_delete(model: &mut Model) {
    if let Some((id, _)) = selected(model) {
        model.overlay = Some(Overlay::Delete(id));
    }
}

/// A key after the question: any but those that say yes keeps the capture.
pub(super) fn delete(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Overlay::Delete(id)) = model.overlay else { return Vec::new() };
    model.overlay = None;
    if matches!(action, Action::Delete | Action::Yes | Action::Accept) {
        model.notice = Some(Notice::info(format!("#{id} is deleted.")));
        return vec![Effect::Remove(id)];
    }
    Vec::new()
}
