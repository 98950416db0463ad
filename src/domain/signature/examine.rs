//! The check itself.

use std::{sync::Arc, time::Duration};

use crate::domain::{
    signature::{
        Algorithm, Check, Code, KeyForm, Keys, Provider, Request, Verdict,
        content::{self, Scope},
        described,
        fault::Fault,
        form,
        key::{Fit, Key},
        mac::Mac,
        moment::{self, Age, Bounds, Form},
        provider::Scheme,
        received::{self, Signatures},
        request::Facts,
        source::Source,
        strict::{self, Rule},
        template::{Template, Token},
        url,
    },
    time::Timestamp,
};

/// The most secrets that are tried for one request.
pub(super) const MOST_SECRETS: usize = 64;

/// What a check found out, with everything that a report needs beside it.
pub(super) struct Examined<'p, 'a> {
    pub(super) verdict: Verdict,
    pub(super) scheme: Option<&'p Scheme>,
    /// What was found for the scheme; nothing without one.
    pub(super) signatures: Signatures<'a>,
    pub(super) fault: Option<Fault>,
    pub(super) matched: Option<Match>,
    pub(super) stamp: Option<Timestamp>,
    /// Microseconds between the timestamp and the arrival.
    pub(super) age: Option<i64>,
    pub(super) tolerance: Option<Duration>,
    /// The first moment at which it has expired, by its own word.
    pub(super) ends: Option<Timestamp>,
    /// The URLs that were tried, for schemes that sign one.
    pub(super) urls: Vec<String>,
    /// What this very signature does not prove, beyond what the scheme does not.
    pub(super) weak: Option<&'static str>,
    /// The number that is signed in the place of the timestamp's text, where they differ.
    pub(super) number: Option<Box<str>>,
}

/// What matched, by places in the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) secret: usize,
    pub(super) candidate: usize,
    pub(super) url: usize,
}

/// Checks a request of a provider.
#[inline]
pub(super) fn examine<'p, 'a>(
    provider: &'p Provider,
    request: &Request<'a>,
    keys: &Keys<'_>,
) -> Examined<'p, 'a> {
    let facts = Facts::of(request, keys.params);
    let mut examined = Examined::without(Verdict::Unsigned);
    examined.scheme = choose(provider, &facts, keys, &mut examined.signatures);
    match examined.scheme {
        Some(scheme) if scheme.is_described() => described::examine(scheme, request, keys, &mut examined),
        Some(scheme) => judge(scheme, request, &facts, keys, &mut examined),
        None => {}
    }
    examined
}

/// Checks a request by a scheme whose signatures were found.
fn judge<'a>(
    scheme: &Scheme,
    request: &Request<'a>,
    facts: &Facts<'a, '_>,
    keys: &Keys<'_>,
    examined: &mut Examined<'_, 'a>,
) {
    let signatures = &examined.signatures;
    let facts = Facts { parts: &signatures.parts, ..*facts };
    let text = scheme.time.as_ref().and_then(|time| time.from.find(&facts));
    let Time { stamp, age, number, fault: unreadable } = timestamp(scheme, text.as_deref(), request.arrived);
    let facts = Facts { number, ..facts };
    let tolerance = keys.tolerance.or_else(|| scheme.tolerance()).filter(|_| scheme.time.is_some());
    let outcome = if keys.secrets.is_empty() {
        Err(None)
    } else {
        if scheme.content.has_url() {
            examined.urls = url::candidates(request.urls, request.head, &scheme.urls);
        }
        let fault = signatures.fault.clone().or(unreadable);
        fault.map_or_else(|| compare(scheme, &facts, keys, signatures, &examined.urls), Err).map_err(Some)
    };
    let (matched, fault) = match outcome {
        Ok(matched) if !request.complete => (Some(matched), Some(Fault::Incomplete)),
        Ok(matched) => {
            let refused = || strict::refused(scheme, &facts, examined.urls.get(matched.url));
            (Some(matched), required(scheme, &facts).or_else(refused))
        }
        Err(Some(Fault::Mismatch)) if !request.complete && scheme.content.covers_body() => {
            (None, Some(Fault::Incomplete))
        }
        Err(fault) => (None, fault),
    };
    examined.verdict = match (&fault, matched, age) {
        (Some(fault), ..) => Verdict::Invalid(fault.code()),
        (None, None, _) => Verdict::Unchecked,
        (None, Some(_), Some(age)) => {
            let bounds = scheme.time.as_ref().map_or_else(Bounds::default, |time| time.bounds);
            match moment::judge(age, tolerance, bounds) {
                Age::Fresh => Verdict::Valid,
                Age::TooOld => Verdict::Invalid(Code::TimestampTooOld),
                Age::InFuture => Verdict::Invalid(Code::TimestampInFuture),
            }
        }
        (None, Some(_), None) => Verdict::Valid,
    };
    examined.number = number.map(|(_, number)| number.into());
    examined.fault = fault;
    examined.matched = matched;
    examined.stamp = stamp;
    examined.age = age;
    examined.tolerance = tolerance;
}

