//! Is this request rightly signed?

use std::{collections::BTreeMap, time::Duration};

use crate::{
    domain::{
        headers::Head,
        import::Imported,
        public_url,
        signature::{Catalog, Check, Keys, NO_LIMIT, Report, Request, Secret, Surroundings, Verdict},
        summary::Origin,
        text::visible,
        time::Timestamp,
    },
    engine::rules::Rules,
};

/// What is asked of a request.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// Who sent it; what the endpoint says, the text says or the request shows when it is not given.
    pub provider: Option<String>,
    /// The whole URL that the sender signed.
    pub url: Option<String>,
    /// How old it may be, in place of what endpoint or provider say.
    pub tolerance: Option<Duration>,
}

/// What was found.
#[derive(Debug)]
pub struct Finding {
    /// Everything about the signature. Holds what would be right, so it is never printed as a whole.
    pub report: Report,
    /// Who sent it, and what it is about.
    pub origin: Origin,
    /// The moment that counted as now.
    pub at: Timestamp,
    /// What a person should know about the request, a sentence each.
    pub notes: Vec<String>,
}

/// Checks a request as if it arrived at a moment.
#[must_use]
pub fn verify(rules: &Rules, request: &Imported, question: &Question, at: Timestamp) -> Finding {
    let head = Head::new(&request.head);
    let endpoint = rules.endpoints.find(head.method(), head.target());
    let forced = question
        .provider
        .as_deref()
        .or_else(|| endpoint.and_then(|(_, rule)| rule.provider.as_deref()))
        .or_else(|| request.provider.as_deref().filter(|id| rules.catalog.provider(id).is_some()));
    let origin = rules.catalog.recognise(head, &request.body, forced);
    let place = endpoint.map(|(index, _)| index);
    let provider = origin.provider.as_deref();
    let secrets: Vec<Secret> =
        [rules.keyring.public_keys(place), rules.keyring.secrets(place, provider)].concat();
    let none = BTreeMap::new();
    let keys = Keys {
        secrets: &secrets,
        params: endpoint.map_or(&none, |(_, rule)| &rule.params),
        tolerance: question.tolerance.or_else(|| endpoint.and_then(|(_, rule)| rule.tolerance)),
    };
    let urls = urls(rules, request, question, head);
    let asked =
        Request { head, body: &request.body, provider, urls: &urls, arrived: at, complete: request.complete };
    // The report is where the cause of a failure is looked for.
    let known = rules.all_known();
    let around = Surroundings { known: &known, attempt: None };
    let report = rules.catalog.report_with_cause(&asked, &keys, &around);
    let mut notes: Vec<String> = request.notes.iter().map(|note| (*note).to_owned()).collect();
    notes.extend(on_arrival(&rules.catalog, &asked, &keys, &report.check, request.received_at));
    Finding { report, origin, at, notes }
}

/// The URLs that may have been signed: the one that is given, else the text's own and what configuration
/// and headers make of it.
fn urls(rules: &Rules, request: &Imported, question: &Question, head: Head<'_>) -> Vec<String> {
    if let Some(url) = &question.url {
        return vec![url.clone()];
    }
    let made = public_url::candidates(rules.public_url.as_deref(), head, true);
    request.url.iter().cloned().chain(made).collect()
}

/// A stale request may have been fresh when it arrived.
fn on_arrival(
    catalog: &Catalog,
    asked: &Request<'_>,
    keys: &Keys<'_>,
    check: &Check,
    received_at: Option<Timestamp>,
) -> Option<String> {
    let received_at = received_at.filter(|_| check.signed_ok && check.verdict != Verdict::Valid)?;
    let then = catalog.check(&Request { arrived: received_at, ..*asked }, keys);
    (then.verdict == Verdict::Valid)
        .then(|| "It was valid when it arrived: --at arrival checks it for that moment.".to_owned())
}

impl Finding {
    /// The finding for a person, without a line end at its end.
    #[must_use]
    pub fn text(&self) -> String {
        let check = &self.report.check;
        let mut lines = vec![match check.verdict.code() {
            Some(code) if check.signed_ok => {
                format!("invalid: {} (the signature itself is right)", code.as_str())
            }
            Some(code) => format!("invalid: {}", code.as_str()),
            None => check.verdict.as_str().to_owned(),
        }];
        lines.push(self.report.explanation.clone());
        lines.push(String::new());
        let mut fact = |name: &str, value: Option<String>| {
            lines.extend(value.map(|value| format!("{name:<10} {}", visible(value.as_bytes()))));
        };
        fact("provider", self.report.provider.as_ref().map(|(id, name)| format!("{name} ({id})")));
        fact("event", self.origin.event.as_deref().map(str::to_owned));
        fact("delivery", self.origin.delivery_id.as_deref().map(str::to_owned));
        let scheme = check.scheme.as_ref().zip(self.report.scheme.as_ref());
        fact("scheme", scheme.map(|(id, words)| format!("{id}: {words}")));
        fact("secret", check.secret.as_deref().map(str::to_owned));
        fact("url", self.report.url.clone());
        fact("signed at", self.report.timestamp.map(seconds));
        fact("checked at", self.report.timestamp.map(|_| seconds(self.at)));
        let age = check.age_s.map(|age| match self.report.tolerance {
            Some(NO_LIMIT) => format!("{age} s; no limit is set"),
            Some(most) => format!("{age} s, of {} s that are allowed", most.as_secs()),
            None => format!("{age} s; the provider names no limit"),
        });
        fact("age", age);
        fact("weak", check.weak.as_deref().map(str::to_owned));
        fact("docs", self.report.docs.clone());
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines.join("\n")
    }
}

fn seconds(at: Timestamp) -> String {
    at.format(&jiff::tz::TimeZone::UTC, "%Y-%m-%dT%H:%M:%SZ")
}
