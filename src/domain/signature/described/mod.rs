//! Schemes that no template describes: the signature itself says what it covers, or there is one for
//! each item of the body.
//!
//! What a signature says about itself is the sender's word. So its algorithm must be one that the
//! scheme allows and the key suits, a public key is never the key of an HMAC, and the times that count
//! are those of the very signature that matched.

use std::time::Duration;

use crate::domain::{
    signature::{
        Algorithm, Code, Keys, Request, Secret, Verdict,
        compare::{MOST_SECRETS, Match},
        examine::Examined,
        fault::Fault,
        key::Key,
        mac::Mac,
        moment::{self, Age, Bounds, Unit},
        provider::Scheme,
        public::PublicKey,
        received::Signatures,
        request::Facts,
        url,
    },
    time::Timestamp,
};

pub(super) mod cavage;
mod digest;
pub(super) mod each;
mod fields;
pub(super) mod http;
pub(super) mod jws;

pub(super) use jws::{JwtRule, Permitted};

/// What a check looks at.
pub(super) struct Given<'g, 'a> {
    pub(super) scheme: &'g Scheme,
    pub(super) facts: Facts<'a, 'g>,
    pub(super) keys: &'g Keys<'g>,
    pub(super) signatures: &'g Signatures<'a>,
    pub(super) urls: &'g [String],
    pub(super) arrived: Timestamp,
}

/// A signature that matched, and what it says beyond that.
struct Proof {
    matched: Match,
    /// What it covers and is not so.
    fault: Option<Fault>,
    /// When it was made.
    stamp: Option<Timestamp>,
    /// Whether it has expired, or is not valid yet, by its own word.
    bound: Option<Age>,
    /// The first second at which it has expired, by its own word.
    ends: Option<i64>,
    /// What it does not prove.
    weak: Option<&'static str>,
}

/// Checks a request by such a scheme, whose signatures were found.
pub(super) fn examine<'a>(
    scheme: &Scheme,
    request: &Request<'a>,
    keys: &Keys<'_>,
    examined: &mut Examined<'_, 'a>,
) {
    let signatures = &examined.signatures;
    let facts = Facts::of(request, keys.params);
    let urls = url::candidates(request.urls, request.head, &scheme.urls);
    let given = Given { scheme, facts, keys, signatures, urls: &urls, arrived: request.arrived };
    let outcome = match &signatures.fault {
        _ if keys.secrets.is_empty() => Err(None),
        Some(fault) => Err(Some(fault.clone())),
        None => prove(&given).map_err(Some),
    };
    let (proof, fault) = match outcome {
        Ok(proof) => {
            let fault = if request.complete { proof.fault.clone() } else { Some(Fault::Incomplete) };
            (Some(proof), fault)
        }
        Err(Some(Fault::Mismatch | Fault::Malformed(_))) if !request.complete => {
            (None, Some(Fault::Incomplete))
        }
        Err(fault) => (None, fault),
    };
    let tolerance = keys.tolerance.or_else(|| scheme.tolerance()).filter(|_| scheme.time.is_some());
    let stamp = proof.as_ref().and_then(|proof| proof.stamp);
    let age = stamp.map(|stamp| Unit::Seconds.age(stamp, request.arrived));
    examined.verdict = match (&fault, &proof) {
        (Some(fault), _) => Verdict::Invalid(fault.code()),
        (None, None) => Verdict::Unchecked,
        (None, Some(proof)) => match proof.bound.unwrap_or_else(|| judge(scheme, age, tolerance)) {
            Age::Fresh => Verdict::Valid,
            Age::TooOld => Verdict::Invalid(Code::TimestampTooOld),
            Age::InFuture => Verdict::Invalid(Code::TimestampInFuture),
        },
    };
    examined.weak = proof.as_ref().and_then(|proof| proof.weak);
    let ends = proof.as_ref().and_then(|proof| proof.ends?.checked_mul(1_000_000));
    examined.ends = ends.map(Timestamp::from_micros);
    examined.matched = proof.map(|proof| proof.matched);
    let uses_url = scheme.jwt.as_ref().map_or(scheme.algorithm == Algorithm::HttpSignature, JwtRule::has_url);
    if uses_url {
        examined.urls = urls;
    }
    examined.fault = fault;
    examined.stamp = stamp;
    examined.age = age;
    examined.tolerance = tolerance;
}

