//! What does a handler say to an event, right or wrong on purpose?

use std::sync::Arc;

use crate::{
    client::Client,
    domain::{
        capture::{Capture, CaptureId, HttpVersion, Incoming},
        delivery::{Delivery, DeliveryKind, Outcome},
        replay::plan,
        samples::Unique,
        signature::{Draft, KeyForm, Provider, Scheme, Secret, SignError, strip},
        summary::Origin,
        target::Target,
        time::Timestamp,
    },
    engine::{
        lab::sign::{Order, told},
        rules::Rules,
    },
};

/// What is wrong with a request on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// It was signed longer ago than anybody accepts.
    Stale,
    /// It is signed with another secret.
    Secret,
    /// Its body was changed after it was signed.
    Body,
    /// It has no signature.
    Missing,
    /// It is right, and sent twice.
    Replayed,
}

impl Broken {
    /// The words of the command line.
    pub const WORDS: [(&'static str, Self); 5] = [
        ("stale", Self::Stale),
        ("secret", Self::Secret),
        ("body", Self::Body),
        ("missing", Self::Missing),
        ("replayed", Self::Replayed),
    ];

    /// The way to break a request that has this name.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(name, _)| *name == word).map(|(_, broken)| *broken)
    }

    /// What a handler should make of it, after "the request ".
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stale => "was signed too long ago: a handler should refuse it",
            Self::Secret => "is signed with another secret: a handler should refuse it",
            Self::Body => "was changed after it was signed: a handler should refuse it",
            Self::Missing => "has no signature: a handler should refuse it",
            Self::Replayed => "is sent twice: a handler should act on it once",
        }
    }
}

/// A request that is ready to be sent.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The request.
    pub request: Draft,
    /// How many times it is sent.
    pub times: u32,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// Signs the order's request, or breaks it. A provider that signs with a private key gets its request
/// without a signature, which is noted.
///
/// # Errors
/// A sentence when the request cannot be signed, or cannot be wrong in this way.
pub fn prepare(
    rules: &Rules,
    provider: &Provider,
    order: &Order,
    unique: &Unique,
    broken: Option<Broken>,
) -> Result<Prepared, String> {
    let mut draft = order.draft(provider, unique);
    let (id, name) = (unique.uuid(), provider.name());
    let mut notes = Vec::new();
    let schemes = provider.schemes();
    let mut order = order.clone();
    match broken {
        Some(Broken::Stale) if !schemes.iter().any(Scheme::has_time) => {
            return Err(format!("{name} signs no time, so none of its requests is stale"));
        }
        Some(Broken::Body) if !schemes.iter().any(Scheme::covers_body) => {
            return Err(format!("the signature of {name} does not cover the body"));
        }
        Some(Broken::Stale) => {
            let most = schemes.iter().filter_map(Scheme::tolerance).max();
            let back = most.unwrap_or_default().as_secs().max(300) * 2 + 60;
            let micros = i64::try_from(back).unwrap_or_default() * 1_000_000;
            order.at = Timestamp::from_micros(order.at.as_micros() - micros);
        }
        _ => {}
    }
    let other;
    let secrets = match broken {
        // Neither needs the real one.
        Some(Broken::Secret | Broken::Missing) => {
            other = [made_up(provider, unique)];
            Some(&other[..])
        }
        _ => None,
    };
    match order.sign(rules, provider, &draft, &id, secrets) {
        Ok(signed) => draft = signed.request,
        Err(why @ (SignError::PrivateKey(_) | SignError::Checked(_))) if broken.is_none() => {
            notes.push(format!("It goes out without a signature: {why}."));
        }
        Err(error) => return Err(told(&error, provider)),
    }
    match broken {
        Some(Broken::Missing) => strip(provider, &mut draft),
        Some(Broken::Body) => alter(&mut draft.body),
        _ => {}
    }
    notes.extend(broken.map(|broken| format!("On purpose, the request {}.", broken.as_str())));
    Ok(Prepared { request: draft, times: if broken == Some(Broken::Replayed) { 2 } else { 1 }, notes })
}

/// A secret of the provider's form that nobody has.
fn made_up(provider: &Provider, unique: &Unique) -> Secret {
    let form = provider.schemes().iter().find(|scheme| scheme.is_signable()).map(|scheme| scheme.key());
    let bytes = unique.uuid().into_bytes();
    let text = match form {
        Some(KeyForm::Hex) => data_encoding::HEXLOWER.encode(&bytes),
        Some(KeyForm::Utf8Of64) => data_encoding::HEXLOWER.encode(&bytes).repeat(2),
        Some(form) if form.is_whsec() => format!("whsec_{}", data_encoding::BASE64.encode(&bytes)),
        _ => data_encoding::BASE64.encode(&bytes),
    };
    Secret::new("made up", text.into_bytes())
}

/// Changes a body so that it is still of its kind: a blank more in JSON, a field more in a form.
fn alter(body: &mut Vec<u8>) {
    match body.iter().rposition(|b| matches!(b, b'}' | b']')) {
        Some(at) => body.insert(at, b' '),
        None if body.contains(&b'=') => body.extend_from_slice(b"&changed=1"),
        None => body.push(b' '),
    }
}

/// Sends a request to the target itself, whatever path was signed, with the query that was signed.
///
/// # Errors
/// A sentence when the request is not sound.
pub async fn send(
    client: &Client,
    prepared: &Prepared,
    target: &Target,
    clock: fn() -> Timestamp,
) -> Result<Vec<Delivery>, String> {
    let query = prepared.request.url.split_once('?').map(|(_, query)| format!("?{query}"));
    let path = if target.path.is_empty() { "/" } else { &target.path };
    let url = format!("{}{path}{}", target.origin(), query.unwrap_or_default());
    let sent = Draft { url, ..prepared.request.clone() };
    let incoming = Incoming {
        received_at: clock(),
        remote: ([127, 0, 0, 1], 0).into(),
        version: HttpVersion::Http11,
        head: sent.head(),
        body: sent.body,
        trailers: Vec::new(),
        cut: None,
        announced: None,
        refusal: None,
    };
    let capture = Arc::new(Capture::new(incoming, None, Origin::default()));
    let mut deliveries = Vec::new();
    for attempt in 1..=prepared.times {
        let outgoing = plan(&capture, target, "", DeliveryKind::Test).map_err(|error| error.to_string())?;
        let url = outgoing.url().into();
        let started_at = clock();
        let outcome: Outcome = client.send(outgoing).await;
        deliveries.push(Delivery {
            capture: CaptureId(0),
            attempt,
            kind: DeliveryKind::Test,
            url,
            started_at,
            outcome: Some(outcome),
        });
    }
    Ok(deliveries)
}
