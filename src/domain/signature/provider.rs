//! Providers and their schemes, compiled from the catalogue.

use std::{sync::Arc, time::Duration};

use crate::domain::{
    signature::{
        Algorithm, Encoding, KeyForm,
        described::JwtRule,
        moment::{Bounds, Unit},
        numeral::{Form, Numeral},
        place::Place,
        pointer::Pointer,
        published::Published,
        rule::Rule,
        source::Source,
        strict::{self, Refused},
        template::Template,
        url::UrlVariant,
    },
    time::Timestamp,
};

/// Who sends webhooks.
#[derive(Clone, Debug)]
pub struct Provider {
    pub(super) id: Arc<str>,
    pub(super) name: Box<str>,
    pub(super) docs: Option<Box<str>>,
    pub(super) env: Vec<Box<str>>,
    pub(super) deadline: Option<Duration>,
    pub(super) retries: Vec<Duration>,
    /// Who says deadline and retries, where it is not the provider.
    pub(super) timing_by: Option<Box<str>>,
    /// Why its requests carry nothing to check.
    pub(super) unsigned: Option<Box<str>>,
    pub(super) secret_shape: Option<Box<str>>,
    /// Where its keys are published.
    pub(super) published: Option<Published>,
    pub(super) schemes: Vec<Scheme>,
    pub(super) detect: Vec<Rule>,
    pub(super) event: Vec<Source>,
    pub(super) detail: Option<Source>,
    pub(super) delivery: Vec<Source>,
    pub(super) attempt: Option<(Source, u32)>,
}

impl Provider {
    /// The id, as configuration and output use it (`github`).
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name as the provider writes it (`GitHub`).
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address of the page that describes the signature.
    #[must_use]
    pub fn docs(&self) -> Option<&str> {
        self.docs.as_deref()
    }

    /// Names of environment variables that people keep its secret in, the usual one first.
    pub fn env(&self) -> impl Iterator<Item = &str> {
        self.env.iter().map(|name| &**name)
    }

    /// How long it waits for an answer, where it says so.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        self.deadline
    }

    /// When it tries again what was not answered, counted from the first attempt; empty where it does
    /// not say, or does not try again.
    #[must_use]
    pub fn retries(&self) -> &[Duration] {
        &self.retries
    }

    /// Who says how long it waits and when it tries again, where it is not the provider itself: then
    /// these are no facts.
    #[must_use]
    pub fn timing_by(&self) -> Option<&str> {
        self.timing_by.as_deref()
    }

    /// Why its requests carry nothing to check, for a provider that does not sign.
    #[must_use]
    pub fn unsigned(&self) -> Option<&str> {
        self.unsigned.as_deref()
    }

    /// What its secret looks like (`whsec_…`), where it has a known form.
    #[must_use]
    pub fn secret_shape(&self) -> Option<&str> {
        self.secret_shape.as_deref()
    }

    /// Whether it signs the URL that it sends to, so that a check has to know it.
    #[must_use]
    pub fn signs_url(&self) -> bool {
        self.schemes.iter().any(|scheme| scheme.content.has_url())
    }

    /// The ways in which it signs, the strongest first.
    #[must_use]
    pub fn schemes(&self) -> &[Scheme] {
        &self.schemes
    }
}

/// One way of signing.
#[derive(Clone, Debug)]
pub struct Scheme {
    pub(super) id: Arc<str>,
    pub(super) algorithm: Algorithm,
    pub(super) key: KeyForm,
    pub(super) place: Place,
    pub(super) content: Template,
    /// The content as the catalogue writes it.
    pub(super) text: Box<str>,
    pub(super) time: Option<TimeRule>,
    /// Pairs of templates that must be equal beside the signature.
    pub(super) require: Vec<(Template, Template)>,
    pub(super) urls: Vec<UrlVariant>,
    pub(super) weak: Option<Arc<str>>,
    /// What a token must say.
    pub(super) jwt: Option<JwtRule>,
    /// The array whose items are signed one by one.
    pub(super) each: Option<Pointer>,
    /// Components that an HTTP signature must cover.
    pub(super) covers: Vec<Box<str>>,
    /// When this scheme applies, where the provider picks by something else than the header.
    pub(super) when: Option<Rule>,
    /// Whether a header that is signed may be empty.
    pub(super) blank: bool,
    /// Labels of parts of the signature header that are not signatures (`t`).
    pub(super) companions: Vec<Box<str>>,
    /// What the provider's own packages refuse of a rightly signed request.
    pub(super) refuse: Vec<Refused>,
    /// What to say where a rule decided about which official packages differ.
    pub(super) notes: Vec<(strict::Rule, Box<str>)>,
}

/// How the age of a request is told.
#[derive(Clone, Debug)]
pub(super) struct TimeRule {
    pub(super) from: Source,
    pub(super) unit: Unit,
    pub(super) tolerance: Option<Duration>,
    pub(super) bounds: Bounds,
    pub(super) form: Form,
    /// The first moment that a timestamp may stand for.
    pub(super) least: Option<Timestamp>,
    pub(super) count: Count,
    /// Whether a request without it is refused.
    pub(super) must: bool,
}

/// How an age is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Count {
    /// As the unit has it.
    #[default]
    Unit,
    /// In whole seconds.
    Whole,
    /// With all parts of a second.
    Exact,
    /// From the beginning of the second that the timestamp lies in.
    Second,
}

