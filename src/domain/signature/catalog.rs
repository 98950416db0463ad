//! The catalogue: all providers that are known, and the questions that are asked of it.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use serde::Deserialize;

use crate::domain::{
    headers::Head,
    signature::{
        Budget, Check, Diagnosis, Keys, Provider, ProviderSpec, Report, Request, SpecError, Surroundings,
        Verdict, compile, diagnose, examine, explain, place::At, recognise::Index, report,
    },
    summary::Origin,
};

const BUILTIN: &str = include_str!("../../../assets/providers.toml");

/// All providers that are known, in the order in which they are recognised.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    providers: Vec<Provider>,
    by_id: HashMap<Arc<str>, usize, foldhash::fast::RandomState>,
    index: Index,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    provider: Vec<ProviderSpec>,
}

impl Catalog {
    /// The providers that come with the program.
    #[must_use]
    pub fn builtin() -> &'static Self {
        static BUILT: LazyLock<Catalog> = LazyLock::new(|| Catalog::parse(BUILTIN).unwrap_or_default());
        &BUILT
    }

    /// The providers that come with the program, and the user's own. These are recognised first, and
    /// one with an id that exists takes its place.
    ///
    /// # Errors
    /// Everything that is wrong with the tables, each with its provider and key.
    pub fn with_user(specs: Vec<ProviderSpec>) -> Result<Self, Vec<SpecError>> {
        let mut providers = compile_all(specs)?;
        let own = providers.len();
        for provider in &Self::builtin().providers {
            if !providers[..own].iter().any(|user| user.id == provider.id) {
                providers.push(provider.clone());
            }
        }
        Ok(Self::of(providers))
    }

    /// A catalogue from the text of a file.
    fn parse(text: &str) -> Result<Self, Vec<SpecError>> {
        let file: File = toml::from_str(text).map_err(|error| {
            vec![SpecError { provider: "?".to_owned(), key: "?".to_owned(), message: error.to_string() }]
        })?;
        compile_all(file.provider).map(Self::of)
    }

    fn of(providers: Vec<Provider>) -> Self {
        let index = Index::of(&providers);
        let ids = providers.iter().enumerate();
        let by_id = ids.map(|(place, provider)| (Arc::clone(&provider.id), place)).collect();
        Self { providers, by_id, index }
    }

    /// The provider with this id.
    #[must_use]
    pub fn provider(&self, id: &str) -> Option<&Provider> {
        self.by_id.get(id).map(|&place| &self.providers[place])
    }

    /// The names of all headers in which signatures stand.
    #[must_use]
    pub fn signature_headers(&self) -> Vec<&str> {
        let places = self.providers().flat_map(Provider::schemes).flat_map(|scheme| &scheme.place.at);
        places
            .filter_map(|at| match at {
                At::Header(name) => Some(&**name),
                _ => None,
            })
            .collect()
    }

    /// All providers, in the order in which they are recognised.
    pub fn providers(&self) -> impl Iterator<Item = &Provider> {
        self.providers.iter()
    }

    /// Who sent a request and what it is about. A forced provider is taken as it is; the rest is read
    /// from the request all the same.
    #[must_use]
    pub fn recognise(&self, head: Head<'_>, body: &[u8], forced: Option<&str>) -> Origin {
        let provider = match forced {
            Some(id) => self.provider(id),
            None => self.index.find(&self.providers, head, body).map(|index| &self.providers[index]),
        };
        provider.map_or_else(Origin::default, |provider| provider.origin(head, body))
    }

    /// Checks the signature of a request.
    #[must_use]
    pub fn check(&self, request: &Request<'_>, keys: &Keys<'_>) -> Check {
        match request.provider.and_then(|id| self.provider(id)) {
            Some(provider) => examine::examine(provider, request, keys).check(keys),
            None => Check::bare(Verdict::Unknown),
        }
    }

    /// Looks for the cause of a check that failed, within a budget of work: for beside the path that
    /// answers. `None` when the check does not fail.
    #[must_use]
    pub fn diagnose(
        &self,
        request: &Request<'_>,
        keys: &Keys<'_>,
        around: &Surroundings<'_>,
        budget: Budget,
    ) -> Option<Diagnosis> {
        let provider = request.provider.and_then(|id| self.provider(id))?;
        diagnose::diagnose(provider, request, keys, around, budget)
    }

    /// Everything there is to say about the signature of a request. Computes the signatures that
    /// would be right, so it is for a screen, never for text or JSON output.
    #[must_use]
    pub fn report(&self, request: &Request<'_>, keys: &Keys<'_>) -> Report {
        report::report(request.provider.and_then(|id| self.provider(id)), request, keys)
    }

    /// The report with the cause of a failure, as far as it can be proved.
    #[must_use]
    pub fn report_with_cause(
        &self,
        request: &Request<'_>,
        keys: &Keys<'_>,
        around: &Surroundings<'_>,
    ) -> Report {
        let mut report = self.report(request, keys);
        if let Some(diagnosis) = self.diagnose(request, keys, around, Budget::default()) {
            diagnosis.complete(&mut report);
        }
        report
    }

    /// One or two sentences about a check, without looking at the request again. They never contain a
    /// secret or a signature.
    #[must_use]
    pub fn explain(&self, check: &Check, provider: Option<&str>) -> String {
        let provider = provider.and_then(|id| self.provider(id));
        let scheme = provider.and_then(|provider| {
            provider.schemes.iter().find(|scheme| Some(&*scheme.id) == check.scheme.as_deref())
        });
        explain::sentence(check, provider, scheme, None)
    }
}

