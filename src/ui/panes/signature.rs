//! Signature: what was signed, by which scheme, what was received, what would be right, and why not.

use ratatui::{
    style::Style,
    text::{Line, Span},
};
use unicode_segmentation::UnicodeSegmentation;

use crate::{
    app::content::SignatureView,
    domain::signature::Verdict,
    ui::{
        panes::Scene,
        widgets::{number, page::Page, safe, wrap},
    },
};

/// Bytes up to which a signed piece is shown whole. Of a longer one the middle is left out, never the
/// end: that is where a lost newline shows.
const WHOLE: usize = 2_000;
/// Bytes of the end of a longer piece.
const END: usize = 200;
/// Most signatures that are compared.
const MOST: usize = 12;

/// Fills the page.
pub(super) fn build<'a>(scene: &Scene<'a>, page: &mut Page<'a>) {
    let style = &scene.kit.style;
    let Some(report) = scene.model.detail.report.get() else {
        page.sentence("checking ...", style.dim);
        return;
    };
    banner(scene, page, report);
    page.gap();
    page.sentence(&report.explanation, style.text);
    if let Some(weak) = &report.weak {
        page.sentence(&format!("! weak: {weak}"), style.warn);
    }
    if report.verdict == Verdict::Unchecked && !report.secret_names.is_empty() {
        page.heading("Where to put the secret");
        let name = &report.secret_names[0];
        page.sentence(&format!("into .env here:  {name}=..."), style.string);
        page.sentence(
            &format!("or when starting:  --secret {}=env:{name}", provider_id(scene)),
            style.string,
        );
        if let [_, others @ ..] = &report.secret_names[..]
            && !others.is_empty()
        {
            page.sentence(&format!("also looked for: {}", others.join(", ")), style.dim);
        }
    }
    signatures(scene, page, report);
    content(scene, page, report);
    scheme(scene, page, report);
}

fn banner<'a>(scene: &Scene<'a>, page: &mut Page<'a>, report: &SignatureView) {
    let kit = scene.kit;
    let (sign, word, _) = kit.verdict(Some(report.verdict));
    let banner = match report.verdict {
        Verdict::Valid => kit.style.banner_good,
        Verdict::Invalid(_) => kit.style.banner_bad,
        _ => kit.style.banner_warn,
    };
    let mut spans = vec![Span::styled(format!(" {sign} {} ", word.to_uppercase()), banner)];
    if let Some(code) = report.verdict.code() {
        spans.push(Span::styled(format!(" {}", code.as_str()), kit.style.bad));
        if report.signed_ok {
            spans.push(Span::styled("  the signature itself is right", kit.style.good));
        }
    }
    page.line(Line::from(spans));
}

fn signatures<'a>(scene: &Scene<'a>, page: &mut Page<'a>, report: &SignatureView) {
    let style = &scene.kit.style;
    if report.received.is_empty() && report.expected.is_empty() {
        return;
    }
    page.heading("Signatures");
    if let Some(matched) = &report.matched {
        page.field("secret", format!("{matched} matches"), style.good);
    }
    for received in report.received.iter().take(MOST) {
        let right = report.expected.iter().any(|(_, expected)| expected == received);
        if !right && !report.expected.is_empty() {
            continue;
        }
        let pieces = page.pieces(received.as_bytes(), if right { style.good } else { style.text });
        page.labelled("received", &pieces);
    }
    for (label, expected) in report.expected.iter().take(MOST) {
        if report.received.contains(expected) {
            continue;
        }
        page.field("with secret", label, style.strong);
        let nearest = report.received.iter().max_by_key(|received| common(received, expected));
        compare(scene, page, nearest.map_or("", String::as_str), expected);
    }
}

