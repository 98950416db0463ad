//! What is odd about a secret, told without any of its text.
//!
//! Most signatures that fail do so because another secret was copied: the API key in place of the
//! webhook's, one with quotes or a line end around it, half of one. Its form tells that before any
//! request comes in.

use crate::domain::signature::{KeyForm, Provider};

/// What is odd about a secret. Its text, a sentence without a full stop, holds nothing of the secret
/// but its length and well-known prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oddity {
    /// Whether no signature can be checked with it.
    pub fatal: bool,
    /// What is odd, and what to do.
    pub text: String,
}

/// Beginnings by which well-known services mark their secrets, and what they are. All of them are
/// published by who gives them out, so naming one tells nothing about the secret.
const KINDS: [(&str, &str); 24] = [
    ("whsec_", "a webhook secret"),
    ("whpk_", "a public key of Standard Webhooks"),
    ("sk_live_", "a secret API key of Stripe"),
    ("sk_test_", "a secret API key of Stripe"),
    ("rk_live_", "a restricted API key of Stripe"),
    ("rk_test_", "a restricted API key of Stripe"),
    ("pk_live_", "a publishable key of Stripe"),
    ("pk_test_", "a publishable key of Stripe"),
    ("xoxb-", "a bot token of Slack"),
    ("xoxp-", "a user token of Slack"),
    ("xapp-", "an app token of Slack"),
    ("ghp_", "a personal access token of GitHub"),
    ("gho_", "an OAuth token of GitHub"),
    ("ghs_", "an installation token of GitHub"),
    ("github_pat_", "a personal access token of GitHub"),
    ("glpat-", "a personal access token of GitLab"),
    ("shpat_", "an access token of Shopify"),
    ("shpca_", "an access token of Shopify"),
    ("pdl_live_apikey_", "an API key of Paddle"),
    ("pdl_sdbx_apikey_", "an API key of Paddle"),
    ("lin_api_", "an API key of Linear"),
    ("lin_oauth_", "an OAuth token of Linear"),
    ("SG.", "an API key of SendGrid"),
    ("sk-", "an API key of OpenAI"),
];

/// What is odd about a secret of a provider. Empty when nothing is.
#[must_use]
pub fn oddities(provider: &Provider, secret: &[u8]) -> Vec<Oddity> {
    let mut found = Vec::new();
    let mut note = |fatal: bool, text: String| found.push(Oddity { fatal, text });
    let trimmed = secret.trim_ascii();
    if trimmed.is_empty() {
        note(true, "it is empty".to_owned());
        return found;
    }
    let pem = trimmed.starts_with(b"-----BEGIN");
    if trimmed.len() != secret.len() && !pem {
        note(false, "white space stands around it, which counts as a part of it".to_owned());
    }
    let quoted =
        |mark: u8| trimmed.len() > 1 && trimmed.first() == Some(&mark) && trimmed.last() == Some(&mark);
    if quoted(b'"') || quoted(b'\'') {
        note(false, "quotation marks stand around it, which count as a part of it".to_owned());
    }
    if std::str::from_utf8(secret).is_err() {
        note(false, "it is not text; was the decoded key stored in place of its text?".to_owned());
    }
    if placeholder(trimmed) {
        note(false, "it looks like a placeholder of an example".to_owned());
    }
    if !provider.schemes().iter().any(|scheme| scheme.key().decode(secret).is_some()) {
        let forms: Vec<&str> = provider.schemes().iter().map(|scheme| scheme.key().as_str()).collect();
        note(true, format!("it cannot be read: the key is {}", forms.join(" or ")));
    }
    let expected = provider.secret_shape().and_then(Expected::of);
    let kind = KINDS.iter().find(|(start, _)| trimmed.starts_with(start.as_bytes()));
    let wanted = expected.as_ref().and_then(|expected| expected.prefix.as_deref());
    // Of the marked kinds only `whsec_` is used by more than its own service.
    let other = kind.filter(|(start, _)| wanted.map_or(*start != "whsec_", |wanted| wanted != *start));
    match (other, &expected) {
        (Some((start, what)), Some(_)) => note(
            false,
            format!(
                "it begins with `{start}`: that is {what}, and {} gives {}",
                provider.name(),
                shape(provider)
            ),
        ),
        (Some((start, what)), None) => {
            note(false, format!("it begins with `{start}`: that is {what}, not a secret for webhooks"));
        }
        (None, Some(expected)) if !expected.suits(trimmed) && !pem => {
            note(false, format!("it has {} characters and is not {}", trimmed.len(), shape(provider)))
        }
        _ => {}
    }
    let any_text = |form: KeyForm| form.looser().unwrap_or(form) == KeyForm::Utf8;
    let utf8 = provider.schemes().iter().all(|scheme| any_text(scheme.key()));
    if utf8 && trimmed.len() < 8 && expected.is_none() {
        note(false, format!("it has {} characters: that can be guessed", trimmed.len()));
    }
    found
}

