//! What a secret's shape tells about its kind. A hint and no proof: it never makes a code.

use crate::domain::signature::{Provider, Secret};

/// Beginnings that tell what something is, and the providers whose webhook secret may begin so.
const SHAPES: &[(&str, &str, &[&str])] = &[
    ("sk_live_", "a Stripe API key", &[]),
    ("sk_test_", "a Stripe API key", &[]),
    ("rk_live_", "a restricted Stripe API key", &[]),
    ("rk_test_", "a restricted Stripe API key", &[]),
    ("pk_live_", "a publishable API key", &[]),
    ("pk_test_", "a publishable API key", &[]),
    ("we_", "the id of a Stripe webhook endpoint", &[]),
    ("ghp_", "a GitHub access token", &[]),
    ("gho_", "a GitHub access token", &[]),
    ("ghs_", "a GitHub access token", &[]),
    ("github_pat_", "a GitHub access token", &[]),
    ("glpat-", "a GitLab access token", &[]),
    ("xoxb-", "a Slack bot token", &[]),
    ("xoxp-", "a Slack user token", &[]),
    ("xapp-", "a Slack app token", &[]),
    ("shpat_", "a Shopify access token", &[]),
    ("shpca_", "a Shopify access token", &[]),
    ("SG.", "a SendGrid API key", &[]),
    ("sq0atp-", "a Square access token", &[]),
    ("EAAA", "a Square access token", &[]),
    ("re_", "a Resend API key", &[]),
    ("lin_api_", "a Linear API key", &[]),
    ("sntrys_", "a Sentry token", &[]),
    ("AKIA", "the id of an AWS access key", &[]),
    ("eyJ", "a JSON Web Token", &[]),
    ("https://", "a URL", &[]),
    ("http://", "a URL", &[]),
    ("ssh-", "an SSH key", &[]),
    ("whpk_", "a public key of Standard Webhooks", &["standard-webhooks", "svix"]),
    ("-----BEGIN PRIVATE KEY", "a private key", &[]),
];

/// What a configured secret looks like that it should not, in one sentence.
pub(super) fn hint(provider: &Provider, public_key: bool, secrets: &[Secret]) -> Option<String> {
    secrets.iter().find_map(|secret| {
        let text = secret.expose().trim_ascii();
        let label = &secret.label;
        let starts = |start: &str| text.starts_with(start.as_bytes());
        if let Some((_, what, _)) =
            SHAPES.iter().find(|(start, _, of)| starts(start) && !of.contains(&provider.id()))
        {
            return Some(format!("By its shape, {label} holds {what}, not the secret that signs webhooks."));
        }
        if starts("-----BEGIN") && !public_key {
            return Some(format!("By its shape, {label} holds a key or certificate where a shared secret belongs."));
        }
        if twilio_id(text) {
            return Some(format!(
                "By its shape, {label} holds a Twilio account or key id; the webhook is signed with the auth token."
            ));
        }
        let wanted = provider.secret_shape().filter(|shape| shape.starts_with("`whsec_`"));
        let bare = wanted.filter(|_| !starts("whsec_") && !starts("whpk_"));
        bare.map(|shape| format!("By its shape, {label} is something else: the secret of {} is {shape}.", provider.name()))
    })
}

fn twilio_id(text: &[u8]) -> bool {
    text.len() == 34
        && (text.starts_with(b"AC") || text.starts_with(b"SK"))
        && text[2..].iter().all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::signature::Catalog;

    #[test]
    fn kinds_are_told_by_shape() {
        let hint = |id: &str, text: &str| {
            hint(Catalog::builtin().provider(id).unwrap(), false, &[Secret::new("S", text.as_bytes())])
        };
        assert!(hint("stripe", "sk_test_abc").unwrap().contains("Stripe API key"));
        assert!(hint("stripe", "abc").unwrap().contains("`whsec_`"));
        assert!(hint("slack", "xoxb-1-2").unwrap().contains("bot token"));
        assert!(hint("github", "ghp_abc").unwrap().contains("access token"));
        assert!(hint("twilio", &format!("AC{}", "0a".repeat(16))).unwrap().contains("account"));
        assert!(hint("github", "-----BEGIN PUBLIC KEY-----").unwrap().contains("key or certificate"));
        assert_eq!(hint("github", "correct horse"), None);
        assert_eq!(hint("stripe", "whsec_abc"), None);
    }
}
