//! What a sender signs with: a shared secret, or a private key where the receiver holds the public one.
//!
//! | form | what it is |
//! |---|---|
//! | PEM `PRIVATE KEY` | PKCS #8 (RFC 5958), any kind of key |
//! | PEM `RSA PRIVATE KEY`, `EC PRIVATE KEY` | what OpenSSL wrote before |
//! | `whsk_` and Base64 | an Ed25519 key of Standard Webhooks: its seed, with or without the public half |

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{self, EcdsaKeyPair, Ed25519KeyPair, RsaEncoding, RsaKeyPair},
};
use data_encoding::BASE64;
use zeroize::Zeroizing;

use crate::domain::signature::{Algorithm, mac::Mac};

/// A private key, or the secret of an HMAC.
pub(super) enum Signer {
    /// The key of an HMAC.
    Shared(Zeroizing<Vec<u8>>),
    /// The text around it told its kind; what it is for shows when it is used.
    Private(Zeroizing<Vec<u8>>),
    /// The seed of an Ed25519 key.
    Seed(Zeroizing<Vec<u8>>),
}

impl Signer {
    /// The private key in a text; `None` when there is none.
    pub(super) fn private(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?.trim_ascii();
        if let Some(encoded) = text.strip_prefix("whsk_") {
            let key = Zeroizing::new(BASE64.decode(encoded.as_bytes()).ok()?);
            let whole = matches!(key.len(), 32 | 64);
            return whole.then(|| Self::Seed(Zeroizing::new(key[..32].to_vec())));
        }
        let (_, rest) = text.split_once("-----BEGIN ")?;
        let (label, rest) = rest.split_once("-----")?;
        let (body, _) = rest.split_once("-----END ")?;
        // Some tools leave the line ends of a .env file as they were escaped.
        let body = Zeroizing::new(body.replace("\\r", "").replace("\\n", ""));
        let plain: Zeroizing<String> =
            Zeroizing::new(body.chars().filter(|c| !c.is_ascii_whitespace()).collect());
        let der = Zeroizing::new(BASE64.decode(plain.as_bytes()).ok()?);
        matches!(label, "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY").then_some(Self::Private(der))
    }

    /// The signature of a content; `None` when the key is not one for this algorithm.
    pub(super) fn sign(&self, algorithm: Algorithm, content: &[u8]) -> Option<Vec<u8>> {
        let der = match self {
            Self::Shared(key) => {
                let mut mac = Mac::new(algorithm, key)?;
                mac.update(content);
                return mac.expected();
            }
            Self::Seed(seed) => {
                let key = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
                return (algorithm == Algorithm::Ed25519).then(|| key.sign(content).as_ref().to_vec());
            }
            Self::Private(der) => der,
        };
        let rsa = |encoding: &'static dyn RsaEncoding| {
            let key = RsaKeyPair::from_pkcs8(der).or_else(|_| RsaKeyPair::from_der(der)).ok()?;
            let mut made = vec![0; key.public_modulus_len()];
            key.sign(encoding, &SystemRandom::new(), content, &mut made).ok()?;
            Some(made)
        };
        let ecdsa = |form: &'static signature::EcdsaSigningAlgorithm| {
            let key = EcdsaKeyPair::from_pkcs8(form, der)
                .or_else(|_| EcdsaKeyPair::from_private_key_der(form, der))
                .ok()?;
            Some(key.sign(&SystemRandom::new(), content).ok()?.as_ref().to_vec())
        };
        match algorithm {
            Algorithm::Ed25519 => {
                let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).ok()?;
                Some(key.sign(content).as_ref().to_vec())
            }
            Algorithm::RsaSha256 => rsa(&signature::RSA_PKCS1_SHA256),
            Algorithm::RsaSha384 => rsa(&signature::RSA_PKCS1_SHA384),
            Algorithm::RsaSha512 => rsa(&signature::RSA_PKCS1_SHA512),
            Algorithm::RsaPssSha512 => rsa(&signature::RSA_PSS_SHA512),
            Algorithm::EcdsaSha256 => ecdsa(&signature::ECDSA_P256_SHA256_ASN1_SIGNING),
            Algorithm::EcdsaSha256Raw => ecdsa(&signature::ECDSA_P256_SHA256_FIXED_SIGNING),
            Algorithm::EcdsaSha384Raw => ecdsa(&signature::ECDSA_P384_SHA384_FIXED_SIGNING),
            _ => None,
        }
    }

    /// The signature by the first of these algorithms that the key is for, with its name.
    pub(super) fn first<'n>(
        &self,
        algorithms: impl IntoIterator<Item = (&'n str, Algorithm)>,
        content: impl Fn(&'n str) -> Option<Vec<u8>>,
    ) -> Option<(&'n str, Vec<u8>)> {
        let mut fitting = algorithms.into_iter().filter(|(_, algorithm)| self.suits(*algorithm));
        let (name, algorithm) = fitting.next()?;
        Some((name, self.sign(algorithm, &content(name)?)?))
    }

    /// Whether it can sign by this algorithm.
    pub(super) fn suits(&self, algorithm: Algorithm) -> bool {
        match self {
            Self::Shared(_) => algorithm.is_hmac(),
            Self::Seed(_) => algorithm == Algorithm::Ed25519,
            Self::Private(_) => self.sign(algorithm, b"").is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_private_key_is_none() {
        for text in [
            "",
            "secret",
            "whsec_AAAA",
            "whsk_AAAA",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        ] {
            assert!(Signer::private(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn a_seed_signs_by_one_algorithm() {
        let key = Signer::private(format!("whsk_{}", BASE64.encode(&[7; 32])).as_bytes()).unwrap();
        assert!(key.suits(Algorithm::Ed25519) && !key.suits(Algorithm::RsaSha256));
        assert_eq!(key.sign(Algorithm::Ed25519, b"x").map(|made| made.len()), Some(64));
        assert!(!Signer::Shared(Zeroizing::new(vec![1])).suits(Algorithm::Ed25519));
    }
}
