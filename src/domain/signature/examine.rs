//! The check itself.

use std::{sync::Arc, time::Duration};

use crate::domain::{
    signature::{
        Check, Code, Keys, Provider, Request, Verdict,
        choose::choose,
        compare::{self, Match, compare},
        described,
        fault::Fault,
        moment::{self, Age, Bounds},
        numeral::Numeral,
        provider::Scheme,
        received::Signatures,
        request::Facts,
        source::Source,
        strict::{self, Rule},
        url,
    },
    time::Timestamp,
};

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

/// Checks a request of a provider. What each request goes through is made one function, down to the reading
/// of a signature: handed on through memory, the cost of a check differs by 5% from one start of the program
/// to the next.
#[inline(always)]
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
#[inline(always)]
fn judge<'a>(
    scheme: &Scheme,
    request: &Request<'a>,
    facts: &Facts<'a, '_>,
    keys: &Keys<'_>,
    examined: &mut Examined<'_, 'a>,
) {
    let signatures = &examined.signatures;
    let facts = Facts { parts: &signatures.parts, blank: scheme.blank, ..*facts };
    let text = scheme.time.as_ref().and_then(|time| time.from.find(&facts));
    let (Numeral { stamp, number }, unreadable) = timestamp(scheme, text.as_deref());
    let age = scheme.time.as_ref().zip(stamp).map(|(rule, stamp)| rule.age(stamp, request.arrived));
    let signed = scheme.time.as_ref().map(|rule| &rule.from).zip(number.as_deref());
    let facts = Facts { number: signed, ..facts };
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
            let url = examined.urls.get(matched.url).map_or("", String::as_str);
            let refused = || strict::refused(scheme, &facts, url);
            (Some(matched), compare::required(scheme, &facts).or_else(refused))
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
    examined.number = number.as_deref().map(Into::into);
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
    pub(super) fn note(&self, keys: &Keys<'_>) -> Option<&str> {
        let rule = match (&self.fault, self.verdict) {
            (Some(Fault::Strict(rule)), _) => *rule,
            (Some(Fault::Key), _) if self.would_be_read(keys) => Rule::Key,
            (Some(Fault::Claim(name)), _) if self.scheme?.forbids(name) => Rule::Claim,
            (None, Verdict::Invalid(Code::TimestampInFuture)) => Rule::Future,
            (None, Verdict::Invalid(Code::TimestampTooOld)) if self.at_the_border() => Rule::Border,
            _ => return None,
        };
        self.scheme?.note(rule)
    }

    /// Whether a secret that cannot be read has the form that the less strict package reads.
    fn would_be_read(&self, keys: &Keys<'_>) -> bool {
        let looser = self.scheme.and_then(|scheme| scheme.key.looser());
        looser.is_some_and(|form| keys.secrets.iter().any(|secret| form.decode(secret.expose()).is_some()))
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

/// What the timestamp of a request says, or why it does not.
#[inline]
fn timestamp<'t>(scheme: &Scheme, text: Option<&'t [u8]>) -> (Numeral<'t>, Option<Fault>) {
    let read = match (&scheme.time, text) {
        (Some(rule), Some(text)) => rule.read(text),
        (Some(rule), None) if rule.must => None,
        _ => Some(Numeral::default()),
    };
    match read {
        Some(read) => (read, None),
        None => (Numeral::default(), Some(Fault::Strict(Rule::Time))),
    }
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
