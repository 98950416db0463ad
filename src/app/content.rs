//! What the panes show of a body and of a signature, as the decoders and the checker hand it over.

use std::fmt;

pub use crate::domain::decode::Role;
use crate::domain::signature::Verdict;

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
/// that would be right, so neither it nor they are ever printed (`Debug` leaves them out).
#[derive(Clone)]
pub struct SignatureView {
    /// What the check says.
    pub verdict: Verdict,
    /// One or two plain sentences: what was found, and what to do.
    pub explanation: String,
    /// The provider's name in words.
    pub provider: Option<String>,
    /// The scheme in words.
    pub scheme: Option<String>,
    /// Where the provider documents it.
    pub docs: Option<String>,
    /// The algorithm: `HMAC-SHA256`.
    pub algorithm: Option<String>,
    /// The header that carries the signature.
    pub header: Option<String>,
    /// The signed content in its order: what each piece is, and its bytes.
    pub content: Vec<(String, Vec<u8>)>,
    /// The signatures that came with the request, as sent.
    pub received: Vec<String>,
    /// The signature that each secret makes: the label of the secret, and the signature.
    pub expected: Vec<(String, String)>,
    /// The label of the secret that matched.
    pub matched: Option<String>,
    /// The signed timestamp as sent.
    pub timestamp: Option<String>,
    /// Seconds between the timestamp and the arrival; negative for the future.
    pub age_s: Option<i64>,
    /// How old it may be, in seconds.
    pub tolerance_s: Option<u64>,
    /// Whether the signature itself is right.
    pub signed_ok: bool,
    /// What even a valid signature of this scheme does not prove.
    pub weak: Option<String>,
    /// The environment variables in which a secret of this provider is looked for.
    pub secret_names: Vec<String>,
}

impl SignatureView {
    /// A view with nothing but a verdict and its explanation.
    #[must_use]
    pub fn bare(verdict: Verdict, explanation: impl Into<String>) -> Self {
        Self {
            verdict,
            explanation: explanation.into(),
            provider: None,
            scheme: None,
            docs: None,
            algorithm: None,
            header: None,
            content: Vec::new(),
            received: Vec::new(),
            expected: Vec::new(),
            matched: None,
            timestamp: None,
            age_s: None,
            tolerance_s: None,
            signed_ok: false,
            weak: None,
            secret_names: Vec::new(),
        }
    }
}

impl fmt::Debug for SignatureView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignatureView")
            .field("verdict", &self.verdict)
            .field("explanation", &self.explanation)
            .field("scheme", &self.scheme)
            .finish_non_exhaustive()
    }
}
