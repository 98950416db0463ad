//! The keys that a secret may have been turned into, and the secrets that may have been meant.

use std::sync::Arc;

use data_encoding::{BASE64, HEXLOWER};
use percent_encoding::percent_decode;
use zeroize::Zeroizing;

use crate::domain::signature::{
    KeyForm, Secret,
    diagnose::{Known, reading::unquoted},
    provider::Scheme,
};

/// The most secrets that are tried in every form.
const MOST: usize = 16;
/// The most other secrets that are tried.
const MOST_OTHERS: usize = 64;
/// Longer secrets are certificates and the like, which have no other forms.
const LONGEST: usize = 4096;

/// A key to try.
pub(super) struct Try {
    pub(super) key: Zeroizing<Vec<u8>>,
    pub(super) label: Arc<str>,
    /// Where it comes from, when it is not configured for this request.
    pub(super) other: Option<Whose>,
    /// How it was made, when not in the scheme's way; follows "the sender ".
    pub(super) form: Option<&'static str>,
    /// Whether the form is a mistake of this side: the secret as it is configured here is not clean.
    pub(super) ours: bool,
}

/// Whose secret it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Whose {
    pub(super) provider: Option<Arc<str>>,
    pub(super) endpoint: Option<Arc<str>>,
}

/// The configured secrets in the scheme's own form.
pub(super) fn configured(scheme: &Scheme, secrets: &[Secret]) -> Vec<Try> {
    secrets.iter().take(MOST).filter_map(|secret| own(scheme, secret, None)).collect()
}

/// The configured secrets in other forms.
pub(super) fn reshaped(scheme: &Scheme, secrets: &[Secret]) -> Vec<Try> {
    secrets.iter().take(MOST).flat_map(|secret| others(scheme, secret, None)).collect()
}

/// Secrets that are known for something else, in the scheme's own form: those of the same provider
/// first.
pub(super) fn elsewhere(scheme: &Scheme, provider: &str, secrets: &[Secret], known: &[Known]) -> Vec<Try> {
    strangers(provider, secrets, known)
        .into_iter()
        .filter_map(|known| own(scheme, &known.secret, Some(whose(known))))
        .collect()
}

/// The same secrets as they are.
pub(super) fn elsewhere_whole(provider: &str, secrets: &[Secret], known: &[Known]) -> Vec<Try> {
    let whole = |known: &Known| Try {
        key: Zeroizing::new(known.secret.expose().to_vec()),
        label: Arc::clone(&known.secret.label),
        other: Some(whose(known)),
        form: None,
        ours: false,
    };
    strangers(provider, secrets, known).into_iter().map(whole).collect()
}

/// Those in other forms.
pub(super) fn elsewhere_reshaped(
    scheme: &Scheme,
    provider: &str,
    secrets: &[Secret],
    known: &[Known],
) -> Vec<Try> {
    strangers(provider, secrets, known)
        .into_iter()
        .take(MOST)
        .flat_map(|known| others(scheme, &known.secret, Some(&whose(known))))
        .collect()
}

fn whose(known: &Known) -> Whose {
    Whose { provider: known.provider.clone(), endpoint: known.endpoint.clone() }
}

fn strangers<'k>(provider: &str, secrets: &[Secret], known: &'k [Known]) -> Vec<&'k Known> {
    let mut found: Vec<&Known> = Vec::new();
    let (same, others): (Vec<_>, Vec<_>) =
        known.iter().partition(|known| known.provider.as_deref() == Some(provider));
    for known in same.into_iter().chain(others) {
        let bytes = known.secret.expose();
        let seen = secrets.iter().chain(found.iter().map(|known| &known.secret));
        if found.len() < MOST_OTHERS && !seen.into_iter().any(|secret| secret.expose() == bytes) {
            found.push(known);
        }
    }
    found
}

fn own(scheme: &Scheme, secret: &Secret, other: Option<Whose>) -> Option<Try> {
    let key = scheme.key.decode(secret.expose())?;
    Some(Try {
        key: Zeroizing::new(key.to_vec()),
        label: Arc::clone(&secret.label),
        other,
        form: None,
        ours: false,
    })
}