/// The two signatures under each other, the first difference marked.
fn compare<'a>(scene: &Scene<'a>, page: &mut Page<'a>, received: &str, expected: &str) {
    let kit = scene.kit;
    let style = &kit.style;
    let label = 12.min(page.columns() / 3);
    let room = page.columns().saturating_sub(label).max(8);
    let differs = common(received, expected);
    let texts = [("received", received), ("expected", expected)].map(|(name, text)| {
        let text = safe::text(text.as_bytes(), kit.ascii).into_owned();
        (name, wrap_plain(&text, room))
    });
    let [(_, first), (_, second)] = &texts;
    let lines = first.len().max(second.len()).min(20);
    let mut offset = 0;
    for line in 0..lines {
        let long = first
            .get(line)
            .into_iter()
            .chain(second.get(line))
            .map(|t| t.graphemes(true).count())
            .max()
            .unwrap_or(0);
        for (name, chunks) in &texts {
            let name = if line == 0 { *name } else { "" };
            let mut spans = vec![Span::styled(format!("{name:<label$}"), style.dim)];
            if let Some(text) = chunks.get(line) {
                let at = differs.saturating_sub(offset);
                let (same, rest) = split_at(text, at);
                let (here, after) = split_at(rest, usize::from(differs >= offset));
                spans.push(Span::styled(same.to_owned(), style.text));
                spans.push(Span::styled(here.to_owned(), style.differs));
                spans.push(Span::styled(after.to_owned(), style.text));
            }
            page.line(Line::from(spans));
        }
        if (offset..offset + long.max(1)).contains(&differs) {
            let text = format!(
                "{}{} first difference: character {}",
                " ".repeat(label + differs - offset),
                kit.sign.caret,
                differs + 1
            );
            let text = if safe::width(&text) > page.columns() {
                format!(
                    "{:>width$} {}",
                    format!("first difference: character {}", differs + 1),
                    kit.sign.caret,
                    width = (label + differs - offset).saturating_sub(1)
                )
            } else {
                text
            };
            page.line(Span::styled(text, style.warn));
        }
        offset += long;
    }
}

fn content<'a>(scene: &Scene<'a>, page: &mut Page<'a>, report: &SignatureView) {
    let kit = scene.kit;
    let style = &kit.style;
    if report.content.is_empty() {
        return;
    }
    let total: usize = report.content.iter().map(|(_, bytes)| bytes.len()).sum();
    page.heading(format!("Signed content, exactly these {}", number::size(total as u64)));
    for (label, bytes) in &report.content {
        if bytes.is_empty() {
            page.field(label, "(empty)", style.warn);
            continue;
        }
        let (begin, end) = match bytes.len() {
            0..=WHOLE => (&bytes[..], &b""[..]),
            len => (&bytes[..WHOLE - END], &bytes[len - END..]),
        };
        let mut label = label.as_str();
        for line in begin.split_inclusive(|&b| b == b'\n') {
            page.field(std::mem::take(&mut label), line, style.string);
        }
        let left_out = bytes.len() - begin.len() - end.len();
        if left_out > 0 {
            page.field("", format!("[{} bytes more]", number::count(left_out as u64)), style.warn);
        }
        for line in end.split_inclusive(|&b| b == b'\n') {
            page.field("", line, style.string);
        }
    }
}

fn scheme<'a>(scene: &Scene<'a>, page: &mut Page<'a>, report: &SignatureView) {
    let style = &scene.kit.style;
    page.heading("Scheme");
    let fields = [
        ("provider", &report.provider),
        ("scheme", &report.scheme),
        ("algorithm", &report.algorithm),
        ("header", &report.header),
        ("timestamp", &report.timestamp),
    ];
    for (label, value) in fields {
        if let Some(value) = value {
            page.field(label, value, style.text);
        }
    }
    age(scene, page, report);
    match &report.docs {
        Some(docs) => page.field("documented", docs, style.text),
        None if report.scheme.is_none() => page.sentence("No scheme is known for this request.", style.dim),
        None => {}
    }
}

fn age<'a>(scene: &Scene<'a>, page: &mut Page<'a>, report: &SignatureView) {
    let style = &scene.kit.style;
    let Some(age) = report.age_s else { return };
    let words = if age < 0 {
        format!("{} in the future", number::span(age.unsigned_abs()))
    } else {
        format!("{} old when it arrived", number::span(age.unsigned_abs()))
    };
    let (colour, limit): (Style, String) = match report.tolerance_s {
        Some(tolerance) if age.unsigned_abs() > tolerance => {
            (style.bad, format!("  {} allowed", number::span(tolerance)))
        }
        Some(tolerance) => (style.good, format!("  {} allowed", number::span(tolerance))),
        None => (style.text, "  no limit".to_owned()),
    };
    page.labelled("age", &[(colour, words), (style.dim, limit)]);
}

fn provider_id(scene: &Scene<'_>) -> String {
    let provider = scene.record.capture.summary.origin.provider.as_deref().unwrap_or("PROVIDER");
    provider.to_owned()
}

/// How many graphemes two texts share from their beginning.
fn common(a: &str, b: &str) -> usize {
    a.graphemes(true).zip(b.graphemes(true)).take_while(|(a, b)| a == b).count()
}

fn split_at(text: &str, graphemes: usize) -> (&str, &str) {
    let at = text.grapheme_indices(true).nth(graphemes).map_or(text.len(), |(at, _)| at);
    text.split_at(at)
}

fn wrap_plain(text: &str, columns: usize) -> Vec<String> {
    let (lines, _) = wrap::hard(&[(Style::new(), text.to_owned())], columns, 20);
    lines.iter().map(ToString::to_string).collect()
}
