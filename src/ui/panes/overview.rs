//! Overview: the capture at a glance, then its body.

use crate::{
    app::View,
    domain::{
        capture::{Cut, HttpVersion},
        delivery::{Delivery, DeliveryKind},
        handshake,
        record::Keeping,
        redact::MARKER,
        signature::Verdict,
        sink::AnsweredBy,
    },
    ui::{
        panes::{Scene, clocks, document, headers, refused, signature},
        widgets::{number, page::Page, safe},
    },
};

/// Most deliveries that are shown here; the Deliveries pane has all of them.
const SENT: usize = 3;

/// Fills the page.
pub(super) fn build<'a>(scene: &Scene<'a>, page: &mut Page<'a>) {
    let Scene { model, kit, record, .. } = scene;
    let style = &kit.style;
    let capture = &record.capture;
    let summary = &*capture.summary;
    let refused = summary.cut == Some(Cut::Refused);
    if let Some(refusal) = capture.refusal() {
        page.said("refused", refusal, style.bad);
    }
    if let Some(cut) = summary.cut.filter(|cut| *cut != Cut::Refused) {
        page.said("cut", &cut_sentence(cut, summary.announced()), style.warn);
    }
    let place = model.list.place().and_then(|place| model.list.row(place));
    if place.is_some_and(|row| row.summary.id == summary.id && row.keeping == Keeping::Unsaved) {
        let text = "NOT SAVED: it is in memory alone, and its sender was told to send it again.";
        page.said("kept", text, style.bad);
    }
    if let Some(remark) = &record.remark {
        let (sign, word) =
            if remark.marked { (kit.sign.marked, "marked") } else { (kit.sign.noted, "noted") };
        page.said(word, format!("{sign} {}", remark.note).trim_end(), style.warn);
    }
    if !refused {
        signature(scene, page);
        clocks::confirmation(scene, page);
    }
    origin(scene, page);
    let time = summary.received_at.format(&model.session.zone, "%Y-%m-%d %H:%M:%S%.3f %Z");
    let mut received = vec![(style.text, time), (style.dim, format!("  from {}", remote(scene)))];
    if !refused {
        received.push((style.dim, format!("  HTTP/{}", summary.version.as_str())));
    }
    page.facts("received", &received);
    if summary.version == HttpVersion::Http2 {
        page.said("", "HTTP/2 has no head of text: it is rebuilt here, its names are lower case.", style.dim);
    }
    if let Some(endpoint) = &summary.endpoint {
        page.field("endpoint", endpoint.as_bytes(), style.text);
    }
    answered(scene, page);
    let skip = record.deliveries.len().saturating_sub(SENT);
    record.deliveries.iter().skip(skip).for_each(|delivery| sent(scene, page, delivery));
    if refused {
        refused::build(scene, page);
        return;
    }
    let mut label = "odd";
    for oddity in headers::oddities(capture) {
        page.said(std::mem::take(&mut label), oddity, style.warn);
    }
    let mut body = vec![(style.text, number::size(summary.size))];
    if let Some(document) = model.detail.document(View::Decoded).filter(|_| summary.size > 0) {
        body.push((style.text, format!("  {}", document.kind())));
    }
    if let Some(content_type) = summary.content_type() {
        body.push((style.dim, format!("  {}", safe::text(content_type, kit.ascii))));
    }
    page.facts("body", &body);
    if summary.size > 0 {
        page.gap();
        document(scene, page, View::Decoded);
    }
}

/// The sender's address: of somebody else's machine it is a personal field.
fn remote(scene: &Scene<'_>) -> String {
    let remote = scene.record.capture.summary.remote;
    let hidden = scene.model.hide && !remote.ip().to_canonical().is_loopback();
    if hidden { MARKER.to_owned() } else { remote.to_string() }
}

/// Who sent it and what it is about.
fn origin<'a>(scene: &Scene<'a>, page: &mut Page<'a>) {
    let kit = scene.kit;
    let style = &kit.style;
    let summary = &*scene.record.capture.summary;
    let mut event = Vec::new();
    if let Some(provider) = &summary.provider {
        event.extend(page.pieces(provider.as_bytes(), style.strong));
    }
    if let Some(name) = summary.event() {
        let gap = if event.is_empty() { "" } else { "  " };
        event.push((style.text, format!("{gap}{}", safe::text(name.as_bytes(), kit.ascii))));
    }
    if !event.is_empty() {
        page.facts("event", &event);
    }
    if let Some(delivery) = summary.delivery_id() {
        let mut pieces = page.pieces(delivery.as_bytes(), style.text);
        if let Some(attempt) = summary.attempt() {
            pieces.push((if attempt > 1 { style.warn } else { style.dim }, format!("  attempt {attempt}")));
        }
        page.facts("delivery", &pieces);
    }
}

