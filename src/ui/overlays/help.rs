//! Help: the keys that work where one is, from the keymap, and what the signs mean.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use crate::{
    app::Model,
    config::keymap::{Action, Context, Group},
    domain::signature::{Code, Verdict},
    ui::{
        list::UNSAVED,
        overlays,
        widgets::{kit::Kit, safe, wrap},
    },
};

/// Columns of the keys.
const KEYS: usize = 15;
/// Columns of the screen from which the parts stand in two columns.
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
    let width = area.width.saturating_sub(4).clamp(1, if wide { 150 } else { 84 });
    let columns = usize::from(width);
    let part = if wide { (columns - GAP) / 2 } else { columns };
    let mut parts: Vec<Vec<Line<'_>>> =
        Group::ALL.iter().map(|group| keys(model, context, *group, kit, part)).collect();
    parts.extend([signs(kit, part), facts(model, kit, part)]);
    parts.retain(|part| !part.is_empty());
    let content = if wide {
        let (left, right) = halves(parts);
        beside(left, right, part)
    } else {
        stacked(parts)
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

/// Parts below each other, with a line between them.
fn stacked(parts: Vec<Vec<Line<'_>>>) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    for part in parts {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.extend(part);
    }
    lines
}

/// The parts in two columns, where the higher one is as low as it can be.
fn halves(mut parts: Vec<Vec<Line<'_>>>) -> (Vec<Line<'_>>, Vec<Line<'_>>) {
    let height = |parts: &[Vec<Line<'_>>]| parts.iter().map(|part| part.len() + 1).sum::<usize>();
    let higher = |cut: &usize| height(&parts[..*cut]).max(height(&parts[*cut..]));
    let cut = (0..=parts.len()).min_by_key(higher).unwrap_or(0);
    let right = parts.split_off(cut);
    (stacked(parts), stacked(right))
}

/// Two columns of lines.
fn beside<'a>(left: Vec<Line<'a>>, right: Vec<Line<'a>>, half: usize) -> Vec<Line<'a>> {
    let count = left.len().max(right.len());
    // The style of a whole line would be that of its neighbour too.
    let spans = |line: Line<'a>| {
        let style = line.style;
        line.spans.into_iter().map(|span| span.patch_style(style)).collect::<Vec<_>>()
    };
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    let join = |_| {
        let mut line = spans(left.next().unwrap_or_default());
        let pad = (half + GAP).saturating_sub(line.iter().map(Span::width).sum());
        line.push(Span::raw(" ".repeat(pad)));
        line.extend(spans(right.next().unwrap_or_default()));
        Line::from(line)
    };
    (0..count).map(join).collect()
}

/// The keys of one part and what they do; nothing where none of them works.
fn keys<'a>(model: &Model, context: Context, group: Group, kit: &Kit, columns: usize) -> Vec<Line<'a>> {
    let rows = model.keymap.in_context(context).filter(|row| row.group == group);
    let mut lines = Vec::new();
    for row in rows.filter(|row| !row.help.is_empty() && !row.keys.is_empty()) {
        let mut keys = row.keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let mut help = row.help.as_str();
        if row.action == Action::Pane1 {
            help = "the pane with this number";
            let last = model
                .keymap
                .in_context(context)
                .find(|row| row.action.pane().is_some_and(|pane| pane + 1 == model.panes.len()))
                .and_then(|row| row.keys.first());
            keys.extend(last.map(|key| format!(" to {key}")));
        }
        explained(&keys, help, kit.style.accent, kit, columns, &mut lines);
    }
    if !lines.is_empty() {
        lines.insert(0, Line::styled(group.title(), kit.style.strong));
    }
    lines
}

/// A key or a sign and its meaning, on as many lines as that needs.
fn explained(sign: &str, meaning: &str, style: Style, kit: &Kit, columns: usize, lines: &mut Vec<Line<'_>>) {
    let room = columns.saturating_sub(KEYS + 1).max(8);
    let mut sign = format!(" {}", safe::fit(sign, KEYS - 1, kit.ascii));
    for line in wrap::words(meaning, room) {
        let pad = (KEYS + 1).saturating_sub(safe::width(&sign));
        lines.push(Line::from(vec![
            Span::styled(std::mem::take(&mut sign), style),
            Span::raw(" ".repeat(pad)),
            Span::styled(line, kit.style.text),
        ]));
    }
}

/// What the signs mean.
fn signs<'a>(kit: &Kit, columns: usize) -> Vec<Line<'a>> {
    let mut lines = vec![Line::styled("Signs", kit.style.strong)];
    for (verdict, meaning) in [
        (Some(Verdict::Valid), "a secret matches, and it is fresh enough"),
        (Some(Verdict::Invalid(Code::Mismatch)), "it does not hold: see the Signature pane"),
        (Some(Verdict::Unsigned), "a known provider, but no signature"),
        (Some(Verdict::Unchecked), "signed, but its secret is not known"),
        (Some(Verdict::Unknown), "no provider was recognised"),
        (None, "the check is under way"),
    ] {
        let (sign, word, style) = kit.verdict(verdict);
        explained(&format!("{sign} {word}"), meaning, style, kit, columns, &mut lines);
    }
    explained(kit.sign.marked, "marked", kit.style.warn, kit, columns, &mut lines);
    explained(kit.sign.noted, "has a note", kit.style.warn, kit, columns, &mut lines);
    explained(UNSAVED, "not saved: the file cannot be written", kit.style.bad, kit, columns, &mut lines);
    lines
}

/// The facts about this program.
fn facts<'a>(model: &Model, kit: &Kit, columns: usize) -> Vec<Line<'a>> {
    let mut lines = vec![Line::styled("This program", kit.style.strong)];
    let session = &model.session;
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
    facts.push(match &session.file {
        Some(file) => format!("saves them to {file}"),
        None => "saves nothing: they are gone when it ends".to_owned(),
    });
    facts.extend(model.list.trouble.iter().map(|trouble| format!("! NOT SAVED: {trouble}")));
    facts.extend(session.secrets.iter().map(|secret| format!("secret {secret}")));
    facts.extend(session.wide_bind.iter().map(|warning| format!("! {warning}")));
    facts.extend(session.problems.iter().map(|problem| format!("! {problem}")));
    for fact in facts {
        let fact = safe::text(fact.as_bytes(), kit.ascii).into_owned();
        let style = if fact.starts_with('!') { kit.style.warn } else { kit.style.text };
        lines.extend(
            wrap::words(&fact, columns.saturating_sub(1))
                .into_iter()
                .map(|line| Line::styled(format!(" {line}"), style)),
        );
    }
    lines
}
