//! The export dialog: formats, which captures, secrets, the file.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    app::{
        Model,
        export::{ExportDialog, Step, What},
    },
    config::keymap::{Action, Context},
    domain::export::FORMATS,
    ui::{
        overlays,
        widgets::{kit::Kit, number, safe, wrap},
    },
};

/// Columns of the names of formats.
const NAMES: usize = 9;
/// Columns of the labels.
const LABELS: usize = 10;

/// Draws it; returns how many lines there are and how many are seen.
pub(super) fn draw(
    model: &Model,
    dialog: &ExportDialog,
    kit: &Kit,
    area: Rect,
    buffer: &mut Buffer,
) -> (usize, usize) {
    let width = area.width.saturating_sub(8).clamp(1, 72);
    let columns = usize::from(width);
    let mut lines: Vec<Line<'_>> = Vec::new();
    let naming = matches!(dialog.step, Step::Naming { .. });
    // Where there is no room for all of it, the chosen format alone.
    let all = !naming && usize::from(area.height) >= FORMATS.len() + 8;
    for (index, format) in FORMATS.iter().enumerate() {
        let here = index == dialog.format;
        if !all && !here {
            continue;
        }
        let marker = if here { kit.sign.selected } else { " " };
        let room = columns.saturating_sub(NAMES + 5);
        let about = safe::fit(format.about, room, kit.ascii).into_owned();
        let mut row = Line::from(vec![
            Span::styled(marker.to_owned(), kit.style.accent),
            Span::styled(format!(" {} ", index + 1), kit.style.accent),
            Span::styled(format!("{:<NAMES$}", format.name), kit.style.text),
            Span::styled(about, kit.style.dim),
        ]);
        if here {
            row = row.patch_style(kit.style.selected);
        }
        lines.push(row);
    }
    lines.push(Line::default());
    lines.push(which(dialog, kit, columns));
    let (style, secrets) = if dialog.raw {
        (kit.style.warn, "raw: passwords, tokens and signatures are in it")
    } else {
        (kit.style.good, "redacted: passwords, tokens and the like are left out")
    };
    lines.push(labelled("secrets", secrets, style, kit, columns));
    let mut hints: Vec<(Action, &str)> = Vec::new();
    match &dialog.step {
        Step::Choosing => {
            hints.push((Action::Accept, "file"));
            if dialog.can_copy() {
                hints.push((Action::ExportCopy, "clipboard"));
            }
            if dialog.choices.len() > 1 {
                hints.push((Action::ExportWhat, "which ones"));
            }
            hints.push((Action::ExportRaw, if dialog.raw { "redact" } else { "raw" }));
            hints.push((Action::Back, "cancel"));
        }
        Step::Naming { name, warning, taken } => {
            lines.push(Line::default());
            lines.push(overlays::send::field(name, kit, columns));
            if let Some(warning) = warning {
                let words = wrap::words(warning, columns);
                lines.extend(words.into_iter().map(|line| Line::styled(line, kit.style.warn)));
            }
            let sure = taken.as_deref() == Some(name.text().trim());
            hints.push((Action::Accept, if sure { "write over it" } else { "write" }));
            hints.push((Action::Back, "back"));
            hints.push((Action::Clear, "empty"));
        }
    }
    lines.push(Line::default());
    let mut last: Vec<Span<'_>> = Vec::new();
    for (action, text) in hints {
        if let Some(key) = model.keymap.shown(Context::Export, action) {
            last.extend(overlays::hint(key, text, kit).spans);
            last.push(Span::raw("   "));
        }
    }
    lines.push(Line::from(last));
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let inner = overlays::frame("Export", (width, height), kit, area, buffer);
    let total = lines.len();
    overlays::lines(lines, inner, buffer);
    (total, usize::from(inner.height))
}

/// What can be chosen, with counts.
fn which<'a>(dialog: &ExportDialog, kit: &Kit, columns: usize) -> Line<'a> {
    let mut spans = vec![Span::styled(format!("{:<LABELS$}", "captures"), kit.style.dim)];
    let words = |(what, count): (What, usize)| match what {
        What::This(id) => format!("#{id}"),
        What::Marked => format!("marked {}", number::count(count as u64)),
        What::Shown => format!("shown {}", number::count(count as u64)),
        What::All => format!("all {}", number::count(count as u64)),
    };
    let mut used = LABELS;
    for (index, choice) in dialog.choices.iter().enumerate() {
        let here = index == dialog.chosen;
        let text = if here { format!(" {} ", words(*choice)) } else { words(*choice) };
        used += text.len() + 2;
        if used > columns && !here {
            continue;
        }
        spans.push(Span::styled(text, if here { kit.style.selected } else { kit.style.text }));
        spans.push(Span::raw("  "));
    }
    Line::from(spans)
}

fn labelled<'a>(
    label: &str,
    text: &str,
    style: ratatui::style::Style,
    kit: &Kit,
    columns: usize,
) -> Line<'a> {
    let text = safe::fit(text, columns.saturating_sub(LABELS), kit.ascii).into_owned();
    Line::from(vec![Span::styled(format!("{label:<LABELS$}"), kit.style.dim), Span::styled(text, style)])
}
