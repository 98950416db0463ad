//! The last line: the keys that work now, or the news.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    app::{Model, export::Step, model::Focus, overlay::Overlay},
    config::keymap::{Action, Context},
    domain::signature::Verdict,
    ui::{
        list::put,
        widgets::{kit::Kit, safe},
    },
};

/// Draws it. `whole` says whether all of what lies over the screen can be seen.
pub(super) fn draw(model: &Model, kit: &Kit, whole: bool, area: Rect, buffer: &mut Buffer) {
    buffer.set_style(area, kit.style.bar);
    if let Some(notice) = &model.notice {
        let style = if notice.bad { kit.style.banner_bad } else { kit.style.bar_strong };
        buffer.set_style(area, style);
        let text = safe::text(model.seen(&notice.text).as_bytes(), kit.ascii).into_owned();
        put(buffer, area, 1, &text, style, kit);
        return;
    }
    if whole && names_its_keys(model) {
        return;
    }
    let context = model.context();
    let mut hints: Vec<(String, String)> = model
        .keymap
        .footer(context)
        .into_iter()
        .filter(|row| useful(model, context, row.action))
        .filter_map(|row| {
            Some((row.keys.first()?.to_string(), label(model, context, row.action, &row.label)))
        })
        .collect();
    if matches!(context, Context::List)
        && let Some(key) = model.keymap.shown(context, Action::Close)
    {
        let last = hints.len().saturating_sub(1);
        hints.insert(last, (key, "quit".to_owned()));
    }
    // Help comes last and must always be there: what stands before it gives way.
    let width = |(key, label): &(String, String)| safe::width(key) + safe::width(label) + 3;
    let quit = context == Context::List;
    while hints.len() > 1 && hints.iter().map(width).sum::<usize>() > usize::from(area.width) {
        // How to leave is needed more than what else can be done.
        let kept = if quit && hints.len() > 2 { 3 } else { 2 };
        hints.remove(hints.len() - kept);
    }
    let spans = hints.into_iter().flat_map(|(key, label)| {
        [
            Span::styled(format!(" {key}"), kit.style.bar_strong),
            Span::styled(format!(" {label} "), kit.style.bar),
        ]
    });
    buffer.set_line(area.x, area.y, &Line::from_iter(spans), area.width);
}

/// Whether a key does something as things stand.
fn useful(model: &Model, context: Context, action: Action) -> bool {
    let selected = model.list.selected().is_some();
    match action {
        Action::Back => context != Context::List,
        Action::Open if context == Context::Detail => model.can_zoom(),
        Action::Open | Action::NextPane | Action::Send => selected,
        Action::ExportWhat | Action::ExportRaw | Action::ExportCopy => !naming(model),
        Action::Clear if context == Context::Export => naming(model),
        Action::Export | Action::Mark => selected,
        Action::Filter => context != Context::Detail && model.list.highest() > 0,
        Action::Search => context == Context::Detail,
        Action::WhatIf => failing(model),
        Action::Replay => selected && model.last_target().is_some(),
        Action::Copy => selected || model.session.url().is_some(),
        Action::Follow => !model.list.following() && !model.list.paused() && selected,
        Action::Pause | Action::Layout => model.list.highest() > 0,
        Action::Older if context == Context::Filter => !model.sift.history.is_empty(),
        Action::Older if context == Context::Find => !model.find.last.is_empty(),
        Action::Older => model.targets.len() > 1,
        _ => true,
    }
}

/// Whether another secret may be what the selected capture needs.
fn failing(model: &Model) -> bool {
    let row = model.list.selected().and_then(|id| model.list.row_of(id));
    let verdict = row.and_then(|row| row.check.as_ref()).map(|check| check.verdict);
    matches!(verdict, Some(Verdict::Invalid(_) | Verdict::Unchecked))
}

/// Whether the open dialog names its keys itself.
fn names_its_keys(model: &Model) -> bool {
    model.overlay.as_ref().is_some_and(|overlay| {
        !matches!(
            overlay,
            Overlay::Help { .. } | Overlay::Copy { .. } | Overlay::Filter(_) | Overlay::Find(_)
        )
    })
}

/// Whether the export dialog asks for a name.
fn naming(model: &Model) -> bool {
    matches!(&model.overlay, Some(Overlay::Export(dialog)) if matches!(dialog.step, Step::Naming { .. }))
}

/// The word for a key as things stand.
fn label(model: &Model, context: Context, action: Action, label: &str) -> String {
    match action {
        Action::Open if model.focus == Focus::Detail => {
            if model.zoom { "smaller" } else { "larger" }.to_owned()
        }
        Action::Pause if model.list.paused() => "go on".to_owned(),
        Action::Accept if context == Context::Send => "send".to_owned(),
        Action::Accept if context == Context::Export => {
            if naming(model) { "write" } else { "name the file" }.to_owned()
        }
        Action::Accept if context == Context::Copy => "copy".to_owned(),
        Action::Accept if context == Context::Filter => "apply".to_owned(),
        Action::Accept if context == Context::Find => "search".to_owned(),
        Action::Accept if context == Context::Note => "keep".to_owned(),
        Action::Accept if context == Context::Delete => "delete".to_owned(),
        Action::Back if context == Context::Delete => "keep".to_owned(),
        Action::Copy if model.list.selected().is_none() => "copy the curl".to_owned(),
        _ => label.to_owned(),
    }
}
