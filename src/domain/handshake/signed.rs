//! Handshakes whose answer depends on the signature, and the one that brings the secret.

use serde_json::json;

use super::{
    Learned, Met, Row,
    echo::url_verification,
    knock::{Look, Method, nonce},
};
use crate::domain::signature::Verdict;

/// Unmistakable by its shape, or signed by Slack. JSON, which Feishu takes as well.
pub(super) fn slack(look: &Look<'_>, row: &Row) -> Option<Met> {
    let challenge = url_verification(look)?;
    if look.knock.provider.is_some() && !look.is_by(row) {
        return None;
    }
    Some(if look.is_sound(row) { Met::json(&json!({ "challenge": challenge })) } else { Met::refused() })
}

/// Unmistakable by its header.
pub(super) fn twitch(look: &Look<'_>, row: &Row) -> Option<Met> {
    if look.marks.twitch? != b"webhook_callback_verification" {
        return None;
    }
    let challenge = Look::text(look.json_with("challenge")?, "/challenge")?;
    let sound = look.is_sound(row) && look.knock.verdict != Verdict::Unsigned;
    Some(if sound { Met::text(challenge) } else { Met::refused() })
}

/// Discord pings with a right and with a wrong signature, and wants both told apart. Without a key
/// nothing can be told.
pub(super) fn discord(look: &Look<'_>, row: &Row) -> Option<Met> {
    if !look.is_by(row) || look.method != Method::Post {
        return None;
    }
    if look.json_with("\"type\"")?.get("type")?.as_u64()? != 1 {
        return None;
    }
    match look.knock.verdict {
        Verdict::Valid => Some(Met::json(&json!({ "type": 1 }))),
        Verdict::Invalid(_) => Some(Met::refused()),
        Verdict::Unsigned if look.knows(row) => Some(Met::refused()),
        _ => None,
    }
}

/// Xero sends lists without events, rightly and wrongly signed, and wants both told apart by empty
/// answers.
pub(super) fn xero(look: &Look<'_>, row: &Row) -> Option<Met> {
    if !look.is_by(row) || look.method != Method::Post {
        return None;
    }
    if !look.json_with("\"events\"")?.get("events")?.as_array()?.is_empty() {
        return None;
    }
    match look.knock.verdict {
        Verdict::Valid => Some(Met::bare(200)),
        Verdict::Invalid(_) | Verdict::Unsigned => Some(Met::bare(401)),
        _ => None,
    }
}

/// Unmistakable by its header, a body without content and no signature beside it. The header is given
/// back. It is the secret of this webhook: kept, unless somebody has configured one, because then a
/// stranger could put his own in its place.
pub(super) fn asana(look: &Look<'_>, _: &Row) -> Option<Met> {
    let body = look.knock.body.trim_ascii();
    if look.method != Method::Post
        || look.marks.hook_signature.is_some()
        || !(body.is_empty() || body == b"{}")
    {
        return None;
    }
    let secret = nonce(look.marks.hook_secret?)?;
    let configured = (look.knock.secrets)("asana").iter().any(|known| !known.label.starts_with(LEARNED));
    let learned = (!configured).then(|| Learned { provider: "asana".into(), secret: secret.clone().into() });
    Some(Met { learned, ..Met::bare(200).with("x-hook-secret", secret) })
}

/// How the name of a secret begins that a handshake brought.
pub const LEARNED: &str = "X-Hook-Secret of ";
