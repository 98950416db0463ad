//! JSON Web Tokens (RFC 7519) in the compact form of RFC 7515, whose claims bind the body or the URL.

use std::borrow::Cow;

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::domain::{
    signature::{
        Algorithm, Encoding,
        compare::Match,
        content::{self, Scope},
        described::{Given, Proof, nearer},
        fault::Fault,
        form,
        moment::Age,
        private::Signer,
        request::Facts,
        source::Source,
        template::{Template, Token},
    },
    time::Timestamp,
};

/// An algorithm that a scheme allows, by its name in RFC 7518. There is none called `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::domain::signature) struct Permitted(&'static str, Algorithm);

impl Permitted {
    /// The words of the catalogue.
    pub(in crate::domain::signature) const WORDS: [(&'static str, Self); 9] = [
        ("HS256", Self("HS256", Algorithm::HmacSha256)),
        ("HS384", Self("HS384", Algorithm::HmacSha384)),
        ("HS512", Self("HS512", Algorithm::HmacSha512)),
        ("RS256", Self("RS256", Algorithm::RsaSha256)),
        ("RS384", Self("RS384", Algorithm::RsaSha384)),
        ("RS512", Self("RS512", Algorithm::RsaSha512)),
        ("ES256", Self("ES256", Algorithm::EcdsaSha256Raw)),
        ("ES384", Self("ES384", Algorithm::EcdsaSha384Raw)),
        ("EdDSA", Self("EdDSA", Algorithm::Ed25519)),
    ];

    /// Whether it takes a public key.
    pub(in crate::domain::signature) const fn is_public_key(self) -> bool {
        self.1.is_public_key()
    }
}

/// What a token must say.
#[derive(Clone, Debug)]
pub(in crate::domain::signature) struct JwtRule {
    /// The algorithms that it may name.
    pub(in crate::domain::signature) permitted: Vec<Permitted>,
    /// Claims and what they must be: one of these. A template that needs a parameter counts only when
    /// it is configured, and then alone; one that comes out empty because all of it is optional asks
    /// nothing.
    pub(in crate::domain::signature) claims: Vec<(Box<str>, Vec<Template>)>,
    /// Claims that must be there, whatever they say.
    pub(in crate::domain::signature) need: Vec<Box<str>>,
    /// Claims that must not be there: a receiver that names none of its own refuses a token that is meant
    /// for somebody (RFC 7519 section 4.1.3).
    pub(in crate::domain::signature) absent: Vec<Box<str>>,
    /// Seconds by which clocks may differ.
    pub(in crate::domain::signature) leeway: i64,
    /// Whether the signature may have its padding.
    pub(in crate::domain::signature) padded: bool,
}

impl JwtRule {
    /// Whether a key can make such a token.
    pub(in crate::domain::signature) fn suits(&self, signer: &Signer) -> bool {
        self.permitted.iter().any(|permitted| signer.suits(permitted.1))
    }

    /// Whether a claim is about the URL.
    pub(in crate::domain::signature) fn has_url(&self) -> bool {
        self.claims.iter().any(|(_, templates)| templates.iter().any(Template::has_url))
    }

