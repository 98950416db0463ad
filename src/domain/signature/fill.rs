//! What a sender puts into a request beside the signature: times, ids and other values that the scheme
//! covers or asks for.

use crate::domain::{
    headers::Head,
    signature::{
        Draft, Keys, Scheme, SignError,
        canon::Canon,
        content::{self, Scope},
        form,
        moment::Unit,
        provider::TimeRule,
        request::Facts,
        rule::{Term, Test},
        sign::{Signing, told},
        source::Source,
        template::Token,
    },
    time::Timestamp,
};

/// Puts everything into the request that the scheme signs or asks for, but for the signature.
pub(super) fn fill(
    scheme: &Scheme,
    request: &mut Draft,
    how: &Signing<'_>,
    keys: &Keys<'_>,
) -> Result<(), SignError> {
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
pub(super) fn companions(scheme: &Scheme, how: &Signing<'_>, keys: &Keys<'_>) -> Vec<(String, String)> {
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
