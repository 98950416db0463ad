//! What our own exports tell beside the request: verdict, answer, deliveries.

use std::{sync::Arc, time::Duration};

use serde_json::Value;

use crate::domain::{
    capture::{CaptureId, Cut, HttpVersion},
    delivery::{Delivery, DeliveryKind, Outcome, Reply},
    handshake,
    import::{Entry, ImportError, capture::bytes},
    record::Remark,
    signature::{Check, Code, Verdict},
    sink::{Answered, AnsweredBy},
};

/// Most header lines of a response or in trailers.
const MOST: usize = 2_000;

/// Takes in what an object of ours says. What is missing or of no known form stays unknown.
pub(super) fn take(value: &Value, entry: &mut Entry) {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let number = |name: &str| value.get(name).and_then(Value::as_u64);
    entry.id = number("id").filter(|&id| id > 0).map(CaptureId);
    let incoming = &mut entry.incoming;
    if let Some(remote) = text("remote").and_then(|remote| remote.parse().ok()) {
        incoming.remote = remote;
    }
    incoming.version = match text("http") {
        Some("0.9") => HttpVersion::Http09,
        Some("1.0") => HttpVersion::Http10,
        Some("2") => HttpVersion::Http2,
        _ => HttpVersion::Http11,
    };
    for (name, field) in fields(value.get("trailers")) {
        incoming.trailers.extend_from_slice(&[&name[..], b": ", &field, b"\r\n"].concat());
    }
    if value.get("complete").and_then(Value::as_bool) == Some(false) {
        incoming.cut = Some(match text("cut") {
            Some("too_large") => Cut::TooLarge,
            Some("timeout") => Cut::Timeout,
            Some("refused") => Cut::Refused,
            _ => Cut::Aborted,
        });
    }
    incoming.announced = number("announced");
    incoming.refusal = text("refusal").map(str::to_owned);
    entry.endpoint = text("endpoint").map(Arc::from);
    entry.origin.provider = text("provider").map(Arc::from);
    entry.origin.event = text("event").map(Into::into);
    entry.origin.delivery_id = text("delivery_id").map(Into::into);
    entry.origin.attempt = number("attempt").and_then(|number| u32::try_from(number).ok());
    if let Some(signature) = value.get("signature").filter(|value| value.is_object()) {
        entry.check = check(signature);
        entry.explanation =
            signature.get("explanation").and_then(Value::as_str).unwrap_or_default().to_owned();
    }
    entry.answered = value.get("response").and_then(answered);
    let marked = value.get("marked").and_then(Value::as_bool).unwrap_or_default();
    let remark = Remark { marked, note: text("note").unwrap_or_default().into() };
    entry.remark = (!remark.is_empty()).then_some(remark);
    let listed = value.get("deliveries").and_then(Value::as_array).into_iter().flatten();
    let at = entry.incoming.received_at;
    entry.deliveries.extend(listed.filter_map(|value| delivery(value, at).ok()));
}

fn check(value: &Value) -> Option<Check> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let verdict = match text("verdict")? {
        "valid" => Verdict::Valid,
        "unsigned" => Verdict::Unsigned,
        "unchecked" => Verdict::Unchecked,
        "unknown" => Verdict::Unknown,
        "invalid" => Verdict::Invalid(Code::find(text("code")?)?),
        _ => return None,
    };
    Some(Check {
        scheme: text("scheme").map(Arc::from),
        secret: text("secret").map(Arc::from),
        age_s: value.get("age_s").and_then(Value::as_i64),
        signed_ok: value.get("signed_ok").and_then(Value::as_bool).unwrap_or(verdict == Verdict::Valid),
        weak: text("weak").map(Arc::from),
        cause: text("explanation").filter(|_| verdict.code().is_some()).map(Arc::from),
        ..Check::bare(verdict)
    })
}

fn answered(value: &Value) -> Option<Answered> {
    let by = match value.get("by")?.as_str()? {
        "default" => AnsweredBy::Default,
        "endpoint" => AnsweredBy::Endpoint,
        "forward" => AnsweredBy::Forward,
        "rejected" => AnsweredBy::Rejected,
        "refused" => AnsweredBy::Refused,
        "handshake" => AnsweredBy::Handshake(handshake::Name::find(value.get("handshake")?.as_str()?)?),
        _ => return None,
    };
    let status = value.get("status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
    Some(Answered { status: status.unwrap_or(0), by })
}

/// A line of a delivery.
pub(super) fn delivery(value: &Value, at: crate::domain::time::Timestamp) -> Result<Delivery, ImportError> {
    const FAULT: ImportError = ImportError::Json("a delivery has no kind, no URL or no number");
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let number = |name: &str| value.get(name).and_then(Value::as_u64);
    let kind = match text("kind") {
        Some("forward") => DeliveryKind::Forward,
        Some("replay") => DeliveryKind::Replay,
        Some("test") => DeliveryKind::Test,
        _ => return Err(FAULT),
    };
    let status = number("status").and_then(|status| u16::try_from(status).ok());
    let result = match (text("error"), status) {
        (Some(error), _) => Some(Err(error.to_owned())),
        (None, Some(status)) => {
            let body = value.get("body");
            let cut_from = body.and_then(|body| body.get("cut_from")).and_then(Value::as_u64);
            let headers = fields(value.get("headers")).into_iter().map(|(n, v)| (n.into(), v.into()));
            let body = body.and_then(|body| body.get("text").and_then(bytes).or_else(|| bytes(body)));
            let body = body.unwrap_or_default().into();
            Some(Ok(Reply { status, reason: "".into(), headers: headers.collect(), body, cut_from }))
        }
        (None, None) => None,
    };
    Ok(Delivery {
        capture: CaptureId(number("capture").unwrap_or(0)),
        attempt: number("attempt").and_then(|attempt| u32::try_from(attempt).ok()).ok_or(FAULT)?,
        kind,
        url: text("url").ok_or(FAULT)?.into(),
        started_at: at,
        outcome: result
            .map(|result| Outcome { took: Duration::from_millis(number("ms").unwrap_or(0)), result }),
    })
}

/// Pairs of names and values; those that could not stand in a line each are left out.
fn fields(value: Option<&Value>) -> Vec<(Vec<u8>, Vec<u8>)> {
    let pairs = value.and_then(Value::as_array).into_iter().flatten();
    let sound = |bytes: &Vec<u8>| !bytes.contains(&b'\n');
    pairs
        .filter_map(|pair| Some((bytes(pair.get(0)?)?, bytes(pair.get(1)?)?)))
        .filter(|(name, value)| sound(name) && sound(value))
        .take(MOST)
        .collect()
}