    /// Whether a claim is about the body.
    pub(in crate::domain::signature) fn covers_body(&self) -> bool {
        self.claims.iter().any(|(_, templates)| templates.iter().any(Template::covers_body))
    }
}

/// Seconds for which a token that is made here counts.
const LIFETIME: i64 = 300;

/// A token that the rule finds right. `None` when the key is for none of the permitted algorithms.
pub(in crate::domain::signature) fn sign(
    rule: &JwtRule,
    facts: &Facts<'_, '_>,
    url: &str,
    signer: &Signer,
    at: Timestamp,
) -> Option<Result<String, Fault>> {
    let permitted = rule.permitted.iter().find(|permitted| signer.suits(permitted.1))?;
    let now = at.as_secs();
    let mut claims = Map::new();
    for (name, value) in [("iat", now), ("nbf", now), ("exp", now + LIFETIME)] {
        claims.insert(name.to_owned(), value.into());
    }
    let urls = [url.to_owned()];
    for (name, templates) in &rule.claims {
        let mut fault = None;
        let made = templates.iter().find_map(|template| match expected(template, facts, &urls) {
            Ok(values) => values.into_iter().next(),
            Err(other) => {
                fault = Some(other);
                None
            }
        });
        match (made, fault) {
            (Some(value), _) if value.is_empty() => {}
            (Some(value), _) => {
                claims.insert(name.to_string(), String::from_utf8_lossy(&value).into_owned().into());
            }
            (None, Some(fault)) => return Some(Err(fault)),
            (None, None) => {}
        }
    }
    let header = format!(r#"{{"alg":"{}","typ":"JWT"}}"#, permitted.0);
    let claims = Value::Object(claims).to_string();
    let mut token = format!(
        "{}.{}",
        BASE64URL_NOPAD.encode(header.as_bytes()),
        BASE64URL_NOPAD.encode(claims.as_bytes())
    );
    let made = signer.sign(permitted.1, token.as_bytes())?;
    token.push('.');
    token.push_str(&BASE64URL_NOPAD.encode(&made));
    Some(Ok(token))
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// Extensions that a receiver must understand (RFC 7515 section 4.1.11); none is understood here.
    crit: Option<serde::de::IgnoredAny>,
}

struct Parsed<'t> {
    header: Header,
    claims: Map<String, Value>,
    signed: &'t [u8],
    signature: Vec<u8>,
}

fn parse(token: &[u8], padded: bool) -> Option<Parsed<'_>> {
    let end = memchr::memrchr(b'.', token)?;
    let (signed, signature) = (&token[..end], &token[end + 1..]);
    let dot = memchr::memchr(b'.', signed)?;
    let part = |text: &[u8]| BASE64URL_NOPAD.decode(text).ok();
    Some(Parsed {
        header: serde_json::from_slice(&part(&signed[..dot])?).ok()?,
        claims: serde_json::from_slice(&part(&signed[dot + 1..])?).ok()?,
        signed,
        signature: if padded { Encoding::Base64Url.decode(signature)? } else { part(signature)? },
    })
}

pub(super) fn prove(given: &Given<'_, '_>) -> Result<Proof, Fault> {
    let rule = given.scheme.jwt.as_ref().ok_or(Fault::Key)?;
    let mut fault = None;
    for (candidate, received) in given.signatures.candidates.iter().enumerate() {
        match prove_one(given, rule, &received.text) {
            Ok((secret, token)) => {
                let fault = token.claims(given, rule).err();
                let (stamp, bound, ends) = token.times(given, rule);
                let matched = Match { secret, candidate, url: 0 };
                return Ok(Proof { matched, fault, stamp, bound, ends, weak: None });
            }
            Err(other) => fault = Some(nearer(fault, other)),
        }
    }
    Err(fault.unwrap_or(Fault::Malformed("it is empty")))
}

fn prove_one<'t>(
    given: &Given<'_, '_>,
    rule: &JwtRule,
    text: &'t [u8],
) -> Result<(usize, Parsed<'t>), Fault> {
    let token = parse(text, rule.padded).ok_or(Fault::Malformed("it is not a JSON Web Token"))?;
    if token.header.crit.is_some() {
        return Err(Fault::Malformed("the token asks for an extension"));
    }
    let permitted = rule.permitted.iter().find(|permitted| permitted.0 == token.header.alg);
    let Some(permitted) = permitted else { return Err(Fault::Unsupported(token.header.alg.into())) };
    let signer = given.signer(&[permitted.1], token.header.kid.as_deref(), token.signed, &token.signature)?;
    Ok((signer, token))
}

pub(super) fn content(given: &Given<'_, '_>) -> Vec<(String, Vec<u8>)> {
    let tokens = given.signatures.candidates.iter();
    let padded = given.scheme.jwt.as_ref().is_some_and(|rule| rule.padded);
    let signed =
        tokens.filter_map(|candidate| parse(&candidate.text, padded).map(|token| token.signed.to_vec()));
    signed.take(1).map(|signed| ("header and claims of the token".to_owned(), signed)).collect()
}

