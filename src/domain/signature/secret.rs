//! Secrets: bytes that are used and never shown.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use zeroize::Zeroizing;

use crate::domain::signature::{Algorithm, KeyForm, mac::Mac};

/// A secret (or public key) with the name it goes by. Its bytes are wiped from memory when it is
/// dropped and never printed.
#[derive(Clone)]
pub struct Secret {
    /// What is shown in its place: the environment variable or the source.
    pub label: Arc<str>,
    held: Arc<Held>,
}

struct Held {
    bytes: Zeroizing<Vec<u8>>,
    /// The HMAC that was asked for first, keyed: a secret mostly serves one scheme for a long time, and
    /// keying costs as much as hashing 128 bytes. It wipes itself too.
    keyed: OnceLock<Option<Keyed>>,
}

struct Keyed {
    form: KeyForm,
    algorithm: Algorithm,
    mac: Mac,
}

impl Secret {
    /// A secret under a name.
    #[must_use]
    pub fn new(label: impl Into<Arc<str>>, bytes: impl Into<Vec<u8>>) -> Self {
        let held = Held { bytes: Zeroizing::new(bytes.into()), keyed: OnceLock::new() };
        Self { label: label.into(), held: Arc::new(held) }
    }

    /// The bytes, for signing and checking alone.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.held.bytes
    }

    /// Does something with a check that has the key that this secret is in a form; `None` when it is not of
    /// that form or the algorithm does not take the key.
    pub(super) fn keyed<T>(
        &self,
        form: KeyForm,
        algorithm: Algorithm,
        work: impl FnOnce(&Mac) -> T,
    ) -> Option<T> {
        let new = || Mac::new(algorithm, &form.decode(self.expose())?);
        if !algorithm.is_hmac() {
            return new().map(|mac| work(&mac));
        }
        match self.held.keyed.get_or_init(|| new().map(|mac| Keyed { form, algorithm, mac })) {
            Some(keyed) if (keyed.form, keyed.algorithm) == (form, algorithm) => Some(work(&keyed.mac)),
            _ => new().map(|mac| work(&mac)),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({}, [hidden])", self.label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_and_algorithm_has_its_own_key() {
        let secret = Secret::new("S", *b"00ff");
        let made =
            |form: KeyForm, algorithm| secret.keyed(form, algorithm, |mac| mac.clone().expected()).flatten();
        let fresh = |key: &[u8], algorithm| Mac::new(algorithm, key).and_then(Mac::expected);
        for _ in 0..2 {
            for algorithm in [Algorithm::HmacSha256, Algorithm::HmacSha1, Algorithm::Sha256] {
                assert_eq!(made(KeyForm::Utf8, algorithm), fresh(b"00ff", algorithm));
                assert_eq!(made(KeyForm::Hex, algorithm), fresh(&[0, 255], algorithm));
            }
            assert!(secret.keyed(KeyForm::RawHex, Algorithm::Ed25519, |_| ()).is_none());
        }
    }

    #[test]
    fn a_secret_is_never_printed() {
        let secret = Secret::new("NAME", *b"hush");
        assert!(secret.keyed(KeyForm::Utf8, Algorithm::HmacSha256, |_| ()).is_some());
        assert_eq!(format!("{secret:?}"), "Secret(NAME, [hidden])");
    }
}
