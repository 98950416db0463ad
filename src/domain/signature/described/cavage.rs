//! HTTP signatures of draft-cavage-http-signatures-12, as ActivityPub servers use them.

use std::{borrow::Cow, collections::BTreeMap};

use data_encoding::BASE64;
use sha2::{Digest as _, Sha256};

use crate::domain::{
    headers::Head,
    signature::{
        Algorithm, Draft,
        compare::Match,
        described::{
            Given, Proof,
            digest::{self, Digest},
        },
        fault::Fault,
        moment::{Age, Unit},
        private::Signer,
        request::Facts,
    },
    time::Timestamp,
};

/// The algorithms that a signature may name. Those of `hs2019` and of a signature without a name are
/// the key's: what Mastodon and others send under that name is RSA with SHA-256.
const NAMES: [(&str, &[Algorithm]); 6] = [
    ("rsa-sha256", &[Algorithm::RsaSha256]),
    ("rsa-sha512", &[Algorithm::RsaSha512]),
    ("hmac-sha256", &[Algorithm::HmacSha256]),
    ("ed25519", &[Algorithm::Ed25519]),
    ("ecdsa-sha256", &[Algorithm::EcdsaSha256]),
    (
        "hs2019",
        &[
            Algorithm::RsaSha256,
            Algorithm::RsaPssSha512,
            Algorithm::Ed25519,
            Algorithm::EcdsaSha256,
            Algorithm::HmacSha256,
        ],
    ),
];

type Params<'t> = Vec<(&'t str, Cow<'t, str>)>;

pub(super) fn prove(given: &Given<'_, '_>) -> Result<Proof, Fault> {
    let params = params(given)?;
    let param = |name: &str| find(&params, name);
    let name = param("algorithm").unwrap_or("hs2019").to_ascii_lowercase();
    let known = NAMES.iter().find(|(known, _)| *known == name);
    let Some((_, permitted)) = known else { return Err(Fault::Unsupported(name.into())) };
    let received = BASE64
        .decode(param("signature").unwrap_or_default().as_bytes())
        .ok()
        .filter(|bytes| !bytes.is_empty())
        .ok_or(Fault::Malformed("the signature is not written in the scheme's encoding"))?;
    let covered = covered(&params);
    let content = string(&given.facts, &params, &covered)?;
    let secret = given.signer(permitted, param("keyId"), &content, &received)?;

    let seconds = |name: &str| -> Result<Option<i64>, Fault> {
        let parse =
            |text: &str| text.parse().map_err(|_| Fault::Malformed("one of its times is not a number"));
        param(name).map(parse).transpose()
    };
    let signed = |name: &str| covered.iter().any(|other| other.eq_ignore_ascii_case(name));
    let stamp = match (signed("(created)"), signed("date"), given.facts.head.get("date")) {
        (true, ..) => {
            seconds("created")?.and_then(|at| at.checked_mul(1_000_000)).map(Timestamp::from_micros)
        }
        (false, true, Some(date)) => {
            Some(Unit::Http.parse(date).ok_or(Fault::Malformed("its date cannot be read"))?)
        }
        _ => None,
    };
    if stamp.is_none() && given.scheme.tolerance().is_some() {
        return Err(Fault::Malformed("it does not cover its date"));
    }
    let now = given.arrived.as_secs();
    let ends = seconds("expires")?.map(|end| end.saturating_add(1));
    let bound = ends.is_some_and(|end| now >= end).then_some(Age::TooOld);
    let covers_body = signed("digest") || signed("content-digest");
    let fault = match digest::check(&given.facts) {
        Digest::Wrong => Some(Fault::BodyDigest),
        Digest::None if covers_body => Some(Fault::BodyDigest),
        _ => None,
    };
    let weak = (!covers_body && !given.facts.body.is_empty()).then_some("the body is not covered");
    let matched = Match { secret, candidate: 0, url: 0 };
    Ok(Proof { matched, fault, stamp, bound, ends, weak })
}

pub(super) fn content(given: &Given<'_, '_>) -> Vec<(String, Vec<u8>)> {
    let made = params(given).and_then(|params| string(&given.facts, &params, &covered(&params)));
    made.ok().map(|content| ("signing string".to_owned(), content)).into_iter().collect()
}

