//! Verdicts in sentences for somebody who has never seen a signature.
//!
//! They say what is the case and what to do next. They never contain a secret, a signature or any
//! other text of the sender's, so they are safe wherever they are printed.

use crate::domain::signature::{
    Algorithm, Check, Code, Provider, Verdict, fault::Fault, provider::Scheme, strict::Rule,
};

/// What stands before the link to a provider's documentation, which is the end of an explanation.
pub(super) const DOCS: &str = " How it is made: ";

/// A sentence about a rule of which the provider's packages do not all know, behind the others.
pub(super) fn with_note(text: String, note: Option<&str>) -> String {
    match note {
        Some(note) if !text.contains(note) => {
            format!("{text} Official packages differ here, and the stricter one decides: {note}.")
        }
        _ => text,
    }
}

/// One or two sentences about a check. The fault, where it is known, makes them more precise.
pub(super) fn sentence(
    check: &Check,
    provider: Option<&Provider>,
    scheme: Option<&Scheme>,
    fault: Option<&Fault>,
) -> String {
    if let Some(cause) = &check.cause {
        return cause.to_string();
    }
    let name = provider.map_or("The sender", Provider::name);
    let place = scheme
        .or_else(|| provider?.schemes.first())
        .map_or_else(|| "the signature".to_owned(), Scheme::place);
    match check.verdict {
        Verdict::Unknown => "No provider was recognised, so there is nothing to check. If you know who sent \
             this, name the provider for the endpoint, or describe its scheme in a [[provider]] table."
            .to_owned(),
        Verdict::Unsigned if provider.is_some_and(|provider| provider.unsigned().is_some()) => {
            let why = provider.and_then(Provider::unsigned).unwrap_or_default();
            format!("{name} was recognised. Its requests carry nothing that could be checked: {why}.")
        }
        Verdict::Unsigned => format!(
            "{name} was recognised, but the request carries no signature: {place} is missing. Set a secret \
             where the webhook is configured, and see that no proxy removes the header."
        ),
        Verdict::Unchecked => unchecked(name, provider),
        Verdict::Valid => valid(name, check, scheme),
        Verdict::Invalid(code) => invalid(code, name, &place, check, provider, scheme, fault),
    }
}

fn unchecked(name: &str, provider: Option<&Provider>) -> String {
    let known: Vec<_> = provider.into_iter().flat_map(Provider::env).collect();
    let id = provider.map_or("NAME", Provider::id);
    let shape = provider
        .and_then(Provider::secret_shape)
        .map_or_else(String::new, |shape| format!(" The secret looks like {shape}."));
    if provider.is_some_and(Provider::publishes_keys) {
        let shape = provider.and_then(Provider::secret_shape).unwrap_or("the provider's public key");
        return format!(
            "The request carries a signature of {name}, but the key to check it with is not known: {shape}. \
             --fetch-keys fetches it from {name} (nothing is fetched without it), or put it into public_keys \
             of the endpoint or into {}.",
            known.first().unwrap_or(&"a variable that --secret names")
        );
    }
    if known.is_empty() {
        return format!(
            "The request carries a signature of {name}, but no secret is known to check it with. Give one \
             with --secret {id}=env:VARIABLE.{shape}"
        );
    }
    format!(
        "The request carries a signature of {name}, but no secret is known to check it with. Put it into {} \
         (in the environment or in .env), or name another place with --secret {id}=env:VARIABLE.{shape}",
        known.join(" or ")
    )
}

fn valid(name: &str, check: &Check, scheme: Option<&Scheme>) -> String {
    let secret =
        check.secret.as_deref().map_or_else(String::new, |label| format!(" with the secret {label}"));
    let weak = check.weak.as_deref();
    if scheme.is_some_and(|scheme| scheme.algorithm == Algorithm::Token) {
        return format!(
            "The token is the right one{secret}. It does not cover the body, so it proves who called, not \
             what was said."
        );
    }
    match weak {
        Some(weak) => format!(
            "The signature is right: it was made{secret}. This scheme proves less than it could: {weak}."
        ),
        None => format!(
            "The signature is right: {name} made it{secret}, and what it covers was not changed on the way."
        ),
    }
}

