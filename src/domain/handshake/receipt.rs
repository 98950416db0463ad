//! Handshakes that a status answers, and words that a provider wants to read in every answer.

use super::{
    Met, Row,
    knock::{Look, Method},
};

/// Unmistakable by its header. The URL in it is shown and never called: who confirms is a person.
pub(super) fn sns(look: &Look<'_>, _: &Row) -> Option<Met> {
    let kind = look.marks.sns?;
    matches!(kind, b"SubscriptionConfirmation" | b"UnsubscribeConfirmation").then(|| Met::bare(200))
}

/// Unmistakable by its shape: the token and nothing else. A person takes it to Notion.
pub(super) fn notion(look: &Look<'_>, _: &Row) -> Option<Met> {
    let body = (look.method == Method::Post).then(|| look.json_with("verification_token")).flatten()?;
    let only = body.as_object()?.len() == 1;
    Look::text(body, "/verification_token").filter(|_| only).map(|_| Met::bare(200))
}

/// Mailchimp calls itself by name; else the endpoint must name it.
pub(super) fn mailchimp(look: &Look<'_>, _: &Row) -> Option<Met> {
    let named = look.marks.agent.is_some_and(|agent| agent.starts_with(b"MailChimp"));
    (look.method == Method::Get && (named || look.knock.configured.is_some())).then(|| Met::bare(200))
}

/// Needs the provider to be configured: anybody may send HEAD.
pub(super) fn head(look: &Look<'_>, row: &Row) -> Option<Met> {
    (look.method == Method::Head && look.knows(row)).then(|| Met::bare(200))
}

/// Every delivery wants these words.
pub(super) fn dropbox_sign(look: &Look<'_>, row: &Row) -> Option<Met> {
    received(look, row, "Hello API Event Received")
}

/// Every delivery wants this word.
pub(super) fn adyen(look: &Look<'_>, row: &Row) -> Option<Met> {
    received(look, row, "[accepted]")
}

fn received(look: &Look<'_>, row: &Row, words: &str) -> Option<Met> {
    (look.method == Method::Post && look.is_by(row)).then(|| Met::text(words.to_owned()))
}
