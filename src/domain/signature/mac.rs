//! The algorithms: what turns a key and the signed content into something to compare with.

use std::convert::Infallible;

use hmac::{
    Hmac, KeyInit, Mac as _,
    digest::{CtOutput, Output},
};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;

use crate::domain::signature::public::{Kind, PublicKey};

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
    /// RSA (PKCS #1 v1.5) with SHA-1.
    RsaSha1,
    /// RSA (PKCS #1 v1.5) with SHA-256.
    RsaSha256,
    /// RSA (PKCS #1 v1.5) with SHA-384.
    RsaSha384,
    /// RSA (PKCS #1 v1.5) with SHA-512.
    RsaSha512,
    /// RSA (PSS, salt of 64 bytes) with SHA-512.
    RsaPssSha512,
    /// ECDSA on P-256 with SHA-256, the signature written as DER.
    EcdsaSha256,
    /// ECDSA on P-256 with SHA-256, the signature as two numbers of 32 bytes.
    EcdsaSha256Raw,
    /// ECDSA on P-384 with SHA-384, the signature as two numbers of 48 bytes.
    EcdsaSha384Raw,
    /// A JSON Web Token (RFC 7519); which algorithms it may use is the scheme's to say.
    Jwt,
    /// HTTP message signatures (RFC 9421).
    HttpSignature,
    /// HTTP signatures as draft-cavage-http-signatures has them, and ActivityPub uses them.
    Cavage,
    /// The secret itself, sent along.
    Token,
}

impl Algorithm {
    /// The words of the catalogue.
    pub(super) const WORDS: [(&'static str, Self); 18] = [
        ("hmac-sha1", Self::HmacSha1),
        ("hmac-sha256", Self::HmacSha256),
        ("hmac-sha384", Self::HmacSha384),
        ("hmac-sha512", Self::HmacSha512),
        ("sha256", Self::Sha256),
        ("ed25519", Self::Ed25519),
        ("rsa-sha1", Self::RsaSha1),
        ("rsa-sha256", Self::RsaSha256),
        ("rsa-sha384", Self::RsaSha384),
        ("rsa-sha512", Self::RsaSha512),
        ("rsa-pss-sha512", Self::RsaPssSha512),
        ("ecdsa-sha256", Self::EcdsaSha256),
        ("ecdsa-sha256-raw", Self::EcdsaSha256Raw),
        ("ecdsa-sha384-raw", Self::EcdsaSha384Raw),
        ("jwt", Self::Jwt),
        ("rfc9421", Self::HttpSignature),
        ("cavage", Self::Cavage),
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
            Self::RsaSha1 => "RSA-SHA1",
            Self::RsaSha256 => "RSA-SHA256",
            Self::RsaSha384 => "RSA-SHA384",
            Self::RsaSha512 => "RSA-SHA512",
            Self::RsaPssSha512 => "RSA-PSS-SHA512",
            Self::EcdsaSha256 | Self::EcdsaSha256Raw => "ECDSA P-256 with SHA-256",
            Self::EcdsaSha384Raw => "ECDSA P-384 with SHA-384",
            Self::Jwt => "JSON Web Token",
            Self::HttpSignature => "HTTP message signature (RFC 9421)",
            Self::Cavage => "HTTP signature (draft-cavage)",
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
            Self::HmacSha512 | Self::Ed25519 | Self::EcdsaSha256Raw => Some(64),
            Self::EcdsaSha384Raw => Some(96),
            _ => None,
        }
    }

    /// Whether it is an HMAC, whose key is hashed before the content.
    pub(super) const fn is_hmac(self) -> bool {
        matches!(self, Self::HmacSha1 | Self::HmacSha256 | Self::HmacSha384 | Self::HmacSha512)
    }

    /// Whether the receiver holds a public key, so that no expected signature can be computed.
    #[must_use]
    pub const fn is_public_key(self) -> bool {
        matches!(
            self,
            Self::Ed25519
                | Self::RsaSha1
                | Self::RsaSha256
                | Self::RsaSha384
                | Self::RsaSha512
                | Self::RsaPssSha512
                | Self::EcdsaSha256
                | Self::EcdsaSha256Raw
                | Self::EcdsaSha384Raw
        )
    }

    /// Whether the signature itself says what it covers, so that no template does.
    #[must_use]
    pub const fn is_described(self) -> bool {
        matches!(self, Self::Jwt | Self::HttpSignature | Self::Cavage)
    }
}

/// A check in progress: takes the content in pieces, then compares it with received signatures. A clone
/// goes on from the same place. The states of the longer hashes lie elsewhere, so that the usual one is
/// cheap to hand on.
#[derive(Clone)]
pub(super) enum Mac {
    Sha1(Hmac<Sha1>),
    Sha256(Hmac<Sha256>),
    Sha384(Box<Hmac<Sha384>>),
    Sha512(Box<Hmac<Sha512>>),
    Hash(Sha256),
    /// The keys and the content so far: a public-key check needs it in one piece.
    Public(Algorithm, Vec<PublicKey>, Vec<u8>),
    Token(zeroize::Zeroizing<Vec<u8>>),
}

