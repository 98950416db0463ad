//! Compiles provider tables and collects everything that is wrong with them.

use std::{sync::Arc, time::Duration};

use crate::domain::signature::{
    ProviderSpec, SpecError,
    compile::{errors::Errors, place::by_place, scheme::schemes},
    provider::Provider,
    published::Published,
    rule::Rule,
    source::Source,
};

mod errors;
mod place;
mod scheme;
mod time;

/// Compiles one table; its place in the list stands for an id that is missing.
pub(super) fn provider(spec: ProviderSpec, index: usize) -> Result<Provider, Vec<SpecError>> {
    let id = spec.id.clone().unwrap_or_else(|| format!("number {}", index + 1));
    let mut errors = Errors { provider: id.clone(), scope: String::new(), list: Vec::new() };
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
    match &spec.id {
        None => errors.add("id", "is missing"),
        Some(id) if id.is_empty() || !id.bytes().all(plain) => {
            errors.add("id", "has other characters than a-z, 0-9, `-` and `.`");
        }
        Some(_) => {}
    }
    let id: Arc<str> = id.into();
    let schemes = schemes(&spec, &id, &mut errors);
    errors.scope.clear();
    let detect = match &spec.detect {
        Some(rules) => errors.list("detect", Some(rules), Rule::parse),
        None => schemes.iter().flat_map(by_place).collect(),
    };
    let event = errors.list("event", spec.event.as_ref(), Source::parse);
    let delivery = errors.list("delivery", spec.delivery.as_ref(), Source::parse);
    let detail = errors.optional("detail", spec.detail.as_deref(), Source::parse);
    let attempt = errors.optional("attempt", spec.attempt.as_deref(), Source::parse);
    let published = Published::parse(spec.key_url.as_deref(), spec.key_from.as_deref(), &spec.key_host)
        .unwrap_or_else(|why| {
            errors.add("key_url", why);
            None
        });
    if !errors.list.is_empty() {
        return Err(errors.list);
    }
    Ok(Provider {
        name: spec.name.unwrap_or_else(|| id.to_string()).into(),
        id,
        docs: spec.docs.map(Into::into),
        env: spec.env.into_iter().map(Into::into).collect(),
        deadline: spec.deadline_s.map(Duration::from_secs),
        retries: spec.retries.into_iter().map(Duration::from_secs).collect(),
        timing_by: spec.timing_by.map(Into::into),
        unsigned: spec.unsigned.map(Into::into),
        secret_shape: spec.secret_shape.map(Into::into),
        published,
        schemes,
        detect,
        event,
        detail,
        delivery,
        attempt: attempt.map(|source| (source, spec.attempt_plus)),
    })
}
