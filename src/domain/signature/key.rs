//! How the text of a secret becomes the bytes of a key.

use std::ops::Deref;

use data_encoding::{BASE64, BASE64_NOPAD, HEXLOWER_PERMISSIVE};
use sha1::{Digest, Sha1};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::domain::signature::{
    encoding,
    public::{Kind, PublicKey},
};

/// How the text of a secret becomes the bytes of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyForm {
    /// The text is the key.
    Utf8,
    /// The text is the key, and has 64 characters (Contentful).
    Utf8Of64,
    /// The text is the key, and is ASCII (Plivo).
    Ascii,
    /// The text is Base64 of the key.
    Base64,
    /// The text is hex of the key.
    Hex,
    /// `whsec_` and Base64 of the key (Standard Webhooks); the prefix may be left out.
    Whsec,
    /// The same, and the Base64 has its padding (Resend).
    WhsecPadded,
    /// What follows the last `_` is Base64 of the key, white space around it passed over (Replicate).
    WhsecLast,
    /// The same as [`Whsec`](Self::Whsec), but without the prefix the text is the key (OpenAI).
    WhsecText,
    /// `whpk_` and Base64 of a public key (Standard Webhooks).
    Whpk,
    /// The key is the SHA-1 digest of the text (Braintree).
    Sha1,
    /// The text is hex of a public key of 32 bytes.
    RawHex,
    /// The text is Base64 of a public key of 32 bytes.
    RawBase64,
    /// The text, Unicode in it decomposed (NFKD), is the key (EasyPost).
    Nfkd,
    /// The text holds public keys: PEM, Base64 of DER, a certificate, a JWK or a set of them.
    Public,
    /// The text is the key of an HMAC, or holds public keys: what the signature asks for.
    Either,
}

/// How well a secret suits a key form. Where a request carries signatures of several schemes, the
/// one that suits the secrets is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// It cannot be read in this form.
    No,
    /// It can be read, but has not the form's mark.
    Weak,
    /// It can be read.
    Good,
    /// It has the form's own mark.
    Marked,
}

/// The bytes of a key; wiped when dropped where they are not the secret's own.
pub(super) enum Key<'a> {
    /// The secret as it is.
    Plain(&'a [u8]),
    /// The secret decoded.
    Decoded(Zeroizing<Vec<u8>>),
}

impl Deref for Key<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Plain(bytes) => bytes,
            Self::Decoded(bytes) => bytes,
        }
    }
}

