//! Signature: is it right, and if not, why; what was received, what would be right, and what was signed.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use crate::{
    app::content::SignatureView,
    domain::{
        redact::MARKER,
        signature::{Received, Report, Verdict},
    },
    ui::{
        panes::{Scene, signed},
        widgets::{compare, number, page::Page, safe},
    },
};

/// Most signatures that are shown.
const MOST: usize = 12;

/// Fills the page.
pub(super) fn build<'a>(scene: &Scene<'a>, page: &mut Page<'a>) {
    let style = &scene.kit.style;
    let Some(view) = scene.model.detail.report.get() else {
        page.sentence("checking ...", style.dim);
        return;
    };
    let report = &view.report;
    banner(scene, page, report);
    page.gap();
    page.sentence(&scene.model.seen(&report.explanation), style.text);
    if let Some(weak) = &report.check.weak {
        page.sentence(&format!("! weak: {weak}"), style.warn);
    }
    if report.check.verdict == Verdict::Unchecked {
        where_to_put_it(scene, page, view);
    }
    signatures(scene, page, view);
    scheme(scene, page, report);
    signed::build(scene, page, report);
}

fn banner<'a>(scene: &Scene<'a>, page: &mut Page<'a>, report: &Report) {
    let kit = scene.kit;
    let verdict = report.check.verdict;
    let (sign, word, colour) = kit.verdict(Some(verdict));
    let banner = match verdict {
        Verdict::Valid => kit.style.banner_good,
        Verdict::Invalid(_) => kit.style.banner_bad,
        _ => kit.style.banner_warn,
    };
    let mut spans = vec![Span::styled(format!(" {sign} {} ", word.to_uppercase()), banner)];
    if let Some(code) = verdict.code() {
        spans.push(Span::styled(format!("  {}", code.as_str()), colour));
    }
    if let Some((_, name)) = &report.provider {
        spans.push(Span::styled(format!("  {}", safe::text(name.as_bytes(), kit.ascii)), kit.style.strong));
    }
    if report.check.signed_ok && verdict.code().is_some() {
        spans.push(Span::styled("  the signature itself is right", kit.style.good));
    }
    page.line(Line::from(spans));
}

fn where_to_put_it<'a>(scene: &Scene<'a>, page: &mut Page<'a>, view: &SignatureView) {
    let style = &scene.kit.style;
    let [name, others @ ..] = &view.secret_names[..] else { return };
    page.heading("Where to put the secret");
    page.said("in .env", &format!("{name}=..."), style.string);
    if let Some((id, _)) = &view.report.provider {
        page.said("or option", &format!("--secret {id}=env:{name}"), style.string);
    }
    if !others.is_empty() {
        page.said("or named", &others.join(", "), style.dim);
    }
}

fn signatures<'a>(scene: &Scene<'a>, page: &mut Page<'a>, view: &SignatureView) {
    let report = &view.report;
    let style = &scene.kit.style;
    if report.received.is_empty() && report.expected.is_empty() {
        return;
    }
    if scene.model.hide {
        hidden(scene, page, report);
        timestamp(scene, page, report);
        by_now(scene, page, view);
        return;
    }
    page.heading(if report.expected.is_empty() { "Received" } else { "Received and expected" });
    // A signature that is compared below with what it should be is not shown twice.
    let compared: Vec<_> =
        report.expected.iter().filter(|e| !e.matches).filter_map(|e| Some((e, e.reveal()?))).collect();
    let right = report.expected.iter().any(|expected| expected.matches);
    // Beside one that matches, what the other secrets would give is of no use.
    let compared = if right { &[] } else { &compared[..] };
    let nearest = |value: &str| {
        let candidates = report.received.iter().filter(|r| !r.matches && !r.secret);
        candidates.max_by_key(|r| compare::common(&String::from_utf8_lossy(&r.text), value))
    };
    let used: Vec<*const Received> =
        compared.iter().filter_map(|(_, value)| nearest(value)).map(std::ptr::from_ref).collect();
    let others = report.received.iter().filter(|r| !used.contains(&std::ptr::from_ref(*r)));
    for received in others.take(MOST) {
        one_received(scene, page, received);
    }
    for expected in report.expected.iter().filter(|e| e.matches).take(MOST) {
        page.field("made with", format!("{} {}", expected.secret, scene.kit.sign.valid), style.good);
    }
    for (expected, value) in compared.iter().take(MOST) {
        page.field("with secret", expected.secret.as_bytes(), style.strong);
        let received = nearest(value).map_or(&b""[..], |received| &received.text);
        compare::draw(page, scene.kit, ["received", "expected"], [received, value.as_bytes()]);
    }
    let unknown = report.expected.iter().filter(|e| !right && !e.matches && e.reveal().is_none());
    for expected in unknown.take(MOST) {
        page.field("with secret", format!("{} does not match", expected.secret), style.warn);
    }
    timestamp(scene, page, report);
    by_now(scene, page, view);
}

