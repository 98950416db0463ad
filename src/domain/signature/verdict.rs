//! What a check says: verdict, code and the small result that is kept for every capture.

use std::sync::Arc;

/// What a check says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// A signature matches and its timestamp is within the tolerance.
    Valid,
    /// It does not hold; the code says in what way.
    Invalid(Code),
    /// The provider is known but the request carries no signature of its scheme.
    Unsigned,
    /// There is a signature, but no secret to check it with.
    Unchecked,
    /// No provider was recognised and none is configured.
    Unknown,
}

/// In what way a check failed. The words are part of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// A header that the scheme needs beside the signature is missing.
    MissingHeader,
    /// The signature header is not of the scheme's form.
    MalformedHeader,
    /// A version or algorithm that this program does not check.
    UnsupportedScheme,
    /// The timestamp is older than the tolerance.
    TimestampTooOld,
    /// The timestamp lies in the future by more than the tolerance.
    TimestampInFuture,
    /// Another secret signed it.
    WrongSecret,
    /// The right secret, decoded in the wrong way.
    WrongSecretForm,
    /// The body is not the one that was signed.
    BodyModified,
    /// The URL is not the one that was signed.
    WrongUrl,
    /// The signature is written in another encoding.
    WrongEncoding,
    /// Another algorithm made the signature, or what is signed was put together in another way.
    WrongAlgorithm,
    /// A key that the check needs could not be read.
    KeyUnavailable,
    /// The signature does not match and no cause was found.
    Mismatch,
}

impl Verdict {
    /// The word in JSON output and on the screen.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid(_) => "invalid",
            Self::Unsigned => "unsigned",
            Self::Unchecked => "unchecked",
            Self::Unknown => "unknown",
        }
    }

    /// The code of an invalid signature.
    #[must_use]
    pub const fn code(self) -> Option<Code> {
        match self {
            Self::Invalid(code) => Some(code),
            _ => None,
        }
    }
}

impl Code {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::MissingHeader,
        Self::MalformedHeader,
        Self::UnsupportedScheme,
        Self::TimestampTooOld,
        Self::TimestampInFuture,
        Self::WrongSecret,
        Self::WrongSecretForm,
        Self::BodyModified,
        Self::WrongUrl,
        Self::WrongEncoding,
        Self::WrongAlgorithm,
        Self::KeyUnavailable,
        Self::Mismatch,
    ];

    /// The code of a word.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == word)
    }

    /// The word in JSON output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MissingHeader => "missing_header",
            Self::MalformedHeader => "malformed_header",
            Self::UnsupportedScheme => "unsupported_scheme",
            Self::TimestampTooOld => "timestamp_too_old",
            Self::TimestampInFuture => "timestamp_in_future",
            Self::WrongSecret => "wrong_secret",
            Self::WrongSecretForm => "wrong_secret_form",
            Self::BodyModified => "body_modified",
            Self::WrongUrl => "wrong_url",
            Self::WrongEncoding => "wrong_encoding",
            Self::WrongAlgorithm => "wrong_algorithm",
            Self::KeyUnavailable => "key_unavailable",
            Self::Mismatch => "mismatch",
        }
    }
}

/// The result of a check: small, because one is kept for every capture. What the Signature pane
/// shows beyond it is computed when somebody looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What the check says.
    pub verdict: Verdict,
    /// The scheme that was checked (`stripe`, `github`, `github_sha1`).
    pub scheme: Option<Arc<str>>,
    /// The label of the secret that matched, or of the only one there was: never its value.
    pub secret: Option<Arc<str>>,
    /// Seconds between the signed timestamp and the arrival; negative for the future.
    pub age_s: Option<i64>,
    /// Whether the signature itself is right; differs from the verdict for stale requests.
    pub signed_ok: bool,
    /// What a valid signature of this scheme does not prove (`SHA-1`, `the body is not covered`).
    pub weak: Option<Arc<str>>,
    /// What the diagnosis says about it, once there was one: whole sentences without any secret.
    pub cause: Option<Arc<str>>,
    /// Whether the cause is still looked for, so that a better code may follow.
    pub searching: bool,
}

impl Check {
    /// A check that has nothing more to say than its verdict.
    #[must_use]
    pub const fn bare(verdict: Verdict) -> Self {
        Self {
            verdict,
            scheme: None,
            secret: None,
            age_s: None,
            signed_ok: false,
            weak: None,
            cause: None,
            searching: false,
        }
    }
}
