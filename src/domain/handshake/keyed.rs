//! Challenges that are answered with a signature by the secret.

use data_encoding::{BASE64, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha1::{Digest, Sha1};
use sha2::Sha256;

use super::{
    Met, Row,
    knock::{Look, Method, nonce},
};
use crate::domain::signature::{Secret, Verdict};

/// The longest nonce that is signed, in bytes.
const LONGEST_NONCE: usize = 512;

/// Whether text looks like a nonce: letters, digits and `-_.+/=`. No webhook body and no signed content
/// does, so that nothing signed here passes for a webhook.
pub(super) fn is_nonce(text: &str) -> bool {
    let usual = |b: u8| b.is_ascii_alphanumeric() || b"-_.+/=".contains(&b);
    !text.is_empty() && text.len() <= LONGEST_NONCE && text.bytes().all(usual)
}

/// Signed by its design, so that only a valid request is answered.
pub(super) fn zoom(look: &Look<'_>, row: &Row) -> Option<Met> {
    let body = (look.method == Method::Post).then(|| look.json_with("endpoint.url_validation")).flatten()?;
    let token = Look::text(body, "/payload/plainToken").filter(|token| is_nonce(token))?;
    if body.get("event")?.as_str()? != "endpoint.url_validation" {
        return None;
    }
    if look.knock.verdict != Verdict::Valid || !look.is_by(row) {
        return look.knows(row).then(Met::refused);
    }
    let encrypted = HEXLOWER.encode(&sha256(&look.secret("zoom")?, &token)?);
    Some(Met::json(&json!({ "plainToken": token, "encryptedToken": encrypted })))
}

/// Unsigned by its design; needs a secret of X.
pub(super) fn crc(look: &Look<'_>, _: &Row) -> Option<Met> {
    if look.method != Method::Get {
        return None;
    }
    let token = look.query("crc_token").filter(|token| is_nonce(token))?;
    let response = BASE64.encode(&sha256(&look.secret("twitter")?, &token)?);
    Some(Met::json(&json!({ "response_token": format!("sha256={response}") })))
}

/// Unsigned by its design; needs the private key and the parameter `public_key_id`. Braintree's own
/// packages sign nothing but 20 to 32 hex digits.
pub(super) fn braintree(look: &Look<'_>, _: &Row) -> Option<Met> {
    if look.method != Method::Get {
        return None;
    }
    let challenge = look.query("bt_challenge")?;
    let hex = challenge.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !hex || !(20..=32).contains(&challenge.len()) {
        return None;
    }
    let public = look.knock.params.get("public_key_id")?;
    let key = Sha1::digest(look.secret("braintree")?.expose());
    let mut mac = Hmac::<Sha1>::new_from_slice(&key).ok()?;
    mac.update(challenge.as_bytes());
    Some(Met::text(format!("{public}|{}", HEXLOWER.encode(&mac.finalize().into_bytes()))))
}

/// Unsigned by its design; needs a secret of Wrike. Told from Asana's by what the body asks for.
pub(super) fn wrike(look: &Look<'_>, _: &Row) -> Option<Met> {
    let challenge = nonce(look.marks.hook_secret?)?;
    look.json_with("requestType")?.get("requestType")?.as_str()?;
    let signature = HEXLOWER.encode(&sha256(&look.secret("wrike")?, &challenge)?);
    Some(Met::bare(200).with("x-hook-secret", signature))
}

fn sha256(secret: &Secret, text: &str) -> Option<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose()).ok()?;
    mac.update(text.as_bytes());
    Some(mac.finalize().into_bytes().to_vec())
}
