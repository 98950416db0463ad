//! The diagnosis: why a signature does not match, as far as that can be proved.
//!
//! Runs only for requests that failed, beside the path that answers. Every what-if is one more
//! computation of the signature, and a finding counts only when it gives a received one, compared in
//! constant time: nothing is guessed. What only looks wrong (a secret's shape) is a hint in the
//! explanation and never a code.
//!
//! ```text
//! reading   the received signatures, in every spelling ──────────────┐
//! secrets   keys: other forms of the secret, other known secrets ──┐ │
//! body, json, styles   other bodies ──┐                            ▼ ▼
//! address   other URLs ───────────────┼─► search ─► maker: make and compare ─► Finding
//! recipe    other signed contents ────┘      (as far as the Budget goes)          │
//! stale     right signatures of the wrong time                             words ◄─┘
//! ```
//!
//! To add a cause: a row in the module whose dimension it belongs to (a JSON style in `styles`, a
//! form of the secret in `secrets`, …), and a row in `tests/it/diagnosis/causes`.

mod address;
mod body;
mod budget;
mod json;
mod maker;
mod reading;
mod recipe;
mod search;
mod secrets;
mod stale;
mod styles;
mod words;

use std::{cell::RefCell, sync::Arc};

use crate::domain::signature::{
    Check, Code, Keys, Provider, Report, Request, Secret, Verdict,
    examine::{self, Examined},
    explain,
    fault::Fault,
    provider::Scheme,
    request::Facts,
    shape, url,
};

pub use budget::Budget;

/// How many whole checks are made for schemes that have no template.
const MOST_CHECKS: usize = 40;
/// Bodies from this size on are the reason when the budget does not suffice.
const LARGE: usize = 32 << 10;

/// A secret that is known here, and what for.
#[derive(Clone, Debug)]
pub struct Known {
    /// The id of the provider that it belongs to.
    pub provider: Option<Arc<str>>,
    /// The name of the endpoint that it belongs to.
    pub endpoint: Option<Arc<str>>,
    /// The secret.
    pub secret: Secret,
}

/// What is known beside the request and its keys.
#[derive(Clone, Copy, Debug, Default)]
pub struct Surroundings<'a> {
    /// All secrets that are known here; those of the request's own keys may be among them.
    pub known: &'a [Known],
    /// How many times this delivery has arrived, this one included.
    pub attempt: Option<u32>,
}

/// What is wrong, proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// Another secret that is known here signed it.
    OtherSecret,
    /// The secret is right in another form.
    SecretForm,
    /// Another body was signed.
    Body,
    /// Another URL was signed.
    Url,
    /// The right things were signed, but put together in another way.
    Recipe,
    /// Another algorithm made the signature.
    Algorithm,
    /// The signature is written in another way.
    Encoding,
}

/// What a diagnosis found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// The cause, where one was proved.
    pub cause: Option<Cause>,
    /// The code that fits best: that of the cause, else that of the check.
    pub code: Code,
    /// The name of the secret that the signature was made with, where that was proved.
    pub secret: Option<Arc<str>>,
    /// One to a few sentences: what was found, how sure that is, what to do; or what was tried. They
    /// never contain a secret or a signature.
    pub explanation: String,
    /// What was tried, in words.
    pub tried: Vec<&'static str>,
    /// Whether the budget sufficed for all of it.
    pub complete: bool,
}

impl Diagnosis {
    /// Puts what was found into the result of the check.
    pub fn settle(&self, check: &mut Check) {
        check.verdict = Verdict::Invalid(self.code);
        check.searching = false;
        check.cause = Some(self.explanation.as_str().into());
        if self.secret.is_some() {
            check.secret.clone_from(&self.secret);
        }
    }

    /// Puts what was found into a report.
    pub fn complete(&self, report: &mut Report) {
        self.settle(&mut report.check);
        report.explanation.clone_from(&self.explanation);
    }
}

/// Looks for the cause of a failed check; `None` when the check did not fail.
pub(super) fn diagnose(
    provider: &Provider,
    request: &Request<'_>,
    keys: &Keys<'_>,
    around: &Surroundings<'_>,
    budget: Budget,
) -> Option<Diagnosis> {
    let examined = examine::examine(provider, request, keys);
    let code = examined.verdict.code()?;
    let case = Case { provider, request, keys, around, examined: &examined, code };
    let mut diagnosis = case.diagnose(budget);
    diagnosis.explanation = explain::with_note(diagnosis.explanation, examined.note(keys));
    Some(diagnosis)
}

struct Case<'c, 'a> {
    provider: &'c Provider,
    request: &'c Request<'a>,
    keys: &'c Keys<'c>,
    around: &'c Surroundings<'c>,
    examined: &'c Examined<'c, 'a>,
    code: Code,
}

