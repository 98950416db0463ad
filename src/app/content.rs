//! What the panes show of a body and of a signature, as the decoders and the checker hand it over.

use std::fmt;

pub use crate::domain::decode::Role;
use crate::domain::{signature::Report, time::Timestamp};

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

/// What the Signature pane is made from. Its report holds the signatures that would be right; they
/// are for the screen alone and do not print.
#[derive(Clone, Debug)]
pub struct SignatureView {
    /// Everything that the check found.
    pub report: Report,
    /// The environment variables in which a secret of this provider is looked for.
    pub secret_names: Vec<String>,
    /// Where the provider publishes the key for this request.
    pub key_address: Option<String>,
    /// Why a key that the provider publishes is not there, in a sentence.
    pub key_note: Option<String>,
    /// Who says how old a signed time may be.
    pub limit_from: LimitFrom,
    /// When it was made: a signature that was fresh on arrival may be too old by now.
    pub now: Timestamp,
}

/// Who says how old a signed time may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LimitFrom {
    /// The provider's documentation.
    #[default]
    Provider,
    /// The endpoint in the configuration.
    Endpoint,
    /// The person at the keyboard, for this run.
    Run,
}
