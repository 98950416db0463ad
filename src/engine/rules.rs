//! What decides about a request: endpoints, secrets, the catalogue, targets. One value that is swapped
//! whole when the configuration changes.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use crate::{
    app::tolerance::Tolerances,
    config::Network,
    domain::{
        capture::Capture,
        endpoint::Endpoints,
        handshake::{self, Handshake, Knock},
        headers::Head,
        public_url,
        record::Record,
        signature::{
            Budget, Catalog, Check, Diagnosis, Keys, Known, Provider, Report, Request, Scheme, Secret,
            Surroundings, Verdict,
        },
        target::Target,
    },
    engine::{
        extra::Extra,
        secrets::{Keyring, Owner},
    },
};

/// The rules as they stand.
#[derive(Debug)]
pub struct Rules {
    /// The endpoints in their order.
    pub endpoints: Arc<Endpoints>,
    /// The secrets.
    pub keyring: Keyring,
    /// The providers.
    pub catalog: Arc<Catalog>,
    /// The URL that the world sees, without a slash at its end; found from the request when it is not set.
    pub public_url: Option<String>,
    /// Whose forwarding headers count, beside those of loopback peers, which are tunnels on this machine.
    pub trusted: Vec<Network>,
    /// Where captures go on to whose endpoint names no target.
    pub forward_to: Vec<Target>,
    /// Whether keys that providers publish are fetched.
    pub fetch_keys: bool,
    /// The secrets that came while the program runs.
    pub extra: Extra,
}

/// A target with the mount point that its endpoint gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mounted {
    /// Where to send to.
    pub target: Target,
    /// The fixed part of the endpoint's path; empty without an endpoint.
    pub mount: String,
}