impl KeyForm {
    /// The words of the catalogue.
    pub(super) const WORDS: [(&'static str, Self); 20] = [
        ("utf8", Self::Utf8),
        ("utf8-64", Self::Utf8Of64),
        ("ascii", Self::Ascii),
        ("base64", Self::Base64),
        ("hex", Self::Hex),
        ("whsec", Self::Whsec),
        ("whsec-padded", Self::WhsecPadded),
        ("whsec-last", Self::WhsecLast),
        ("whsec-text", Self::WhsecText),
        ("whpk", Self::Whpk),
        ("sha1", Self::Sha1),
        ("raw-hex", Self::RawHex),
        ("raw-base64", Self::RawBase64),
        ("utf8-nfkd", Self::Nfkd),
        ("public", Self::Public),
        ("spki64", Self::Public),
        ("pem", Self::Public),
        ("cert", Self::Public),
        ("jwk", Self::Public),
        ("either", Self::Either),
    ];

    /// The form in words, after "the key is ".
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "the secret's text as it is",
            Self::Utf8Of64 => "the secret's text as it is, of 64 characters",
            Self::Ascii => "the secret's text as it is, of ASCII alone",
            Self::Base64 => "the secret, decoded from Base64",
            Self::Hex => "the secret, decoded from hex",
            Self::WhsecPadded => "what follows `whsec_` in the secret, decoded from Base64 with its padding",
            Self::Whsec | Self::WhsecLast | Self::WhsecText => {
                "what follows `whsec_` in the secret, decoded from Base64"
            }
            Self::Whpk => "what follows `whpk_` in the public key, decoded from Base64",
            Self::Sha1 => "the SHA-1 digest of the secret",
            Self::RawHex => "the public key, decoded from hex (64 digits)",
            Self::RawBase64 => "the public key, decoded from Base64 (44 characters)",
            Self::Nfkd => "the secret's text, its Unicode decomposed (NFKD)",
            Self::Public => "the public key, from PEM, Base64, a certificate or a JWK",
            Self::Either => "the secret's text as it is, or a public key, as the signature asks for",
        }
    }

    /// The key that a secret stands for; `None` when it is not of this form or is empty. White space
    /// around it is ignored only where the decoders of receivers ignore it too.
    pub(super) fn decode(self, secret: &[u8]) -> Option<Key<'_>> {
        let trimmed = secret.trim_ascii();
        let key = match self {
            Self::Utf8 => Key::Plain(secret),
            // As JavaScript counts.
            Self::Utf8Of64 => {
                let text = std::str::from_utf8(secret).ok()?;
                (text.encode_utf16().count() == 64).then_some(Key::Plain(secret))?
            }
            Self::Ascii => secret.is_ascii().then_some(Key::Plain(secret))?,
            Self::Sha1 => Key::Decoded(Zeroizing::new(Sha1::digest(secret).to_vec())),
            Self::Base64 => Key::Decoded(base64(trimmed)?),
            Self::Hex => Key::Decoded(hex(secret)?),
            Self::Whsec | Self::WhsecPadded if trimmed.starts_with(b"whpk_") => return None,
            Self::Whsec => Key::Decoded(base64(secret.strip_prefix(b"whsec_").unwrap_or(secret))?),
            Self::WhsecPadded => Key::Decoded(padded(secret.strip_prefix(b"whsec_").unwrap_or(secret))?),
            Self::WhsecLast => {
                let last = secret.iter().rposition(|&b| b == b'_').map_or(0, |at| at + 1);
                Key::Decoded(base64(secret[last..].trim_ascii())?)
            }
            // Both packages pass over white space behind the Base64.
            Self::WhsecText => match secret.trim_ascii_end().strip_prefix(b"whsec_") {
                Some(encoded) => Key::Decoded(padded(encoded)?),
                None => Key::Plain(secret),
            },
            Self::Whpk => Key::Decoded(public(base64(trimmed.strip_prefix(b"whpk_")?)?)?),
            // Both packages pass over a line's end behind the hex.
            Self::RawHex => Key::Decoded(hex(line(secret)).and_then(public).or_else(|| ed25519(trimmed))?),
            Self::RawBase64 => Key::Decoded(base64(secret).and_then(public).or_else(|| ed25519(trimmed))?),
            Self::Nfkd => {
                let text = std::str::from_utf8(secret).ok()?;
                Key::Decoded(Zeroizing::new(text.nfkd().collect::<String>().into_bytes()))
            }
            Self::Public => (!PublicKey::read(trimmed).is_empty()).then_some(Key::Plain(trimmed))?,
            Self::Either => Key::Plain(secret),
        };
        (!key.is_empty() && !secret.is_empty()).then_some(key)
    }

    /// Whether it is Base64 of the key, mostly with `whsec_` before it (Standard Webhooks).
    #[must_use]
    pub const fn is_whsec(self) -> bool {
        matches!(self, Self::Whsec | Self::WhsecPadded | Self::WhsecLast)
    }

    /// The form of which this one takes a part alone.
    pub(super) const fn looser(self) -> Option<Self> {
        match self {
            Self::Utf8Of64 | Self::Ascii => Some(Self::Utf8),
            Self::WhsecPadded => Some(Self::Whsec),
            _ => None,
        }
    }

    /// The best that any secret can suit this form.
    pub(super) const fn best_fit(self) -> Fit {
        match self {
            Self::WhsecText | Self::Whpk => Fit::Marked,
            _ if self.is_whsec() => Fit::Marked,
            _ => Fit::Good,
        }
    }

    /// How well a secret suits this form.
    pub(super) fn fit(self, secret: &[u8]) -> Fit {
        match self {
            Self::Utf8 | Self::Sha1 | Self::Either => Fit::Good,
            _ if self.decode(secret).is_none() => Fit::No,
            _ if self.best_fit() == Fit::Marked && secret.trim_ascii().starts_with(b"whsec_") => Fit::Marked,
            Self::Whpk => Fit::Marked,
            _ if self.is_whsec() => Fit::Weak,
            _ => Fit::Good,
        }
    }
}