fn compile_all(specs: Vec<ProviderSpec>) -> Result<Vec<Provider>, Vec<SpecError>> {
    let mut providers: Vec<Provider> = Vec::with_capacity(specs.len());
    let mut errors = Vec::new();
    for (index, spec) in specs.into_iter().enumerate() {
        match compile::provider(spec, index) {
            Ok(provider) if providers.iter().any(|other| Arc::as_ref(&other.id) == &*provider.id) => {
                errors.push(SpecError {
                    provider: provider.id.to_string(),
                    key: "id".to_owned(),
                    message: "is there twice".to_owned(),
                });
            }
            Ok(provider) => providers.push(provider),
            Err(list) => errors.extend(list),
        }
    }
    if errors.is_empty() { Ok(providers) } else { Err(errors) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        signature::{Code, Secret},
        time::Timestamp,
    };

    #[test]
    fn the_builtin_catalogue_is_sound() {
        let catalog = Catalog::parse(BUILTIN);
        assert_eq!(catalog.as_ref().err(), None);
        for provider in catalog.unwrap().providers() {
            assert!(provider.docs().is_some(), "{} has no documentation", provider.id());
            let signs = provider.unsigned().is_none();
            assert_eq!(!provider.schemes().is_empty(), signs, "{}", provider.id());
            assert!(provider.env().next().is_some() || !signs, "{} has no environment name", provider.id());
            assert!(provider.retries().is_sorted(), "{}: retries go forward", provider.id());
        }
    }

    #[test]
    fn a_flat_table_of_the_user_is_a_provider() {
        let text = r#"
            [[provider]]
            id = "mine"
            alg = "hmac-sha256"
            key = "utf8"
            sig = { header = "X-Acme-Signature", kv = "=", label = "sha256", enc = "hex" }
            content = "{body}"
        "#;
        let file: File = toml::from_str(text).unwrap();
        let catalog = Catalog::with_user(file.provider).unwrap();
        let head = Head::new(b"POST / HTTP/1.1\r\nx-acme-signature: sha256=00\r\n\r\n");
        assert_eq!(catalog.recognise(head, b"", None).provider.as_deref(), Some("mine"));
        assert!(catalog.provider("github").is_some());
    }

    #[test]
    fn errors_name_provider_and_key() {
        for (text, expected) in [
            ("alg='token'", "provider `number 1`: `id`"),
            ("id='A'\nalg='token'\nsig={header='X'}", "provider `A`: `id`"),
            ("id='a'", "`alg`: is missing"),
            ("id='a'\nalg='md5'\nsig={header='X'}", "`alg`: `md5` is not known: use hmac-sha1"),
            ("id='a'\nalg='token'", "`sig.header`: is missing"),
            ("id='a'\nalg='token'\nsig={header='X Y'}", "`sig.header`: `X Y`"),
            ("id='a'\nalg='token'\nsig={header='X',sep='abcde'}", "`sig.sep`"),
            ("id='a'\nalg='hmac-sha256'\nsig={header='X'}\ncontent='{bodi}'", "`content`: `{bodi}`"),
            ("id='a'\nalg='hmac-sha256'\nsig={header='X'}\ncontent='{secret}'", "`content`: has `{secret}`"),
            ("id='a'\nalg='ed25519'\nsig={header='X'}", "`key`: does not go"),
            ("id='a'\nalg='token'\nsig={header='X'}\nts={unit='h',from='x'}", "`ts.unit`"),
            ("id='a'\nalg='rsa-sha256'\nsig={header='X'}", "`key`: does not go"),
            ("id='a'\nalg='token'\nkey='public'\nsig={header='X'}", "`key`: does not go"),
            ("id='a'\nalg='jwt'\nsig={header='X'}", "`algs`: is missing"),
            ("id='a'\nalg='jwt'\nalgs=['none']\nsig={header='X'}", "`algs`: `none` is not known"),
            ("id='a'\nalg='jwt'\nalgs=['ES256']\nsig={header='X'}", "`key`: does not go"),
            ("id='a'\nalg='hmac-sha256'\nsig={header='X'}\ncontent='{code:x}'", "`{code:x}` is not known"),
            ("id='a'\nalg='token'\neach='x'\nsig={header='X'}", "`each`: `x`"),
            ("id='a'\nalg='token'\nunsigned='x'\nsig={header='X'}", "`unsigned`: stands beside"),
            ("id='a'\nalg='token'\nsig={header='X'}\nevent='x'", "`event`: `x`"),
            ("id='a'\nalg='token'\nsig={header='X'}\n[[provider.scheme]]\nalg='token'", "`scheme`"),
            ("id='a'\n[[provider.scheme]]\nid='b'\nalg='token'", "`scheme b: sig.header`"),
        ] {
            let file: File = toml::from_str(&format!("[[provider]]\n{text}")).unwrap();
            let errors = Catalog::with_user(file.provider).unwrap_err();
            let all: Vec<_> = errors.iter().map(ToString::to_string).collect();
            assert!(all.iter().any(|error| error.contains(expected)), "{text}: {all:?}");
        }
    }

    #[test]
    fn unknown_keys_are_refused() {
        assert!(toml::from_str::<File>("[[provider]]\nid='a'\nsecret='x'").is_err());
        assert!(toml::from_str::<File>("[[provider]]\nid='a'\nsig={heder='x'}").is_err());
    }

    #[test]
    fn a_scheme_of_the_user_is_checked_and_may_replace_a_known_one() {
        let text = r#"
            [[provider]]
            id = "stripe"
            name = "Acme"
            alg = "hmac-sha512"
            sig = { header = "X-Acme", sep = ";", kv = ":", label = "s", enc = "hex" }
            content = "{sig:at}|{body}"
            ts = { from = "sig:at", unit = "iso", tol = 60 }
        "#;
        let file: File = toml::from_str(text).unwrap();
        let catalog = Catalog::with_user(file.provider).unwrap();
        assert_eq!(catalog.providers().count(), Catalog::builtin().providers().count());
        let right = "87dd75d6e3d788f296cf744dccbbfef3fb027b6b93eae49164d16e6587814f678c9afe61b952cd1a1b8e236967b0aa05d8b913a6560861f4e0f69555f75cc7a1";
        let head = format!("POST / HTTP/1.1\r\nX-Acme: at:2023-11-14T22:13:20Z;s:{right}\r\n\r\n");
        let secrets = [Secret::new("ACME", *b"acme-secret")];
        for (body, at, expected) in [
            (r#"{"a":1}"#, 1_700_000_060, Verdict::Valid),
            (r#"{"a":1}"#, 1_700_000_061, Verdict::Invalid(Code::TimestampTooOld)),
            (r#"{"a":2}"#, 1_700_000_000, Verdict::Invalid(Code::Mismatch)),
        ] {
            let request = Request {
                head: Head::new(head.as_bytes()),
                body: body.as_bytes(),
                provider: Some("stripe"),
                urls: &[],
                arrived: Timestamp::from_micros(at * 1_000_000),
                complete: true,
            };
            assert_eq!(catalog.check(&request, &Keys::of(&secrets)).verdict, expected, "{body} {at}");
        }
    }
}
