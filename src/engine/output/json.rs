//! `--output json`: one object a line. Names, order and meaning are an interface that scripts rely on.

use crate::{
    domain::{
        delivery::{Delivery, Outcome, Reply},
        record::Record,
        signature::Check,
        sink::{Answered, AnsweredBy},
    },
    engine::output::escape::{push_body, push_display, push_string, push_text_or_base64},
};

/// Appends the line of a capture. `explanation` says in a sentence why the signature check came out
/// as it did; it is left out while there is no check.
pub fn capture_line(record: &Record, explanation: &str, out: &mut Vec<u8>) {
    let (capture, summary) = (&record.capture, &record.capture.summary);
    let head = capture.head();
    push_display(out, format_args!("{{\"type\":\"capture\",\"id\":{}", summary.id));
    push_display(out, format_args!(",\"received_at\":\"{}\"", summary.received_at));
    push_display(out, format_args!(",\"remote\":\"{}\"", summary.remote));
    push_display(out, format_args!(",\"http\":\"{}\",\"method\":", summary.version.as_str()));
    push_text_or_base64(out, head.method());
    name(out, "target");
    push_text_or_base64(out, head.target());
    name(out, "headers");
    push_headers(out, head.fields().map(|field| (field.name, field.value)));
    name(out, "body");
    push_body(out, capture.body(), None);
    push_display(out, format_args!(",\"complete\":{}", summary.cut.is_none()));
    if let Some(cut) = summary.cut {
        push_display(out, format_args!(",\"cut\":\"{}\"", cut.as_str()));
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
    out.extend_from_slice(b"}\n");
}

/// Appends the line that says where the program listens.
pub fn listening_line(url: &str, version: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"type\":\"listening\",\"url\":");
    push_string(out, url);
    name(out, "version");
    push_string(out, version);
    out.extend_from_slice(b"}\n");
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
/// capture, on a line of its own.
pub fn signature_line(check: &Check, explanation: &str, out: &mut Vec<u8>) {
    push_check(out, check, explanation);
    out.push(b'\n');
}

/// Appends one finding of `doctor`: what was looked at, `ok`, `warning` or `problem`, and a sentence.
pub fn check_line(topic: &str, level: &str, text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"type\":\"check\"");
    name(out, "topic");
    push_string(out, topic);
    name(out, "level");
    push_string(out, level);
    name(out, "text");
    push_string(out, text);
    out.extend_from_slice(b"}\n");
}

/// Appends the line that says how many events this reader did not get, and why.
pub fn lost_line(count: u64, reason: &str, out: &mut Vec<u8>) {
    push_display(out, format_args!("{{\"type\":\"lost\",\"count\":{count}"));
    name(out, "reason");
    push_string(out, reason);
    out.extend_from_slice(b"}\n");
}

