//! The signed content of the Signature pane: exactly the bytes that the signature covers, piece by piece.

use ratatui::text::Span;

use crate::{
    domain::redact::MARKER,
    domain::signature::{Piece, PieceBytes, Report, Verdict},
    ui::{
        panes::Scene,
        widgets::{number, page::Page, safe},
    },
};

/// Bytes up to which a signed piece is shown whole. Of a longer one the middle is left out, never the
/// end: that is where a lost newline shows.
const WHOLE: usize = 2_000;
/// Bytes of the end of a longer piece.
const END: usize = 200;
/// Most columns of the names of pieces.
const NAMES: usize = 32;
/// Columns before the lines of a piece that has several.
const INDENT: usize = 2;

/// Adds the signed content, where there is any.
pub(super) fn build<'a>(scene: &Scene<'a>, page: &mut Page<'a>, report: &Report) {
    let style = &scene.kit.style;
    if report.content.is_empty() {
        return;
    }
    let body = scene.record.capture.body();
    let bytes = |piece: &'_ Piece| match &piece.bytes {
        PieceBytes::Body => body.len(),
        PieceBytes::Bytes(bytes) => bytes.len(),
        PieceBytes::Hidden => 0,
    };
    let total: usize = report.content.iter().map(bytes).sum();
    let hidden = report.content.iter().any(|piece| piece.bytes == PieceBytes::Hidden);
    let and = if hidden { " and the secret" } else { "" };
    let right = report.check.signed_ok || report.check.verdict == Verdict::Valid;
    let what = if right { "What was signed" } else { "What is compared" };
    page.heading(format!("{what}: exactly these {}{and}, in this order", number::size(total as u64)));
    let names = report.content.iter().map(|piece| safe::width(name(piece))).max().unwrap_or(0);
    let names = names.min(NAMES).min(page.columns() / 2) + 2;
    for piece in &report.content {
        match &piece.bytes {
            PieceBytes::Hidden => {
                let text = "(the secret, not shown)".to_owned();
                page.hanging(label(scene, piece, names), names, &[(style.dim, text)]);
            }
            PieceBytes::Body => one(scene, page, piece, body, names),
            // Values of headers and of the body, or a URL: fixed texts and times tell nothing.
            PieceBytes::Bytes(_) if scene.model.hide && piece.label != "text" => {
                page.hanging(label(scene, piece, names), names, &[(style.dim, MARKER.to_owned())]);
            }
            PieceBytes::Bytes(bytes) => one(scene, page, piece, bytes, names),
        }
    }
}

/// A short piece beside its name, any other below it.
fn one<'a>(scene: &Scene<'a>, page: &mut Page<'a>, piece: &Piece, bytes: &[u8], names: usize) {
    let style = &scene.kit.style;
    let first = label(scene, piece, names);
    if bytes.is_empty() {
        page.hanging(first, names, &[(style.warn, "(empty)".to_owned())]);
        return;
    }
    let room = page.columns().saturating_sub(names);
    let inline = bytes.len() <= room * 2 && !bytes.contains(&b'\n') && piece.bytes != PieceBytes::Body;
    if inline {
        let pieces = page.pieces(bytes, style.string);
        page.hanging(first, names, &pieces);
        return;
    }
    page.hanging(first, names, &[(style.dim, number::size(bytes.len() as u64))]);
    let cut = bytes.len() > WHOLE;
    let (begin, end) = if cut {
        (&bytes[..WHOLE - END], &bytes[bytes.len() - END..])
    } else {
        (bytes, &bytes[bytes.len()..])
    };
    lines(scene, page, begin);
    if cut {
        let left_out = number::count((bytes.len() - begin.len() - end.len()) as u64);
        let text = format!("[{left_out} bytes more; the Raw pane has all of them]");
        page.hanging(Span::raw(" ".repeat(INDENT)), INDENT, &[(style.warn, text)]);
    }
    lines(scene, page, end);
}

fn lines<'a>(scene: &Scene<'a>, page: &mut Page<'a>, bytes: &[u8]) {
    for line in bytes.split_inclusive(|&b| b == b'\n') {
        let pieces = page.pieces(line, scene.kit.style.string);
        page.hanging(Span::raw(" ".repeat(INDENT)), INDENT, &pieces);
    }
}

fn label<'a>(scene: &Scene<'a>, piece: &Piece, names: usize) -> Span<'a> {
    let name = safe::text(name(piece).as_bytes(), scene.kit.ascii);
    let name = safe::fit(&name, names.saturating_sub(1), scene.kit.ascii);
    let pad = names.saturating_sub(safe::width(&name));
    Span::styled(format!("{name}{}", " ".repeat(pad)), scene.kit.style.dim)
}

fn name(piece: &Piece) -> &str {
    match piece.label.as_str() {
        "text" => "fixed text",
        label => label.strip_prefix("header ").unwrap_or(label),
    }
}
