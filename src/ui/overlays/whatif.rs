//! The what-if dialog: a secret that nobody sees, and what it does.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Modifier,
    text::{Line, Span},
};

use crate::{
    app::{
        Model,
        whatif::{Step, Tally, WhatIf},
    },
    config::keymap::{Action, Context},
    ui::{
        overlays,
        widgets::{kit::Kit, number, safe, wrap},
    },
};

/// Most secrets that are listed.
const ROWS: usize = 8;

/// Draws it; returns how many lines there are and how many are seen.
pub(super) fn draw(
    model: &Model,
    dialog: &WhatIf,
    kit: &Kit,
    area: Rect,
    buffer: &mut Buffer,
) -> (usize, usize) {
    let width = area.width.saturating_sub(8).clamp(1, 64);
    let columns = usize::from(width);
    let mut lines = Vec::new();
    let say = |text: &str, style, lines: &mut Vec<Line<'_>>| {
        lines.extend(
            wrap::hard(&[(style, safe::text(text.as_bytes(), kit.ascii).into_owned())], columns, 4).0,
        );
    };
    let provider = safe::text(dialog.provider.as_bytes(), kit.ascii).into_owned();
    let hints: &[(Action, &str)] = match &dialog.step {
        Step::Typing => {
            lines.push(masked(dialog, kit, columns));
            lines.push(Line::default());
            say(
                &format!("Type or paste a secret: every capture of {provider} is checked with it."),
                kit.style.dim,
                &mut lines,
            );
            &[(Action::Accept, "try"), (Action::Back, "cancel"), (Action::Clear, "empty")]
        }
        Step::Trying => {
            say("checking every capture", kit.style.dim, &mut lines);
            &[(Action::Back, "cancel")]
        }
        Step::Tried(tally) => {
            result(tally, kit, columns, &mut lines);
            &[
                (Action::Accept, "keep for this run"),
                (Action::WriteEnv, "write to .env"),
                (Action::Clear, "another"),
                (Action::Back, "drop"),
            ]
        }
        Step::Naming { name, warning, .. } => {
            say("The variable of .env to write it to:", kit.style.dim, &mut lines);
            lines.push(overlays::send::field(name, kit, columns));
            if let Some(warning) = warning {
                say(warning, kit.style.warn, &mut lines);
            }
            &[(Action::Accept, "write"), (Action::Back, "back"), (Action::Clear, "empty")]
        }
    };
    lines.push(Line::default());
    let mut last: Vec<Span<'_>> = Vec::new();
    for (action, text) in hints {
        if let Some(key) = model.keymap.shown(Context::WhatIf, *action) {
            last.extend(overlays::hint(key, text, kit).spans);
            last.push(Span::raw("  "));
        }
    }
    lines.push(Line::from(last));
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let inner = overlays::frame(&format!("What if: {provider}"), (width, height), kit, area, buffer);
    let total = lines.len();
    overlays::lines(lines, inner, buffer);
    (total, usize::from(inner.height))
}

/// The field, a mark for each character; of a long one the end.
fn masked<'a>(dialog: &WhatIf, kit: &Kit, columns: usize) -> Line<'a> {
    let (count, before) = dialog.typed();
    let mark = if kit.ascii { "*" } else { "•" };
    let room = columns.saturating_sub(3);
    let hidden = before.saturating_sub(room);
    let under = if before < count { mark } else { " " };
    Line::from(vec![
        Span::styled("> ", kit.style.accent),
        Span::styled(mark.repeat(before - hidden), kit.style.strong),
        Span::styled(under, kit.style.strong.add_modifier(Modifier::REVERSED)),
        Span::styled(mark.repeat(count.saturating_sub(before + 1).min(room)), kit.style.strong),
    ])
}

fn result(tally: &Tally, kit: &Kit, columns: usize, lines: &mut Vec<Line<'_>>) {
    let good = if tally.valid > 0 { kit.style.good } else { kit.style.text };
    let bad = if tally.invalid > 0 { kit.style.bad } else { kit.style.text };
    lines.push(Line::from(vec![
        Span::styled(format!("{} valid", number::count(tally.valid as u64)), good),
        Span::styled(", ", kit.style.text),
        Span::styled(format!("{} not", number::count(tally.invalid as u64)), bad),
    ]));
    if tally.signed > 0 {
        let text = format!(
            "{} of those signed rightly, but too old or for another reason",
            number::count(tally.signed as u64)
        );
        lines.push(Line::styled(text, kit.style.warn));
    }
    lines.push(Line::default());
    lines.push(Line::styled("which secret signed how many", kit.style.dim));
    for (name, count) in tally.secrets.iter().take(ROWS) {
        let count = number::count(*count as u64);
        let room = columns.saturating_sub(count.len() + 2);
        let name = safe::fit(&safe::text(name.as_bytes(), kit.ascii), room, kit.ascii).into_owned();
        let gap = room.saturating_sub(safe::width(&name)) + 2;
        lines.push(Line::from(vec![
            Span::styled(name, kit.style.text),
            Span::raw(" ".repeat(gap)),
            Span::styled(count, kit.style.strong),
        ]));
    }
    if tally.secrets.is_empty() {
        lines.push(Line::styled("none signed any", kit.style.text));
    }
}