fn judge(scheme: &Scheme, age: Option<i64>, tolerance: Option<Duration>) -> Age {
    let bounds = scheme.time.as_ref().map_or_else(Bounds::default, |time| time.bounds);
    age.map_or(Age::Fresh, |age| moment::judge(age, tolerance, bounds))
}

fn prove(given: &Given<'_, '_>) -> Result<Proof, Fault> {
    match given.scheme.algorithm {
        Algorithm::Jwt => jws::prove(given),
        Algorithm::HttpSignature => http::prove(given),
        Algorithm::Cavage => cavage::prove(given),
        _ => each::prove(given),
    }
}

/// What is signed, with a name for it, as far as it can be told without any key.
pub(super) fn content(given: &Given<'_, '_>) -> Vec<(String, Vec<u8>)> {
    match given.scheme.algorithm {
        Algorithm::Jwt => jws::content(given),
        Algorithm::HttpSignature => http::content(given),
        Algorithm::Cavage => cavage::content(given),
        _ => each::content(given),
    }
}

impl Given<'_, '_> {
    /// The place of the first secret that made a signature with one of these algorithms, if there is
    /// one; `None` in place of the algorithms stands for all that suit a key. Keys of another name than
    /// the signature's are passed over where both have one.
    fn signer(
        &self,
        permitted: &[Algorithm],
        id: Option<&str>,
        content: &[u8],
        received: &[u8],
    ) -> Result<usize, Fault> {
        if self.facts.params.get("kid").is_some_and(|wanted| id != Some(wanted)) {
            return Err(Fault::OtherKey);
        }
        let mut fault = Fault::Key;
        for (index, secret) in self.keys.secrets.iter().enumerate().take(MOST_SECRETS) {
            let public = PublicKey::read(secret.expose());
            let same = |key: &&PublicKey| key.id.is_none() || id.is_none() || key.id.as_deref() == id;
            let named: Vec<_> = public.iter().filter(same).collect();
            for &algorithm in permitted {
                let usable = if algorithm.is_public_key() {
                    named.iter().any(|key| key.suits(algorithm))
                } else {
                    public.is_empty()
                };
                if !usable {
                    continue;
                }
                fault = Fault::Mismatch;
                let right = if algorithm.is_public_key() {
                    named.iter().any(|key| key.verify(algorithm, content, received))
                } else {
                    self.shared(secret).and_then(|key| Mac::new(algorithm, &key)).is_some_and(|mut mac| {
                        mac.update(content);
                        mac.verify(received)
                    })
                };
                if right {
                    return Ok(index);
                }
            }
            let suits = |key: &PublicKey| permitted.iter().any(|&algorithm| key.suits(algorithm));
            if fault == Fault::Key && public.iter().any(suits) {
                fault = Fault::OtherKey;
            }
        }
        Err(fault)
    }

    /// The key of an HMAC. HTTP signatures know no form of it, so that `base64:` may stand before one
    /// that is not text.
    fn shared<'s>(&self, secret: &'s Secret) -> Option<Key<'s>> {
        let text = secret.expose();
        match text.strip_prefix(b"base64:") {
            Some(encoded) if self.scheme.algorithm != Algorithm::Jwt => {
                crate::domain::signature::KeyForm::Base64.decode(encoded)
            }
            _ => self.scheme.key.decode(text),
        }
    }
}

/// Of the faults in a row of attempts, the one that came nearest to a match: it says most.
fn nearer(one: Option<Fault>, other: Fault) -> Fault {
    let rank = |fault: &Fault| match fault {
        Fault::Mismatch => 3,
        Fault::Key | Fault::OtherKey => 2,
        Fault::Unsupported(_) => 0,
        _ => 1,
    };
    match one {
        Some(one) if rank(&one) >= rank(&other) => one,
        _ => other,
    }
}
