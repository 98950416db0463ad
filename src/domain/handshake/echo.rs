//! Challenges that are given back as they are, without any secret.

use serde_json::json;
use subtle::ConstantTimeEq;

use super::{
    Met, Row,
    keyed::is_nonce,
    knock::{Look, Method, visible},
};

/// Unmistakable by its header. Says `data.validationCode` back.
pub(super) fn event_grid(look: &Look<'_>, _: &Row) -> Option<Met> {
    if !look.marks.aeg_event?.eq_ignore_ascii_case(b"SubscriptionValidation") {
        return None;
    }
    // One event, alone or in a list of one, as the schema of the subscription wants it.
    let body = look.json()?;
    let code =
        Look::text(body, "/0/data/validationCode").or_else(|| Look::text(body, "/data/validationCode"))?;
    Some(Met::json(&json!({ "validationResponse": code })))
}

/// Unmistakable by method and header (CloudEvents, HTTP 1.1 Web Hooks, section 4). A callback URL in it
/// is never called.
pub(super) fn cloud_events(look: &Look<'_>, _: &Row) -> Option<Met> {
    if look.method != Method::Options {
        return None;
    }
    let origin = visible(look.marks.request_origin?)?;
    let rate = look.marks.request_rate.and_then(visible);
    let rate = rate.filter(|rate| rate.bytes().all(|b| b.is_ascii_digit())).unwrap_or_else(|| "*".to_owned());
    Some(
        Met::bare(200)
            .with("allow", "POST".to_owned())
            .with("webhook-allowed-origin", origin)
            .with("webhook-allowed-rate", rate),
    )
}

/// Unmistakable by its header.
pub(super) fn okta(look: &Look<'_>, _: &Row) -> Option<Met> {
    if look.method != Method::Get {
        return None;
    }
    Some(Met::json(&json!({ "verification": visible(look.marks.okta?)? })))
}

/// Unmistakable by its header.
pub(super) fn smartsheet(look: &Look<'_>, _: &Row) -> Option<Met> {
    let challenge = visible(look.marks.smartsheet?)?;
    let reply = Met::json(&json!({ "smartsheetHookResponse": challenge }));
    Some(reply.with("smartsheet-hook-response", challenge))
}

/// Has the shape of Slack's, and no signature.
pub(super) fn feishu(look: &Look<'_>, _: &Row) -> Option<Met> {
    url_verification(look).map(|challenge| Met::json(&json!({ "challenge": challenge })))
}

/// The challenge of a `url_verification`: `type`, `challenge` and `token` and nothing that is no text.
pub(super) fn url_verification(look: &Look<'_>) -> Option<String> {
    let body = (look.method == Method::Post).then(|| look.json_with("url_verification")).flatten()?;
    let object = body.as_object()?;
    let exact = object.get("type")?.as_str()? == "url_verification" && object.values().all(|v| v.is_string());
    Look::text(body, "/challenge").filter(|_| exact)
}

/// Unmistakable by its shape: `challenge`, a text, and nothing else.
pub(super) fn monday(look: &Look<'_>, _: &Row) -> Option<Met> {
    let body = (look.method == Method::Post).then(|| look.json_with("\"challenge\"")).flatten()?;
    let only = body.as_object()?.len() == 1;
    let challenge = Look::text(body, "/challenge").filter(|_| only)?;
    Some(Met::json(&json!({ "challenge": challenge })))
}

/// Unmistakable by its shape: a POST without a body, and `validationToken` in the query.
pub(super) fn graph(look: &Look<'_>, _: &Row) -> Option<Met> {
    if look.method != Method::Post || !look.knock.body.is_empty() {
        return None;
    }
    look.query("validationToken").map(Met::text)
}

/// Needs the provider to be configured: it looks like Meta's and wants another answer.
pub(super) fn strava(look: &Look<'_>, row: &Row) -> Option<Met> {
    if !look.knows(row) {
        return None;
    }
    hub(look, |challenge| Met::json(&json!({ "hub.challenge": challenge })))
}

/// Unmistakable by `hub.mode` together with `hub.challenge`. Where there is no token to compare with,
/// nothing but a nonce is given back: what Meta sends is a number.
pub(super) fn meta(look: &Look<'_>, _: &Row) -> Option<Met> {
    let known = look.knock.params.contains_key("verify_token");
    if !known && !look.query("hub.challenge").is_some_and(|challenge| is_nonce(&challenge)) {
        return None;
    }
    hub(look, Met::text)
}

/// Unmistakable by `hub.mode`, `hub.topic` and `hub.challenge` (WebSub, section 5.3).
pub(super) fn websub(look: &Look<'_>, _: &Row) -> Option<Met> {
    look.query("hub.topic")?;
    hub(look, Met::text)
}

/// The token is compared where the endpoint has one; a wrong or missing one is refused. Where it has none the screen
/// says that no token was checked.
fn hub(look: &Look<'_>, answer: impl Fn(String) -> Met) -> Option<Met> {
    if look.method != Method::Get {
        return None;
    }
    let mode = look.query("hub.mode")?;
    let challenge = look.query("hub.challenge")?;
    if !matches!(mode.as_str(), "subscribe" | "unsubscribe") {
        return None;
    }
    if let Some(expected) = look.knock.params.get("verify_token") {
        let sent = look.query("hub.verify_token").unwrap_or_default();
        if !bool::from(sent.as_bytes().ct_eq(expected.as_bytes())) {
            return Some(Met::bare(403));
        }
    }
    Some(answer(challenge))
}

/// Dropbox calls itself by name; else the provider must be configured.
pub(super) fn dropbox(look: &Look<'_>, row: &Row) -> Option<Met> {
    let named = look.marks.agent.is_some_and(|agent| agent.starts_with(b"DropboxWebhooks"));
    challenge(look, named || look.knows(row))
}

/// Needs the provider to be configured.
pub(super) fn nylas(look: &Look<'_>, row: &Row) -> Option<Met> {
    challenge(look, look.knows(row))
}

fn challenge(look: &Look<'_>, known: bool) -> Option<Met> {
    if look.method != Method::Get {
        return None;
    }
    look.query("challenge").filter(|_| known).map(Met::text)
}