fn invalid(
    code: Code,
    name: &str,
    place: &str,
    check: &Check,
    provider: Option<&Provider>,
    scheme: Option<&Scheme>,
    fault: Option<&Fault>,
) -> String {
    match code {
        Code::MissingHeader => missing(name, scheme, fault),
        Code::MalformedHeader => {
            let what = match fault {
                Some(Fault::Malformed(what)) => format!(": {what}"),
                Some(Fault::Strict(rule)) => format!(": {}", rule.as_str()),
                _ => String::new(),
            };
            format!(
                "The signature in {place} does not have the form that {name} gives it{what}. Compare it with \
                 the documentation; something on the way may have changed the header."
            )
        }
        Code::UnsupportedScheme => format!(
            "Only versions or algorithms of {name}'s signature that are not checked here stand in {place}. \
             Whether the request is genuine is not known."
        ),
        Code::TimestampTooOld if scheme.is_some_and(expires) => format!(
            "The signature is right, but it had expired when the request arrived{}. The request was delayed \
             or sent again by somebody, or a clock is wrong.",
            check.age_s.map_or_else(String::new, |age| format!(": it was made {} before", words(age)))
        ),
        Code::TimestampInFuture if scheme.is_some_and(expires) => {
            "The signature is right, but it counts only from a later moment on. The clock of this machine or \
             of the sender is wrong."
                .to_owned()
        }
        Code::TimestampTooOld => format!(
            "The signature is right, but the request was signed {} before it arrived{}. It was delayed or \
             sent again by somebody, or a clock is wrong.",
            check.age_s.map_or_else(|| "too long".to_owned(), words),
            allowed(scheme)
        ),
        Code::TimestampInFuture => format!(
            "The signature is right, but its timestamp lies {} in the future{}. The clock of this machine \
             or of the sender is wrong.",
            check.age_s.map_or_else(|| "too far".to_owned(), |age| words(age.saturating_neg())),
            allowed(scheme)
        ),
        Code::BodyModified => match fault {
            Some(Fault::Incomplete) => {
                "Only a part of the body arrived, so the request cannot be valid. Raise the limit or ask the \
                 sender for another delivery."
                    .to_owned()
            }
            Some(Fault::BodyDigest) => {
                let bearer = scheme.map_or("The signature", bearer);
                format!(
                    "{bearer} is right, but the digest of the body in it does not fit the body that arrived: the \
                     body was changed on the way."
                )
            }
            Some(Fault::Strict(rule)) => right_but(name, scheme, *rule),
            _ => "The body that arrived is not, or not wholly, the one that was signed.".to_owned(),
        },
        Code::KeyUnavailable => key(name, provider, scheme, fault),
        Code::WrongSecretForm => format!(
            "The secret is right, but not in the form in which {name} uses it. Correct the secret, or \
                 the `key` of the scheme if it is your own."
        ),
        Code::WrongSecret => {
            format!("Another secret signed this request. Use the one that {name} shows for this endpoint.")
        }
        Code::WrongUrl => {
            let how = match fault {
                Some(Fault::Url(how)) => format!(": {how}"),
                _ => String::new(),
            };
            if let Some(Fault::Strict(rule)) = fault {
                return right_but(name, scheme, *rule);
            }
            format!(
                "The signature covers another URL than the one this program knows{how}. Set public_url to the \
                 address that the sender calls, with scheme, port and path."
            )
        }
        Code::WrongEncoding => format!(
            "The signature is the right one, but it is written in another encoding than {name} uses{}. A \
             receiver that compares texts refuses it: correct whatever signs the requests.",
            scheme.map_or_else(String::new, |scheme| format!(" ({})", scheme.place.encoding.as_str()))
        ),
        Code::WrongAlgorithm => format!(
            "Another algorithm made this signature; {name} uses {}.",
            scheme.map_or("another one", |scheme| scheme.algorithm.as_str())
        ),
        Code::Mismatch if matches!(fault, Some(Fault::Claim(_))) => {
            let claim = match fault {
                Some(Fault::Claim(claim)) => claim,
                _ => "",
            };
            format!(
                "The signature is right, but its claim `{claim}` is not what it must be for {name}. It was made \
                 for another receiver, or by somebody else with a key of the same kind."
            )
        }
        Code::Mismatch => mismatch(name, check, provider, scheme),
    }
}

/// About a request that the provider's own packages refuse for another reason than its signature.
fn right_but(name: &str, scheme: Option<&Scheme>, rule: Rule) -> String {
    let what = rule.as_str();
    let differ = scheme.is_some_and(|scheme| scheme.note(rule).is_some());
    match rule {
        Rule::Url => {
            format!("The signature is right, but {what}, and one of {name}'s own packages refuses it.")
        }
        _ if differ => format!(
            "The signature is right, but {what}: {name} sends no such body, and one of its own packages \
             refuses it."
        ),
        _ => format!(
            "The signature is right, but {what}: {name} sends no such body, and its own packages refuse it."
        ),
    }
}

/// What holds the digest of a body.
pub(super) fn bearer(scheme: &Scheme) -> &'static str {
    match scheme.algorithm {
        Algorithm::Jwt => "The token",
        Algorithm::HttpSignature | Algorithm::Cavage => "The signature",
        _ => "The signed URL",
    }
}