impl Rules {
    /// The rules at this moment.
    #[must_use]
    pub fn current(shared: &RwLock<Arc<Self>>) -> Arc<Self> {
        Arc::clone(&shared.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The place of the endpoint of a capture.
    #[must_use]
    pub fn endpoint_of(&self, capture: &Capture) -> Option<usize> {
        let head = capture.head();
        self.endpoints.find(head.method(), head.target()).map(|(index, _)| index)
    }

    /// Checks the signature of a capture.
    #[must_use]
    pub fn check(&self, capture: &Capture, endpoint: Option<usize>) -> Check {
        self.with_request(capture, endpoint, |catalog, request, keys| catalog.check(request, keys))
    }

    /// Checks the signature of a capture with these secrets and no others.
    #[must_use]
    pub fn check_with(&self, capture: &Capture, endpoint: Option<usize>, secrets: &[Secret]) -> Check {
        self.with_request(capture, endpoint, |catalog, request, keys| {
            catalog.check(request, &Keys { secrets, ..*keys })
        })
    }

    /// What the check of a record says, in sentences without any secret; empty while it is under way.
    #[must_use]
    pub fn explain(&self, record: &Record) -> String {
        let provider = record.capture.summary.provider.as_deref();
        record.check.as_ref().map_or_else(String::new, |check| self.catalog.explain(check, provider))
    }

    /// Looks for the cause of a failed check; `None` when the check does not fail. Takes up to 20 ms.
    #[must_use]
    pub fn diagnose(&self, capture: &Capture, endpoint: Option<usize>) -> Option<Diagnosis> {
        let known = self.all_known();
        let around = Surroundings { known: &known, attempt: capture.summary.attempt() };
        self.with_request(capture, endpoint, |catalog, request, keys| {
            catalog.diagnose(request, keys, &around, Budget::default())
        })
    }

    /// Everything about the signature of a capture, for somebody who looks at it: with the cause, where
    /// the check fails.
    #[must_use]
    pub fn report(&self, capture: &Capture, endpoint: Option<usize>) -> Report {
        let known = self.all_known();
        let around = Surroundings { known: &known, attempt: capture.summary.attempt() };
        self.with_request(capture, endpoint, |catalog, request, keys| {
            catalog.report_with_cause(request, keys, &around)
        })
    }

    /// All secrets, with whose they are.
    #[must_use]
    pub fn all_known(&self) -> Vec<Known> {
        self.keyring.all().map(|(owner, secret)| self.known(owner, secret)).collect()
    }

    /// The names of all secrets that requests of a provider may be checked with.
    #[must_use]
    pub fn names_of(&self, provider: &str) -> Vec<Arc<str>> {
        let all = self.all_known().into_iter();
        let ours = all.filter(|known| known.provider.as_deref() == Some(provider));
        let mut names: Vec<Arc<str>> = ours.map(|known| known.secret.label).collect();
        names.extend(self.extra.names(provider));
        names
    }

    fn known(&self, owner: Owner<'_>, secret: &Secret) -> Known {
        let secret = secret.clone();
        match owner {
            Owner::Provider(id) => Known { provider: Some(id.into()), endpoint: None, secret },
            Owner::Endpoint(index) => {
                let rule = self.endpoints.list.get(index);
                Known {
                    provider: rule.and_then(|rule| rule.provider.as_deref()).map(Into::into),
                    endpoint: rule.map(|rule| Arc::clone(&rule.name)),
                    secret,
                }
            }
        }
    }

    /// The answer that a provider's handshake wants, if a capture is one and its endpoint allows it.
    #[must_use]
    pub fn handshake(
        &self,
        capture: &Capture,
        endpoint: Option<usize>,
        check: Option<&Check>,
    ) -> Option<Handshake> {
        let rule = endpoint.map(|index| &self.endpoints.list[index]);
        if rule.is_some_and(|rule| rule.handshakes == Some(false)) || capture.summary.cut.is_some() {
            return None;
        }
        let none = BTreeMap::new();
        let configured = rule.and_then(|rule| rule.provider.as_deref());
        let target = capture.head().target();
        let secrets = |id: &str| {
            // The secrets of an endpoint that names no provider could be anybody's: they sign nothing.
            let endpoint = endpoint.filter(|_| configured == Some(id));
            let held = self.keyring.secrets(endpoint, Some(id));
            [held, self.keyring.public_keys(endpoint), &self.extra.secrets(id, target)].concat()
        };
        let found = handshake::answer(&Knock {
            head: capture.head(),
            body: capture.body(),
            provider: capture.summary.provider.as_deref(),
            configured,
            verdict: check.map_or(Verdict::Unchecked, |check| check.verdict),
            matched: check.and_then(|check| check.secret.as_deref()),
            params: rule.map_or(&none, |rule| &rule.params),
            secrets: &secrets,
        })?;
        // No provider sends from a page in a browser, and no page has a handshake to make.
        (!self.from_web_page(capture.head())).then_some(found)
    }

    /// Whether captures of an endpoint are sent on.
    #[must_use]
    pub fn forwards(&self, endpoint: Option<usize>) -> bool {
        !self.bases(endpoint).is_empty()
    }

    /// Where captures of an endpoint are sent on to.
    #[must_use]
    pub fn targets(&self, endpoint: Option<usize>) -> Vec<Mounted> {
        let mount = endpoint.map_or("", |index| self.endpoints.list[index].mount());
        self.bases(endpoint)
            .iter()
            .map(|target| Mounted { target: target.clone(), mount: mount.to_owned() })
            .collect()
    }

    /// Whether a request was sent by a page of another site in a browser on this machine. Such a request
    /// can reach a loopback listener without anybody's will, so it is captured but not sent on by itself.
    #[must_use]
    pub fn from_web_page(&self, head: Head<'_>) -> bool {
        if let Some(site) = head.get("sec-fetch-site") {
            return site.eq_ignore_ascii_case(b"cross-site") || site.eq_ignore_ascii_case(b"same-site");
        }
        head.get("origin").is_some_and(|origin| {
            let host = head.get("host").unwrap_or_default();
            let own = [&b"http://"[..], b"https://"]
                .iter()
                .any(|scheme| origin.strip_prefix(*scheme) == Some(host));
            !own && (origin.starts_with(b"http://") || origin.starts_with(b"https://") || origin == b"null")
        })
    }

    fn bases(&self, endpoint: Option<usize>) -> &[Target] {
        match endpoint.map(|index| &self.endpoints.list[index].forward_to) {
            Some(own) if !own.is_empty() => own,
            _ => &self.forward_to,
        }
    }

    /// What is known about the tolerance for the provider of a capture.
    #[must_use]
    pub fn tolerances(&self, capture: &Capture) -> Option<Tolerances> {
        let provider = self.catalog.provider(capture.summary.provider.as_deref()?)?;
        let endpoint = self.endpoint_of(capture);
        let schemes = provider.schemes();
        Some(Tolerances {
            provider: provider.id().into(),
            name: provider.name().to_owned(),
            documented: schemes.iter().filter_map(Scheme::tolerance).max(),
            endpoint: endpoint.and_then(|index| self.endpoints.list[index].tolerance),
            run: self.extra.tolerance(provider.id()),
            signs_time: schemes.iter().any(Scheme::has_time),
        })
    }

    /// How old a signed time may be, where somebody or the endpoint says it.
    fn tolerance(&self, provider: Option<&str>, endpoint: Option<usize>) -> Option<Duration> {
        let run = provider.and_then(|id| self.extra.tolerance(id));
        run.or_else(|| endpoint.and_then(|index| self.endpoints.list[index].tolerance))
    }

    fn with_request<T>(
        &self,
        capture: &Capture,
        endpoint: Option<usize>,
        work: impl FnOnce(&Catalog, &Request<'_>, &Keys<'_>) -> T,
    ) -> T {
        let none = BTreeMap::new();
        let rule = endpoint.map(|index| &self.endpoints.list[index]);
        let provider = capture.summary.provider.as_deref();
        let signs_url = provider.and_then(|id| self.catalog.provider(id)).is_some_and(Provider::signs_url);
        let urls = if signs_url {
            let remote = capture.summary.remote.ip().to_canonical();
            let trusted = remote.is_loopback() || self.trusted.iter().any(|network| network.contains(remote));
            public_url::candidates(self.public_url.as_deref(), capture.head(), trusted)
        } else {
            Vec::new()
        };
        let held = self.keyring.secrets(endpoint, provider);
        let public = self.keyring.public_keys(endpoint);
        let extra = provider.map_or_else(Vec::new, |id| self.extra.secrets(id, capture.head().target()));
        let all: Vec<Secret>;
        let secrets = if public.is_empty() && extra.is_empty() {
            held
        } else {
            all = [public, held, &extra].concat();
            &all
        };
        let request = Request {
            head: capture.head(),
            body: capture.body(),
            provider,
            urls: &urls,
            arrived: capture.summary.received_at,
            complete: capture.summary.cut.is_none(),
        };
        let keys = Keys {
            secrets,
            params: rule.map_or(&none, |rule| &rule.params),
            tolerance: self.tolerance(provider, endpoint),
        };
        work(&self.catalog, &request, &keys)
    }
}