/// The provider's secret in words.
fn shape(provider: &Provider) -> &str {
    provider.secret_shape().unwrap_or("another one")
}

/// Words that stand for a secret in examples.
fn placeholder(secret: &[u8]) -> bool {
    let text = secret.to_ascii_lowercase();
    let whole: [&[u8]; 6] = [b"changeme", b"secret", b"todo", b"xxx", b"your_secret", b"..."];
    let ends: [&[u8]; 4] = [b"...", b"xxxxxx", b"your-secret-here", b"_here"];
    whole.contains(&&*text)
        || ends.iter().any(|end| text.ends_with(end))
        || (text.starts_with(b"<") && text.ends_with(b">"))
}

/// What the catalogue's words about a secret promise, as far as it can be checked.
#[derive(Debug, Default, PartialEq, Eq)]
struct Expected {
    prefix: Option<String>,
    length: Option<usize>,
    hex: bool,
}

impl Expected {
    /// Reads words such as "`whsec_` and more" and "32 hex digits"; `None` for others.
    fn of(words: &str) -> Option<Self> {
        if let Some((prefix, _)) = words.strip_prefix('`').and_then(|rest| rest.split_once('`')) {
            return Some(Self { prefix: Some(prefix.to_owned()), ..Self::default() });
        }
        let hex = words.contains("hex digits");
        let length = words.split(' ').next().and_then(|word| word.parse().ok());
        let counted = hex || words.contains("characters of Base64");
        (counted && (hex || length.is_some())).then_some(Self { prefix: None, length, hex })
    }

    fn suits(&self, secret: &[u8]) -> bool {
        self.prefix.as_ref().is_none_or(|prefix| secret.starts_with(prefix.as_bytes()))
            && self.length.is_none_or(|length| length == secret.len())
            && (!self.hex || secret.iter().all(u8::is_ascii_hexdigit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::signature::Catalog;

    fn texts(provider: &str, secret: &str) -> Vec<String> {
        let provider = Catalog::builtin().provider(provider).unwrap();
        oddities(provider, secret.as_bytes()).into_iter().map(|oddity| oddity.text).collect()
    }

    #[test]
    fn right_secrets_are_not_odd() {
        for (provider, secret) in [
            ("stripe", "whsec_4fj2kd93kfls02"),
            ("standard-webhooks", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            ("slack", "8f742231b10e8888abcd99f00aa185a5"),
            ("github", "It's a Secret to Everybody"),
            ("shopify", "hush hush hush"),
            ("linear", "lin_wh_k2lsk2lskdjflskdj"),
            ("discord", "e90bd0dc7d4a1c5b6a1f0f0c1b2a39485766778899aabbccddeeff0011223344"),
        ] {
            assert_eq!(texts(provider, secret), Vec::<String>::new(), "{provider}");
        }
    }

    #[test]
    fn each_oddity_is_named_and_none_holds_the_secret() {
        for (provider, secret, part) in [
            ("stripe", "sk_test_CANARYCANARY", "that is a secret API key of Stripe"),
            ("stripe", "CANARYCANARYCANARY", "it has 18 characters and is not `whsec_`"),
            ("github", "ghp_CANARYCANARY", "a personal access token of GitHub"),
            ("slack", "xoxb-CANARY", "a bot token of Slack"),
            ("slack", "CANARYCANARY", "is not 32 hex digits"),
            ("github", "CANARYCANARY ", "white space"),
            ("github", "\"CANARYCANARY\"", "quotation marks"),
            ("github", "", "it is empty"),
            ("github", "CANARY", "that can be guessed"),
            ("github", "changeme", "a placeholder"),
            ("discord", "CANARYCANARY", "it cannot be read: the key is the public key"),
            ("msteams", "CANARY!", "it cannot be read: the key is the secret, decoded from Base64"),
        ] {
            let texts = texts(provider, secret);
            assert!(texts.iter().any(|text| text.contains(part)), "{provider} {part}: {texts:?}");
            assert!(texts.iter().all(|text| !text.contains("CANARY")), "{texts:?}");
        }
        let provider = Catalog::builtin().provider("github").unwrap();
        assert!(oddities(provider, b"\xff\xfe\x01\x02\x03\x04\x05\x06\x07")[0].text.contains("not text"));
    }

    #[test]
    fn the_words_of_the_catalogue_are_understood() {
        for provider in Catalog::builtin().providers() {
            let Some(words) = provider.secret_shape() else { continue };
            let counted = words.starts_with('`') || words.contains("hex digits");
            assert!(!counted || Expected::of(words).is_some(), "{words}");
        }
        assert_eq!(Expected::of("32 hex digits, used as they are").unwrap().length, Some(32));
        assert_eq!(Expected::of("1 to 256 of A-Z a-z 0-9 _ -"), None);
    }
}