/// How many there are and which match, and none of their values.
fn hidden<'a>(scene: &Scene<'a>, page: &mut Page<'a>, report: &Report) {
    let style = &scene.kit.style;
    page.heading("Received and expected, hidden");
    for received in report.received.iter().take(MOST) {
        let mut pieces = vec![(style.dim, MARKER.to_owned())];
        if received.matches {
            pieces.push((style.good, format!(" {}", scene.kit.sign.valid)));
        }
        page.labelled("received", &pieces);
    }
    for expected in report.expected.iter().take(MOST) {
        let (word, colour) =
            if expected.matches { ("matches", style.good) } else { ("does not match", style.warn) };
        page.field("with secret", format!("{} {word}", expected.secret), colour);
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

/// When it was signed, how old it was, and how old it may be.
fn timestamp<'a>(scene: &Scene<'a>, page: &mut Page<'a>, report: &Report) {
    let style = &scene.kit.style;
    let mut facts: Vec<(Style, String)> = Vec::new();
    if let Some(timestamp) = report.timestamp {
        let time = timestamp.format(&scene.model.session.zone, "%Y-%m-%d %H:%M:%S %Z");
        facts.push((style.text, time));
    }
    if let Some(age) = report.check.age_s {
        let span = number::span(age.unsigned_abs());
        let gap = if facts.is_empty() { "" } else { "  " };
        let limit = report.tolerance.map(|tolerance| tolerance.as_secs());
        let stale = limit.is_some_and(|limit| age.unsigned_abs() > limit);
        let words = if age < 0 {
            format!("{gap}{span} in the future")
        } else {
            format!("{gap}{span} before it arrived")
        };
        facts.push((if stale { style.bad } else { style.good }, words));
        let limit =
            limit.map_or("  no limit".to_owned(), |limit| format!("  {} allowed", number::span(limit)));
        facts.push((style.dim, limit));
    }
    if !facts.is_empty() {
        page.facts("signed", &facts);
    }
}

/// The other clock: a signature that was valid on arrival is refused by a handler that gets it too late.
fn by_now<'a>(scene: &Scene<'a>, page: &mut Page<'a>, view: &SignatureView) {
    let report = &view.report;
    let (Some(timestamp), Some(tolerance)) = (report.timestamp, report.tolerance) else { return };
    let age = view.now.as_secs() - timestamp.as_secs();
    if report.check.verdict != Verdict::Valid || age.unsigned_abs() <= tolerance.as_secs() {
        return;
    }
    let style = &scene.kit.style;
    let words = format!("{} old by now: ", number::span(age.unsigned_abs()));
    page.facts(
        "now",
        &[(style.warn, words), (style.dim, "a handler that gets it again refuses it".to_owned())],
    );
}

fn scheme<'a>(scene: &Scene<'a>, page: &mut Page<'a>, report: &Report) {
    let style = &scene.kit.style;
    let Some(scheme) = &report.scheme else { return };
    page.heading("How it is made");
    page.said("scheme", scheme, style.text);
    if let Some(key) = report.key {
        page.said("key", key, style.text);
    }
    if let Some(url) = &report.url {
        page.field("signed URL", scene.model.seen_url(url.as_bytes()), style.text);
    }
    if let Some(docs) = &report.docs {
        page.field("documented", docs, style.text);
    }
}
