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
        whatif::{Step, TYPED, Tally, WhatIf},
    },
    config::keymap::{Action, Context},
    domain::{rotation::Rotation, time::Timestamp},
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
    let width = area.width.saturating_sub(8).clamp(1, 70);
    let columns = usize::from(width);
    let mut lines = Vec::new();
    let say = |text: &str, style, lines: &mut Vec<Line<'_>>| {
        let text = safe::text(text.as_bytes(), kit.ascii);
        lines.extend(wrap::words(&text, columns).into_iter().map(|line| Line::styled(line, style)));
    };
    let provider = safe::text(dialog.provider.as_bytes(), kit.ascii).into_owned();
    let hints: &[(Action, &str)] = match &dialog.step {
        Step::Typing => {
            lines.push(masked(dialog, kit, columns));
            lines.push(Line::default());
            say(
                &format!(
                    "Type or paste a secret: every capture of {provider} is checked with it. It is never shown."
                ),
                kit.style.dim,
                &mut lines,
            );
            lines.push(Line::default());
            match &dialog.rotation {
                Some(rotation) => self::rotation(model, rotation, kit, columns, &mut lines),
                None => say("looking at the captures", kit.style.dim, &mut lines),
            }
            &[(Action::Accept, "try"), (Action::Back, "cancel"), (Action::Clear, "empty")]
        }
        Step::Trying => {
            say("checking every capture", kit.style.dim, &mut lines);
            &[(Action::Back, "cancel")]
        }
        Step::Tried(tally) => {
            result(model, dialog, tally, kit, columns, &mut lines);
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
    lines.push(overlays::hints(model, Context::WhatIf, hints, kit));
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

/// How many captures are valid and how many are not.
pub(super) fn counts<'a>(tally: &Tally, kit: &Kit) -> Line<'a> {
    let good = if tally.valid > 0 { kit.style.good } else { kit.style.text };
    let bad = if tally.invalid > 0 { kit.style.bad } else { kit.style.text };
    Line::from(vec![
        Span::styled(format!("{} valid", number::count(tally.valid as u64)), good),
        Span::styled(", ", kit.style.text),
        Span::styled(format!("{} not", number::count(tally.invalid as u64)), bad),
    ])
}

fn result(
    model: &Model,
    dialog: &WhatIf,
    tally: &Tally,
    kit: &Kit,
    columns: usize,
    lines: &mut Vec<Line<'_>>,
) {
    let say = |text: &str, lines: &mut Vec<Line<'_>>| {
        let words = wrap::words(text, columns);
        lines.extend(words.into_iter().map(|line| Line::styled(line, kit.style.warn)));
    };
    let mine = tally.rotation.secrets.iter().find(|used| *used.name == *TYPED).map_or(0, |used| used.count);
    let total = number::count(tally.rotation.total() as u64);
    lines.push(match mine {
        0 => Line::styled(format!("The typed secret signed none of {total}."), kit.style.bad),
        mine => {
            let mine = number::count(mine as u64);
            Line::styled(format!("The typed secret signed {mine} of {total}."), kit.style.good)
        }
    });
    lines.push(counts(tally, kit));
    if tally.signed > 0 {
        let count = number::count(tally.signed as u64);
        let verb = if tally.signed == 1 { "is" } else { "are" };
        say(&format!("{count} of those {verb} rightly signed, but too old or wrong in another way"), lines);
    }
    for odd in &tally.odd {
        say(&format!("The secret looks odd: {odd}."), lines);
    }
    if let Some(other) = &tally.elsewhere {
        let other = safe::text(other.as_bytes(), kit.ascii);
        say(&format!("It signed captures of {other}: it is the secret of that provider."), lines);
    }
    if let Some(cleaned) = dialog.cleaned {
        say(cleaned, lines);
    }
    lines.push(Line::default());
    rotation(model, &tally.rotation, kit, columns, lines);
}

/// A secret a line: how many captures it signed, and from when until when.
fn rotation(model: &Model, rotation: &Rotation, kit: &Kit, columns: usize, lines: &mut Vec<Line<'_>>) {
    let style = &kit.style;
    lines.push(Line::styled("which secret signed how many captures, first and last", style.dim));
    let zone = &model.session.zone;
    let latest = rotation.secrets.iter().filter_map(|used| used.span).map(|(_, last)| last).max();
    let day = |at: Timestamp| at.format(zone, "%m-%d");
    let one_day = rotation
        .secrets
        .iter()
        .filter_map(|used| used.span)
        .flat_map(|(first, last)| [first, last])
        .chain(rotation.newest.map(|(_, at)| at))
        .all(|at| latest.is_none_or(|latest| day(at) == day(latest)));
    let form = if one_day { "%H:%M:%S" } else { "%m-%d %H:%M" };
    let rows = rotation.secrets.iter().take(ROWS).map(|used| {
        let (count, span, colour) = match used.span {
            Some((first, last)) => {
                let (first, last) = (first.format(zone, form), last.format(zone, form));
                let span = if first == last { first } else { format!("{first} - {last}") };
                (number::count(used.count as u64), format!("  {span}"), style.strong)
            }
            None => ("unused".to_owned(), String::new(), style.dim),
        };
        (safe::text(used.name.as_bytes(), kit.ascii), format!("{count:>7}{span}"), colour)
    });
    let rows: Vec<_> = rows.collect();
    // The numbers stand near the names, which give way to them.
    let widest = rows.iter().map(|(_, facts, _)| facts.len()).max().unwrap_or(0);
    let longest = rows.iter().map(|(name, _, _)| safe::width(name)).max().unwrap_or(0);
    let room = columns.saturating_sub(widest + 1).min(longest);
    for (name, facts, colour) in rows {
        let name = safe::fit(&name, room, kit.ascii).into_owned();
        let gap = room.saturating_sub(safe::width(&name)) + 1;
        lines.push(Line::from(vec![
            Span::styled(name, style.text),
            Span::raw(" ".repeat(gap)),
            Span::styled(facts, colour),
        ]));
    }
    if rotation.secrets.len() > ROWS {
        let more = number::count((rotation.secrets.len() - ROWS) as u64);
        lines.push(Line::styled(format!("and {more} more"), style.dim));
    }
    if rotation.secrets.is_empty() {
        lines.push(Line::styled("no secret of this provider is known", style.text));
    }
    if rotation.unmatched > 0 {
        let newest = rotation
            .newest
            .map_or_else(String::new, |(id, at)| format!(", the newest #{id} at {}", at.format(zone, form)));
        let count = number::count(rotation.unmatched as u64);
        let text = format!("{count} that no known secret signed{newest}");
        let words = wrap::words(&text, columns);
        lines.extend(words.into_iter().map(|line| Line::styled(line, style.bad)));
    }
    if rotation.unsigned > 0 {
        let count = number::count(rotation.unsigned as u64);
        lines.push(Line::styled(format!("{count} without a signature"), style.warn));
    }
}
