//! What makes a signature of a key and a content, in ways that the scheme does not know.

use hmac::{Hmac, KeyInit};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;

use crate::domain::signature::{Algorithm, mac::Mac};

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

/// How key and content become a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Maker {
    /// By the algorithm of the scheme, where it is none of the others.
    Scheme(Algorithm),
    /// HMAC.
    Hmac(Hash),
    /// The hash of key and content.
    KeyFirst(Hash),
    /// The hash of content and key.
    KeyLast(Hash),
    /// The hash of the content alone.
    Bare(Hash),
}

/// What a maker made, ready to be compared.
pub(super) enum Made {
    Bytes(Vec<u8>),
    Mac(Box<Mac>),
}

impl Hash {
    pub(super) const ALL: [Self; 6] =
        [Self::Sha256, Self::Sha1, Self::Sha512, Self::Md5, Self::Sha384, Self::Sha224];

    pub(super) const fn size(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha224 => "SHA-224",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    /// What it costs a byte, against SHA-256 where the processor helps.
    const fn weight(self) -> u64 {
        match self {
            Self::Sha1 | Self::Sha224 | Self::Sha256 => 1,
            Self::Md5 | Self::Sha384 | Self::Sha512 => 3,
        }
    }

    fn hmac(self, key: &[u8], content: &[u8]) -> Option<Vec<u8>> {
        fn run<M: hmac::Mac + KeyInit>(key: &[u8], content: &[u8]) -> Option<Vec<u8>> {
            let mut mac = <M as KeyInit>::new_from_slice(key).ok()?;
            mac.update(content);
            Some(mac.finalize().into_bytes().to_vec())
        }
        match self {
            Self::Md5 => run::<Hmac<Md5>>(key, content),
            Self::Sha1 => run::<Hmac<Sha1>>(key, content),
            Self::Sha224 => run::<Hmac<Sha224>>(key, content),
            Self::Sha256 => run::<Hmac<Sha256>>(key, content),
            Self::Sha384 => run::<Hmac<Sha384>>(key, content),
            Self::Sha512 => run::<Hmac<Sha512>>(key, content),
        }
    }

    fn digest(self, pieces: [&[u8]; 2]) -> Vec<u8> {
        fn run<D: Digest>(pieces: [&[u8]; 2]) -> Vec<u8> {
            let mut digest = D::new();
            pieces.iter().for_each(|piece| digest.update(piece));
            digest.finalize().to_vec()
        }
        match self {
            Self::Md5 => run::<Md5>(pieces),
            Self::Sha1 => run::<Sha1>(pieces),
            Self::Sha224 => run::<Sha224>(pieces),
            Self::Sha256 => run::<Sha256>(pieces),
            Self::Sha384 => run::<Sha384>(pieces),
            Self::Sha512 => run::<Sha512>(pieces),
        }
    }
}

impl Maker {
    /// The maker of an algorithm.
    pub(super) const fn of(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::HmacSha1 => Self::Hmac(Hash::Sha1),
            Algorithm::HmacSha256 => Self::Hmac(Hash::Sha256),
            Algorithm::HmacSha384 => Self::Hmac(Hash::Sha384),
            Algorithm::HmacSha512 => Self::Hmac(Hash::Sha512),
            Algorithm::Sha256 => Self::Bare(Hash::Sha256),
            other => Self::Scheme(other),
        }
    }

    /// Whether a key and a content always give the same signature, so that others can be compared.
    pub(super) const fn is_symmetric(self) -> bool {
        !matches!(self, Self::Scheme(_))
    }

    pub(super) const fn weight(self) -> u64 {
        match self {
            // A curve operation costs as much as hashing 100 KB.
            Self::Scheme(_) => 2,
            Self::Hmac(hash) | Self::KeyFirst(hash) | Self::KeyLast(hash) | Self::Bare(hash) => hash.weight(),
        }
    }

    /// Bytes that a try costs at least.
    pub(super) const fn least(self) -> usize {
        match self {
            Self::Scheme(Algorithm::Token) => 64,
            Self::Scheme(_) => 50 << 10,
            _ => 0,
        }
    }

    /// The signature of a content.
    pub(super) fn make(self, key: &[u8], content: &[u8]) -> Option<Made> {
        Some(Made::Bytes(match self {
            Self::Scheme(algorithm) => {
                let mut mac = Mac::new(algorithm, key)?;
                mac.update(content);
                return Some(Made::Mac(Box::new(mac)));
            }
            Self::Hmac(hash) => hash.hmac(key, content)?,
            Self::KeyFirst(hash) => hash.digest([key, content]),
            Self::KeyLast(hash) => hash.digest([content, key]),
            Self::Bare(hash) => hash.digest([content, b""]),
        }))
    }

    /// In words.
    pub(super) fn describe(self) -> String {
        match self {
            Self::Scheme(algorithm) => algorithm.as_str().to_owned(),
            Self::Hmac(hash) => format!("HMAC with {}", hash.as_str()),
            Self::KeyFirst(hash) => {
                format!("a plain {} hash of the secret followed by the content, not an HMAC", hash.as_str())
            }
            Self::KeyLast(hash) => {
                format!("a plain {} hash of the content followed by the secret, not an HMAC", hash.as_str())
            }
            Self::Bare(hash) => format!("a plain {} hash of the content without the secret", hash.as_str()),
        }
    }
}

impl Made {
    /// Whether it is the received signature. Takes the same time wherever they differ.
    pub(super) fn is(&self, received: &[u8]) -> bool {
        match self {
            Self::Bytes(bytes) => bytes.ct_eq(received).into(),
            Self::Mac(mac) => mac.verify(received),
        }
    }

    /// Whether the received signature is its beginning.
    pub(super) fn begins_with(&self, received: &[u8]) -> bool {
        match self {
            Self::Bytes(bytes) => {
                bytes.get(..received.len()).is_some_and(|begin| begin.ct_eq(received).into())
            }
            Self::Mac(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_the_hashes() {
        for hash in Hash::ALL {
            assert_eq!(hash.digest([b"a", b"b"]).len(), hash.size(), "{hash:?}");
            assert_eq!(hash.digest([b"a", b"b"]), hash.digest([b"ab", b""]), "{hash:?}");
            assert_eq!(hash.hmac(b"k", b"c").unwrap().len(), hash.size(), "{hash:?}");
        }
    }

    #[test]
    fn a_published_hmac_md5_is_made() {
        // RFC 2202, case 2.
        let made = Maker::Hmac(Hash::Md5).make(b"Jefe", b"what do ya want for nothing?").unwrap();
        assert!(made.is(&data_encoding::HEXLOWER.decode(b"750c783e6ab0b503eaa86e310a5db738").unwrap()));
        assert!(made.begins_with(&data_encoding::HEXLOWER.decode(b"750c783e6ab0b503").unwrap()));
    }
}
