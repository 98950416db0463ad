//! The two things that are fetched, each only when somebody said so: keys that a provider publishes
//! (`--fetch-keys`), and the address that confirms a subscription (a key press and a question).
//!
//! Where a request goes is never the sender's to choose: the catalogue fixes the address or its hosts.
//! TLS is verified, no redirect is followed, little is read, and each address is called once a run.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use crate::{
    client::{Client, Options},
    domain::{
        capture::{Capture, HttpVersion, Incoming},
        delivery::{Delivery, DeliveryKind, Outcome, Reply},
        handshake::subscription,
        replay::plan,
        signature::{Check, KeyAddress, Secret, Verdict, published_key},
        summary::Origin,
        target::Target,
        time::Timestamp,
    },
    engine::{library::Library, rules::Rules, whatif},
};

/// The longest that a fetch takes.
const DEADLINE: Duration = Duration::from_secs(5);
/// The largest published key that is read, in bytes.
const LARGEST: usize = 256 << 10;
/// The most addresses that are called in a run: of an address with bounded hosts the path is the sender's.
const MOST: usize = 32;

/// Fetches. Cheap to clone.
#[derive(Clone)]
pub struct Fetcher {
    client: Client,
    library: Library,
    rules: Arc<RwLock<Arc<Rules>>>,
    clock: fn() -> Timestamp,
    /// The addresses that were called, so that each is called once.
    called: Arc<Mutex<BTreeSet<KeyAddress>>>,
    /// Where a target really is; for tests, as the real ones are not theirs to call.
    route: Arc<dyn Fn(Target) -> Target + Send + Sync>,
}

impl Fetcher {
    /// The limits of a client for this.
    #[must_use]
    pub fn options(own: Vec<std::net::SocketAddr>) -> Options {
        Options {
            connect: DEADLINE,
            total: DEADLINE,
            keep: LARGEST,
            read: LARGEST as u64 + 1,
            in_flight: 4,
            own,
        }
    }

    /// A fetcher over a client.
    #[must_use]
    pub fn new(
        client: Client,
        library: Library,
        rules: Arc<RwLock<Arc<Rules>>>,
        clock: fn() -> Timestamp,
    ) -> Self {
        Self { client, library, rules, clock, called: Arc::default(), route: Arc::new(|target| target) }
    }

    /// The same with other addresses behind the names.
    #[must_use]
    pub fn routed(self, route: impl Fn(Target) -> Target + Send + Sync + 'static) -> Self {
        Self { route: Arc::new(route), ..self }
    }

    /// Fetches the key of a capture that could not be checked without it, if that is switched on. The
    /// provider's captures are checked again when it is there. Must run on a runtime.
    pub fn key_for(&self, rules: &Rules, capture: &Capture, check: &Check) {
        if !rules.fetch_keys
            || check.signed_ok
            || !matches!(check.verdict, Verdict::Unchecked | Verdict::Invalid(_))
        {
            return;
        }
        let provider = capture.summary.provider.as_deref().and_then(|id| rules.catalog.provider(id));
        let Some(provider) = provider.filter(|provider| provider.publishes_keys()) else { return };
        let Some(address) = provider.key_address(capture.head(), capture.body()) else { return };
        {
            let mut called = self.called.lock().unwrap_or_else(PoisonError::into_inner);
            if called.len() >= MOST || !called.insert(address.clone()) {
                return;
            }
        }
        let (fetcher, provider): (Self, Arc<str>) = (self.clone(), provider.id().into());
        tokio::spawn(async move { fetcher.fetch(&provider, &address).await });
    }

    async fn fetch(&self, provider: &Arc<str>, address: &KeyAddress) {
        let key = self.key_at(address).await;
        let rules = Rules::current(&self.rules);
        match key {
            Err(why) => {
                let text = format!("The key at {} could not be fetched: {why}", address.as_str());
                rules.extra.note_key(provider, text);
                rules.extra.touch(provider);
            }
            Ok(key) => {
                let secret = Secret::new(format!("the key at {}", address.as_str()), key);
                rules.extra.fetched(provider, secret);
            }
        }
        let (library, provider) = (self.library.clone(), Arc::clone(provider));
        let checked = tokio::task::spawn_blocking(move || whatif::check_again(&library, &rules, &provider));
        let _ = checked.await;
    }

    async fn key_at(&self, address: &KeyAddress) -> Result<Vec<u8>, String> {
        let (target, path) = address.parts().ok_or("the address cannot be read")?;
        let reply = self.get(target, &path).await.1.result?;
        match reply.status {
            200 if reply.cut_from.is_some() => Err(format!("it is larger than {} KiB.", LARGEST >> 10)),
            200 => published_key(&reply.body).ok_or_else(|| "what came is no public key.".to_owned()),
            300..400 => Err(format!("it answered {}, and redirects are not followed.", reply.status)),
            status => Err(format!("it answered {status}.")),
        }
    }

    /// Opens the URL that confirms a subscription. The outcome is noted as a delivery of the capture.
    /// Must run on a runtime.
    pub fn confirm(&self, capture: &Arc<Capture>) {
        let asked = subscription(capture.head(), capture.body());
        let Some((target, path)) = asked.and_then(|asked| asked.parts()) else { return };
        let (fetcher, id) = (self.clone(), capture.id());
        tokio::spawn(async move {
            let started_at = (fetcher.clock)();
            let (url, outcome) = fetcher.get(target, &path).await;
            fetcher.library.store().deliver(Delivery {
                capture: id,
                attempt: 0,
                kind: DeliveryKind::Test,
                url: url.into(),
                started_at,
                outcome: Some(outcome),
            });
        });
    }

    /// The URL, and what came of it.
    async fn get(&self, target: Target, path: &str) -> (String, Outcome) {
        let url = format!("{}{path}", target.origin());
        let target = (self.route)(target);
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nUser-Agent: hookglass/{}\r\nAccept: */*\r\n\r\n",
            target.authority(),
            env!("CARGO_PKG_VERSION")
        );
        let incoming = Incoming {
            received_at: (self.clock)(),
            remote: ([127, 0, 0, 1], 0).into(),
            version: HttpVersion::Http11,
            head: head.into_bytes(),
            body: Vec::new(),
            trailers: Vec::new(),
            cut: None,
            announced: None,
            refusal: None,
        };
        let capture = Arc::new(Capture::new(incoming, None, Origin::default()));
        let failed = |why: String| Outcome { took: Duration::ZERO, result: Err::<Reply, _>(why) };
        let outcome = match plan(&capture, &target, "", DeliveryKind::Test) {
            Ok(outgoing) => self.client.send(outgoing).await,
            Err(error) => failed(error.to_string()),
        };
        (url, outcome)
    }
}
