//! What somebody who looks at a handshake has to know or do.

use super::knock::reflected;

/// One or two sentences about a handshake that wants something of a person, made from its body. What it
/// quotes is the sender's: hostile until made visible. `token` says whether the endpoint has a
/// `verify_token` to compare with.
#[must_use]
pub fn note(name: &str, body: &[u8], token: bool) -> Option<String> {
    let text = |pointer: &str| {
        let value: serde_json::Value = serde_json::from_slice(body).ok()?;
        value.pointer(pointer)?.as_str().filter(|text| reflected(text)).map(str::to_owned)
    };
    match name {
        "aws-sns subscription" => {
            let url = text("/SubscribeURL")?;
            Some(format!("It waits to be confirmed, and nothing is opened by itself: {url}"))
        }
        "meta hub.challenge" | "strava hub.challenge" if !token => Some(
            "No token was checked: the endpoint has no verify_token, so anybody gets this answer. Set params = \
             { verify_token = \"...\" } to check it."
                .to_owned(),
        ),
        "notion verification_token" => {
            let token = text("/verification_token")?;
            Some(format!("Paste this token into Notion. It is also the secret to check with: {token}"))
        }
        "asana X-Hook-Secret" => Some(
            "The secret in its header was given back. Unless one is configured, requests to this path are \
             checked with it until the program ends."
                .to_owned(),
        ),
        _ => None,
    }
}
