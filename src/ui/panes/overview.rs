//! Overview: the capture at a glance, then its body.

use ratatui::text::Span;

use crate::{
    app::View,
    domain::{
        capture::{Cut, HttpVersion},
        handshake,
        sink::AnsweredBy,
    },
    ui::{
        panes::{Scene, document},
        widgets::{number, page::Page, safe},
    },
};

/// Bytes of the target that are shown here; Headers and Raw have more of it.
const TARGET: usize = 400;

/// Fills the page.
pub(super) fn build<'a>(scene: &Scene<'a>, page: &mut Page<'a>) {
    let Scene { model, kit, record, .. } = scene;
    let style = &kit.style;
    let capture = &record.capture;
    let summary = &*capture.summary;
    let head = capture.head();

    let mut request = page.pieces(head.method(), style.strong);
    request.push((style.text, " ".to_owned()));
    let target = head.target();
    request.extend(page.pieces(&target[..target.len().min(TARGET)], style.strong));
    if target.len() > TARGET {
        request
            .push((style.warn, format!(" [{} bytes more]", number::count((target.len() - TARGET) as u64))));
    }
    if summary.version != HttpVersion::Http09 && summary.cut != Some(Cut::Refused) {
        request.push((style.dim, format!(" HTTP/{}", summary.version.as_str())));
    }
    page.hanging(Span::raw(""), 0, &request);
    page.gap();

    if let Some(refusal) = capture.refusal() {
        page.said("refused", refusal, style.bad);
    }
    if let Some(cut) = summary.cut.filter(|cut| *cut != Cut::Refused) {
        page.said("cut", &cut_sentence(cut, summary.announced()), style.warn);
    }
    signature(scene, page);
    let time = summary.received_at.format(&model.session.zone, "%Y-%m-%d %H:%M:%S%.3f %Z");
    page.facts("received", &[(style.text, time), (style.dim, format!("  from {}", summary.remote))]);
    if let Some(endpoint) = &summary.endpoint {
        page.field("endpoint", endpoint.as_bytes(), style.text);
    }
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
    answered(scene, page);
    deliveries(scene, page);
    let mut body = vec![(style.text, number::size(summary.size))];
    if let Some(document) = model.detail.document(View::Decoded) {
        body.push((style.text, format!("  {}", document.kind())));
    }
    if let Some(content_type) = summary.content_type() {
        body.push((style.dim, format!("  {}", safe::text(content_type, kit.ascii))));
    }
    page.facts("body", &body);
    page.gap();
    document(scene, page, View::Decoded);
}

fn signature<'a>(scene: &Scene<'a>, page: &mut Page<'a>) {
    let kit = scene.kit;
    let check = scene.record.check.as_deref();
    let (sign, word, style) = kit.verdict(check.map(|check| check.verdict));
    let mut pieces = vec![(style, format!("{sign} {word}"))];
    if let Some(code) = check.and_then(|check| check.verdict.code()) {
        pieces.push((style, format!(" {}", code.as_str())));
    }
    if let Some(secret) = check.and_then(|check| check.secret.as_ref()) {
        pieces.push((kit.style.dim, format!("  with {}", safe::text(secret.as_bytes(), kit.ascii))));
    }
    page.facts("signature", &pieces);
    if let Some(weak) = check.and_then(|check| check.weak.as_ref()) {
        page.said("", &format!("weak: {weak}"), kit.style.warn);
    }
    if let Some(report) = scene.model.detail.report.get()
        && check.is_some_and(|check| check.verdict.code().is_some())
    {
        page.said("", &report.explanation, kit.style.text);
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
                page.field("handshake", name.as_str().as_bytes(), kit.style.text);
                if let Some(note) = handshake::note(name.as_str(), scene.record.capture.body()) {
                    page.said("", &note, kit.style.warn);
                }
            }
        }
        Some(_) => page.field("answered", "not: the connection ended first", kit.style.warn),
        None => page.field("answered", kit.sign.pending, kit.style.dim),
    }
}

fn deliveries<'a>(scene: &Scene<'a>, page: &mut Page<'a>) {
    let kit = scene.kit;
    let Some(delivery) = scene.record.deliveries.last() else { return };
    let mut pieces = match &delivery.outcome {
        None => vec![(kit.style.dim, "sending".to_owned())],
        Some(outcome) => match &outcome.result {
            Ok(reply) => vec![(kit.status(reply.status), reply.status.to_string())],
            Err(_) => vec![(kit.style.bad, "failed".to_owned())],
        },
    };
    if let Some(outcome) = &delivery.outcome {
        pieces.push((kit.style.dim, format!(" in {}", number::took(outcome.took))));
    }
    pieces.push((kit.style.dim, format!("  {}", delivery.kind.as_str())));
    pieces.push((kit.style.text, format!(" {}", safe::text(delivery.url.as_bytes(), kit.ascii))));
    page.facts("sent", &pieces);
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
