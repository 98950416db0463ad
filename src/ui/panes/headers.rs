//! Headers: as sent, in order, with what is odd about them.

use ratatui::text::Span;

use crate::{
    domain::{
        capture::{Cut, HttpVersion},
        headers::{Field, Head},
        record::Record,
    },
    ui::{
        panes::Scene,
        widgets::{kit::Kit, page::Page, safe},
    },
};

/// Most header lines that are shown; the Raw pane has all of them.
const MOST: usize = 500;

/// How many there are.
pub(super) fn badge(record: &Record, _: &Kit) -> Option<String> {
    Some(record.capture.head().fields().count().to_string())
}

/// Fills the page.
pub(super) fn build<'a>(scene: &Scene<'a>, page: &mut Page<'a>) {
    let style = &scene.kit.style;
    let capture = &scene.record.capture;
    let head = capture.head();
    let http = (capture.summary.cut != Some(Cut::Refused)).then_some(capture.summary.version);
    for remark in remarks(head, http) {
        page.sentence(&format!("! {remark}"), style.warn);
    }
    if page.lines() > 0 {
        page.gap();
    }
    let line = page.pieces(head.request_line(), style.strong);
    page.hanging(Span::raw(""), 0, &line);
    let place = scene.model.detail.report.get().and_then(|report| report.place.as_deref());
    let signed = place.and_then(|place| place.strip_prefix("header "));
    let mut seen: Vec<Vec<u8>> = Vec::new();
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
        field(scene, page, header, note);
    }
    if head.fields().nth(MOST).is_some() {
        page.sentence(&format!("more than {MOST} headers; the Raw pane has all of them"), style.dim);
    }
    let mut trailers = capture.trailer_fields().peekable();
    if trailers.peek().is_some() {
        page.heading("Trailers, sent after the body");
        for trailer in trailers.take(MOST) {
            field(scene, page, trailer, Vec::new());
        }
    }
}

fn field<'a>(
    scene: &Scene<'a>,
    page: &mut Page<'a>,
    field: Field<'_>,
    note: Vec<(ratatui::style::Style, String)>,
) {
    let style = &scene.kit.style;
    let mut pieces = Vec::new();
    if field.name.is_empty() {
        pieces.push((style.bad, "(no name) ".to_owned()));
    } else {
        pieces.extend(page.pieces(field.name, style.key));
        pieces.push((style.dim, ": ".to_owned()));
    }
    pieces.extend(page.pieces(field.value, style.text));
    if field.value.is_empty() {
        pieces.push((style.dim, "(empty)".to_owned()));
    }
    pieces.extend(note);
    // Further lines of a value stand a little to the right, so that names can be found.
    let width = page.columns();
    let total: usize = pieces.iter().map(|(_, text)| safe::width(text)).sum();
    if total <= width {
        page.hanging(Span::raw(""), 0, &pieces);
    } else {
        page.hanging(Span::raw(""), 2.min(width / 4), &pieces);
    }
}

/// What is odd about a head: each is accepted by some servers and refused or read differently by others.
/// The version is not known of a request that was refused.
fn remarks(head: Head<'_>, version: Option<HttpVersion>) -> Vec<String> {
    let mut out = Vec::new();
    let count = |name: &str| head.get_all(name).count();
    if version == Some(HttpVersion::Http2) {
        out.push(
            "HTTP/2: the names are lower case on the wire and this head is rebuilt from them".to_owned(),
        );
    } else {
        let raw = head.raw();
        let feeds = memchr::memchr_iter(b'\n', raw);
        if feeds.into_iter().any(|at| at == 0 || raw[at - 1] != b'\r') {
            out.push("a line ends with a bare line feed in place of CR LF".to_owned());
        }
        if version == Some(HttpVersion::Http11) && count("host") == 0 {
            out.push("HTTP/1.1 without a Host header".to_owned());
        }
    }
    for name in ["host", "content-length", "content-type", "authorization"] {
        if count(name) > 1 {
            out.push(format!("{name} is there {} times", count(name)));
        }
    }
    if count("content-length") > 0 && count("transfer-encoding") > 0 {
        out.push(
            "Content-Length and Transfer-Encoding together: servers disagree on which one counts".to_owned(),
        );
    }
    if head.fields().any(|field| field.name.is_empty()) {
        out.push("a line without a name".to_owned());
    }
    if head.fields().any(|field| field.name.ends_with(b" ") || field.name.ends_with(b"\t")) {
        out.push("white space between a name and its colon".to_owned());
    }
    if head.fields().any(|field| !field.value.iter().all(|b| matches!(b, b'\t' | b' '..=b'~'))) {
        out.push("a value has bytes that are not printable ASCII".to_owned());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oddities_are_named() {
        for (head, part) in [
            ("GET / HTTP/1.1\nHost: h\n\n", "bare line feed"),
            ("GET / HTTP/1.1\r\nA: b\r\n\r\n", "without a Host"),
            (
                "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\ncontent-length: 2\r\n\r\n",
                "content-length is there 2",
            ),
            (
                "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                "together",
            ),
            ("GET / HTTP/1.1\r\nHost: h\r\nrubbish\r\n\r\n", "without a name"),
            ("GET / HTTP/1.1\r\nHost: h\r\nA : b\r\n\r\n", "before"),
            ("GET / HTTP/1.1\r\nHost: h\r\nA: é\r\n\r\n", "not printable"),
        ] {
            let found = remarks(Head::new(head.as_bytes()), Some(HttpVersion::Http11)).join("; ");
            let part = if part == "before" { "white space between" } else { part };
            assert!(found.contains(part), "{head:?}: {found}");
        }
        assert_eq!(
            remarks(Head::new(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"), Some(HttpVersion::Http11)),
            [""; 0]
        );
    }
}