/// The forms of a secret that differ from the scheme's, likeliest first.
fn others(scheme: &Scheme, secret: &Secret, whose: Option<&Whose>) -> Vec<Try> {
    let text = secret.expose();
    let mut tries: Vec<Try> = Vec::new();
    if text.len() > LONGEST {
        return tries;
    }
    let usual = scheme.key.decode(text).map(|key| Zeroizing::new(key.to_vec()));
    let mut add = |form: &'static str, ours: bool, key: Option<Zeroizing<Vec<u8>>>| {
        let Some(key) = key.filter(|key| !key.is_empty()) else { return };
        if usual.as_ref() != Some(&key) && !tries.iter().any(|known| known.key == key) {
            let label = Arc::clone(&secret.label);
            tries.push(Try { key, label, other: whose.cloned(), form: Some(form), ours });
        }
    };
    let decode = |form: KeyForm, text: &[u8]| form.decode(text).map(|key| Zeroizing::new(key.to_vec()));
    let plain = |text: &[u8]| Some(Zeroizing::new(text.to_vec()));
    let trimmed = text.trim_ascii();
    let clean = cleaned(text);

    for (form, inner) in &clean {
        add(form, true, decode(scheme.key, inner));
    }
    let looser = scheme.key.looser().and_then(|form| decode(form, text));
    add("uses it although an official package refuses it in this form", true, looser);
    if scheme.algorithm.is_public_key() {
        for (form, key) in public_forms(text) {
            add(form, false, Some(key));
        }
        return tries;
    }
    add("uses its text as it is, without decoding it", false, plain(text));
    add("decodes it from Base64", false, decode(KeyForm::Base64, text).or_else(|| url_safe(trimmed)));
    add("decodes it from hex", false, decode(KeyForm::Hex, text));
    let rest = trimmed.strip_prefix(b"whsec_");
    add(
        "decodes what follows `whsec_` from Base64",
        false,
        rest.and_then(|rest| decode(KeyForm::Base64, rest)),
    );
    add("leaves the `whsec_` at its beginning away", false, rest.and_then(plain));
    add("decodes what follows `whsec_` from hex", false, rest.and_then(|rest| decode(KeyForm::Hex, rest)));
    add("puts `whsec_` before it", false, plain(&[b"whsec_", text].concat()));
    add("leaves a line feed at its end", false, plain(&[text, b"\n"].concat()));
    add("leaves a carriage return and line feed at its end", false, plain(&[text, b"\r\n"].concat()));
    add("leaves a blank at its end", false, plain(&[text, b" "].concat()));
    add("keeps the quotes around it", false, plain(&[b"\"", text, b"\""].concat()));
    add("keeps single quotes around it", false, plain(&[b"'", text, b"'"].concat()));
    add("encodes it in Base64 first", false, plain(BASE64.encode(text).as_bytes()));
    add("encodes it in hex first", false, plain(HEXLOWER.encode(text).as_bytes()));
    add("uses the SHA-1 digest of it", false, decode(KeyForm::Sha1, text));
    if text.iter().any(u8::is_ascii_uppercase) {
        add("uses it in lower case", false, plain(&text.to_ascii_lowercase()));
    }
    if text.iter().any(u8::is_ascii_lowercase) {
        add("uses it in upper case", false, plain(&text.to_ascii_uppercase()));
    }
    add("escapes it as in a URL", false, plain(escaped(text).as_bytes()));
    for (_, inner) in &clean {
        add("uses it cleaned of what stands around it, as text", true, plain(inner));
        add(
            "uses it cleaned of what stands around it, decoded from Base64",
            true,
            decode(KeyForm::Base64, inner),
        );
        add("uses it cleaned of what stands around it, decoded from hex", true, decode(KeyForm::Hex, inner));
    }
    tries
}

