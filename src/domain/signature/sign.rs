//! The catalogue read backwards: what a sender adds to a request so that the check finds it valid.

use std::{borrow::Cow, sync::Arc};

use zeroize::Zeroizing;

use crate::domain::{
    headers::Head,
    signature::{
        Algorithm, Draft, KeyForm, Keys, Provider, Scheme, Secret,
        compare::compute,
        content::{self, Scope},
        described::{cavage, each, http, jws},
        fault::Fault,
        fill::{companions, fill},
        form,
        key::Fit,
        place::{At, Label},
        private::Signer,
        public::PublicKey,
        request::{Facts, Part},
        source::Source,
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
    #[error(
        "{0} signs with a private key, and receivers have its public half alone: give the private key as the secret (PEM)"
    )]
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
    /// Whether a receiver's secret is enough to sign with. Where it is not, a private key is.
    #[must_use]
    pub fn is_signable(&self) -> bool {
        match self.algorithm {
            Algorithm::Jwt => {
                self.jwt.as_ref().is_some_and(|jwt| jwt.permitted.iter().any(|p| !p.is_public_key()))
            }
            Algorithm::HttpSignature | Algorithm::Cavage => self.key == KeyForm::Either,
            algorithm => !algorithm.is_public_key(),
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
    let private = || SignError::PrivateKey(provider.name().to_owned());
    let signer = signer(scheme, secret).ok_or_else(|| {
        let public = !PublicKey::read(secret.expose()).is_empty() || !scheme.is_signable();
        if public { private() } else { unusable() }
    })?;
    let mut request = draft.clone();
    if request.url.contains('#') {
        request.url.truncate(request.url.find('#').unwrap_or_default());
    }
    fill(scheme, &mut request, how, keys)?;
    let done = match scheme.algorithm {
        Algorithm::HttpSignature => Some(http::sign(&mut request, keys.params, &signer, how.at)),
        Algorithm::Cavage => Some(cavage::sign(&mut request, keys.params, &signer)),
        _ if scheme.each.is_some() => {
            let key = scheme.key.decode(secret.expose()).ok_or_else(unusable)?;
            Some(Some(each::sign(scheme, &mut request, keys.params, &key)))
        }
        _ => None,
    };
    match done {
        Some(made) => made.ok_or_else(private)?.map_err(|fault| match fault {
            Fault::Malformed(_) => SignError::Place(scheme.place()),
            fault => told(fault),
        })?,
        None => one(scheme, &mut request, how, keys, (&signer, secret), (&private, &unusable))?,
    }
    Ok(Signed { request, scheme: Arc::clone(&scheme.id), secret: Arc::clone(&secret.label) })
}

/// What a secret is to a sender by this scheme.
fn signer(scheme: &Scheme, secret: &Secret) -> Option<Signer> {
    let text = secret.expose();
    if let Some(private) = Signer::private(text) {
        return Some(private);
    }
    if !scheme.is_signable() || (scheme.key == KeyForm::Either && !PublicKey::read(text).is_empty()) {
        return None;
    }
    let http = matches!(scheme.algorithm, Algorithm::HttpSignature | Algorithm::Cavage);
    let key = match text.strip_prefix(b"base64:").filter(|_| http) {
        Some(encoded) => KeyForm::Base64.decode(encoded)?,
        None => scheme.key.decode(text)?,
    };
    Some(Signer::Shared(Zeroizing::new(key.to_vec())))
}

/// Puts the one signature of a scheme in its place.
fn one(
    scheme: &Scheme,
    request: &mut Draft,
    how: &Signing<'_>,
    keys: &Keys<'_>,
    (signer, secret): (&Signer, &Secret),
    (private, unusable): (&dyn Fn() -> SignError, &dyn Fn() -> SignError),
) -> Result<(), SignError> {
    let parts = companions(scheme, how, keys);
    let borrowed: Vec<Part<'_>> = parts
        .iter()
        .map(|(name, value)| (Cow::Borrowed(name.as_bytes()), Cow::Borrowed(value.as_bytes())))
        .collect();
    let head = request.head();
    let facts =
        Facts { params: keys.params, parts: &borrowed, ..Facts::bare(Head::new(&head), &request.body) };
    let form = form::Sorted::default();
    let text = if let Some(rule) = &scheme.jwt {
        jws::sign(rule, &facts, &request.url, signer, how.at).ok_or_else(private)?.map_err(told)?
    } else if scheme.algorithm.is_public_key() {
        let scope = Scope { facts, secret: b"", url: &request.url, form: &form };
        let content = content::join(&scheme.content, &scope).map_err(told)?;
        scheme.place.encoding.encode(&signer.sign(scheme.algorithm, &content).ok_or_else(private)?)
    } else {
        let key = scheme.key.decode(secret.expose()).ok_or_else(unusable)?;
        let made = compute(scheme, &facts, &key, &request.url, &form).map_err(told)?;
        scheme.place.encoding.encode(&made.expected().ok_or_else(private)?)
    };
    if text.chars().any(char::is_control) {
        return Err(unusable());
    }
    let value = written(scheme, &parts, &text, keys)?;
    put(scheme, request, &value)
}

/// Takes a signature off a request, as if it had never been signed. Times and ids stay.
pub fn strip(provider: &Provider, request: &mut Draft) {
    let places =
        provider.schemes.iter().flat_map(|scheme| scheme.place.at.iter().map(move |at| (scheme, at)));
    for (scheme, at) in places {
        match at {
            At::Value(Source::Json(pointer)) if scheme.each.is_some() => {
                let array = scheme.each.iter();
                for item in array.flat_map(|array| (0..each::MOST).map(|index| array.at(index))) {
                    let _ = request.set_json(&item.join(pointer), "");
                }
            }
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
    let any = !schemes.is_empty();
    let signers: Vec<Signer> =
        keys.secrets.iter().filter_map(|secret| Signer::private(secret.expose())).collect();
    let by_private = |scheme: &Scheme| match (&scheme.jwt, scheme.algorithm) {
        (Some(rule), _) => signers.iter().any(|signer| rule.suits(signer)),
        (None, Algorithm::HttpSignature | Algorithm::Cavage) => !signers.is_empty(),
        (None, algorithm) => signers.iter().any(|signer| signer.suits(algorithm)),
    };
    schemes.retain(|scheme| scheme.is_signable() || by_private(scheme));
    if schemes.is_empty() {
        return Err(if any { SignError::PrivateKey(name()) } else { SignError::Checked(name()) });
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
            // A private key is for the schemes that are checked with its public half.
            let fit = match Signer::private(secret.expose()) {
                Some(_) if by_private(scheme) => Fit::Marked,
                Some(_) => Fit::No,
                None => scheme.key.fit(secret.expose()),
            };
            if best.as_ref().is_none_or(|(other, ..)| fit > *other) {
                best = Some((fit, scheme, secret));
            }
        }
    }
    best.map(|(_, scheme, secret)| (scheme, secret)).ok_or_else(|| SignError::NoSecret(name()))
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

pub(super) fn told(fault: Fault) -> SignError {
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