impl Mac {
    /// Begins with a key; `None` when the algorithm does not take such a key.
    pub(super) fn new(algorithm: Algorithm, key: &[u8]) -> Option<Self> {
        Some(match algorithm {
            Algorithm::HmacSha1 => Self::Sha1(Hmac::new_from_slice(key).ok()?),
            Algorithm::HmacSha256 => Self::Sha256(Hmac::new_from_slice(key).ok()?),
            Algorithm::HmacSha384 => Self::Sha384(Box::new(Hmac::new_from_slice(key).ok()?)),
            Algorithm::HmacSha512 => Self::Sha512(Box::new(Hmac::new_from_slice(key).ok()?)),
            Algorithm::Sha256 => Self::Hash(Sha256::new()),
            Algorithm::Jwt | Algorithm::HttpSignature | Algorithm::Cavage => return None,
            Algorithm::Ed25519 if key.len() == 32 => {
                let key = PublicKey { kind: Kind::Ed25519, bytes: key.to_vec(), id: None };
                Self::Public(algorithm, vec![key], Vec::new())
            }
            algorithm if algorithm.is_public_key() => {
                let mut keys = PublicKey::read(key);
                keys.retain(|key| key.suits(algorithm));
                (!keys.is_empty()).then_some(())?;
                Self::Public(algorithm, keys, Vec::new())
            }
            _ => Self::Token(zeroize::Zeroizing::new(key.to_vec())),
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
            Self::Public(_, _, content) => content.extend_from_slice(piece),
            Self::Token(_) => {}
        }
    }

    /// Whether a received signature is the right one. Takes the same time wherever they differ.
    pub(super) fn verify(&self, received: &[u8]) -> bool {
        let nothing = |_: &mut dyn FnMut(&[u8])| Ok::<_, Infallible>(());
        matches!(self.find(nothing, std::iter::once(received)), Ok(Some(_)))
    }

    /// Which of several received signatures is the right one for a content, which is fed in pieces. It is
    /// hashed once, however many are compared, and by a state of the hash's own type: that is copied once,
    /// while a [`Mac`] handed from one to the next is copied each time.
    ///
    /// # Errors
    /// What feeding says.
    pub(super) fn find<'r, E>(
        &self,
        feed: impl FnOnce(&mut dyn FnMut(&[u8])) -> Result<(), E>,
        mut received: impl Iterator<Item = &'r [u8]>,
    ) -> Result<Option<usize>, E> {
        match self {
            Self::Sha1(mac) => find(mac, feed, received),
            Self::Sha256(mac) => find(mac, feed, received),
            Self::Sha384(mac) => find(&**mac, feed, received),
            Self::Sha512(mac) => find(&**mac, feed, received),
            Self::Hash(hash) => {
                let mut hash = hash.clone();
                feed(&mut |piece| Digest::update(&mut hash, piece))?;
                let right = hash.finalize();
                Ok(received.position(|received| right.ct_eq(received).into()))
            }
            Self::Public(algorithm, keys, content) => {
                let mut content = content.clone();
                feed(&mut |piece| content.extend_from_slice(piece))?;
                let verifies = |key: &PublicKey, received| key.verify(*algorithm, &content, received);
                Ok(received.position(|received| keys.iter().any(|key| verifies(key, received))))
            }
            // Digests are compared, so that the time does not tell the token's length either.
            Self::Token(token) => {
                let right = Sha256::digest(token.as_slice());
                Ok(received.position(|received| right.ct_eq(&Sha256::digest(received)).into()))
            }
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
            Self::Public(..) => return None,
            Self::Token(token) => token.to_vec(),
        })
    }
}

/// [`Mac::find`] for an HMAC; signatures are compared as `hmac` itself does.
fn find<'r, M: hmac::Mac + Clone, E>(
    mac: &M,
    feed: impl FnOnce(&mut dyn FnMut(&[u8])) -> Result<(), E>,
    mut received: impl Iterator<Item = &'r [u8]>,
) -> Result<Option<usize>, E> {
    let mut mac = mac.clone();
    feed(&mut |piece| mac.update(piece))?;
    let right = mac.finalize();
    Ok(received.position(|received| {
        <&Output<M>>::try_from(received).is_ok_and(|received| right == CtOutput::from(received))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_make_the_same_as_a_whole() {
        for (_, algorithm) in Algorithm::WORDS {
            let mac = |pieces: &[&[u8]]| {
                let mut mac = Mac::new(algorithm, &[7; 32])?;
                pieces.iter().for_each(|piece| mac.update(piece));
                mac.expected()
            };
            assert_eq!(mac(&[b"ab", b"", b"c"]), mac(&[b"abc"]), "{algorithm:?}");
        }
    }

    #[test]
    fn lengths_are_part_of_the_comparison() {
        for (_, algorithm) in Algorithm::WORDS {
            let Some(right) = Mac::new(algorithm, &[7; 32]).and_then(Mac::expected) else { continue };
            let mac = || Mac::new(algorithm, &[7; 32]).unwrap();
            assert!(mac().verify(&right), "{algorithm:?}");
            assert!(!mac().verify(&right[..right.len() - 1]), "{algorithm:?}");
            assert!(!mac().verify(&[&right[..], b"\0"].concat()), "{algorithm:?}");
            assert!(!mac().verify(b""), "{algorithm:?}");
            assert_eq!(algorithm.size().unwrap_or(right.len()), right.len(), "{algorithm:?}");
        }
    }
}
