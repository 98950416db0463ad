//! Help: the keys that work where one is, from the keymap, and what the signs mean.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    app::Model,
    config::keymap::{Action, Context},
    domain::signature::{Code, Verdict},
    ui::{
        overlays,
        widgets::{kit::Kit, safe, wrap},
    },
};

/// Columns of the keys.
const KEYS: usize = 16;
/// Columns of the screen from which keys and signs stand beside each other.
const WIDE: u16 = 110;
/// Columns between them.
const GAP: usize = 3;

/// Draws it; returns how many lines there are and how many are seen.
pub(super) fn draw(
    model: &Model,
    context: Context,
    scroll: usize,
    kit: &Kit,
    area: Rect,
    buffer: &mut Buffer,
) -> (usize, usize) {
    let wide = area.width >= WIDE;
    let width = area.width.saturating_sub(8).clamp(1, if wide { 160 } else { 78 });
    let columns = usize::from(width);
    let content = if wide {
        let half = (columns - GAP) / 2;
        beside(keys(model, context, kit, half), facts(model, kit, half), half)
    } else {
        let mut lines = keys(model, context, kit, columns);
        lines.push(Line::default());
        lines.extend(facts(model, kit, columns));
        lines
    };
    let key = |action| model.key(Context::Help, action);
    let title = format!(
        "Help: the {}   ({} closes, {} {} scroll)",
        context.title(),
        key(Action::Back),
        key(Action::Down),
        key(Action::Up)
    );
    let height = u16::try_from(content.len()).unwrap_or(u16::MAX);
    let inner = overlays::frame(&title, (width, height), kit, area, buffer);
    let seen = usize::from(inner.height);
    let skip = scroll.min(content.len().saturating_sub(seen));
    let total = content.len();
    overlays::lines(content.into_iter().skip(skip), inner, buffer);
    if total > seen && inner.height > 2 {
        let text = format!(" {}-{} of {total} ", skip + 1, skip + seen);
        let at = inner.right().saturating_sub(u16::try_from(text.len()).unwrap_or(0));
        buffer.set_stringn(at.max(inner.x), inner.bottom(), text, usize::from(inner.width), kit.style.accent);
    }
    (total, seen)
}

/// Two columns of lines.
fn beside<'a>(left: Vec<Line<'a>>, right: Vec<Line<'a>>, half: usize) -> Vec<Line<'a>> {
    let count = left.len().max(right.len());
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    let join = |_| {
        let mut line = left.next().unwrap_or_default();
        let pad = (half + GAP).saturating_sub(line.width());
        line.push_span(Span::raw(" ".repeat(pad)));
        line.spans.extend(right.next().unwrap_or_default().spans);
        line
    };
    (0..count).map(join).collect()
}

/// The keys and what they do.
fn keys<'a>(model: &Model, context: Context, kit: &Kit, columns: usize) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    let room = columns.saturating_sub(KEYS).max(8);
    for row in model.keymap.in_context(context).filter(|row| !row.help.is_empty() && !row.keys.is_empty()) {
        let mut keys = row.keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        if row.action == Action::Pane1
            && let Some(last) = model
                .keymap
                .in_context(context)
                .find(|row| row.action.pane().is_some_and(|pane| pane + 1 == model.panes.len()))
            && let Some(key) = last.keys.first()
        {
            keys.push_str(&format!(" to {key}"));
        }
        let mut key = format!("{:<KEYS$}", safe::fit(&keys, KEYS - 1, kit.ascii));
        for line in wrap::words(&row.help, room) {
            lines.push(Line::from(vec![
                Span::styled(std::mem::replace(&mut key, " ".repeat(KEYS)), kit.style.accent),
                Span::styled(line, kit.style.text),
            ]));
        }
    }
    lines
}

/// What the signs mean, and the facts about this program.
fn facts<'a>(model: &Model, kit: &Kit, columns: usize) -> Vec<Line<'a>> {
    let room = columns.saturating_sub(KEYS).max(8);
    let mut lines = vec![Line::styled("Signatures", kit.style.accent)];
    for (verdict, meaning) in [
        (Some(Verdict::Valid), "a secret matches, and it is fresh enough"),
        (Some(Verdict::Invalid(Code::Mismatch)), "it does not hold; the Signature pane says why"),
        (Some(Verdict::Unsigned), "the provider is known, but there is no signature"),
        (Some(Verdict::Unchecked), "there is a signature, but no secret to check it with"),
        (Some(Verdict::Unknown), "no provider was recognised"),
        (None, "the check is under way"),
    ] {
        let (sign, word, style) = kit.verdict(verdict);
        let mut label = format!("{:<KEYS$}", format!("{sign} {word}"));
        for line in wrap::words(meaning, room) {
            lines.push(Line::from(vec![
                Span::styled(std::mem::replace(&mut label, " ".repeat(KEYS)), style),
                Span::styled(line, kit.style.text),
            ]));
        }
    }
    for (sign, meaning) in [(kit.sign.marked, "marked"), (kit.sign.noted, "has a note")] {
        lines.push(Line::from(vec![
            Span::styled(format!("{sign:<KEYS$}"), kit.style.warn),
            Span::styled(meaning, kit.style.text),
        ]));
    }
    let session = &model.session;
    lines.push(Line::default());
    lines.push(Line::styled("This program", kit.style.accent));
    let mut facts = vec![format!("hookglass {}, theme {}", session.version, model.look.theme.name)];
    if !session.clipboard.is_empty() {
        facts.push(format!("copies to {}", session.clipboard));
    }
    if session.memory_limit > 0 {
        facts.push(format!(
            "keeps up to {} of captures in memory",
            crate::ui::widgets::number::size(session.memory_limit)
        ));
    }
    facts.extend(session.secrets.iter().map(|secret| format!("secret {secret}")));
    facts.extend(session.wide_bind.iter().map(|warning| format!("! {warning}")));
    facts.extend(session.problems.iter().map(|problem| format!("! {problem}")));
    for fact in facts {
        let fact = safe::text(fact.as_bytes(), kit.ascii).into_owned();
        let style = if fact.starts_with('!') { kit.style.warn } else { kit.style.text };
        lines.extend(wrap::words(&fact, columns).into_iter().map(|line| Line::styled(line, style)));
    }
    lines
}