fn push_check(out: &mut Vec<u8>, check: &Check, explanation: &str) {
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
fn push_answered(out: &mut Vec<u8>, answered: Option<Answered>) {
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

fn push_headers<'a>(out: &mut Vec<u8>, fields: impl Iterator<Item = (&'a [u8], &'a [u8])>) {
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

fn push_optional(out: &mut Vec<u8>, text: Option<&str>) {
    match text {
        Some(text) => push_string(out, text),
        None => out.extend_from_slice(b"null"),
    }
}

fn push_number(out: &mut Vec<u8>, number: Option<impl std::fmt::Display>) {
    match number {
        Some(number) => push_display(out, number),
        None => out.extend_from_slice(b"null"),
    }
}

/// The name of a member that is not the first.
fn name(out: &mut Vec<u8>, name: &str) {
    push_display(out, format_args!(",\"{name}\":"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{
            capture::Cut,
            signature::{Code, Verdict},
            text::is_special,
        },
        engine::output::samples,
    };

    fn line(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        let line = String::from_utf8(out).expect("UTF-8");
        let line = line.strip_suffix('\n').expect("a whole line");
        assert_eq!(line.chars().find(|&c| is_special(c)), None, "{line}");
        serde_json::from_str::<serde_json::Value>(line).expect("JSON");
        line.to_owned()
    }

    #[test]
    fn a_capture_has_the_promised_form() {
        let record = samples::stripe();
        let expected = concat!(
            r#"{"type":"capture","id":1,"received_at":"2026-11-21T22:26:40.123456Z","remote":"127.0.0.1:50512","http":"1.1","#,
            r#""method":"POST","target":"/stripe?x=1","headers":[["Host","h"],["Stripe-Signature","t=1,v1=ab"],["stripe-signature","2"]],"#,
            r#""body":{"size":8,"text":"{\"a\":1}\n"},"complete":true,"#,
            r#""endpoint":"stripe","provider":"stripe","event":"invoice.paid","delivery_id":"evt_1","attempt":2,"#,
            r#""signature":{"verdict":"invalid","code":"body_modified","scheme":"stripe","secret":"STRIPE_WEBHOOK_SECRET","age_s":3,"#,
            r#""explanation":"The body was changed."},"response":{"status":200,"by":"default"}}"#,
        );
        assert_eq!(line(|out| capture_line(&record, "The body was changed.", out)), expected);
    }

    #[test]
    fn what_is_not_known_is_null_and_what_is_not_text_is_base64() {
        let record = samples::odd(b"P\xffST", "/\u{1b}]0;x\u{7}\u{202e}", &[b'{', 0xff], Some(Cut::Refused));
        let expected = concat!(
            r#"{"type":"capture","id":1,"received_at":"1970-01-01T00:00:00.000000Z","remote":"[::1]:9","http":"1.0","#,
            r#""method":{"base64":"UP9TVA=="},"target":"/\u001b]0;x\u0007\u202e","headers":[["X",{"base64":"/w=="}],["",""]],"#,
            r#""body":{"size":2,"base64":"e/8="},"complete":false,"cut":"refused","refusal":"a \u0000 in a header","#,
            r#""endpoint":null,"provider":null,"event":null,"delivery_id":null,"attempt":null,"#,
            r#""signature":null,"response":null}"#,
        );
        assert_eq!(line(|out| capture_line(&record, "ignored", out)), expected);
    }

    #[test]
    fn stale_and_weak_signatures_say_so() {
        let mut check = Check::bare(Verdict::Invalid(Code::TimestampTooOld));
        check.signed_ok = true;
        check.weak = Some("SHA-1".into());
        let signature = |check: &Check| {
            line(|out| {
                push_check(out, check, "x");
                out.push(b'\n');
            })
        };
        assert_eq!(
            signature(&check),
            r#"{"verdict":"invalid","code":"timestamp_too_old","scheme":null,"secret":null,"age_s":null,"explanation":"x","signed_ok":true,"weak":"SHA-1"}"#
        );
        check.verdict = Verdict::Valid;
        assert!(!signature(&check).contains("signed_ok"));
        assert!(signature(&check).contains(r#""verdict":"valid","code":null"#));
    }

    #[test]
    fn an_answer_that_was_not_sent_has_no_status() {
        let mut record = samples::stripe();
        record.answered = Some(Answered { status: 0, by: AnsweredBy::Refused });
        let line = line(|out| capture_line(&record, "", out));
        assert!(line.ends_with(r#""response":{"status":null,"by":"refused"}}"#), "{line}");
    }

    #[test]
    fn deliveries_have_the_promised_form() {
        let start =
            r#"{"type":"delivery","capture":1,"attempt":2,"kind":"forward","url":"http://localhost:3000/w","#;
        let (answered, failed, under_way) = samples::deliveries();
        assert_eq!(
            line(|out| delivery_line(&answered, out)),
            format!(
                r#"{start}"status":500,"ms":12,"error":null,"headers":[["X-A","1"],["x-a","\u009b"]],"body":{{"size":2,"text":"no","cut_from":99}}}}"#
            )
        );
        assert_eq!(
            line(|out| delivery_line(&failed, out)),
            format!(r#"{start}"status":null,"ms":1003,"error":"refused \u001b","headers":[],"body":null}}"#)
        );
        assert_eq!(
            line(|out| delivery_line(&under_way, out)),
            format!(r#"{start}"status":null,"ms":null,"error":null,"headers":[],"body":null}}"#)
        );
    }

    #[test]
    fn listening_and_lost_have_the_promised_form() {
        assert_eq!(
            line(|out| listening_line("http://127.0.0.1:7878", "0.1.0", out)),
            r#"{"type":"listening","url":"http://127.0.0.1:7878","version":"0.1.0"}"#
        );
        assert_eq!(
            line(|out| lost_line(3, "retention", out)),
            r#"{"type":"lost","count":3,"reason":"retention"}"#
        );
    }

    #[test]
    fn the_sender_cannot_break_out_of_its_line() {
        let record = samples::odd(b"POST", "/\u{2028}\u{85}", b"\r\n{\"type\":\"lost\"}\n", None);
        let mut out = Vec::new();
        capture_line(&record, "a\nb", &mut out);
        assert_eq!(out.iter().filter(|&&b| b == b'\n').count(), 1);
    }
}
