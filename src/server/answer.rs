//! What a sender is answered.
//!
//! In this order, the first that applies:
//!
//! 1. 503 for what could not be saved, 429 for what is beyond the endpoint's limit.
//! 2. A provider's handshake: before `on_invalid`, because many are unsigned by design (one that is
//!    signed badly is refused by the handshake itself), and before `respond`, which is meant for
//!    deliveries. Where the forward target's response goes back, it steps aside: the handshake of the app
//!    under development is what its author wants to see. It still stands in for a target that fails.
//! 3. `on_invalid`, unless the request is a handshake.
//! 4. The forward target's response.
//! 5. `respond` and `respond_sequence`.
//! 6. The words that a provider wants to read in every answer (`[accepted]`).
//! 7. 200, empty.
//!
//! Except for handshakes, which bound and check what they reflect, an answer never repeats a byte of the
//! request. None invites a browser to read it (no CORS header): any page that a developer has open can
//! send requests to a loopback port.

use std::time::Instant;

use axum::{body::Body, response::Response};
use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::{
    domain::{
        capture::CaptureId,
        delivery::Reply,
        endpoint::{Endpoint, Respond},
        handshake::Handshake,
        signature::Verdict,
        sink::{AnsweredBy, Receipt, TargetReply},
    },
    server::{app::App, live::Count},
};

/// An answer and who decided it.
pub(crate) struct Answer {
    pub(crate) response: Response,
    pub(crate) by: AnsweredBy,
}

/// The header that tells a sender under which number its request is listed.
const NUMBER: HeaderName = HeaderName::from_static("x-hookglass-capture");

/// Headers of a target's response that belong to its own connection (RFC 9110 section 7.6.1), or to
/// the length, which is written anew.
const HOP_BY_HOP: [&str; 10] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authenticate",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "content-length",
    "http2-settings",
];

/// Decides the answer to a request that was taken in.
pub(crate) async fn decide(app: &App, found: Option<(&Endpoint, &Count)>, receipt: &Receipt) -> Answer {
    let answer = decide_unnumbered(app, found, receipt).await;
    Answer { response: numbered(answer.response, receipt.id), ..answer }
}

async fn decide_unnumbered(app: &App, found: Option<(&Endpoint, &Count)>, receipt: &Receipt) -> Answer {
    if !receipt.saved {
        let mut response =
            plain(StatusCode::SERVICE_UNAVAILABLE, "The request could not be saved. Send it again later.");
        retry_after(&mut response, 5);
        return Answer { response, by: AnsweredBy::Refused };
    }
    let handshake = receipt.handshake.as_ref();
    let Some((endpoint, count)) = found else {
        return handshake.map_or_else(nothing_said, shaken);
    };
    if let Some(limit) = endpoint.rate_limit
        && let Err(wait) = count.take(limit, Instant::now())
    {
        let mut response = plain(StatusCode::TOO_MANY_REQUESTS, "Too many requests for this endpoint.");
        retry_after(&mut response, wait.as_secs_f64().ceil() as u64);
        return Answer { response, by: AnsweredBy::Rejected };
    }
    let relays = endpoint.forward_response && !endpoint.forward_to.is_empty();
    let challenge = handshake.filter(|handshake| !handshake.receipt);
    if let Some(challenge) = challenge.filter(|_| !relays || endpoint.handshakes == Some(true)) {
        return shaken(challenge);
    }
    if let Some(status) = endpoint.on_invalid
        && challenge.is_none()
        && let Some(verdict) = receipt.verdict
        && verdict != Verdict::Valid
    {
        return Answer { response: rejected(status, verdict), by: AnsweredBy::Rejected };
    }
    if relays && let Some(reply) = app.sink.target_reply(receipt.id).await {
        let response = match (reply, challenge) {
            (TargetReply::Answered(reply), _) => passed_on(&reply),
            (TargetReply::Failed(_), Some(challenge)) => return shaken(challenge),
            (TargetReply::Failed(why), None) => plain(StatusCode::BAD_GATEWAY, &why),
        };
        return Answer { response, by: AnsweredBy::Forward };
    }
    match count.next_answer(&endpoint.respond) {
        Some(step) => {
            if !step.delay.is_zero() {
                tokio::time::sleep(step.delay).await;
            }
            Answer { response: configured(step), by: AnsweredBy::Endpoint }
        }
        None => handshake.map_or_else(nothing_said, shaken),
    }
}

/// The answer where nobody has said anything about it.
fn nothing_said() -> Answer {
    Answer { response: plain(StatusCode::OK, ""), by: AnsweredBy::Default }
}

/// The answer to a handshake.
fn shaken(handshake: &Handshake) -> Answer {
    Answer { response: configured(&handshake.reply), by: AnsweredBy::Handshake(handshake.name) }
}

/// A short answer in plain text.
pub(crate) fn plain(status: StatusCode, text: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    if !text.is_empty() {
        *response.body_mut() = Body::from(format!("{text}\n"));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    }
    response
}

/// The same answer with the number of the capture.
pub(crate) fn numbered(mut response: Response, id: CaptureId) -> Response {
    response.headers_mut().insert(NUMBER, HeaderValue::from(id.0));
    response
}

