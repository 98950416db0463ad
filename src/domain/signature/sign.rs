//! The catalogue read backwards: what a sender adds to a request so that the check finds it valid.

use std::{borrow::Cow, sync::Arc};

use crate::domain::{
    headers::Head,
    signature::{
        Algorithm, Draft, Keys, Provider, Scheme, Secret,
        canon::Canon,
        content::{self, Scope},
        described::jws,
        examine::compute,
        fault::Fault,
        form,
        key::Fit,
        moment::Unit,
        place::{At, Label},
        provider::TimeRule,
        request::{Facts, Part},
        rule::{Term, Test},
        source::Source,
        template::Token,
    },
    time::Timestamp,
};

/// What a sender knows beside the request and the secret.
#[derive(Clone, Debug)]
pub struct Signing<'a> {
    /// The scheme to sign with, by its id; the strongest that suits the secret when it is not given.
    pub scheme: Option<&'a str>,
    /// When it is sent.
    pub at: Timestamp,
    /// The id of the delivery, for schemes that sign one. Never the same twice.
    pub id: &'a str,
    /// Whether a time that stands in the body is set to `at`. Otherwise no byte of the body changes,
    /// but for a signature that stands there.
    pub edit_body: bool,
}

/// A signed request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The request with everything that was added.
    pub request: Draft,
    /// The scheme that it is signed with.
    pub scheme: Arc<str>,
    /// The name of the secret that it is signed with.
    pub secret: Arc<str>,
}

/// Why a request cannot be signed. No message holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The provider has no such scheme.
    #[error("{0} has no such scheme; it has {1}")]
    Scheme(String, String),
    /// The sender's key is private, and only its public half is known to receivers.
    #[error("{0} signs with a private key that receivers do not have, so its requests can only be checked")]
    PrivateKey(String),
    /// The scheme is checked and not made.
    #[error("{0} signs in a way that is checked here and cannot be made")]
    Checked(String),
    /// There is no secret.
    #[error("there is no secret of {0} to sign with")]
    NoSecret(String),
    /// The secret cannot be read.
    #[error("the secret {0} cannot be used: the key is {1}")]
    Key(Arc<str>, &'static str),
    /// A parameter of the configuration is missing.
    #[error("the parameter {0} is missing: set it in the params of an endpoint with this provider")]
    Param(Box<str>),
    /// The signature stands in a field that the body does not have.
    #[error("the signature stands in the body, and this body has no such field: {0}")]
    Place(String),
    /// Something that the scheme signs is not there.
    #[error("the scheme signs something that this request does not have: {0}")]
    Missing(String),
}

impl Scheme {
    /// Whether a receiver's secret is enough to sign with, and the signature is one value over one
    /// content, or a token: HTTP signatures and items that are signed one by one are only checked.
    #[must_use]
    pub fn is_signable(&self) -> bool {
        match self.algorithm {
            Algorithm::Jwt => {
                self.jwt.as_ref().is_some_and(|jwt| jwt.permitted.iter().any(|p| !p.is_public_key()))
            }
            algorithm => !algorithm.is_public_key() && !self.is_described(),
        }
    }
}

/// Adds to a request what a sender would: the signature, and the time, ids and other values that the
/// scheme covers. What the request has already is kept, but for the time.
///
/// # Errors
/// When the scheme cannot sign this request with these keys.
pub fn sign(
    provider: &Provider,
    keys: &Keys<'_>,
    draft: &Draft,
    how: &Signing<'_>,
) -> Result<Signed, SignError> {
    let (scheme, secret) = choose(provider, keys, draft, how.scheme)?;
    let unusable = || SignError::Key(Arc::clone(&secret.label), scheme.key.as_str());
    let key = scheme.key.decode(secret.expose()).ok_or_else(unusable)?;
    let mut request = draft.clone();
    if request.url.contains('#') {
        request.url.truncate(request.url.find('#').unwrap_or_default());
    }
    fill(scheme, &mut request, how, keys)?;

    let parts = companions(scheme, how, keys);
    let borrowed: Vec<Part<'_>> = parts
        .iter()
        .map(|(name, value)| (Cow::Borrowed(name.as_bytes()), Cow::Borrowed(value.as_bytes())))
        .collect();
    let head = request.head();
    let facts =
        Facts { params: keys.params, parts: &borrowed, ..Facts::bare(Head::new(&head), &request.body) };
    let private = || SignError::PrivateKey(provider.name().to_owned());
    let text = if let Some(rule) = &scheme.jwt {
        let token = jws::sign(rule, &facts, &request.url, &key, how.at).ok_or_else(private)?;
        token.map_err(told)?
    } else {
        let made = compute(scheme, &facts, &key, &request.url, &form::Sorted::default()).map_err(told)?;
        scheme.place.encoding.encode(&made.expected().ok_or_else(private)?)
    };
    if text.chars().any(char::is_control) {
        return Err(unusable());
    }
    let value = written(scheme, &parts, &text, keys)?;
    put(scheme, &mut request, &value)?;
    Ok(Signed { request, scheme: Arc::clone(&scheme.id), secret: Arc::clone(&secret.label) })
}

