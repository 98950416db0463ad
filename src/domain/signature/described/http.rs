//! HTTP message signatures (RFC 9421).

use std::collections::BTreeMap;

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
            fields::{self, Item},
            nearer,
        },
        fault::Fault,
        form,
        moment::Age,
        private::Signer,
        request::Facts,
        url,
    },
    time::Timestamp,
};

/// The most signatures of one request that are tried.
const MOST: usize = 8;
/// The algorithms of RFC 9421 section 3.3 that are known here.
const NAMES: [(&str, Algorithm); 5] = [
    ("ed25519", Algorithm::Ed25519),
    ("hmac-sha256", Algorithm::HmacSha256),
    ("rsa-v1_5-sha256", Algorithm::RsaSha256),
    ("rsa-pss-sha512", Algorithm::RsaPssSha512),
    ("ecdsa-p256-sha256", Algorithm::EcdsaSha256Raw),
];

/// One signature, and what it says about itself.
struct Signed {
    items: Vec<Covered>,
    params: Vec<(String, String)>,
    /// The value of `@signature-params`.
    text: String,
    signature: Vec<u8>,
}

/// A component, owned.
struct Covered {
    name: String,
    params: Vec<(String, String)>,
    text: String,
}

impl Signed {
    fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn time(&self, name: &str) -> Result<Option<i64>, Fault> {
        let parse =
            |text: &str| text.parse().map_err(|_| Fault::Malformed("one of its times is not a number"));
        self.param(name).map(parse).transpose()
    }

    fn covers(&self, name: &str) -> bool {
        self.items.iter().any(|item| item.name == name)
    }
}

pub(super) fn prove(given: &Given<'_, '_>) -> Result<Proof, Fault> {
    let mut fault = None;
    let mut best: Option<Proof> = None;
    for signed in read(given)?.into_iter().take(MOST) {
        match prove_one(given, &signed) {
            Ok(proof) if proof.fault.is_none() && proof.bound.is_none() => return Ok(proof),
            Ok(proof) => best = best.or(Some(proof)),
            Err(other) => fault = Some(nearer(fault, other)),
        }
    }
    let none = || Fault::Malformed("no signature in it has an entry in Signature-Input");
    best.ok_or_else(|| fault.unwrap_or_else(none))
}

pub(super) fn content(given: &Given<'_, '_>) -> Vec<(String, Vec<u8>)> {
    let url = given.urls.first().map_or("", String::as_str);
    let first = read(given).ok().and_then(|all| all.into_iter().next());
    let base = first.and_then(|signed| base(&given.facts, &signed, url).ok());
    base.map(|base| ("signature base".to_owned(), base)).into_iter().collect()
}

/// The components that a request is signed by here, as far as it has them.
const COVERED: [&str; 4] = ["@method", "@target-uri", "content-type", "content-digest"];

/// Adds `Content-Digest`, `Signature-Input` and `Signature`. `None` when the key is for none of the
/// algorithms.
pub(in crate::domain::signature) fn sign(
    request: &mut Draft,
    params: &BTreeMap<String, String>,
    signer: &Signer,
    at: Timestamp,
) -> Option<Result<(), Fault>> {
    let digest = BASE64.encode(&Sha256::digest(&request.body));
    request.set_header("Content-Digest", format!("sha-256=:{digest}:"));
    let head = request.head();
    let facts = Facts { params, ..Facts::bare(Head::new(&head), &request.body) };
    let names = COVERED.iter().filter(|name| name.starts_with('@') || facts.head.get(name).is_some());
    let names: Vec<String> = names.map(|name| format!("\"{name}\"")).collect();
    let key = params.get("kid").map_or_else(String::new, |kid| format!(";keyid=\"{kid}\""));
    let input = |name: &str| format!("({});created={}{key};alg=\"{name}\"", names.join(" "), at.as_secs());
    let content = |name: &str| {
        let text = input(name);
        let (items, _) = fields::inner_list(&text)?;
        let items = items.into_iter().map(Covered::from).collect();
        let signed = Signed { items, params: Vec::new(), text: text.clone(), signature: Vec::new() };
        base(&facts, &signed, &request.url).ok()
    };
    let (name, made) = signer.first(NAMES, content)?;
    request.set_header("Signature-Input", format!("sig1={}", input(name)));
    request.set_header("Signature", format!("sig1=:{}:", BASE64.encode(&made)));
    Some(Ok(()))
}

/// All signatures that Signature-Input describes.
fn read(given: &Given<'_, '_>) -> Result<Vec<Signed>, Fault> {
    let joined = |name: &str| {
        let values = given.facts.head.get_all(name).map(std::str::from_utf8).collect::<Result<Vec<_>, _>>();
        values.map(|values| values.join(", ")).map_err(|_| Fault::Malformed("it is not text"))
    };
    let (inputs, signatures) = (joined("signature-input")?, joined("signature")?);
    if inputs.is_empty() {
        return Err(Fault::MissingHeader("Signature-Input".into()));
    }
    let broken = || Fault::Malformed("it is not a dictionary of structured fields");
    let inputs = fields::dictionary(&inputs).ok_or_else(broken)?;
    let signatures = fields::dictionary(&signatures).ok_or_else(broken)?;
    let mut all = Vec::new();
    for (label, value) in signatures {
        let Some((_, text)) = inputs.iter().find(|(other, _)| *other == label) else { continue };
        let (items, params) = fields::inner_list(text).ok_or_else(broken)?;
        all.push(Signed {
            items: items.into_iter().map(Covered::from).collect(),
            params: params.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
            text: (*text).to_owned(),
            signature: fields::bytes(value).ok_or_else(broken)?,
        });
    }
    Ok(all)
}