/// The secret without what does not belong to it.
fn cleaned(text: &[u8]) -> Vec<(&'static str, Zeroizing<Vec<u8>>)> {
    let trimmed = text.trim_ascii();
    let mut found: Vec<(&'static str, Zeroizing<Vec<u8>>)> = Vec::new();
    let mut add = |form, inner: &[u8]| {
        if inner != text && !inner.is_empty() {
            found.push((form, Zeroizing::new(inner.to_vec())));
        }
    };
    let end = text.strip_suffix(b"\r\n").or_else(|| text.strip_suffix(b"\n"));
    if let Some(inner) = end {
        add("uses it without the line end that stands after it here", inner);
    }
    add("uses it without the white space that stands around it here", trimmed);
    if let Some(inner) = unquoted(trimmed) {
        add("uses it without the quotes that stand around it here", inner);
    }
    if let Some(inner) = trimmed.strip_prefix(b"\xef\xbb\xbf") {
        add("uses it without the byte order mark that stands before it here", inner);
    }
    for (prefix, form) in [
        (&b"v1,whsec_"[..], "uses what follows the `v1,whsec_` that stands before it here"),
        (b"v1,", "uses what follows the `v1,` that stands before it here"),
        (b"sha256=", "uses what follows the `sha256=` that stands before it here"),
        (b"sha1=", "uses what follows the `sha1=` that stands before it here"),
        (b"Bearer ", "uses what follows the `Bearer` that stands before it here"),
        (b"Basic ", "uses what follows the `Basic` that stands before it here"),
        (b"base64:", "uses what follows the `base64:` that stands before it here"),
    ] {
        if let Some(inner) = trimmed.strip_prefix(prefix) {
            add(form, inner);
        }
    }
    let name = |name: &[u8]| {
        name.len() > 3 && name.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
    };
    if let Some(at) = memchr::memchr(b'=', trimmed).filter(|&at| name(&trimmed[..at])) {
        let value = &trimmed[at + 1..];
        add(
            "uses what follows the variable's name and `=` that stand before it here",
            unquoted(value).unwrap_or(value),
        );
    }
    if text.contains(&b'%') {
        let plain: Zeroizing<Vec<u8>> = Zeroizing::new(percent_decode(text).collect());
        add("uses it without the escapes of URLs that stand in it here", &plain);
    }
    if memchr::memmem::find(text, b"\\n").is_some() {
        let plain = Zeroizing::new(String::from_utf8_lossy(text).replace("\\n", "\n").into_bytes());
        add("uses it with real line ends, where `\\n` stands in it here", &plain);
    }
    found
}

/// A public key of 32 bytes however it is written.
fn public_forms(text: &[u8]) -> Vec<(&'static str, Zeroizing<Vec<u8>>)> {
    let bare = text.trim_ascii();
    let bare = bare.strip_prefix(b"whpk_").unwrap_or(bare);
    let forms = [("hex", KeyForm::RawHex.decode(bare)), ("Base64", KeyForm::RawBase64.decode(bare))];
    let found = forms.into_iter().filter_map(|(form, key)| {
        let form =
            if form == "hex" { "writes the public key in hex" } else { "writes the public key in Base64" };
        Some((form, Zeroizing::new(key?.to_vec())))
    });
    found.collect()
}

fn url_safe(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    crate::domain::signature::Encoding::Base64Url.decode(text).map(Zeroizing::new)
}

fn escaped(text: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(percent_encoding::percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_cleaned_of_what_does_not_belong_to_it() {
        for (text, expected) in [
            ("abc\n", "abc"),
            (" abc ", "abc"),
            ("\"abc\"", "abc"),
            ("v1,abc", "abc"),
            ("MY_SECRET='abc'", "abc"),
            ("a%2Bc", "a+c"),
            ("\u{feff}abc", "abc"),
        ] {
            let found = cleaned(text.as_bytes());
            assert!(found.iter().any(|(_, inner)| inner.as_slice() == expected.as_bytes()), "{text}");
        }
        assert!(cleaned(b"abc").is_empty());
    }
}