/// Takes a signature off a request, as if it had never been signed. Times and ids stay.
pub fn strip(provider: &Provider, request: &mut Draft) {
    for at in provider.schemes.iter().flat_map(|scheme| &scheme.place.at) {
        match at {
            At::Header(name) => request.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name)),
            At::Prefix(prefix) => request.headers.retain(|(other, _)| !starts(other, prefix)),
            At::Value(Source::Json(pointer)) => {
                let _ = request.set_json(pointer, "");
            }
            At::Value(Source::Form(name)) => request.set_form(name, ""),
            At::Value(Source::FormJson(name, pointer)) => {
                let _ = request.set_form_json(name, pointer, "");
            }
            At::Value(_) => {}
        }
    }
}

/// Adds the headers that tell a receiver what an event is and which delivery it is.
pub fn announce(provider: &Provider, request: &mut Draft, event: Option<&str>, id: &str) {
    let header = |sources: &[Source]| {
        sources.iter().find_map(|source| match source {
            Source::Header(name) => Some(name.clone()),
            _ => None,
        })
    };
    if let (Some(name), Some(event)) = (header(&provider.event), event) {
        request.add_header(&name, event);
    }
    if let Some(name) = header(&provider.delivery) {
        request.add_header(&name, id);
    }
}

/// The scheme and the secret: of the schemes that suit the request, the one that suits a secret best,
/// and among equals the strongest, as the check chooses.
fn choose<'p, 'k>(
    provider: &'p Provider,
    keys: &Keys<'k>,
    draft: &Draft,
    wanted: Option<&str>,
) -> Result<(&'p Scheme, &'k Secret), SignError> {
    let name = || provider.name().to_owned();
    let mut schemes: Vec<&Scheme> = provider.schemes.iter().collect();
    if let Some(wanted) = wanted {
        schemes.retain(|scheme| &*scheme.id == wanted);
        if schemes.is_empty() {
            let known: Vec<&str> = provider.schemes.iter().map(Scheme::id).collect();
            return Err(SignError::Scheme(name(), known.join(", ")));
        }
    }
    let private = |scheme: &&Scheme| scheme.algorithm.is_public_key() || scheme.jwt.is_some();
    let private = !schemes.is_empty() && schemes.iter().all(private);
    schemes.retain(|scheme| scheme.is_signable());
    if schemes.is_empty() {
        return Err(if private { SignError::PrivateKey(name()) } else { SignError::Checked(name()) });
    }
    let head = draft.head();
    let facts = Facts::bare(Head::new(&head), &draft.body);
    let applies = |scheme: &&Scheme| scheme.when.as_ref().is_none_or(|when| when.holds(&facts));
    if schemes.iter().any(applies) {
        schemes.retain(applies);
    }
    let mut best: Option<(Fit, &Scheme, &Secret)> = None;
    for scheme in schemes {
        for secret in keys.secrets {
            let fit = scheme.key.fit(secret.expose());
            if best.as_ref().is_none_or(|(other, ..)| fit > *other) {
                best = Some((fit, scheme, secret));
            }
        }
    }
    best.map(|(_, scheme, secret)| (scheme, secret)).ok_or_else(|| SignError::NoSecret(name()))
}

/// Puts everything into the request that the scheme signs or asks for, but for the signature.
fn fill(scheme: &Scheme, request: &mut Draft, how: &Signing<'_>, keys: &Keys<'_>) -> Result<(), SignError> {
    for term in scheme.when.iter().flat_map(|rule| &rule.terms) {
        match term {
            Term::Header(name, Test::Is(text) | Test::Starts(text)) => request.set_header(name, &**text),
            Term::Absent(name) => request.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name)),
            _ => {}
        }
    }
    if let Some(time) = &scheme.time {
        let stamp = time.unit.write(how.at);
        match &time.from {
            Source::Header(name) => request.set_header(name, stamp),
            Source::Query(name) => request.set_query(name, &stamp),
            Source::Json(pointer) if how.edit_body => {
                let _ = request.set_json(pointer, &stamp);
            }
            _ => {}
        }
    }
    for token in &scheme.content.pieces {
        if *token == Token::Code(Canon::Contentful) {
            // The least list there is: the list itself and the time.
            request.add_header(
                "x-contentful-signed-headers",
                "x-contentful-signed-headers,x-contentful-timestamp",
            );
        }
        if let Token::Value(Source::Header(name)) | Token::JsonValue(Source::Header(name)) = token {
            let moment = name.to_ascii_lowercase().contains("timestamp");
            let value = if moment { Unit::Seconds.write(how.at) } else { how.id.to_owned() };
            request.add_header(name, value);
        }
    }
    for (left, right) in &scheme.require {
        if let [Token::Value(Source::Query(name))] = &left.pieces[..] {
            let head = request.head();
            let facts = Facts { params: keys.params, ..Facts::bare(Head::new(&head), &request.body) };
            let form = form::Sorted::default();
            let scope = Scope { facts, secret: b"", url: &request.url, form: &form };
            let value = content::join(right, &scope).map_err(told)?;
            request.set_query(name, &String::from_utf8_lossy(&value));
        }
    }
    Ok(())
}