impl Examined<'_, '_> {
    #[inline]
    fn without(verdict: Verdict) -> Self {
        Self {
            verdict,
            scheme: None,
            signatures: Signatures::default(),
            fault: None,
            matched: None,
            stamp: None,
            age: None,
            tolerance: None,
            ends: None,
            urls: Vec::new(),
            weak: None,
            number: None,
        }
    }

    /// What is to be said where a rule decided about which the provider's packages differ.
    pub(super) fn note(&self) -> Option<&str> {
        let rule = match (&self.fault, self.verdict) {
            (Some(Fault::Strict(rule)), _) => *rule,
            (Some(Fault::Key), _) => Rule::Key,
            (Some(Fault::Claim(name)), _) if self.scheme?.forbids(name) => Rule::Claim,
            (None, Verdict::Invalid(Code::TimestampInFuture)) => Rule::Future,
            (None, Verdict::Invalid(Code::TimestampTooOld)) if self.at_the_border() => Rule::Border,
            _ => return None,
        };
        self.scheme?.note(rule)
    }

    /// Where the timestamp stands and the number that is signed in its place.
    pub(super) fn number(&self) -> Option<(&Source, &str)> {
        self.scheme?.time.as_ref().map(|time| &time.from).zip(self.number.as_deref())
    }

    /// Whether whole seconds, or a tolerance that is included, would have been enough.
    fn at_the_border(&self) -> bool {
        let limit = self.tolerance.and_then(|tolerance| i64::try_from(tolerance.as_micros()).ok());
        self.age.zip(limit).is_some_and(|(age, limit)| age - limit < 1_000_000)
    }

    /// The small result that is kept.
    pub(super) fn check(&self, keys: &Keys<'_>) -> Check {
        let secret = match (self.matched, keys.secrets) {
            (Some(matched), secrets) => secrets.get(matched.secret),
            (None, [only]) => Some(only),
            (None, _) => None,
        };
        Check {
            verdict: self.verdict,
            scheme: self.scheme.map(|scheme| Arc::clone(&scheme.id)),
            secret: secret.map(|secret| Arc::clone(&secret.label)),
            age_s: self.age.map(|age| age.div_euclid(1_000_000)),
            signed_ok: self.matched.is_some()
                && matches!(self.fault, None | Some(Fault::Incomplete | Fault::Strict(_))),
            weak: self.weak.map(Arc::from).or_else(|| self.scheme.and_then(|scheme| scheme.weak.clone())),
            cause: None,
            searching: false,
        }
    }
}

