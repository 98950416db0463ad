//! Signature: what was signed, by which scheme, what was received, what would be right, and why not.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use crate::{
    app::content::{Received, SignatureView, SignedBytes},
    domain::signature::Verdict,
    ui::{
        panes::Scene,
        widgets::{compare, number, page::Page},
    },
};

/// Bytes up to which a signed piece is shown whole. Of a longer one the middle is left out, never the
/// end: that is where a lost newline shows.
const WHOLE: usize = 2_000;
/// Bytes of the end of a longer piece.
const END: usize = 200;
/// Most signatures that are shown.
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
    if let Some(weak) = &report.check.weak {
        page.sentence(&format!("! weak: {weak}"), style.warn);
    }
    if report.check.verdict == Verdict::Unchecked {
        where_to_put_it(scene, page, report);
    }
    signatures(scene, page, report);
    content(scene, page, report);
    scheme(scene, page, report);
}

fn banner<'a>(scene: &Scene<'a>, page: &mut Page<'a>, report: &SignatureView) {
    let kit = scene.kit;
    let verdict = report.check.verdict;
    let (sign, word, _) = kit.verdict(Some(verdict));
    let banner = match verdict {
        Verdict::Valid => kit.style.banner_good,
        Verdict::Invalid(_) => kit.style.banner_bad,
        _ => kit.style.banner_warn,
    };
    let mut spans = vec![Span::styled(format!(" {sign} {} ", word.to_uppercase()), banner)];
    if let Some(code) = verdict.code() {
        spans.push(Span::styled(format!(" {}", code.as_str()), kit.style.bad));
        if report.check.signed_ok {
            spans.push(Span::styled("  the signature itself is right", kit.style.good));
        }
    }
    page.line(Line::from(spans));
}

fn where_to_put_it<'a>(scene: &Scene<'a>, page: &mut Page<'a>, report: &SignatureView) {
    let style = &scene.kit.style;
    let [name, others @ ..] = &report.secret_names[..] else { return };
    page.heading("Where to put the secret");
    page.said("in .env", &format!("{name}=..."), style.string);
    if let Some((id, _)) = &report.provider {
        page.said("or start with", &format!("--secret {id}=env:{name}"), style.string);
    }
    if !others.is_empty() {
        page.said("or one of", &others.join(", "), style.dim);
    }
}

fn signatures<'a>(scene: &Scene<'a>, page: &mut Page<'a>, report: &SignatureView) {
    let style = &scene.kit.style;
    if report.received.is_empty() && report.expected.is_empty() {
        return;
    }
    page.heading("Signatures");
    // A signature that is compared below with what it should be is not shown twice.
    let compared: Vec<_> = report
        .expected
        .iter()
        .filter(|e| !e.matches)
        .filter_map(|e| Some((e, e.value.as_deref()?)))
        .collect();
    let nearest = |value: &str| {
        let candidates = report.received.iter().filter(|r| !r.matches && !r.secret);
        candidates.max_by_key(|r| compare::common(&String::from_utf8_lossy(&r.text), value))
    };
    let used: Vec<&Received> = compared.iter().filter_map(|(_, value)| nearest(value)).collect();
    for received in report.received.iter().filter(|r| !used.contains(r)).take(MOST) {
        one_received(scene, page, received);
    }
    for expected in report.expected.iter().filter(|e| e.matches).take(MOST) {
        page.field("secret", format!("{} matches", expected.secret), style.good);
    }
    for (expected, value) in compared.iter().take(MOST) {
        page.field("with secret", expected.secret.as_bytes(), style.strong);
        let received = nearest(value).map_or(&b""[..], |received| &received.text);
        compare::draw(page, scene.kit, ["received", "expected"], [received, value.as_bytes()]);
    }
    for expected in report.expected.iter().filter(|e| !e.matches && e.value.is_none()).take(MOST) {
        page.field("with secret", format!("{} does not match", expected.secret), style.warn);
    }
}

fn one_received<'a>(scene: &Scene<'a>, page: &mut Page<'a>, received: &Received) {
    let style = &scene.kit.style;
    let colour = if received.matches { style.good } else { style.text };
    let mut pieces = if received.secret {
        vec![(style.dim, format!("(a shared secret of {} bytes, not shown)", received.text.len()))]
    } else {
        page.pieces(&received.text, colour)
    };
    if received.matches {
        pieces.push((style.good, format!(" {}", scene.kit.sign.valid)));
    } else if !received.readable {
        pieces.push((style.bad, "  not of the scheme's form".to_owned()));
    }
    page.labelled("received", &pieces);
}