fn base64(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    // The last bits do not count, as most decoders have it: people make up secrets.
    match text.last() {
        Some(b'=') => padded(text),
        _ => encoding::bits(&BASE64_NOPAD, text).map(Zeroizing::new),
    }
}

fn padded(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    encoding::bits(&BASE64, text).map(Zeroizing::new)
}

/// A text without the end of its line.
fn line(text: &[u8]) -> &[u8] {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    text.strip_suffix(b"\r").unwrap_or(text)
}

fn hex(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    HEXLOWER_PERMISSIVE.decode(text).ok().map(Zeroizing::new)
}

/// An Ed25519 key in another form than the provider's usual one.
fn ed25519(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut keys = PublicKey::read(text).into_iter().filter(|key| key.kind == Kind::Ed25519);
    keys.next().map(|key| Zeroizing::new(key.bytes))
}

fn public(key: Zeroizing<Vec<u8>>) -> Option<Zeroizing<Vec<u8>>> {
    (key.len() == 32).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_each_form() {
        let public = "00".repeat(32);
        for (form, secret, expected) in [
            (KeyForm::Utf8, "whsec_AA==", Some(&b"whsec_AA=="[..])),
            (KeyForm::Utf8, "", None),
            (KeyForm::Utf8Of64, &"\u{e9}".repeat(64), Some("\u{e9}".repeat(64).as_bytes())),
            (KeyForm::Utf8Of64, &public[1..], None),
            (KeyForm::Ascii, "a b", Some(b"a b")),
            (KeyForm::Ascii, "\u{e9}", None),
            (KeyForm::WhsecPadded, "whsec_AAE=", Some(b"\x00\x01")),
            (KeyForm::WhsecPadded, "AAE=", Some(b"\x00\x01")),
            (KeyForm::WhsecPadded, "whsec_AAE", None),
            (KeyForm::WhsecLast, " WHSEC_whsec_AAE=\n", Some(b"\x00\x01")),
            (KeyForm::WhsecLast, "whsec_A\u{e9}E=", None),
            (KeyForm::WhsecPadded, "AAE", None),
            (KeyForm::Base64, "AAE=\n", Some(b"\x00\x01")),
            (KeyForm::Base64, "AAE", Some(b"\x00\x01")),
            (KeyForm::Base64, "not base64!", None),
            (KeyForm::Hex, "00Ff", Some(b"\x00\xff")),
            (KeyForm::Hex, "zz", None),
            (KeyForm::Whsec, "whsec_AAE=", Some(b"\x00\x01")),
            (KeyForm::Whsec, "AAE=", Some(b"\x00\x01")),
            (KeyForm::Whsec, "whsec_AAF", Some(b"\x00\x01")),
            (KeyForm::WhsecPadded, "whsec_AAF=", Some(b"\x00\x01")),
            (KeyForm::Whsec, "whsec_", None),
            (KeyForm::Whsec, "whpk_AAE=", None),
            (KeyForm::Whpk, "whpk_AAE=", None),
            (KeyForm::RawHex, &public, Some(&[0; 32])),
            (KeyForm::RawHex, &format!("{public}\r\n"), Some(&[0; 32])),
            (KeyForm::RawHex, &format!("{public} "), None),
            (KeyForm::RawHex, "00", None),
            (KeyForm::Nfkd, "\u{fb01}\u{e9}", Some("fie\u{301}".as_bytes())),
            (KeyForm::Public, "secret", None),
        ] {
            assert_eq!(form.decode(secret.as_bytes()).as_deref(), expected, "{form:?} {secret}");
        }
    }

    #[test]
    fn marks_decide_between_schemes() {
        assert!(KeyForm::Whsec.fit(b"whsec_AAE=") > KeyForm::Utf8.fit(b"whsec_AAE="));
        assert!(KeyForm::Whsec.fit(b"abcd") < KeyForm::Utf8.fit(b"abcd"));
        assert_eq!(KeyForm::Whpk.fit(b"whsec_AAE="), Fit::No);
    }
}
