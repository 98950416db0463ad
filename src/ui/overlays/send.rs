//! The send dialog: a target, and the URL that comes of it.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};
use unicode_segmentation::UnicodeSegmentation;

use crate::{
    app::{Model, input::Input, overlay::SendDialog},
    config::keymap::{Action, Context},
    domain::redact,
    ui::{
        overlays,
        panes::clocks,
        widgets::{kit::Kit, page::Page, safe, wrap},
    },
};

/// Most of the targets used before that are listed.
const RECENT: usize = 5;

/// Draws it; returns how many lines there are and how many are seen.
pub(super) fn draw(
    model: &Model,
    dialog: &SendDialog,
    kit: &Kit,
    area: Rect,
    buffer: &mut Buffer,
) -> (usize, usize) {
    let width = area.width.saturating_sub(8).clamp(1, 76);
    let columns = usize::from(width);
    let mut lines = vec![field(&dialog.input, kit, columns), Line::default()];
    let page = Page::new(kit, columns);
    match dialog.resolve(&model.session) {
        Ok((target, url)) => {
            let head = dialog.capture.head();
            let blind = model.hide && !redact::is_request(head.method(), head.target());
            let method = if blind { redact::MARKER.as_bytes() } else { head.method() };
            let method = safe::text(method, kit.ascii).into_owned();
            let mut pieces = vec![(kit.style.strong, format!("{method} "))];
            pieces.extend(page.pieces(&model.seen_url(&url), kit.style.good));
            lines.extend(wrap::hard(&pieces, columns, 3).0);
            if model.session.is_own(&target) {
                let text = "That is where hookglass itself listens: sending there is refused.";
                let words = wrap::words(text, columns);
                lines.extend(words.into_iter().map(|line| Line::styled(line, kit.style.bad)));
            }
        }
        Err(_) if dialog.input.text().trim().is_empty() => {
            lines.push(Line::styled("a port (3000), host:port/path, or a URL", kit.style.dim));
        }
        Err(error) => lines.push(Line::styled(error.to_string(), kit.style.bad)),
    }
    if let Some(text) = clocks::refusal(model) {
        let words = wrap::words(&text, columns);
        lines.extend(words.into_iter().map(|line| Line::styled(line, kit.style.warn)));
    }
    lines.push(Line::default());
    recent(model, dialog, kit, columns, &mut lines);
    let hints = [
        (Action::Accept, "send"),
        (Action::Back, "cancel"),
        (Action::Older, "older target"),
        (Action::Clear, "empty"),
    ];
    let mut last: Vec<Span<'_>> = Vec::new();
    for (action, text) in hints {
        if (action != Action::Older || model.targets.len() > 1)
            && let Some(key) = model.keymap.shown(Context::Send, action)
        {
            last.extend(overlays::hint(key, text, kit).spans);
            last.push(Span::raw("   "));
        }
    }
    lines.push(Line::from(last));
    let title = format!("Send #{} to", dialog.capture.id());
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let inner = overlays::frame(&title, (width, height), kit, area, buffer);
    let total = lines.len();
    overlays::lines(lines, inner, buffer);
    (total, usize::from(inner.height))
}

/// The targets used before, the newest first, as far as there are several.
fn recent(model: &Model, dialog: &SendDialog, kit: &Kit, columns: usize, lines: &mut Vec<Line<'_>>) {
    if model.targets.len() < 2 {
        return;
    }
    lines.push(Line::styled("used before", kit.style.dim));
    for target in model.targets.iter().rev().take(RECENT) {
        let text = target.to_string();
        let here = text == dialog.input.text();
        let (sign, style) = if here { (kit.sign.selected, kit.style.strong) } else { (" ", kit.style.text) };
        let text = safe::text(text.as_bytes(), kit.ascii);
        let text = safe::fit(&text, columns.saturating_sub(2), kit.ascii).into_owned();
        lines.push(Line::from(vec![
            Span::styled(format!("{sign} "), kit.style.accent),
            Span::styled(text, style),
        ]));
    }
    lines.push(Line::default());
}

/// The text with its cursor; of a long one the part around the cursor.
pub(super) fn field<'a>(input: &Input, kit: &Kit, columns: usize) -> Line<'a> {
    let (before, after) = input.halves();
    let before = safe::text(before.as_bytes(), kit.ascii).into_owned();
    let after = safe::text(after.as_bytes(), kit.ascii).into_owned();
    let mut start = before.as_str();
    while safe::width(start) + 3 > columns && !start.is_empty() {
        let first = start.graphemes(true).next().map_or(0, str::len);
        start = &start[first..];
    }
    let under = after.graphemes(true).next().unwrap_or(" ").to_owned();
    let rest = after.strip_prefix(under.as_str()).unwrap_or("").to_owned();
    Line::from(vec![
        Span::styled("> ".to_owned(), kit.style.accent),
        Span::styled(start.to_owned(), kit.style.strong),
        Span::styled(under, kit.style.strong.add_modifier(ratatui::style::Modifier::REVERSED)),
        Span::styled(rest, kit.style.strong),
    ])
}
