//! The algorithms: what turns a key and the signed content into something to compare with.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use hmac::{Hmac, KeyInit, Mac as _};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;

/// How a signature is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC (RFC 2104) with SHA-1.
    HmacSha1,
    /// HMAC with SHA-256.
    HmacSha256,
    /// HMAC with SHA-384.
    HmacSha384,
    /// HMAC with SHA-512.
    HmacSha512,
    /// The SHA-256 digest of a content that includes the secret. Weaker than HMAC.
    Sha256,
    /// Ed25519 (RFC 8032) with a public key.
    Ed25519,
    /// The secret itself, sent along.
    Token,
}

impl Algorithm {
    /// The words of the catalogue.
    pub(super) const WORDS: [(&'static str, Self); 7] = [
        ("hmac-sha1", Self::HmacSha1),
        ("hmac-sha256", Self::HmacSha256),
        ("hmac-sha384", Self::HmacSha384),
        ("hmac-sha512", Self::HmacSha512),
        ("sha256", Self::Sha256),
        ("ed25519", Self::Ed25519),
        ("token", Self::Token),
    ];

    /// The name in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HmacSha1 => "HMAC-SHA1",
            Self::HmacSha256 => "HMAC-SHA256",
            Self::HmacSha384 => "HMAC-SHA384",
            Self::HmacSha512 => "HMAC-SHA512",
            Self::Sha256 => "SHA-256 (no HMAC)",
            Self::Ed25519 => "Ed25519",
            Self::Token => "shared token",
        }
    }

    /// Bytes of a signature; `None` where it may have any length.
    #[must_use]
    pub const fn size(self) -> Option<usize> {
        match self {
            Self::HmacSha1 => Some(20),
            Self::HmacSha256 | Self::Sha256 => Some(32),
            Self::HmacSha384 => Some(48),
            Self::HmacSha512 | Self::Ed25519 => Some(64),
            Self::Token => None,
        }
    }

    /// Whether it is an HMAC, whose key is hashed before the content.
    pub(super) const fn is_hmac(self) -> bool {
        matches!(self, Self::HmacSha1 | Self::HmacSha256 | Self::HmacSha384 | Self::HmacSha512)
    }

    /// Whether the receiver holds a public key, so that no expected signature can be computed.
    #[must_use]
    pub const fn is_public_key(self) -> bool {
        matches!(self, Self::Ed25519)
    }
}

/// A check in progress: takes the content in pieces, then compares it with received signatures. A clone
/// goes on from the same place.
#[derive(Clone)]
pub(super) enum Mac {
    Sha1(Hmac<Sha1>),
    Sha256(Hmac<Sha256>),
    Sha384(Hmac<Sha384>),
    Sha512(Hmac<Sha512>),
    Hash(Sha256),
    /// The key and the content so far: a public-key check needs it in one piece.
    Ed25519(Vec<u8>, Vec<u8>),
    Token(zeroize::Zeroizing<Vec<u8>>),
}

impl Mac {
    /// Begins with a key; `None` when the algorithm does not take such a key.
    pub(super) fn new(algorithm: Algorithm, key: &[u8]) -> Option<Self> {
        Some(match algorithm {
            Algorithm::HmacSha1 => Self::Sha1(Hmac::new_from_slice(key).ok()?),
            Algorithm::HmacSha256 => Self::Sha256(Hmac::new_from_slice(key).ok()?),
            Algorithm::HmacSha384 => Self::Sha384(Hmac::new_from_slice(key).ok()?),
            Algorithm::HmacSha512 => Self::Sha512(Hmac::new_from_slice(key).ok()?),
            Algorithm::Sha256 => Self::Hash(Sha256::new()),
            Algorithm::Ed25519 => Self::Ed25519(key.to_vec(), Vec::new()),
            Algorithm::Token => Self::Token(zeroize::Zeroizing::new(key.to_vec())),
        })
    }

    /// Takes the next piece of the content.
    pub(super) fn update(&mut self, piece: &[u8]) {
        match self {
            Self::Sha1(mac) => mac.update(piece),
            Self::Sha256(mac) => mac.update(piece),
            Self::Sha384(mac) => mac.update(piece),
            Self::Sha512(mac) => mac.update(piece),
            Self::Hash(hash) => Digest::update(hash, piece),
            Self::Ed25519(_, content) => content.extend_from_slice(piece),
            Self::Token(_) => {}
        }
    }

    /// Whether a received signature is the right one. Takes the same time wherever they differ. The
    /// content is hashed once, however many signatures are compared.
    pub(super) fn verify(&self, received: &[u8]) -> bool {
        match self {
            Self::Sha1(mac) => mac.clone().verify_slice(received).is_ok(),
            Self::Sha256(mac) => mac.clone().verify_slice(received).is_ok(),
            Self::Sha384(mac) => mac.clone().verify_slice(received).is_ok(),
            Self::Sha512(mac) => mac.clone().verify_slice(received).is_ok(),
            Self::Hash(hash) => hash.clone().finalize().ct_eq(received).into(),
            Self::Ed25519(key, content) => {
                UnparsedPublicKey::new(&ED25519, key).verify(content, received).is_ok()
            }
            // Digests are compared, so that the time does not tell the token's length either.
            Self::Token(token) => Sha256::digest(token.as_slice()).ct_eq(&Sha256::digest(received)).into(),
        }
    }

    /// The signature that would be right, where the key can make one.
    pub(super) fn expected(self) -> Option<Vec<u8>> {
        Some(match self {
            Self::Sha1(mac) => mac.finalize().into_bytes().to_vec(),
            Self::Sha256(mac) => mac.finalize().into_bytes().to_vec(),
            Self::Sha384(mac) => mac.finalize().into_bytes().to_vec(),
            Self::Sha512(mac) => mac.finalize().into_bytes().to_vec(),
            Self::Hash(hash) => hash.finalize().to_vec(),
            Self::Ed25519(..) => return None,
            Self::Token(token) => token.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_make_the_same_as_a_whole() {
        for (_, algorithm) in Algorithm::WORDS {
            let mac = |pieces: &[&[u8]]| {
                let mut mac = Mac::new(algorithm, &[7; 32]).unwrap();
                pieces.iter().for_each(|piece| mac.update(piece));
                mac.expected()
            };
            assert_eq!(mac(&[b"ab", b"", b"c"]), mac(&[b"abc"]), "{algorithm:?}");
        }
    }

    #[test]
    fn lengths_are_part_of_the_comparison() {
        for (_, algorithm) in Algorithm::WORDS {
            let mac = || Mac::new(algorithm, &[7; 32]).unwrap();
            let Some(right) = mac().expected() else { continue };
            assert!(mac().verify(&right), "{algorithm:?}");
            assert!(!mac().verify(&right[..right.len() - 1]), "{algorithm:?}");
            assert!(!mac().verify(&[&right[..], b"\0"].concat()), "{algorithm:?}");
            assert!(!mac().verify(b""), "{algorithm:?}");
            assert_eq!(algorithm.size().unwrap_or(right.len()), right.len(), "{algorithm:?}");
        }
    }
}
