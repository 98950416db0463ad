//! What the panes show of a body and of a signature, as the decoders and the checker hand it over.

use std::{fmt, sync::Arc, time::Duration};

pub use crate::domain::decode::Role;
use crate::domain::{signature::Check, time::Timestamp};

/// A body as lines, of which only those on the screen are ever made.
pub trait Lines: Send + Sync + fmt::Debug {
    /// The kind in one word: `JSON`, `form`, `text`, `hex`, `empty`.
    fn kind(&self) -> &str;
    /// A sentence about how the body is shown, where one is due.
    fn note(&self) -> Option<&str>;
    /// Whether all lines are known; else more may follow.
    fn complete(&self) -> bool;
    /// How many lines there are.
    fn count(&self) -> usize;
    /// A window of a line: `columns` columns after the first `skip`, every character of it visible.
    fn line(&self, index: usize, skip: usize, columns: usize, ascii: bool) -> Vec<(Role, String)>;
}

/// What the detailed check of a signature found. Shown on the screen only: it holds the signatures
/// that would be right, so `Debug` leaves them out.
#[derive(Clone)]
pub struct SignatureView {
    /// The result, as it is kept for the capture.
    pub check: Check,
    /// One or two plain sentences: what was found, and what to do.
    pub explanation: String,
    /// The provider's id and its name in words.
    pub provider: Option<(Arc<str>, String)>,
    /// The scheme in words.
    pub scheme: Option<String>,
    /// Where the signature stands: `header Stripe-Signature`.
    pub place: Option<String>,
    /// Where the provider documents it.
    pub docs: Option<String>,
    /// The algorithm: `HMAC-SHA256`.
    pub algorithm: Option<String>,
    /// How the signature is written: `hex`.
    pub encoding: Option<String>,
    /// How the secret becomes a key.
    pub key: Option<String>,
    /// The signed content in its order.
    pub content: Vec<SignedPiece>,
    /// The signatures that came with the request.
    pub received: Vec<Received>,
    /// The signature that each secret makes.
    pub expected: Vec<Expected>,
    /// The URL that the signature covers.
    pub url: Option<String>,
    /// The signed timestamp.
    pub timestamp: Option<Timestamp>,
    /// How old a request may be; `None` when its age is not checked.
    pub tolerance: Option<Duration>,
    /// The environment variables in which a secret of this provider is looked for.
    pub secret_names: Vec<String>,
}

/// A piece of the signed content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedPiece {
    /// What it is: `body`, `text`, `header X-Slack-Request-Timestamp`.
    pub label: String,
    /// Its bytes.
    pub bytes: SignedBytes,
}

/// The bytes of a piece of the signed content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedBytes {
    /// The body of the capture, all of it; not copied.
    Body,
    /// These.
    Bytes(Vec<u8>),
    /// The secret, which is not shown.
    Hidden,
}

/// A received signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// As sent.
    pub text: Vec<u8>,
    /// Whether it is of the scheme's form.
    pub readable: bool,
    /// Whether it matches.
    pub matches: bool,
    /// Whether the text is a shared secret, which is shown masked.
    pub secret: bool,
}

/// The signature that a secret makes.
#[derive(Clone)]
pub struct Expected {
    /// The name of the secret.
    pub secret: Arc<str>,
    /// The signature, where it can be known and shown.
    pub value: Option<String>,
    /// Whether a received signature is equal to it.
    pub matches: bool,
}

impl SignatureView {
    /// A view with nothing but a result and its explanation.
    #[must_use]
    pub fn bare(check: Check, explanation: impl Into<String>) -> Self {
        Self {
            check,
            explanation: explanation.into(),
            provider: None,
            scheme: None,
            place: None,
            docs: None,
            algorithm: None,
            encoding: None,
            key: None,
            content: Vec::new(),
            received: Vec::new(),
            expected: Vec::new(),
            url: None,
            timestamp: None,
            tolerance: None,
            secret_names: Vec::new(),
        }
    }
}

impl fmt::Debug for SignatureView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignatureView")
            .field("check", &self.check)
            .field("explanation", &self.explanation)
            .field("scheme", &self.scheme)
            .finish_non_exhaustive()
    }
}
