//! Signature: is it right, and if not, why; what was received, what would be right, and what was signed.

use ratatui::text::{Line, Span};

use crate::{
    app::content::SignatureView,
    domain::{
        redact::MARKER,
        signature::{Received, Report, Verdict},
    },
    ui::{
        panes::{Scene, clocks, signed},
        widgets::{compare, page::Page, safe},
    },
};

/// Most signatures that are shown.
const MOST: usize = 12;

/// How the part of an explanation begins that says what did not lead to a cause.
pub(super) const TRIED: &str = " Tried without success:";

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
    // What was tried in vain matters least.
    let explanation = scene.model.seen(&report.explanation);
    let (why, tried) = match explanation.split_once(TRIED) {
        Some((why, tried)) => (why, Some(tried)),
        None => (&*explanation, None),
    };
    page.sentence(why, style.text);
    if let Some(weak) = &report.check.weak {
        page.sentence(&format!("! weak: {weak}"), style.warn);
    }
    if let Some(note) = &view.key_note {
        page.sentence(note, style.warn);
    }
    clocks::confirmation(scene, page);
    if report.check.verdict == Verdict::Unchecked {
        where_to_put_it(scene, page, view);
    }
    if report.check.verdict == Verdict::Unknown {
        how_to_name_it(scene, page);
    }
    clocks::build(scene, page, view);
    signatures(scene, page, view);
    if let Some(tried) = tried {
        page.gap();
        // The link stands below, with how it is made.
        let tried = tried.split(" How it is made: ").next().unwrap_or(tried);
        page.sentence(&format!("{}{tried}", TRIED.trim_start()), style.dim);
    }
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
    let key = view.key_address.is_some();
    page.heading(if key { "Where to put the key" } else { "Where to put the secret" });
    if let Some(address) = &view.key_address {
        page.field("published", address, style.text);
        page.said("to fetch", "--fetch-keys, or fetch_keys = true under [secrets]", style.string);
    }
    page.said("in .env", &format!("{name}=..."), style.string);
    if let Some((id, _)) = &view.report.provider {
        page.said("or option", &format!("--secret {id}=env:{name}"), style.string);
    }
    if !others.is_empty() {
        page.said("or named", &others.join(", "), style.dim);
    }
}

/// What to write where the sender was not recognised.
fn how_to_name_it<'a>(scene: &Scene<'a>, page: &mut Page<'a>) {
    let style = &scene.kit.style;
    let target = scene.record.capture.head().target();
    let path = String::from_utf8_lossy(target.split(|&b| b == b'?').next().unwrap_or(target)).into_owned();
    page.heading("If you know who sends it: in hookglass.toml");
    page.field("", "[[endpoint]]", style.string);
    page.field("", format!("path = \"{path}\""), style.string);
    page.field("", "provider = \"stripe\"", style.string);
    page.said("names", "`hookglass providers` lists all that are known", style.dim);
}

fn signatures<'a>(scene: &Scene<'a>, page: &mut Page<'a>, view: &SignatureView) {
    let report = &view.report;
    let style = &scene.kit.style;
    if report.received.is_empty() && report.expected.is_empty() {
        return;
    }
    if scene.model.hide {
        hidden(scene, page, report);
        clocks::bare(scene, page, view);
        return;
    }
    page.heading(if report.expected.is_empty() { "What came" } else { "What came, and what was expected" });
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
    clocks::bare(scene, page, view);
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

fn scheme<'a>(scene: &Scene<'a>, page: &mut Page<'a>, report: &Report) {
    let style = &scene.kit.style;
    let Some(scheme) = &report.scheme else { return };
    page.heading("How it is made");
    page.said("scheme", scheme, style.text);
    if let Some(key) = report.key {
        page.said("key", key, style.text);
    }
    if let Some(url) = &report.url {
        let label = if report.check.signed_ok { "signed URL" } else { "URL tried" };
        page.field(label, scene.model.seen_url(url.as_bytes()), style.text);
    }
    if let Some(docs) = &report.docs {
        page.field("documented", docs, style.text);
    }
}