fn content<'a>(scene: &Scene<'a>, page: &mut Page<'a>, report: &SignatureView) {
    let style = &scene.kit.style;
    if report.content.is_empty() {
        return;
    }
    let body = scene.record.capture.body();
    let bytes_of = |bytes: &'_ SignedBytes| -> Option<Vec<u8>> {
        match bytes {
            SignedBytes::Body => Some(shortened(body)),
            SignedBytes::Bytes(bytes) => Some(shortened(bytes)),
            SignedBytes::Hidden => None,
        }
    };
    let length = |bytes: &SignedBytes| match bytes {
        SignedBytes::Body => body.len(),
        SignedBytes::Bytes(bytes) => bytes.len(),
        SignedBytes::Hidden => 0,
    };
    let total: usize = report.content.iter().map(|piece| length(&piece.bytes)).sum();
    let hidden = report.content.iter().any(|piece| piece.bytes == SignedBytes::Hidden);
    let and = if hidden { " and the secret" } else { "" };
    page.heading(format!("Signed content: exactly these {}{and}", number::size(total as u64)));
    for piece in &report.content {
        let Some(bytes) = bytes_of(&piece.bytes) else {
            page.field(&piece.label, "(the secret, not shown)", style.dim);
            continue;
        };
        if bytes.is_empty() {
            page.field(&piece.label, "(empty)", style.warn);
            continue;
        }
        let left_out = length(&piece.bytes) - bytes.len();
        let (begin, end) = bytes.split_at(if left_out > 0 { WHOLE - END } else { bytes.len() });
        let mut label = piece.label.strip_prefix("header ").unwrap_or(&piece.label);
        for line in begin.split_inclusive(|&b| b == b'\n') {
            page.field(std::mem::take(&mut label), line, style.string);
        }
        if left_out > 0 {
            page.field("", format!("[{} bytes more]", number::count(left_out as u64)), style.warn);
        }
        for line in end.split_inclusive(|&b| b == b'\n') {
            page.field("", line, style.string);
        }
    }
}

/// Beginning and end of long bytes.
fn shortened(bytes: &[u8]) -> Vec<u8> {
    if bytes.len() <= WHOLE {
        return bytes.to_vec();
    }
    [&bytes[..WHOLE - END], &bytes[bytes.len() - END..]].concat()
}

fn scheme<'a>(scene: &Scene<'a>, page: &mut Page<'a>, report: &SignatureView) {
    let style = &scene.kit.style;
    if report.provider.is_none() && report.scheme.is_none() {
        return;
    }
    page.heading("Scheme");
    if let Some((_, name)) = &report.provider {
        page.field("provider", name, style.text);
    }
    for (label, value) in [
        ("scheme", &report.scheme),
        ("algorithm", &report.algorithm),
        ("key", &report.key),
        ("written as", &report.encoding),
        ("found in", &report.place),
    ] {
        if let Some(value) = value {
            page.said(label, value, style.text);
        }
    }
    if let Some(url) = &report.url {
        page.field("signed URL", url, style.text);
    }
    if let Some(timestamp) = report.timestamp {
        let time = timestamp.format(&scene.model.session.zone, "%Y-%m-%d %H:%M:%S %Z");
        page.labelled(
            "timestamp",
            &[(style.text, timestamp.as_secs().to_string()), (style.dim, format!("  {time}"))],
        );
    }
    age(scene, page, report);
    if let Some(docs) = &report.docs {
        page.field("documented", docs, style.text);
    }
}

fn age<'a>(scene: &Scene<'a>, page: &mut Page<'a>, report: &SignatureView) {
    let style = &scene.kit.style;
    let Some(age) = report.check.age_s else { return };
    let words = if age < 0 {
        format!("{} in the future", number::span(age.unsigned_abs()))
    } else {
        format!("{} old when it arrived", number::span(age.unsigned_abs()))
    };
    let (colour, limit): (Style, String) = match report.tolerance.map(|tolerance| tolerance.as_secs()) {
        Some(tolerance) if age.unsigned_abs() > tolerance => {
            (style.bad, format!("  {} allowed", number::span(tolerance)))
        }
        Some(tolerance) => (style.good, format!("  {} allowed", number::span(tolerance))),
        None => (style.text, "  no limit".to_owned()),
    };
    page.labelled("age", &[(colour, words), (style.dim, limit)]);
}
