//! Headers: as sent, in order, with what is odd about them.

use ratatui::{style::Style, text::Span};

use crate::{
    domain::{
        anomaly,
        capture::{Capture, Cut},
        headers::Field,
        record::Record,
    },
    ui::{
        panes::Scene,
        widgets::{kit::Kit, page::Page, safe},
    },
};

/// Most header lines that are shown; the Raw pane has all of them.
const MOST: usize = 500;
/// Most columns of the names; a longer one pushes its value to the right.
const NAMES: usize = 30;

/// How many there are.
pub(super) fn badge(record: &Record, _: &Kit) -> Option<String> {
    Some(record.capture.head().fields().count().to_string())
}

/// Fills the page.
pub(super) fn build<'a>(scene: &Scene<'a>, page: &mut Page<'a>) {
    let style = &scene.kit.style;
    let capture = &scene.record.capture;
    let head = capture.head();
    for oddity in oddities(capture) {
        page.hanging(Span::styled("! ", style.warn), 2, &[(style.warn, oddity.to_owned())]);
    }
    if page.lines() > 0 {
        page.gap();
    }
    let line = page.pieces(head.request_line(), style.strong);
    page.hanging(Span::raw(""), 0, &line);
    let place = scene.model.detail.report.get().and_then(|view| view.report.place.as_deref());
    let signed = place.and_then(|place| place.strip_prefix("header "));
    let mut seen: Vec<Vec<u8>> = Vec::new();
    let names = names(page.columns(), head.fields().take(MOST));
    for header in head.fields().take(MOST) {
        let name = header.name.to_ascii_lowercase();
        let mut note = Vec::new();
        if signed.is_some_and(|signed| header.name.eq_ignore_ascii_case(signed.as_bytes())) {
            note.push((style.accent, "  the signature".to_owned()));
        }
        if seen.contains(&name) {
            note.push((style.warn, "  sent again".to_owned()));
        } else {
            seen.push(name);
        }
        field(scene, page, header, names, note);
    }
    if head.fields().nth(MOST).is_some() {
        page.sentence(&format!("more than {MOST} headers; the Raw pane has all of them"), style.dim);
    }
    if capture.trailer_fields().next().is_some() {
        page.heading("Trailers, sent after the body");
        for trailer in capture.trailer_fields().take(MOST) {
            field(scene, page, trailer, names, Vec::new());
        }
    }
}

/// What is odd about a head. Of one that was refused the refusal says it.
pub(super) fn oddities(capture: &Capture) -> Vec<&'static str> {
    if capture.summary.cut == Some(Cut::Refused) {
        return Vec::new();
    }
    anomaly::anomalies(capture.head(), capture.summary.version)
}

/// Columns for the names with their colons.
pub(super) fn names<'f>(columns: usize, fields: impl Iterator<Item = Field<'f>>) -> usize {
    let longest = fields.map(|field| field.name.len()).filter(|&len| len <= NAMES).max();
    (longest.unwrap_or(0) + 2).min(columns * 2 / 5)
}

/// Adds a header: name, value at a common column, notes.
pub(super) fn field<'a>(
    scene: &Scene<'a>,
    page: &mut Page<'a>,
    field: Field<'_>,
    names: usize,
    note: Vec<(Style, String)>,
) {
    let style = &scene.kit.style;
    let mut pieces = if field.name.is_empty() {
        vec![(style.bad, "(no name) ".to_owned())]
    } else {
        page.pieces(field.name, style.key)
    };
    if !field.name.is_empty() {
        pieces.push((style.dim, ":".to_owned()));
    }
    let width: usize = pieces.iter().map(|(_, text)| safe::width(text)).sum();
    pieces.push((style.dim, " ".repeat(names.saturating_sub(width).max(1))));
    pieces.extend(page.pieces(field.value, style.text));
    if field.value.is_empty() {
        pieces.push((style.dim, "(empty)".to_owned()));
    }
    pieces.extend(note);
    page.hung(&pieces, names);
}