/// The headers that a request is signed by here, as far as it has them.
const COVERED: [&str; 5] = ["(request-target)", "host", "date", "digest", "content-type"];

/// Adds `Digest` and `Signature`; the date is there already. `None` when the key is for none of the
/// algorithms.
pub(in crate::domain::signature) fn sign(
    request: &mut Draft,
    params: &BTreeMap<String, String>,
    signer: &Signer,
) -> Option<Result<(), Fault>> {
    let digest = BASE64.encode(&Sha256::digest(&request.body));
    request.set_header("Digest", format!("SHA-256={digest}"));
    let head = request.head();
    let facts = Facts { params, ..Facts::bare(Head::new(&head), &request.body) };
    let covered = COVERED.into_iter().filter(|name| name.starts_with('(') || facts.head.get(name).is_some());
    let covered: Vec<&str> = covered.collect();
    let names = NAMES.iter().filter(|(_, algorithms)| algorithms.len() == 1);
    let names = names.map(|(name, algorithms)| (*name, algorithms[0]));
    let (name, made) = signer.first(names, |_| string(&facts, &Vec::new(), &covered).ok())?;
    let key = params.get("kid").map_or("main-key", String::as_str);
    let made = BASE64.encode(&made);
    let covered = covered.join(" ");
    let value = format!(r#"keyId="{key}",algorithm="{name}",headers="{covered}",signature="{made}""#);
    request.set_header("Signature", value);
    Some(Ok(()))
}

fn find<'t>(params: &'t Params<'_>, name: &str) -> Option<&'t str> {
    params.iter().find(|(key, _)| *key == name).map(|(_, value)| &**value)
}

/// The parameters of the Signature header: `name="value"` or `name=number`, each once.
fn params<'g>(given: &'g Given<'_, '_>) -> Result<Params<'g>, Fault> {
    let broken = Fault::Malformed("it is not a list of parameters");
    let value = given.signatures.candidates.first().and_then(|first| std::str::from_utf8(&first.text).ok());
    let mut rest = value.ok_or_else(|| broken.clone())?.trim();
    let mut found: Params<'_> = Vec::new();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=').ok_or_else(|| broken.clone())?;
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or_else(|| broken.clone())?,
            None => after.split_at(after.find(',').unwrap_or(after.len())),
        };
        if found.iter().any(|(other, _)| *other == name.trim()) {
            return Err(Fault::Malformed("it has a parameter twice"));
        }
        found.push((name.trim(), Cow::Borrowed(value)));
        rest = after.trim_start();
        if let Some(next) = rest.strip_prefix(',') {
            rest = next.trim_start();
        } else if !rest.is_empty() {
            return Err(broken);
        }
    }
    Ok(found)
}

/// What is covered; the date of its making where nothing is named.
fn covered<'t>(params: &'t Params<'_>) -> Vec<&'t str> {
    find(params, "headers").unwrap_or("(created)").split(' ').filter(|name| !name.is_empty()).collect()
}

/// The signing string of section 2.3.
fn string(facts: &Facts<'_, '_>, params: &Params<'_>, covered: &[&str]) -> Result<Vec<u8>, Fault> {
    let head = facts.head;
    let mut lines = Vec::with_capacity(covered.len());
    for name in covered {
        let name = name.to_ascii_lowercase();
        let missing = || Fault::MissingHeader(name.as_str().into());
        let value = match name.as_str() {
            "(request-target)" => [&head.method().to_ascii_lowercase()[..], b" ", head.target()].concat(),
            "(created)" | "(expires)" => {
                find(params, name.trim_matches(['(', ')'])).ok_or_else(missing)?.as_bytes().to_vec()
            }
            _ => {
                let values: Vec<_> = head.get_all(&name).map(<[u8]>::trim_ascii).collect();
                if values.is_empty() {
                    return Err(missing());
                }
                values.join(&b", "[..])
            }
        };
        lines.push([name.as_bytes(), b": ", &value].concat());
    }
    Ok(lines.join(&b'\n'))
}