/// The scheme to check: of those that the request carries a signature of, the one that suits the
/// secrets best, and among equals the strongest. A signature that is malformed or of an unknown
/// version counts as carried, so that a broken strong one is not passed over for a weaker one; only
/// where two schemes read the same header does the one that finds its own version there go first.
fn choose<'p, 'a>(
    provider: &'p Provider,
    facts: &Facts<'a, '_>,
    keys: &Keys<'_>,
    found: &mut Signatures<'a>,
) -> Option<&'p Scheme> {
    let applies = |scheme: &Scheme| scheme.when.as_ref().is_none_or(|when| when.holds(facts));
    // Where none applies the strongest is checked, so that its fault is named.
    let any_applies = provider.schemes.iter().any(&applies);
    let mut best: Option<(Fit, &Scheme)> = None;
    for scheme in &provider.schemes {
        let settled = best.is_some_and(|(fit, _)| found.fault.is_none() && fit >= scheme.key.best_fit());
        if settled || (any_applies && !applies(scheme)) {
            continue;
        }
        let fits = keys.secrets.iter().map(|secret| scheme.key.fit(secret.expose()));
        let Some((other_fit, other)) = best else {
            if received::extract(scheme, facts, found) {
                best = Some((fits.max().unwrap_or(Fit::No), scheme));
            }
            continue;
        };
        let mut signatures = Signatures::default();
        if !received::extract(scheme, facts, &mut signatures) {
            continue;
        }
        let fit = fits.max().unwrap_or(Fit::No);
        let same_place = other.place.at == scheme.place.at;
        let better = match (found.is_unsupported(), signatures.is_unsupported()) {
            (true, false) if same_place => true,
            (false, true) if same_place => false,
            _ => fit > other_fit,
        };
        if better {
            best = Some((fit, scheme));
            *found = signatures;
        }
    }
    best.map(|(_, scheme)| scheme)
}

/// What the timestamp of a request says.
#[derive(Default)]
struct Time<'t> {
    stamp: Option<Timestamp>,
    age: Option<i64>,
    number: Option<(&'t Source, &'t str)>,
    fault: Option<Fault>,
}

fn timestamp<'t>(scheme: &'t Scheme, text: Option<&'t [u8]>, arrived: Timestamp) -> Time<'t> {
    let (Some(rule), Some(text)) = (&scheme.time, text) else { return Time::default() };
    match rule.read(text) {
        Some((stamp, number)) => Time {
            stamp: Some(stamp),
            age: Some(rule.age(stamp, arrived)),
            number: number.filter(|number| number.as_bytes() != text).map(|number| (&rule.from, number)),
            fault: None,
        },
        None if rule.form == Form::Any => Time::default(),
        None => Time { fault: Some(Fault::Strict(Rule::Time)), ..Time::default() },
    }
}

/// Computes the signature once for each secret and URL, and compares it with everything received.
fn compare(
    scheme: &Scheme,
    facts: &Facts<'_, '_>,
    keys: &Keys<'_>,
    signatures: &Signatures<'_>,
    urls: &[String],
) -> Result<Match, Fault> {
    let mut fault = Fault::Key;
    let form = form::Sorted::default();
    let no_url = [String::new()];
    let urls = if urls.is_empty() { &no_url[..] } else { urls };
    for (secret, value) in keys.secrets.iter().enumerate().take(MOST_SECRETS) {
        let Some(key) = key_in(&scheme.content, scheme.key, value.expose()) else { continue };
        for (url, text) in urls.iter().enumerate() {
            let feed = |sink: &mut dyn FnMut(&[u8])| feed(sink, scheme, facts, &key, text, &form);
            let received = signatures.candidates.iter().map(|candidate| &*candidate.bytes);
            // A key for another algorithm is none.
            let Some(found) = value.keyed(scheme.key, scheme.algorithm, |mac| mac.find(feed, received))
            else {
                break;
            };
            if let Some(candidate) = found? {
                return Ok(Match { secret, candidate, url });
            }
            fault = Fault::Mismatch;
        }
    }
    Err(fault)
}