fn missing(name: &str, scheme: Option<&Scheme>, fault: Option<&Fault>) -> String {
    match fault {
        Some(Fault::MissingHeader(header)) => {
            format!("{name} signs the header {header} too, and it is missing. A proxy may have removed it.")
        }
        Some(Fault::MissingQuery(field)) => format!(
            "The scheme of {name} needs the query parameter {field}, and it is missing, so the body is not \
             covered. Something on the way may have changed the URL."
        ),
        _ => {
            let headers = scheme.map_or_else(Vec::new, Scheme::companion_headers);
            if headers.is_empty() {
                return format!("Something that the signature of {name} covers is missing from the request.");
            }
            format!(
                "{name} also signs {}, and not all of it is there. A proxy may have removed a header.",
                headers.join(" and ")
            )
        }
    }
}

fn key(name: &str, provider: Option<&Provider>, scheme: Option<&Scheme>, fault: Option<&Fault>) -> String {
    if let Some(Fault::MissingParam(param)) = fault {
        return format!(
            "The scheme of {name} needs the parameter {param}. Set it for the endpoint: params = {{ {param} = \"…\" }}."
        );
    }
    if matches!(fault, Some(Fault::OtherKey)) {
        return format!(
            "{name} signed with a key of another name than those that are configured. Get the key that the \
             signature names from {name}, and add it to public_keys."
        );
    }
    let form = scheme.map_or("", |scheme| scheme.key.as_str());
    let shape = provider
        .and_then(Provider::secret_shape)
        .map_or_else(String::new, |shape| format!(" The secret looks like {shape}."));
    format!(
        "The secret cannot be read as {name} writes it: the key is {form}, and the configured text does not \
         have that form.{shape} See that it was copied whole."
    )
}

fn mismatch(name: &str, check: &Check, provider: Option<&Provider>, scheme: Option<&Scheme>) -> String {
    let label = check.secret.as_deref();
    let docs = provider.and_then(Provider::docs).map_or_else(String::new, |docs| format!("{DOCS}{docs}"));
    if scheme.is_some_and(|scheme| scheme.algorithm == Algorithm::Token) {
        let secret = label
            .map_or_else(|| "any of the known secrets".to_owned(), |label| format!("the secret {label}"));
        return format!(
            "The token that was sent is not {secret}. Compare it with what is set where the webhook is \
             configured.{docs}"
        );
    }
    let tried = label.map_or_else(
        || "no known secret gives it".to_owned(),
        |label| format!("the secret {label} gives another one"),
    );
    let url = if scheme.is_some_and(|scheme| scheme.content.has_url()) {
        ", or the sender called another URL than the one this program knows (set public_url)"
    } else {
        ""
    };
    format!(
        "The signature does not match: for this request {tried}. Either it was made with a secret that is \
         not known here, or the body was changed on the way{url}. Compare the secret with the one that \
         {name} shows for this endpoint.{docs}"
    )
}

fn allowed(scheme: Option<&Scheme>) -> String {
    scheme.and_then(Scheme::tolerance).map_or_else(String::new, |tolerance| {
        let seconds = i64::try_from(tolerance.as_secs()).unwrap_or(i64::MAX);
        format!(" (documented tolerance: {})", words(seconds))
    })
}

/// Whether a signature says itself how long it counts, and no tolerance does.
fn expires(scheme: &Scheme) -> bool {
    scheme.is_described() && scheme.tolerance().is_none()
}

/// A span in words: `45 s`, `12 min`, `5 min 1 s`, `3 h 5 min`, `2 days`.
pub(super) fn words(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7200 if seconds % 60 == 0 => format!("{} min", seconds / 60),
        120..7200 => format!("{} min {} s", seconds / 60, seconds % 60),
        7200..172_800 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::signature::Catalog;

    #[test]
    fn spans_are_worded() {
        for (seconds, expected) in
            [(45, "45 s"), (720, "12 min"), (301, "5 min 1 s"), (11_100, "3 h 5 min"), (200_000, "2 days")]
        {
            assert_eq!(words(seconds), expected);
        }
    }

    #[test]
    fn unchecked_says_where_the_secret_is_looked_for() {
        let text = Catalog::builtin().explain(&Check::bare(Verdict::Unchecked), Some("stripe"));
        assert!(text.contains("STRIPE_WEBHOOK_SECRET") && text.contains("--secret stripe="), "{text}");
    }

    #[test]
    fn every_code_has_a_sentence_without_any_provider() {
        for code in Code::ALL {
            let text = sentence(&Check::bare(Verdict::Invalid(code)), None, None, None);
            assert!(text.ends_with(['.', ' ']) && text.len() > 30, "{code:?}: {text}");
        }
    }
}
