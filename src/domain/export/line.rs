//! The lines of a capture and of a delivery: one JSON object each. Names, order and meaning are an
//! interface that scripts rely on.

use crate::domain::{
    delivery::{Delivery, Outcome, Reply},
    export::escape::{push_body, push_display, push_string, push_text_or_base64},
    record::Record,
    signature::Check,
    sink::{Answered, AnsweredBy},
};

/// Appends the line of a capture. `explanation` says in a sentence why the signature check came out
/// as it did; it is left out while there is no check.
pub fn capture_line(record: &Record, explanation: &str, out: &mut Vec<u8>) {
    let (capture, head) = (&record.capture, record.capture.head());
    begin(record, out);
    name(out, "method");
    push_text_or_base64(out, head.method());
    name(out, "target");
    push_text_or_base64(out, head.target());
    name(out, "headers");
    push_headers(out, head.fields().map(|field| (field.name, field.value)));
    name(out, "body");
    push_body(out, capture.body(), None);
    facts(record, explanation, out);
    out.extend_from_slice(b"}\n");
}

/// The object of a capture without its request: what other formats keep beside it.
pub(crate) fn push_facts(record: &Record, explanation: &str, out: &mut Vec<u8>) {
    begin(record, out);
    facts(record, explanation, out);
    out.push(b'}');
}

fn begin(record: &Record, out: &mut Vec<u8>) {
    let summary = &record.capture.summary;
    push_display(out, format_args!("{{\"type\":\"capture\",\"id\":{}", summary.id));
    push_display(out, format_args!(",\"received_at\":\"{}\"", summary.received_at));
    push_display(out, format_args!(",\"remote\":\"{}\"", summary.remote));
    push_display(out, format_args!(",\"http\":\"{}\"", summary.version.as_str()));
}

/// What is known beside the request. Trailers, an announced size, a mark and a note stand there only
/// where there are any.
fn facts(record: &Record, explanation: &str, out: &mut Vec<u8>) {
    let (capture, summary) = (&record.capture, &record.capture.summary);
    if !capture.trailers().is_empty() {
        name(out, "trailers");
        push_headers(out, capture.trailer_fields().map(|field| (field.name, field.value)));
    }
    push_display(out, format_args!(",\"complete\":{}", summary.cut.is_none()));
    if let Some(cut) = summary.cut {
        push_display(out, format_args!(",\"cut\":\"{}\"", cut.as_str()));
    }
    if let Some(announced) = summary.announced() {
        push_display(out, format_args!(",\"announced\":{announced}"));
    }
    if let Some(refusal) = capture.refusal() {
        name(out, "refusal");
        push_string(out, refusal);
    }
    name(out, "endpoint");
    push_optional(out, summary.endpoint.as_deref());
    name(out, "provider");
    push_optional(out, summary.provider.as_deref());
    name(out, "event");
    push_optional(out, summary.event());
    name(out, "delivery_id");
    push_optional(out, summary.delivery_id());
    name(out, "attempt");
    push_number(out, summary.attempt());
    name(out, "signature");
    match &record.check {
        Some(check) => push_check(out, check, explanation),
        None => out.extend_from_slice(b"null"),
    }
    name(out, "response");
    push_answered(out, record.answered);
    if let Some(remark) = &record.remark {
        if remark.marked {
            out.extend_from_slice(b",\"marked\":true");
        }
        if !remark.note.is_empty() {
            name(out, "note");
            push_string(out, &remark.note);
        }
    }
}

/// Appends the line of a delivery. `capture` is null for what was never captured. While it is under way,
/// and where there was no response, `status` is null, `headers` is empty and `body` is null; `error` says
/// why there was none.
pub fn delivery_line(delivery: &Delivery, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"type\":\"delivery\",\"capture\":");
    push_number(out, Some(delivery.capture).filter(|id| id.0 > 0));
    push_display(
        out,
        format_args!(",\"attempt\":{},\"kind\":\"{}\"", delivery.attempt, delivery.kind.as_str()),
    );
    name(out, "url");
    push_string(out, &delivery.url);
    let (ms, reply, error) = match &delivery.outcome {
        Some(Outcome { took, result }) => {
            (Some(took.as_millis()), result.as_ref().ok(), result.as_ref().err())
        }
        None => (None, None, None),
    };
    name(out, "status");
    push_number(out, reply.map(|reply| reply.status));
    name(out, "ms");
    push_number(out, ms);
    name(out, "error");
    push_optional(out, error.map(String::as_str));
    name(out, "headers");
    let headers = reply.map_or(&[][..], |reply| &reply.headers);
    push_headers(out, headers.iter().map(|(name, value)| (&**name, &**value)));
    name(out, "body");
    match reply {
        Some(Reply { body, cut_from, .. }) => push_body(out, body, *cut_from),
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b"}\n");
}

/// Appends what the signature check of one request said: the object that stands in `signature` of a
/// capture.
pub(crate) fn push_check(out: &mut Vec<u8>, check: &Check, explanation: &str) {
    push_display(out, format_args!("{{\"verdict\":\"{}\"", check.verdict.as_str()));
    name(out, "code");
    push_optional(out, check.verdict.code().map(|code| code.as_str()));
    name(out, "scheme");
    push_optional(out, check.scheme.as_deref());
    name(out, "secret");
    push_optional(out, check.secret.as_deref());
    name(out, "age_s");
    push_number(out, check.age_s);
    name(out, "explanation");
    push_string(out, explanation);
    // Said only where it differs from what the verdict tells.
    if check.signed_ok && check.verdict.code().is_some() {
        out.extend_from_slice(b",\"signed_ok\":true");
    }
    if let Some(weak) = &check.weak {
        name(out, "weak");
        push_string(out, weak);
    }
    out.push(b'}');
}

/// The status is null when the connection ended before an answer could be sent.
pub(crate) fn push_answered(out: &mut Vec<u8>, answered: Option<Answered>) {
    let Some(Answered { status, by }) = answered else {
        out.extend_from_slice(b"null");
        return;
    };
    out.extend_from_slice(b"{\"status\":");
    push_number(out, Some(status).filter(|&status| status != 0));
    push_display(out, format_args!(",\"by\":\"{}\"", by.as_str()));
    if let AnsweredBy::Handshake(handshake) = by {
        name(out, "handshake");
        push_string(out, handshake.as_str());
    }
    out.push(b'}');
}

pub(crate) fn push_headers<'a>(out: &mut Vec<u8>, fields: impl Iterator<Item = (&'a [u8], &'a [u8])>) {
    out.push(b'[');
    for (index, (name, value)) in fields.enumerate() {
        out.extend_from_slice(if index == 0 { b"[" } else { b",[" });
        push_text_or_base64(out, name);
        out.push(b',');
        push_text_or_base64(out, value);
        out.push(b']');
    }
    out.push(b']');
}

pub(crate) fn push_optional(out: &mut Vec<u8>, text: Option<&str>) {
    match text {
        Some(text) => push_string(out, text),
        None => out.extend_from_slice(b"null"),
    }
}

pub(crate) fn push_number(out: &mut Vec<u8>, number: Option<impl std::fmt::Display>) {
    match number {
        Some(number) => push_display(out, number),
        None => out.extend_from_slice(b"null"),
    }
}

/// The name of a member that is not the first.
pub(crate) fn name(out: &mut Vec<u8>, name: &str) {
    push_display(out, format_args!(",\"{name}\":"));
}
