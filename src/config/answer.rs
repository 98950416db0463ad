//! The fixed answers of an endpoint: `respond` and `respond_sequence`.

use std::time::Duration;

use crate::{
    config::{reader::Section, value},
    domain::endpoint::Respond,
};

/// The keys of an answer.
pub(super) const KEYS: &[&str] = &["status", "headers", "body", "delay"];
/// The keys of an answer in a sequence.
pub(super) const SEQUENCE_KEYS: &[&str] = &["status", "headers", "body", "delay", "times"];

/// Statuses whose responses have no body (RFC 9110, section 15).
const WITHOUT_BODY: [u16; 3] = [204, 205, 304];
/// The longest delay: no sender waits for an hour.
const LONGEST_DELAY: Duration = Duration::from_secs(3600);

/// The answers of an endpoint, empty for the default one.
pub(super) fn answers(endpoint: &Section<'_>) -> Vec<Respond> {
    let sequence: Vec<Respond> = endpoint
        .tables("respond_sequence")
        .into_iter()
        .map(|section| answer(section.only(SEQUENCE_KEYS)))
        .collect();
    match endpoint.table("respond") {
        Some(_) if !sequence.is_empty() => {
            endpoint.error("respond_sequence", "an endpoint has respond or respond_sequence, not both");
            Vec::new()
        }
        Some(section) => vec![answer(section.only(KEYS))],
        None => sequence,
    }
}

fn answer(section: Section<'_>) -> Respond {
    let mut answer = Respond::default();
    section.set("status", &mut answer.status, value::status);
    section.set("body", &mut answer.body, |value| value::text(value).map(str::to_owned));
    section.set("times", &mut answer.times, value::number(1, i64::from(u32::MAX)));
    section.set("delay", &mut answer.delay, |value| match value::duration(value)? {
        delay if delay > LONGEST_DELAY => Err("a delay is at most an hour".to_owned()),
        delay => Ok(delay),
    });
    if let Some(headers) = section.table("headers") {
        for (name, span, _) in headers.entries() {
            match value::header_name(name) {
                Ok(name) => {
                    let values = headers.list(name, value::header_value);
                    answer.headers.extend(values.into_iter().map(|value| (name.to_owned(), value.value)));
                }
                Err(message) => headers.source.error(&span, headers.path_of(name), message),
            }
        }
    }
    if WITHOUT_BODY.contains(&answer.status) && !answer.body.is_empty() {
        section.error("body", "a response of this status has no body");
    }
    answer
}