/// The key that a content includes; nothing where it includes none, which spares the decoding.
fn key_in<'k>(content: &Template, form: KeyForm, secret: &'k [u8]) -> Option<Key<'k>> {
    match content.any(|token| matches!(token, Token::Secret)) {
        true => form.decode(secret),
        false => Some(Key::Plain(b"")),
    }
}

/// The signature of a request in progress: the content is fed piece by piece, never joined.
pub(super) fn compute(
    scheme: &Scheme,
    facts: &Facts<'_, '_>,
    key: &Key<'_>,
    url: &str,
    form: &form::Sorted,
) -> Result<Mac, Fault> {
    let mut mac = Mac::new(scheme.algorithm, key).ok_or(Fault::Key)?;
    feed(&mut |piece| mac.update(piece), scheme, facts, key, url, form)?;
    Ok(mac)
}

fn feed(
    sink: &mut dyn FnMut(&[u8]),
    scheme: &Scheme,
    facts: &Facts<'_, '_>,
    key: &Key<'_>,
    url: &str,
    form: &form::Sorted,
) -> Result<(), Fault> {
    if scheme.algorithm != Algorithm::Token {
        let scope = Scope { facts: *facts, secret: key, url, form };
        content::feed(&scheme.content, &scope, &mut |_, piece| sink(piece))?;
    }
    Ok(())
}

/// What must hold beside the signature, and does not.
fn required(scheme: &Scheme, facts: &Facts<'_, '_>) -> Option<Fault> {
    let form = form::Sorted::default();
    let scope = Scope { facts: *facts, secret: b"", url: "", form: &form };
    scheme.require.iter().find_map(|(left, right)| {
        match (content::join(left, &scope), content::join(right, &scope)) {
            (Ok(left), Ok(right)) if left.eq_ignore_ascii_case(&right) => None,
            (Ok(_), Ok(_)) => Some(Fault::BodyDigest),
            (Err(fault), _) | (_, Err(fault)) => Some(fault),
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::domain::{
        headers::Head,
        signature::{Catalog, Check, Code, Keys, Request, Secret, Verdict},
        time::Timestamp,
    };

    fn check(head: &str, body: &str, provider: Option<&str>, secrets: &[&str]) -> Check {
        let secrets: Vec<_> = secrets.iter().map(|text| Secret::new("S", text.as_bytes())).collect();
        let request = Request {
            head: Head::new(head.as_bytes()),
            body: body.as_bytes(),
            provider,
            urls: &[],
            arrived: Timestamp::from_micros(0),
            complete: true,
        };
        Catalog::builtin().check(&request, &Keys::of(&secrets))
    }

    #[test]
    fn without_a_provider_nothing_is_known() {
        assert_eq!(check("", "", None, &["x"]), Check::bare(Verdict::Unknown));
        assert_eq!(check("", "", Some("nobody"), &["x"]).verdict, Verdict::Unknown);
        assert_eq!(check("", "", Some("stripe"), &["x"]).verdict, Verdict::Unsigned);
    }

    #[test]
    fn an_empty_secret_is_no_key() {
        let head = "POST / HTTP/1.1\r\nX-Webhook-Token: \r\n\r\n";
        let found = check(head, "", Some("shared-token"), &[""]);
        assert_eq!(found.verdict, Verdict::Invalid(Code::MalformedHeader));
        let head = "POST / HTTP/1.1\r\nX-Webhook-Token: x\r\n\r\n";
        assert_eq!(
            check(head, "", Some("shared-token"), &[""]).verdict,
            Verdict::Invalid(Code::KeyUnavailable)
        );
    }

    #[test]
    fn without_a_public_url_the_host_header_is_tried() {
        let head = "GET /in?x=1 HTTP/1.1\r\nHost: hooks.example.test\r\n\
                    X-Twilio-Signature: /4XZLMbUAQ+rbqpIqlFltL/z/EA=\r\n\r\n";
        assert_eq!(check(head, "", Some("twilio"), &["12345"]).verdict, Verdict::Valid);
    }
}