impl From<Item<'_>> for Covered {
    fn from(item: Item<'_>) -> Self {
        let params = item.params.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        Self { name: item.name, params, text: item.text.to_owned() }
    }
}

fn prove_one(given: &Given<'_, '_>, signed: &Signed) -> Result<Proof, Fault> {
    let permitted: Vec<Algorithm> = match signed.param("alg") {
        Some(name) => {
            let known = NAMES.iter().find(|(known, _)| *known == name);
            vec![known.ok_or_else(|| Fault::Unsupported(name.into()))?.1]
        }
        // Without a name it is the key that decides.
        None => NAMES.iter().map(|(_, algorithm)| *algorithm).collect(),
    };
    let (created, expires) = (signed.time("created")?, signed.time("expires")?);
    for name in &given.scheme.covers {
        if !signed.covers(name) {
            return Err(Fault::Malformed("it does not cover what the provider always signs"));
        }
    }
    if given.scheme.tolerance().is_some() && created.is_none() {
        return Err(Fault::Malformed("it does not say when it was made"));
    }
    let mut fault = Fault::Mismatch;
    for (url, text) in
        given.urls.iter().map(String::as_str).chain(given.urls.is_empty().then_some("")).enumerate()
    {
        let base = base(&given.facts, signed, text)?;
        match given.signer(&permitted, signed.param("keyid"), &base, &signed.signature) {
            Ok(secret) => {
                let matched = Match { secret, candidate: 0, url };
                return Ok(verified(given, signed, matched, created, expires));
            }
            Err(other) => fault = other,
        }
        if !signed.items.iter().any(|item| item.name.starts_with('@')) {
            break;
        }
    }
    Err(fault)
}

fn verified(
    given: &Given<'_, '_>,
    signed: &Signed,
    matched: Match,
    created: Option<i64>,
    expires: Option<i64>,
) -> Proof {
    let now = given.arrived.as_secs();
    let covered = signed.covers("content-digest") || signed.covers("digest");
    let digest = digest::check(&given.facts);
    let fault = match digest {
        Digest::Wrong => Some(Fault::BodyDigest),
        Digest::None if covered => Some(Fault::BodyDigest),
        _ => None,
    };
    let ends = expires.map(|end| end.saturating_add(1));
    let bound = if ends.is_some_and(|end| now >= end) {
        Some(Age::TooOld)
    } else {
        // Where no tolerance is documented, there is none for the future.
        let strict = given.keys.tolerance.or_else(|| given.scheme.tolerance()).is_none();
        (strict && created.is_some_and(|created| created > now)).then_some(Age::InFuture)
    };
    let weak = (!covered && !given.facts.body.is_empty()).then_some("the body is not covered");
    let stamp = created.and_then(|at| at.checked_mul(1_000_000)).map(Timestamp::from_micros);
    Proof { matched, fault, stamp, bound, ends, weak }
}

/// The signature base of RFC 9421 section 2.5.
fn base(facts: &Facts<'_, '_>, signed: &Signed, url: &str) -> Result<Vec<u8>, Fault> {
    let mut base = Vec::new();
    for (index, item) in signed.items.iter().enumerate() {
        if signed.items[..index].iter().any(|other| other.name == item.name && other.params == item.params) {
            return Err(Fault::Malformed("it covers a component twice"));
        }
        base.extend_from_slice(item.text.as_bytes());
        base.extend_from_slice(b": ");
        base.extend_from_slice(&component(facts, item, url)?);
        base.push(b'\n');
    }
    base.extend_from_slice(b"\"@signature-params\": ");
    base.extend_from_slice(signed.text.as_bytes());
    Ok(base)
}

fn component(facts: &Facts<'_, '_>, item: &Covered, address: &str) -> Result<Vec<u8>, Fault> {
    let head = facts.head;
    let unknown = || Fault::Unsupported(item.name.as_str().into());
    let param = |name: &str| item.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    if !item.name.starts_with('@') {
        if !item.params.is_empty() || item.name.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(unknown());
        }
        let values: Vec<_> = head.get_all(&item.name).map(<[u8]>::trim_ascii).collect();
        if values.is_empty() {
            return Err(Fault::MissingHeader(item.name.as_str().into()));
        }
        return Ok(values.join(&b", "[..]));
    }
    if item.params.iter().any(|(key, _)| key != "name" || item.name != "@query-param") {
        return Err(unknown());
    }
    let parts = url::Parts::of(address);
    Ok(match item.name.as_str() {
        "@method" => head.method().to_vec(),
        "@target-uri" => address.as_bytes().to_vec(),
        "@authority" => parts.authority().into_bytes(),
        "@scheme" => parts.scheme.to_ascii_lowercase().into_bytes(),
        "@request-target" => head.target().to_vec(),
        "@path" => (if parts.path.is_empty() { "/" } else { parts.path }).as_bytes().to_vec(),
        "@query" => format!("?{}", parts.query.unwrap_or_default()).into_bytes(),
        "@query-param" => {
            let name = param("name").ok_or_else(unknown)?;
            let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
            let query = parts.query.unwrap_or_default().as_bytes();
            let mut values = form_urlencoded::parse(query).filter(|(key, _)| *key == name);
            // A name that is there twice cannot be signed so (RFC 9421 section 2.2.8).
            match (values.next(), values.next()) {
                (Some((_, value)), None) => form::percent_encode(&value).into_bytes(),
                (None, _) => return Err(Fault::MissingQuery(name.as_ref().into())),
                _ => return Err(Fault::Malformed("it covers a query parameter that is there twice")),
            }
        }
        _ => return Err(unknown()),
    })
}
