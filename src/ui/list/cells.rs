//! One cell of the list.

use std::borrow::Cow;

use jiff::tz::TimeZone;
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use crate::{
    domain::{
        capture::Cut,
        record::{Keeping, Row},
        redact::{MARKER, Redaction, is_request},
        summary::Summary,
    },
    ui::{
        list::columns::Column,
        widgets::{kit::Kit, number, safe},
    },
};

/// The sign of one that is not in the session file though it should be.
pub(in crate::ui) const UNSAVED: &str = "!";

/// The row that is drawn.
pub(super) struct Place<'a> {
    /// What is known of it.
    pub row: &'a Row,
    /// Whether it is selected.
    pub here: bool,
    /// The zone of its time.
    pub zone: &'a TimeZone,
    /// What is hidden, while something is.
    pub hiding: Option<&'a Redaction>,
}

/// Draws a cell into its area.
pub(super) fn draw(column: Column, place: &Place<'_>, kit: &Kit, area: Rect, buffer: &mut Buffer) {
    let right_edge = buffer.area.right();
    let columns = usize::from(area.width.min(right_edge.saturating_sub(area.x)));
    if columns == 0 {
        return;
    }
    let (text, style) = content(column, place, kit, columns);
    // What is dim would be hard to read on the colour of the selection.
    let style = if place.here && style == kit.style.dim { kit.style.text } else { style };
    let text = safe::fit(&text, columns, kit.ascii);
    let pad = if column.right() { columns.saturating_sub(safe::width(&text)) } else { 0 };
    let at = area.x + u16::try_from(pad).unwrap_or(0);
    buffer.set_stringn(at, area.y, &text, columns - pad, style);
}

fn content<'a>(column: Column, place: &Place<'a>, kit: &Kit, columns: usize) -> (Cow<'a, str>, Style) {
    let row = place.row;
    let summary = &*row.summary;
    let style = &kit.style;
    match column {
        Column::Marker => (if place.here { kit.sign.selected } else { " " }.into(), style.accent),
        // That it may be lost is more than what somebody noted about it.
        Column::Mark if row.keeping == Keeping::Unsaved => (UNSAVED.into(), style.bad),
        Column::Mark => match &row.remark {
            Some(remark) if remark.marked => (kit.sign.marked.into(), style.warn),
            Some(_) => (kit.sign.noted.into(), style.warn),
            None => (" ".into(), style.dim),
        },
        Column::Id => (summary.id.to_string().into(), style.dim),
        Column::Time => {
            let form = if columns >= 12 { "%H:%M:%S%.3f" } else { "%H:%M:%S" };
            (summary.received_at.format(place.zone, form).into(), style.dim)
        }
        Column::Method => match summary.cut {
            Some(Cut::Refused) if !has_line(summary) || is_blind(place) => ("-".into(), style.dim),
            _ => (safe::text(first(summary.method(), columns), kit.ascii), style.text),
        },
        Column::Path => path(place, kit, columns),
        Column::Provider => match &summary.provider {
            Some(provider) => (safe::text(provider.as_bytes(), kit.ascii), style.text),
            None => ("".into(), style.dim),
        },
        Column::Event => match summary.event() {
            Some(event) => (safe::text(first(event.as_bytes(), columns), kit.ascii), style.text),
            None => ("".into(), style.dim),
        },
        Column::Verdict if summary.cut == Some(Cut::Refused) => ("".into(), style.dim),
        Column::Verdict => {
            let (sign, word, style) = kit.verdict(row.check.as_ref().map(|check| check.verdict));
            (format!("{sign} {word}").into(), style)
        }
        Column::Code => {
            let code = row.check.as_ref().and_then(|check| check.verdict.code());
            (code.map_or("", |code| code.as_str()).into(), style.bad)
        }
        Column::Size => (number::size(summary.size).into(), style.text),
        Column::Answer => match row.answered {
            Some(answered) if answered.status > 0 => {
                (answered.status.to_string().into(), kit.status(answered.status))
            }
            Some(_) => ("-".into(), style.dim),
            None => (kit.sign.pending.into(), style.dim),
        },
        Column::Forward => forward(row, kit, columns),
    }
}

fn path<'a>(place: &Place<'a>, kit: &Kit, columns: usize) -> (Cow<'a, str>, Style) {
    let summary = &*place.row.summary;
    let mut target = match place.hiding {
        Some(rules) => {
            let target = rules.url(summary.target());
            safe::text(first(&target, columns), kit.ascii).into_owned().into()
        }
        None => safe::text(first(summary.target(), columns), kit.ascii),
    };
    if is_blind(place) {
        target = MARKER.into();
    } else if summary.cut == Some(Cut::Refused) && !has_line(summary) {
        // What is no request line has no target either: its beginning says more.
        let begin = safe::text(first(summary.method(), columns), kit.ascii);
        target = format!("{begin} {target}").trim_end().to_owned().into();
        if target.is_empty() {
            target = "nothing that could be read".into();
        }
    }
    match summary.cut {
        Some(cut) => {
            let word = match cut {
                Cut::TooLarge => "too large",
                Cut::Aborted => "aborted",
                Cut::Timeout => "timeout",
                Cut::Refused => "refused",
            };
            (format!("{word}: {target}").into(), kit.style.warn)
        }
        None => (target, kit.style.text),
    }
}

fn forward(row: &Row, kit: &Kit, columns: usize) -> (Cow<'static, str>, Style) {
    let Some(latest) = row.latest else { return ("".into(), kit.style.dim) };
    let arrow = kit.sign.arrow;
    let (mut text, style) = match latest.status {
        None if columns < 9 => (format!("{arrow}{}", kit.sign.pending), kit.style.dim),
        None => (format!("{arrow} sending"), kit.style.dim),
        Some(Ok(status)) if columns < 9 => (format!("{arrow}{status}"), kit.status(status)),
        Some(Err(())) if columns < 9 => (format!("{arrow}fail"), kit.style.bad),
        Some(Ok(status)) => (format!("{arrow}{status} {}", number::took(latest.took)), kit.status(status)),
        Some(Err(())) => (format!("{arrow}{} failed", kit.sign.invalid), kit.style.bad),
    };
    if latest.count > 1 && columns >= 9 {
        text.push_str(&format!(" {}{}", kit.sign.times, latest.count));
    }
    (text.into(), style)
}

/// Whether something is hidden and nobody can say what stands in this one, which is no request.
fn is_blind(place: &Place<'_>) -> bool {
    let summary = &*place.row.summary;
    place.hiding.is_some()
        && summary.cut == Some(Cut::Refused)
        && !is_request(summary.method(), summary.target())
}

/// Whether what was refused began like a request: with a method and a target.
fn has_line(summary: &Summary) -> bool {
    is_token(summary.method()) && !summary.target().is_empty()
}

/// Whether bytes can be a method (RFC 9110 section 5.6.2).
fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b))
}

/// As many bytes as can matter for some columns, so that a long text costs no more than a short one.
fn first(bytes: &[u8], columns: usize) -> &[u8] {
    let most = columns.saturating_mul(4).saturating_add(8);
    &bytes[..bytes.len().min(most)]
}