/// The parts that stand beside the signature in its header: the time, and what else is signed there.
fn companions(scheme: &Scheme, how: &Signing<'_>, keys: &Keys<'_>) -> Vec<(String, String)> {
    let mut parts: Vec<(String, String)> = Vec::new();
    // A token says its times itself.
    let labels = if scheme.is_described() { &[] } else { &scheme.companions[..] };
    for label in labels {
        let is_time = |time: &&TimeRule| matches!(&time.from, Source::Sig(other) if other == label);
        let value = match scheme.time.as_ref().filter(is_time) {
            Some(time) => time.unit.write(how.at),
            // What else a sender signs there is a name of its own environment; any will do.
            None => keys.params.get(&**label).cloned().unwrap_or_else(|| "master".to_owned()),
        };
        if !parts.iter().any(|(other, _)| **other == **label) {
            parts.push((label.to_string(), value));
        }
    }
    parts
}

/// The value of the signature's place: the parts beside it, its label, and the signature.
fn written(
    scheme: &Scheme,
    parts: &[(String, String)],
    signature: &str,
    keys: &Keys<'_>,
) -> Result<String, SignError> {
    let place = &scheme.place;
    let label = match &place.label {
        None => None,
        Some(Label::Text(text)) => Some(text.to_string()),
        Some(Label::Param(name)) => {
            Some(keys.params.get(&**name).cloned().ok_or_else(|| SignError::Param(name.clone()))?)
        }
    };
    let kv = place.kv.map(char::from).map(String::from).unwrap_or_default();
    let own = label.map_or_else(|| signature.to_owned(), |label| format!("{label}{kv}{signature}"));
    let all = parts.iter().map(|(name, value)| format!("{name}{kv}{value}")).chain([own]);
    let mut all: Vec<String> = all.collect();
    let rank = |part: &String| place.order.iter().position(|label| part.starts_with(&format!("{label}{kv}")));
    all.sort_by_key(rank);
    Ok(all.join(place.sep.as_deref().unwrap_or_default()))
}

/// Puts the signature where the scheme looks for it.
fn put(scheme: &Scheme, request: &mut Draft, value: &str) -> Result<(), SignError> {
    match scheme.place.at.first() {
        Some(At::Header(name)) => request.set_header(name, value),
        Some(At::Prefix(prefix)) => request.set_header(&format!("{prefix}1"), value),
        Some(At::Value(Source::Header(name))) => request.set_header(name, value),
        Some(At::Value(Source::Query(name))) => request.set_query(name, value),
        Some(At::Value(Source::Form(name))) => request.set_form(name, value),
        Some(At::Value(Source::Json(pointer))) if request.set_json(pointer, value) => {}
        Some(At::Value(Source::FormJson(name, pointer))) if request.set_form_json(name, pointer, value) => {}
        _ => return Err(SignError::Place(scheme.place())),
    }
    Ok(())
}

fn told(fault: Fault) -> SignError {
    match fault {
        Fault::MissingParam(name) => SignError::Param(name),
        Fault::MissingHeader(name) => SignError::Missing(format!("header {name}")),
        Fault::MissingQuery(name) => SignError::Missing(format!("query parameter {name}")),
        _ => SignError::Missing("a part of its content".to_owned()),
    }
}

fn starts(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

impl Unit {
    /// A moment as senders write it.
    fn write(self, at: Timestamp) -> String {
        match self {
            Self::Seconds => at.as_secs().to_string(),
            Self::Millis => at.as_micros().div_euclid(1_000).to_string(),
            Self::Iso => at.to_string(),
            Self::Http => at.format(&jiff::tz::TimeZone::UTC, "%a, %d %b %Y %H:%M:%S GMT"),
        }
    }
}