impl Case<'_, '_> {
    fn diagnose(&self, budget: Budget) -> Diagnosis {
        let check = self.examined.check(self.keys);
        let fault = self.examined.fault.as_ref();
        let mut diagnosis = Diagnosis {
            cause: None,
            code: self.code,
            secret: None,
            explanation: explain::sentence(&check, Some(self.provider), self.examined.scheme, fault),
            tried: Vec::new(),
            complete: true,
        };
        let Some(scheme) = self.examined.scheme else { return diagnosis };
        let signatures = &self.examined.signatures;
        let request = self.request;
        let (parts, number) = (&signatures.parts[..], self.examined.number());
        let facts = Facts { parts, number, blank: scheme.blank, ..Facts::of(request, self.keys.params) };
        if self.examined.matched.is_some() {
            match (fault, self.code) {
                (Some(Fault::BodyDigest), _) => self.other_digest(scheme, &facts, budget, &mut diagnosis),
                (None, code) => {
                    let (attempt, examined) = (self.around.attempt, self.examined);
                    let sentence = stale::sentence(examined, request, &facts, code, attempt);
                    diagnosis.explanation = sentence.unwrap_or(diagnosis.explanation);
                }
                _ => {}
            }
            return diagnosis;
        }
        if !request.complete {
            return diagnosis;
        }
        if scheme.is_described() {
            self.other_keys(scheme, &mut diagnosis);
            return diagnosis;
        }
        let made;
        let urls = if self.examined.urls.is_empty() && scheme.content.has_url() {
            made = url::candidates(request.urls, request.head, &scheme.urls);
            &made
        } else {
            &self.examined.urls
        };
        let budget = RefCell::new(budget);
        let search = search::Search {
            provider: self.provider,
            scheme,
            facts,
            keys: self.keys,
            known: self.around.known,
            urls,
            budget: &budget,
            tried: RefCell::default(),
        };
        let found = search.run(signatures);
        diagnosis.tried = search.tried.into_inner();
        diagnosis.complete = !budget.borrow().was_cut();
        match found {
            // A rule about the header alone decided: nothing else is wrong.
            Some(found) if found.is_right() => diagnosis
                .explanation
                .push_str(" But for that the signature is right: this is proved by computing it again."),
            Some(found) => {
                let cause = found.cause();
                // What is missing or not known stays so, whatever was found in its place.
                let stays = matches!(
                    (self.code, cause),
                    (Code::MissingHeader, Cause::Recipe) | (Code::UnsupportedScheme, Cause::Encoding)
                );
                diagnosis.code = if stays { self.code } else { cause.code() };
                diagnosis.cause = Some(cause);
                diagnosis.explanation = found.sentence(self.provider, scheme);
                diagnosis.secret = Some(found.label);
            }
            None => self.nothing_found(&mut diagnosis),
        }
        diagnosis
    }

    /// For schemes whose signatures say themselves what they cover: other forms of the secret, and other
    /// secrets, each tried with a whole check.
    fn other_keys(&self, scheme: &Scheme, diagnosis: &mut Diagnosis) {
        let (given, known) = (self.keys.secrets, self.around.known);
        let provider = self.provider.id();
        let tries = secrets::reshaped(scheme, given).into_iter();
        let tries = tries.chain(secrets::elsewhere_whole(provider, given, known)).take(MOST_CHECKS);
        diagnosis.tried.push("other forms of the secret");
        diagnosis.tried.push("every other secret known here");
        let found = tries.into_iter().find(|candidate| {
            let secrets = [Secret::new(Arc::clone(&candidate.label), candidate.key.to_vec())];
            let keys = Keys { secrets: &secrets, ..*self.keys };
            let examined = examine::examine(self.provider, self.request, &keys);
            let same = examined.scheme.is_some_and(|other| other.id == scheme.id);
            same && examined.matched.is_some()
        });
        match found.map(search::Finding::of_key) {
            Some(found) => {
                let cause = found.cause();
                diagnosis.code = cause.code();
                diagnosis.cause = Some(cause);
                diagnosis.explanation = found.sentence(self.provider, scheme);
                diagnosis.secret = Some(found.label);
            }
            None => self.nothing_found(diagnosis),
        }
    }

    /// Says what was tried.
    fn nothing_found(&self, diagnosis: &mut Diagnosis) {
        let odd = self.keys.secrets.iter().find_map(|secret| {
            let oddity = shape::oddities(self.provider, secret.expose()).into_iter().next()?;
            Some(format!("The secret {} has an odd shape: {}.", secret.label, oddity.text))
        });
        if let Some(odd) = odd {
            diagnosis.explanation = format!("{odd} {}", diagnosis.explanation);
        }
        let mut vain = String::new();
        if !diagnosis.tried.is_empty() {
            vain = format!(" Tried without success: {}.", diagnosis.tried.join("; "));
        }
        if !diagnosis.complete {
            vain.push_str(if self.request.body.len() > LARGE {
                " The body is large, so not all of that was tried in every combination."
            } else {
                " Not every combination of these was tried."
            });
        }
        // A link has no full stop after it: it comes last.
        let end = diagnosis.explanation.find(explain::DOCS).unwrap_or(diagnosis.explanation.len());
        diagnosis.explanation.insert_str(end, &vain);
    }

    /// The signature is right, and a digest in what it covers is not that of the body: looks for the
    /// body whose digest it is.
    fn other_digest(
        &self,
        scheme: &Scheme,
        facts: &Facts<'_, '_>,
        budget: Budget,
        diagnosis: &mut Diagnosis,
    ) {
        let budget = RefCell::new(budget);
        let holds = |body: &[u8]| {
            let examined = examine::examine(self.provider, &Request { body, ..*self.request }, self.keys);
            examined.matched.is_some() && examined.fault.is_none()
        };
        diagnosis.tried.push("the body with other line ends, white space or JSON style");
        let found = body::others(facts, &budget)
            .find(|other| budget.borrow_mut().take(other.bytes.len(), 1) && holds(&other.bytes));
        if let Some(other) = found {
            diagnosis.cause = Some(Cause::Body);
            diagnosis.explanation = format!(
                "{} is right, but the digest in it is that of another body: the signed body is {}. This is proved by \
                 computing the digest again. Pass the body on byte for byte.",
                explain::bearer(scheme),
                other.how
            );
        }
        diagnosis.complete = !budget.borrow().was_cut();
    }
}
