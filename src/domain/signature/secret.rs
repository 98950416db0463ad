//! Secrets: bytes that are used and never shown.

use std::{fmt, sync::Arc};

use zeroize::Zeroizing;

/// A secret (or public key) with the name it goes by. Its bytes are wiped from memory when it is
/// dropped and never printed.
#[derive(Clone)]
pub struct Secret {
    /// What is shown in its place: the environment variable or the source.
    pub label: Arc<str>,
    bytes: Arc<Zeroizing<Vec<u8>>>,
}

impl Secret {
    /// A secret under a name.
    #[must_use]
    pub fn new(label: impl Into<Arc<str>>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { label: label.into(), bytes: Arc::new(Zeroizing::new(bytes.into())) }
    }

    /// The bytes, for signing and checking alone.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({}, [hidden])", self.label)
    }
}