impl Parsed<'_> {
    /// A time in whole seconds.
    fn time(&self, name: &str) -> Option<Result<i64, Fault>> {
        let value = self.claims.get(name)?;
        let whole = value.as_i64().or_else(|| {
            let number = value.as_f64().filter(|number| (0.0..1e11).contains(number))?;
            #[expect(clippy::cast_possible_truncation, reason = "the range was just checked")]
            Some(number.floor() as i64)
        });
        Some(whole.ok_or(Fault::Malformed("a time in the token is not a number")))
    }

    fn claims(&self, given: &Given<'_, '_>, rule: &JwtRule) -> Result<(), Fault> {
        for name in ["exp", "nbf", "iat"] {
            self.time(name).transpose()?;
        }
        for name in &rule.need {
            self.claims.get(&**name).ok_or_else(|| Fault::Claim(name.clone()))?;
        }
        if let Some(name) = rule.absent.iter().find(|name| self.claims.contains_key(&***name)) {
            return Err(Fault::Claim(name.clone()));
        }
        rule.claims.iter().try_for_each(|(name, templates)| self.claim(name, templates, given))
    }

    fn claim(&self, name: &str, templates: &[Template], given: &Given<'_, '_>) -> Result<(), Fault> {
        let mut wanted = Vec::new();
        for template in templates {
            let param = template.any(|token| matches!(token, Token::Value(Source::Param(_))));
            match expected(template, &given.facts, given.urls) {
                Ok(values) => wanted.extend(values),
                // Without its parameter another template may still say what is right.
                Err(fault) if templates.len() == 1 => return Err(fault),
                Err(_) => continue,
            }
            if param {
                break;
            }
        }
        if wanted.iter().all(Vec::is_empty) {
            return Ok(());
        }
        let value = self.claims.get(name);
        let texts: Vec<Cow<'_, str>> = match value {
            Some(Value::String(text)) => vec![Cow::Borrowed(text)],
            // Of the claims that are compared only the audience may be a list (RFC 7519 section 4.1.3).
            Some(Value::Array(list)) if name == "aud" => {
                list.iter().filter_map(Value::as_str).map(Cow::Borrowed).collect()
            }
            Some(Value::Number(number)) => vec![Cow::Owned(number.to_string())],
            _ => Vec::new(),
        };
        // Some senders pad Base64 for URLs and some do not.
        let url_safe = templates
            .iter()
            .any(|template| template.pieces.contains(&Token::Sha256Body(Encoding::Base64Url)));
        let plain = |text: &[u8]| match url_safe {
            true => text.len() - text.iter().rev().take_while(|&&b| b == b'=').count(),
            false => text.len(),
        };
        let same = |a: &[u8], b: &[u8]| a[..plain(a)] == b[..plain(b)];
        if wanted.iter().any(|right| texts.iter().any(|text| same(text.as_bytes(), right))) {
            return Ok(());
        }
        Err(match templates.first() {
            Some(template) if template.covers_body() && value.is_some() => Fault::BodyDigest,
            Some(template) if template.has_url() && value.is_some() => Fault::Url("the token names another"),
            _ => Fault::Claim(name.into()),
        })
    }

    /// When it was made, and what it says about how long it counts.
    fn times(&self, given: &Given<'_, '_>, rule: &JwtRule) -> (Option<Timestamp>, Option<Age>, Option<i64>) {
        let now = given.arrived.as_secs();
        let time = |name| self.time(name)?.ok();
        let issued = time("iat");
        let stamp = issued.and_then(|at: i64| at.checked_mul(1_000_000)).map(Timestamp::from_micros);
        let ends = time("exp").map(|end: i64| end.saturating_add(rule.leeway));
        let ended = ends.is_some_and(|end| now >= end);
        let early = |at: i64| at > now.saturating_add(rule.leeway);
        // A token whose age counts cannot come from the future, whatever age is tolerated.
        let ahead =
            time("nbf").is_some_and(early) || (given.scheme.time.is_some() && issued.is_some_and(early));
        let bound = if ended { Some(Age::TooOld) } else { ahead.then_some(Age::InFuture) };
        (stamp, bound, ends)
    }
}

/// What a template gives: several values where there are several URLs.
fn expected(template: &Template, facts: &Facts<'_, '_>, urls: &[String]) -> Result<Vec<Vec<u8>>, Fault> {
    let form = form::Sorted::default();
    let make = |url: &str| {
        let scope = Scope { facts: *facts, secret: b"", url, form: &form };
        content::join(template, &scope)
    };
    let values = if template.has_url() {
        urls.iter().map(|url| make(url)).collect::<Result<Vec<_>, _>>()?
    } else {
        vec![make("")?]
    };
    let optional = template.pieces.iter().all(|token| matches!(token, Token::Optional(_)));
    if values.iter().any(Vec::is_empty) && !optional {
        return Err(Fault::Malformed("what the token is compared with is empty"));
    }
    if values.is_empty() {
        return Err(Fault::Url("it is not known"));
    }
    Ok(values)
}