fn signature<'a>(scene: &Scene<'a>, page: &mut Page<'a>) {
    let kit = scene.kit;
    let check = scene.record.check.as_deref();
    let (sign, word, style) = kit.verdict(check.map(|check| check.verdict));
    let mut pieces = vec![(style, format!("{sign} {word}"))];
    if let Some(code) = check.and_then(|check| check.verdict.code()) {
        pieces.push((style, format!("  {}", code.as_str())));
    }
    if let Some(secret) = check.and_then(|check| check.secret.as_ref()) {
        pieces.push((kit.style.dim, format!("  with {}", safe::text(secret.as_bytes(), kit.ascii))));
    }
    if let Some(age) = check.filter(|check| check.verdict == Verdict::Valid).and_then(|check| check.age_s) {
        let span = number::span(age.unsigned_abs());
        let side = if age < 0 { "in the future" } else { "old" };
        pieces.push((kit.style.dim, format!("  {span} {side}")));
    }
    page.facts("signature", &pieces);
    if let Some(weak) = check.and_then(|check| check.weak.as_ref()) {
        page.said("", &format!("weak: {weak}"), kit.style.warn);
    }
    let stale = clocks::now(scene.model).filter(|(good, _)| !good);
    if let Some((_, words)) = stale.filter(|_| check.is_some_and(|check| check.verdict == Verdict::Valid)) {
        page.said("", &format!("now: {words}"), kit.style.warn);
    }
    let colour = match check.map(|check| check.verdict) {
        None | Some(Verdict::Valid) => return,
        Some(Verdict::Unknown) => kit.style.dim,
        Some(_) => kit.style.text,
    };
    if let Some(view) = scene.model.detail.report.get() {
        // What was tried in vain is for the Signature pane.
        let all = scene.model.seen(&view.report.explanation);
        let why = all.split_once(signature::TRIED).map_or(&*all, |(why, _)| why);
        page.said("", why, colour);
    }
}

fn answered<'a>(scene: &Scene<'a>, page: &mut Page<'a>) {
    let kit = scene.kit;
    match scene.record.answered {
        Some(answered) if answered.status > 0 => {
            page.labelled(
                "answered",
                &[
                    (kit.status(answered.status), answered.status.to_string()),
                    (kit.style.dim, format!("  {}", by(answered.by))),
                ],
            );
            if let AnsweredBy::Handshake(name) = answered.by {
                let capture = &scene.record.capture;
                let rule =
                    scene.model.session.endpoints.find(capture.head().method(), capture.head().target());
                let token = rule.is_some_and(|(_, rule)| rule.params.contains_key("verify_token"));
                page.field("handshake", name.as_str().as_bytes(), kit.style.text);
                if let Some(note) = handshake::note(name.as_str(), capture.body(), token) {
                    page.said("", &note, kit.style.warn);
                }
            }
        }
        Some(_) => page.field("answered", "not: the connection ended first", kit.style.warn),
        None => page.field("answered", kit.sign.pending, kit.style.dim),
    }
}

/// One sending of it, in a line.
fn sent<'a>(scene: &Scene<'a>, page: &mut Page<'a>, delivery: &Delivery) {
    let kit = scene.kit;
    let label = match delivery.kind {
        DeliveryKind::Forward => "forwarded",
        DeliveryKind::Replay => "replayed",
        DeliveryKind::Test => "tested",
    };
    let mut pieces = match &delivery.outcome {
        None => vec![(kit.style.warn, "waiting for the response".to_owned())],
        Some(outcome) => {
            let (style, word) = match &outcome.result {
                Ok(reply) => (kit.status(reply.status), reply.status.to_string()),
                Err(_) => (kit.style.bad, format!("{} failed", kit.sign.invalid)),
            };
            vec![(style, word), (kit.style.dim, format!("  in {}", number::took(outcome.took)))]
        }
    };
    pieces.push((kit.style.dim, format!("  {}", safe::text(delivery.url.as_bytes(), kit.ascii))));
    page.facts(label, &pieces);
    if let Some(Err(error)) = delivery.outcome.as_ref().map(|outcome| &outcome.result) {
        page.said("", error, kit.style.bad);
    }
}

/// Who decided an answer, in words.
const fn by(by: AnsweredBy) -> &'static str {
    match by {
        AnsweredBy::Default => "by default",
        AnsweredBy::Endpoint => "as the endpoint says",
        AnsweredBy::Handshake(_) => "to the provider's handshake",
        AnsweredBy::Forward => "by the forward target",
        AnsweredBy::Rejected => "rejected by the endpoint",
        AnsweredBy::Refused => "refused",
    }
}

fn cut_sentence(cut: Cut, announced: Option<u64>) -> String {
    let of = announced.map(|n| format!(" of {} announced", number::size(n))).unwrap_or_default();
    match cut {
        Cut::TooLarge => format!("the body is larger than the limit; its first part is kept{of}"),
        Cut::Aborted => format!("the sender closed the connection before the body was complete{of}"),
        Cut::Timeout => format!("the sender stopped sending for too long{of}"),
        Cut::Refused => "refused".to_owned(),
    }
}