fn retry_after(response: &mut Response, seconds: u64) {
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
}

/// The answer to a signature that does not hold. The words are the program's own.
fn rejected(status: u16, verdict: Verdict) -> Response {
    let code = verdict.code().map_or("null".into(), |code| format!("\"{}\"", code.as_str()));
    let text = format!("{{\"error\":\"signature\",\"verdict\":\"{}\",\"code\":{code}}}\n", verdict.as_str());
    let mut response = plain(status_of(status).unwrap_or(StatusCode::UNAUTHORIZED), "");
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    set_body(&mut response, text.into_bytes());
    response
}

/// An answer as the configuration gives it. Its values were checked there; what is no header is left out.
fn configured(step: &Respond) -> Response {
    let mut response = plain(status_of(step.status).unwrap_or(StatusCode::OK), "");
    for (name, value) in &step.headers {
        push(&mut response, name.as_bytes(), value.as_bytes());
    }
    if !step.body.is_empty() && !response.headers().contains_key(header::CONTENT_TYPE) {
        let text = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, text);
    }
    set_body(&mut response, step.body.clone().into_bytes());
    response
}

/// The target's own response, without what belongs to its connection.
fn passed_on(reply: &Reply) -> Response {
    let Some(status) = status_of(reply.status) else {
        return plain(StatusCode::BAD_GATEWAY, "The forward target answered with an unusable status.");
    };
    let mut response = plain(status, "");
    let named: Vec<&[u8]> = reply
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case(b"connection"))
        .flat_map(|(_, value)| value.split(|&b| b == b',').map(<[u8]>::trim_ascii))
        .collect();
    for (name, value) in &reply.headers {
        let own = HOP_BY_HOP.iter().any(|hop| name.eq_ignore_ascii_case(hop.as_bytes()))
            || named.iter().any(|named| name.eq_ignore_ascii_case(named))
            // What an app tells the browsers it serves must not open this listener to them.
            || name.to_ascii_lowercase().starts_with(b"access-control-");
        if !own {
            push(&mut response, name, value);
        }
    }
    if reply.cut_from.is_some() {
        // Half a body under its own type and coding would be a lie; the status is what counts.
        response.headers_mut().remove(header::CONTENT_ENCODING);
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        set_body(&mut response, b"The target's response was too large to pass on.\n".to_vec());
        return response;
    }
    set_body(&mut response, reply.body.to_vec());
    response
}

fn push(response: &mut Response, name: &[u8], value: &[u8]) {
    let Ok(name) = HeaderName::from_bytes(name) else { return };
    let Ok(value) = HeaderValue::from_bytes(value) else { return };
    if HOP_BY_HOP.contains(&name.as_str()) {
        return;
    }
    response.headers_mut().append(name, value);
}

fn set_body(response: &mut Response, bytes: Vec<u8>) {
    // These have no body (RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5).
    if !matches!(response.status().as_u16(), 204 | 205 | 304) && !bytes.is_empty() {
        *response.body_mut() = Body::from(bytes);
    }
}

/// A final status; 1xx ones are no answer.
fn status_of(status: u16) -> Option<StatusCode> {
    StatusCode::from_u16(status).ok().filter(|status| status.as_u16() >= 200)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::signature::Code;

    fn reply(status: u16, headers: &[(&str, &str)], body: &str) -> Reply {
        Reply {
            status,
            reason: "".into(),
            headers: headers.iter().map(|(n, v)| (n.as_bytes().into(), v.as_bytes().into())).collect(),
            body: Arc::from(body.as_bytes()),
            cut_from: None,
        }
    }

    #[test]
    fn a_targets_response_loses_what_belongs_to_its_connection() {
        let response = passed_on(&reply(
            403,
            &[
                ("Server", "x"),
                ("Connection", "close, X-Own"),
                ("x-own", "1"),
                ("Transfer-Encoding", "chunked"),
                ("Content-Length", "9"),
                ("Access-Control-Allow-Origin", "*"),
                ("Set-Cookie", "a=1"),
                ("Set-Cookie", "b=2"),
                ("bad name", "1"),
                ("X-Bad", "a\r\nb"),
            ],
            "no",
        ));
        assert_eq!(response.status(), 403);
        let names: Vec<_> = response.headers().keys().map(HeaderName::as_str).collect();
        assert_eq!(names, ["server", "set-cookie"]);
        assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
    }

    #[test]
    fn an_unusable_or_cut_response_is_not_passed_on_as_it_is() {
        assert_eq!(passed_on(&reply(100, &[], "")).status(), 502);
        assert_eq!(passed_on(&reply(7, &[], "")).status(), 502);
        let cut = Reply { cut_from: Some(9_999), ..reply(200, &[("Content-Encoding", "gzip")], "part") };
        let response = passed_on(&cut);
        assert_eq!(response.status(), 200);
        assert!(!response.headers().contains_key("content-encoding"));
    }

    #[test]
    fn a_rejection_says_why_in_our_own_words() {
        let response = rejected(401, Verdict::Invalid(Code::WrongSecret));
        assert_eq!(
            (response.status(), response.headers()["content-type"].as_bytes()),
            (StatusCode::UNAUTHORIZED, &b"application/json"[..])
        );
    }
}
