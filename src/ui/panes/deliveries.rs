//! Deliveries: each sending of the capture with what came back, the newest first.

use ratatui::text::{Line, Span};

use crate::{
    config::keymap::{Action, Context},
    domain::{
        decode::Document,
        delivery::{Delivery, Reply},
        headers::Field,
        record::Record,
        text::Marks,
    },
    ui::{
        panes::{Scene, headers},
        widgets::{kit::Kit, number, page::Page},
    },
};

/// Most deliveries that are shown in full; a person looks at the newest.
const MOST: usize = 30;
/// Most header lines of a response.
const HEADERS: usize = 60;
/// Most lines of a response's body.
const BODY: usize = 40;
/// Most columns of such a line.
const LINE: usize = 2_000;

/// How many there are.
pub(super) fn badge(record: &Record, _: &Kit) -> Option<String> {
    (!record.deliveries.is_empty()).then(|| record.deliveries.len().to_string())
}

/// Fills the page.
pub(super) fn build<'a>(scene: &Scene<'a>, page: &mut Page<'a>) {
    let style = &scene.kit.style;
    if scene.record.deliveries.is_empty() {
        page.sentence("Not sent on yet.", style.text);
        page.gap();
        let [replay, send] =
            [Action::Replay, Action::Send].map(|action| scene.model.key(Context::Detail, action));
        let text = format!(
            "{replay} sends it to the last target, {send} asks for one; start with a port or a URL to send each capture on as it arrives."
        );
        page.sentence(&text, style.dim);
        return;
    }
    for delivery in scene.record.deliveries.iter().rev().take(MOST) {
        one(scene, page, delivery);
    }
    let more = scene.record.deliveries.len().saturating_sub(MOST);
    if more > 0 {
        page.gap();
        page.sentence(&format!("and {more} older ones"), style.dim);
    }
}

fn one<'a>(scene: &Scene<'a>, page: &mut Page<'a>, delivery: &Delivery) {
    let kit = scene.kit;
    let style = &kit.style;
    if page.lines() > 0 {
        page.gap();
    }
    let (word, status) = match &delivery.outcome {
        None => (format!(" {} SENDING ", kit.sign.pending), style.banner_warn),
        Some(outcome) => match &outcome.result {
            Ok(reply) => {
                let banner = match reply.status {
                    200..300 => style.banner_good,
                    300..500 => style.banner_warn,
                    _ => style.banner_bad,
                };
                (format!(" {} {} {} ", kit.sign.arrow, reply.status, reply.reason), banner)
            }
            Err(_) => (format!(" {} FAILED ", kit.sign.invalid), style.banner_bad),
        },
    };
    let word: String = page.pieces(word.as_bytes(), status).into_iter().map(|(_, text)| text).collect();
    let mut title = vec![Span::styled(word, status)];
    if let Some(outcome) = &delivery.outcome {
        title.push(Span::styled(format!("  in {}", number::took(outcome.took)), style.strong));
    }
    page.line(Line::from(title));
    let time = delivery.started_at.format(&scene.model.session.zone, "%H:%M:%S%.3f");
    let mut url = vec![(style.dim, format!("{} {}  {time}  ", delivery.kind.as_str(), delivery.attempt))];
    url.extend(page.pieces(delivery.url.as_bytes(), style.text));
    page.hanging(Span::raw(""), 2, &url);
    match delivery.outcome.as_ref().map(|outcome| &outcome.result) {
        Some(Ok(reply)) => response(scene, page, reply),
        Some(Err(error)) => page.sentence(error, style.bad),
        None => page.sentence("waiting for the response ...", style.dim),
    }
}

fn response<'a>(scene: &Scene<'a>, page: &mut Page<'a>, reply: &Reply) {
    let style = &scene.kit.style;
    let fields = || reply.headers.iter().map(|(name, value)| Field { name, value }).take(HEADERS);
    let names = headers::names(page.columns(), fields());
    fields().for_each(|field| headers::field(scene, page, field, names, Vec::new()));
    if reply.body.is_empty() {
        page.line(Span::styled("(no body)", style.dim));
        return;
    }
    page.gap();
    body(scene, page, reply);
    if let Some(whole) = reply.cut_from {
        let text = format!(
            "the first {} of {} are kept",
            number::size(reply.body.len() as u64),
            number::size(whole)
        );
        page.sentence(&text, style.warn);
    }
}

/// The beginning of a response's body, readable. Only as much is looked at as can be shown.
fn body<'a>(scene: &Scene<'a>, page: &mut Page<'a>, reply: &Reply) {
    let kit = scene.kit;
    let content_type = reply.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(b"content-type"));
    let content_type = content_type.map(|(_, value)| &**value);
    let document = Document::of(content_type, &reply.body, None, Some(BODY));
    let marks = if kit.ascii { Marks::Ascii } else { Marks::Unicode };
    for index in 0..document.lines().min(BODY) {
        let spans = document.line(&reply.body, index, 0, LINE, marks);
        let pieces: Vec<_> = spans.into_iter().map(|s| (kit.role(s.role), s.text.into_owned())).collect();
        page.hung(&pieces, 2);
    }
    if document.lines() > BODY || !document.complete() {
        let size = number::size(reply.body.len() as u64);
        let text = format!("{} the first {BODY} lines of {size}", kit.sign.ellipsis);
        page.line(Span::styled(text, kit.style.dim));
    }
}
