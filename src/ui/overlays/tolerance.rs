//! The tolerance dialog: what is documented, what is in force, and what another one does.

use std::time::Duration;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    app::{
        Model,
        tolerance::{Step, ToleranceDialog},
    },
    config::keymap::{Action, Context},
    domain::signature::NO_LIMIT,
    ui::{
        overlays::{self, whatif},
        widgets::{kit::Kit, number, safe, wrap},
    },
};

/// Draws it; returns how many lines there are and how many are seen.
pub(super) fn draw(
    model: &Model,
    dialog: &ToleranceDialog,
    kit: &Kit,
    area: Rect,
    buffer: &mut Buffer,
) -> (usize, usize) {
    let columns = usize::from(area.width.saturating_sub(8).clamp(1, 64));
    let style = &kit.style;
    let known = &dialog.known;
    let mut lines = vec![overlays::send::field(&dialog.input, kit, columns), Line::default()];
    let say = |text: &str, colour, lines: &mut Vec<Line<'_>>| {
        lines.extend(wrap::words(text, columns).into_iter().map(|line| Line::styled(line, colour)));
    };
    say("How old may a signed time be? 30s, 5m, off; empty for the documented one.", style.dim, &mut lines);
    lines.push(Line::default());
    let whose = match (known.run, known.endpoint) {
        (Some(_), _) => "set for this run",
        (None, Some(_)) => "by the endpoint's configuration",
        (None, None) => "as documented",
    };
    let fact = |label: &str, text: String| {
        Line::from(vec![Span::styled(format!("{label:<12}"), style.dim), Span::styled(text, style.text)])
    };
    lines.push(fact("documented", words(known.documented)));
    lines.push(fact("in force", format!("{}, {whose}", words(known.in_force()))));
    match &dialog.step {
        Step::Typing => {}
        Step::Fault(why) => {
            lines.push(Line::default());
            say(why, style.bad, &mut lines);
        }
        Step::Checking => {
            lines.push(Line::default());
            say("checking every capture", style.dim, &mut lines);
        }
        Step::Checked(tally) => {
            lines.push(Line::default());
            lines.push(whatif::counts(tally, kit));
            if tally.signed > 0 {
                let text = format!("{} signed rightly, but not in time", number::count(tally.signed as u64));
                say(&text, style.warn, &mut lines);
            }
        }
    }
    lines.push(Line::default());
    let accept = if matches!(dialog.step, Step::Checked(_)) { "done" } else { "set for this run" };
    let hints = [(Action::Accept, accept), (Action::Back, "close"), (Action::Clear, "empty")];
    lines.push(overlays::hints(model, Context::Tolerance, &hints, kit));
    let name = safe::text(known.name.as_bytes(), kit.ascii);
    let size = (u16::try_from(columns).unwrap_or(u16::MAX), u16::try_from(lines.len()).unwrap_or(u16::MAX));
    let inner = overlays::frame(&format!("Tolerance: {name}"), size, kit, area, buffer);
    let total = lines.len();
    overlays::lines(lines, inner, buffer);
    (total, usize::from(inner.height))
}

fn words(limit: Option<Duration>) -> String {
    match limit {
        None | Some(NO_LIMIT) => "no limit".to_owned(),
        Some(limit) => number::limit(limit),
    }
}
