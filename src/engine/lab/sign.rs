//! What would a right sender send?

use std::collections::BTreeMap;

use crate::{
    domain::{
        samples::Unique,
        signature::{Draft, Keys, Provider, Secret, SignError, Signed, Signing, announce, sign},
        time::Timestamp,
    },
    engine::rules::Rules,
};

/// What is to be signed.
#[derive(Clone, Debug)]
pub struct Order {
    /// The URL that the provider has configured.
    pub url: String,
    /// The body.
    pub body: Vec<u8>,
    /// The type of the body; found from the body when it is not given.
    pub content_type: Option<String>,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// The event, as the provider's header writes it.
    pub event: Option<String>,
    /// When it is sent.
    pub at: Timestamp,
    /// The scheme, by its id.
    pub scheme: Option<String>,
    /// Whether a time that stands in the body is set.
    pub edit_body: bool,
}

impl Order {
    /// The request before it is signed: everything that a sender adds to it by itself.
    #[must_use]
    pub fn draft(&self, provider: &Provider, unique: &Unique) -> Draft {
        let kind = self.content_type.as_deref().unwrap_or_else(|| content_type(&self.body));
        let mut draft = Draft {
            method: "POST".into(),
            url: self.url.clone(),
            headers: vec![("Content-Type".into(), kind.into())],
            body: self.body.clone(),
        };
        draft.headers.extend(self.headers.iter().cloned());
        announce(provider, &mut draft, self.event.as_deref(), &unique.uuid());
        draft
    }

    /// Signs a request with these secrets; with none, with those that are known for the provider.
    ///
    /// # Errors
    /// When the provider's scheme or the secrets do not allow it.
    pub fn sign(
        &self,
        rules: &Rules,
        provider: &Provider,
        draft: &Draft,
        id: &str,
        secrets: Option<&[Secret]>,
    ) -> Result<Signed, SignError> {
        let endpoint =
            rules.endpoints.list.iter().position(|rule| rule.provider.as_deref() == Some(provider.id()));
        let none = BTreeMap::new();
        let known = rules.keyring.secrets(endpoint, Some(provider.id()));
        let keys = Keys {
            params: endpoint.map_or(&none, |index| &rules.endpoints.list[index].params),
            ..Keys::of(secrets.unwrap_or(known))
        };
        let how = Signing { scheme: self.scheme.as_deref(), at: self.at, id, edit_body: self.edit_body };
        sign(provider, &keys, draft, &how)
    }
}

/// What to do when a request cannot be signed, with where a secret would be looked for.
#[must_use]
pub fn told(error: &SignError, provider: &Provider) -> String {
    let names: Vec<&str> = provider.env().collect();
    match error {
        SignError::NoSecret(_) => format!(
            "{error}: put it into {} (in the environment or in .env), or name its place with --secret",
            names.join(" or ")
        ),
        _ => error.to_string(),
    }
}

/// The type that a body is sent as when nobody says it.
#[must_use]
pub fn content_type(body: &[u8]) -> &'static str {
    let start = body.trim_ascii_start().first();
    let form = body.contains(&b'=') && !body.iter().any(u8::is_ascii_whitespace);
    match start {
        None | Some(b'{' | b'[') => "application/json",
        Some(_) if form => "application/x-www-form-urlencoded",
        Some(_) => "text/plain",
    }
}
