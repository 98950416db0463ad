//! `[[endpoint]]`: one rule with its secrets.

use std::path::Path;

use crate::{
    config::{Located, PublicKey, SecretSource, answer, reader::Section, value},
    domain::endpoint::Endpoint,
};

/// The keys of an endpoint.
pub(super) const KEYS: &[&str] = &[
    "name",
    "path",
    "methods",
    "provider",
    "secrets",
    "public_keys",
    "params",
    "tolerance",
    "on_invalid",
    "respond",
    "respond_sequence",
    "handshakes",
    "forward_to",
    "forward_response",
    "rate_limit",
];

/// An endpoint with what the domain must not know: where its secrets are.
pub(super) struct Rule {
    pub(super) endpoint: Endpoint,
    pub(super) secrets: Vec<Located<SecretSource>>,
    pub(super) public_keys: Vec<Located<PublicKey>>,
    /// The provider it names, with the place.
    pub(super) provider: Option<Located<String>>,
}

/// Reads an endpoint; relative paths of files begin at `base`.
pub(super) fn read(section: Section<'_>, base: &Path) -> Rule {
    let section = section.only(KEYS);
    if section.raw("path").is_none() {
        section.error("path", "an endpoint needs a path, such as \"/stripe/**\"");
    }
    let path = section.get("path", value::glob).unwrap_or_else(|| "/**".into());
    let mut endpoint = Endpoint::new(path);
    endpoint.name = section.get("name", value::line).unwrap_or_else(|| default_name(&endpoint)).into();
    endpoint.methods = values(section.list("methods", value::method));
    let provider = section.located("provider", value::provider);
    endpoint.provider = provider.as_ref().map(|provider| provider.value.as_str().into());
    endpoint.tolerance = section.get("tolerance", value::tolerance);
    endpoint.on_invalid = section.get("on_invalid", value::status);
    endpoint.respond = answer::answers(&section);
    endpoint.handshakes = section.get("handshakes", value::boolean);
    endpoint.forward_to = values(section.list("forward_to", value::target));
    section.set("forward_response", &mut endpoint.forward_response, value::boolean);
    endpoint.rate_limit = section.get("rate_limit", value::rate);
    if let Some(params) = section.table("params") {
        for (name, ..) in params.entries() {
            if let Some(value) = params.get(name, param) {
                endpoint.params.insert(name.to_owned(), value);
            }
        }
    }
    let secrets = section.list("secrets", value::secret(base));
    let label = format!("public key of {}", endpoint.name);
    let public_keys =
        section.list("public_keys", |value| PublicKey::parse(value::text(value)?, base, &label));
    Rule { endpoint, secrets, public_keys, provider }
}

/// The path without its wildcard: `stripe` for `/stripe/**`.
fn default_name(endpoint: &Endpoint) -> String {
    match endpoint.mount().trim_start_matches('/') {
        "" => endpoint.path.clone(),
        name => name.to_owned(),
    }
}

/// What else a scheme needs: a text or a whole number.
fn param(value: &toml::de::DeValue<'_>) -> value::Parsed<String> {
    match value.as_integer() {
        Some(number) if number.radix() == 10 => Ok(number.as_str().to_owned()),
        _ => value::text(value).map(str::to_owned),
    }
}

fn values<T>(located: Vec<Located<T>>) -> Vec<T> {
    located.into_iter().map(|located| located.value).collect()
}
