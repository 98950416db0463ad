//! Digests of the body in headers: `Content-Digest` (RFC 9530) and the older `Digest` (RFC 3230).

use data_encoding::BASE64;
use sha2::{Digest as _, Sha256, Sha512};

use crate::domain::signature::{described::fields, request::Facts};

/// What the digests say about the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Digest {
    /// There is none of an algorithm that counts.
    None,
    /// All of them are right.
    Right,
    /// One is wrong, or the header cannot be read.
    Wrong,
}

/// Looks at both headers.
pub(super) fn check(facts: &Facts<'_, '_>) -> Digest {
    let mut found = Digest::None;
    let mut judge = |name: &str, digest: Option<Vec<u8>>| {
        let right = match name.to_ascii_lowercase().as_str() {
            "sha-256" => Sha256::digest(facts.body).to_vec(),
            "sha-512" => Sha512::digest(facts.body).to_vec(),
            _ => return,
        };
        found = match digest {
            Some(digest) if digest == right && found != Digest::Wrong => Digest::Right,
            _ => Digest::Wrong,
        };
    };
    for value in facts.head.get_all("content-digest") {
        let Some(members) = std::str::from_utf8(value).ok().and_then(fields::dictionary) else {
            return Digest::Wrong;
        };
        for (name, digest) in members {
            judge(name, fields::bytes(digest));
        }
    }
    for value in facts.head.get_all("digest") {
        let Ok(value) = std::str::from_utf8(value) else { return Digest::Wrong };
        for (name, digest) in value.split(',').filter_map(|part| part.trim().split_once('=')) {
            judge(name, BASE64.decode(digest.as_bytes()).ok());
        }
    }
    found
}