impl Count {
    /// The words of the catalogue.
    pub(super) const WORDS: [(&'static str, Self); 3] =
        [("whole", Self::Whole), ("exact", Self::Exact), ("second", Self::Second)];
}

impl TimeRule {
    /// The moment that a text stands for, and the number that is signed in its place where it is not
    /// signed as it stands.
    #[inline]
    pub(super) fn read<'t>(&self, text: &'t [u8]) -> Option<Numeral<'t>> {
        let read = self.form.read(self.unit, text)?;
        self.least.is_none_or(|least| read.stamp.is_some_and(|stamp| stamp >= least)).then_some(read)
    }

    /// Microseconds between a timestamp and the arrival, as the provider counts.
    pub(super) fn age(&self, stamp: Timestamp, arrived: Timestamp) -> i64 {
        match self.count {
            Count::Unit => self.unit.age(stamp, arrived),
            Count::Whole => Unit::Seconds.age(stamp, arrived),
            Count::Exact => Unit::Millis.age(stamp, arrived),
            Count::Second => {
                let second = stamp.as_secs().saturating_mul(1_000_000);
                Unit::Millis.age(Timestamp::from_micros(second), arrived)
            }
        }
    }
}

impl Scheme {
    /// The id (`github`, `github_sha1`).
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// How the secret becomes a key.
    #[must_use]
    pub fn key(&self) -> KeyForm {
        self.key
    }

    /// How the signature is written.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.place.encoding
    }

    /// Where the signature stands, in words: `header X-Hub-Signature-256`.
    #[must_use]
    pub fn place(&self) -> String {
        self.place.describe()
    }

    /// What is signed, as a template: `{sig:t}.{body}`. Empty for tokens.
    #[must_use]
    pub fn content(&self) -> &str {
        &self.text
    }

    /// How old a request may be by the provider's documentation; `None` when its age is not checked.
    #[must_use]
    pub fn tolerance(&self) -> Option<Duration> {
        self.time.as_ref().and_then(|time| time.tolerance)
    }

    /// Whether the signature itself, or each item of the body, says what is covered, so that `content`
    /// alone does not.
    #[must_use]
    pub fn is_described(&self) -> bool {
        self.algorithm.is_described() || self.each.is_some()
    }

    /// Whether the time of sending is part of what is signed or judged, so that a request can be stale.
    #[must_use]
    pub fn has_time(&self) -> bool {
        self.time.is_some()
    }

    /// Whether a change of the body makes the signature wrong.
    #[must_use]
    pub fn covers_body(&self) -> bool {
        let pairs = self.require.iter().flat_map(|(left, right)| [left, right]);
        std::iter::once(&self.content).chain(pairs).any(Template::covers_body)
    }

    /// Whether the URL is part of what is signed.
    #[must_use]
    pub fn covers_url(&self) -> bool {
        self.content.has_url()
    }

    /// What a valid signature does not prove, if anything.
    #[must_use]
    pub fn weak(&self) -> Option<&str> {
        self.weak.as_deref()
    }

    /// Whether a token must not have this claim.
    pub(super) fn forbids(&self, claim: &str) -> bool {
        self.jwt.as_ref().is_some_and(|rule| rule.absent.iter().any(|name| **name == *claim))
    }

    /// What to say where this rule decided; nothing where official packages agree.
    pub(super) fn note(&self, rule: strict::Rule) -> Option<&str> {
        self.notes.iter().find(|(known, _)| *known == rule).map(|(_, note)| &**note)
    }

    /// What is refused of a rightly signed request, because the provider's own packages refuse it.
    pub fn refusals(&self) -> impl Iterator<Item = &'static str> {
        self.refuse.iter().map(|refused| refused.as_str())
    }

    /// How the timestamp may be written, and what of it is signed, where that is not plain.
    #[must_use]
    pub fn time_form(&self) -> Option<&'static str> {
        self.time.as_ref().and_then(|time| time.form.as_str())
    }

    /// How the provider's official packages differ, each thing once; the stricter one decides.
    pub fn differences(&self) -> impl Iterator<Item = &str> {
        let notes = self.notes.iter().map(|(_, note)| note);
        notes.enumerate().filter_map(|(at, note)| {
            let first = self.notes[..at].iter().all(|(_, earlier)| earlier != note);
            first.then_some(&**note)
        })
    }

    /// Headers that are signed or needed beside the signature's own.
    #[must_use]
    pub fn companion_headers(&self) -> Vec<&str> {
        use crate::domain::signature::template::Token;
        let signed = self.content.pieces.iter().filter_map(|token| match token {
            Token::Value(Source::Header(name)) => Some(&**name),
            _ => None,
        });
        signed.collect()
    }

    /// One sentence that describes the scheme.
    #[must_use]
    pub fn describe(&self) -> String {
        let place = self.place.describe();
        let written = self.place.encoding.as_str();
        match self.algorithm {
            Algorithm::Token => format!("The secret itself stands in {place}."),
            algorithm if algorithm.is_described() => format!("{} in {place}.", algorithm.as_str()),
            algorithm if algorithm.is_public_key() => {
                let name = algorithm.as_str();
                format!("{name} signature of `{}`, written as {written} in {place}.", self.text)
            }
            algorithm => {
                format!("{} of `{}`, written as {written} in {place}.", algorithm.as_str(), self.text)
            }
        }
    }
}
