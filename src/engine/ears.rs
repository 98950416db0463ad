//! The listening half of the program: server, feed, store and forwarder, connected.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, PoisonError, RwLock},
    time::{SystemTime, UNIX_EPOCH},
};

use tokio::{net::TcpListener, sync::Notify, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::{
    archive::Archive,
    client::{Client, Options},
    domain::{
        capture::CaptureId,
        store::{self, Version},
        time::Timestamp,
    },
    engine::{
        diagnoser::Diagnoser,
        feed::Feed,
        fetch::Fetcher,
        forward::Forwarder,
        headless::Source,
        keeper::{Keeper, SessionFile},
        library::Library,
        rules::Rules,
    },
    server::{self, App, ListenError, LiveEndpoints},
};

/// Everything that runs while the program listens.
pub struct Ears {
    /// The addresses that are listened at, the first of them the one that was asked for.
    pub addresses: Vec<SocketAddr>,
    /// The captures.
    pub library: Library,
    /// Where a reader begins who wants to know of the captures of this run alone.
    pub begin: (Version, CaptureId),
    /// Told after each change of the store. For one reader.
    pub changed: Arc<Notify>,
    /// As `changed`, for a second reader.
    pub watched: Arc<Notify>,
    /// The rules, exchanged live.
    pub rules: Arc<RwLock<Arc<Rules>>>,
    /// Sends captures on and again.
    pub forwarder: Forwarder,
    /// Fetches what was asked for, and nothing else.
    pub fetcher: Fetcher,
    diagnoser: Diagnoser,
    archive: Option<Archive>,
    endpoints: Arc<LiveEndpoints>,
    shutdown: CancellationToken,
    server: JoinHandle<()>,
}

/// The listening half after it stopped: its session file is still open.
pub struct Stopped(Option<Archive>);

impl Stopped {
    /// Closes the session file.
    ///
    /// # Errors
    /// A sentence: what could not be written.
    pub async fn close(self) -> Result<(), String> {
        Keeper::close(self.0).await
    }
}

/// What is listened for.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The address.
    pub address: SocketAddr,
    /// Whether `::1` is listened at as well: `localhost` means that for many senders.
    pub also_v6: bool,
    /// How much a request may be.
    pub limits: server::Limits,
    /// How much is kept.
    pub memory: store::Limits,
}

impl Ears {
    /// Starts to listen, with captures in memory alone or in a session file as well. Requests are accepted
    /// once this returns.
    ///
    /// # Errors
    /// When the address cannot be listened at; the message says what to do.
    pub async fn open(plan: Plan, rules: Rules, file: Option<SessionFile>) -> Result<Self, ListenError> {
        let listeners = server::bind(plan.address, plan.also_v6).await?;
        Ok(Self::over(listeners, plan, rules, file))
    }

    /// Starts to accept on listeners that are bound already.
    #[must_use]
    pub fn over(listeners: Vec<TcpListener>, plan: Plan, rules: Rules, file: Option<SessionFile>) -> Self {
        let addresses: Vec<SocketAddr> =
            listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect();
        let changed = Arc::new(Notify::new());
        let watched = Arc::new(Notify::new());
        let wake = [Arc::clone(&changed), Arc::clone(&watched)];
        let wake = move || wake.iter().for_each(|reader| reader.notify_one());
        let Keeper { library, archive } = Keeper::new(plan.memory, file, wake);
        let endpoints = Arc::new(LiveEndpoints::new((*rules.endpoints).clone()));
        let rules = Arc::new(RwLock::new(Arc::new(rules)));
        let client = Arc::new(Client::new(Options { own: addresses.clone(), ..Options::default() }));
        let forwarder = Forwarder::start(library.clone(), client, now);
        let fetching = Client::new(Fetcher::options(addresses.clone()));
        let fetcher = Fetcher::new(fetching, library.clone(), Arc::clone(&rules), now);
        let diagnoser = Diagnoser::new(library.clone(), Arc::clone(&rules));
        let store = Arc::clone(library.store());
        let begin = store.begin();
        let feed = Feed::new(
            store,
            archive.clone(),
            Arc::clone(&rules),
            forwarder.clone(),
            diagnoser.clone(),
            fetcher.clone(),
        );
        let app = App::new(Arc::new(feed), Arc::clone(&endpoints), now).with_limits(plan.limits);
        let shutdown = CancellationToken::new();
        let server = tokio::spawn(server::run(listeners, app, shutdown.clone()));
        Self {
            addresses,
            library,
            begin,
            changed,
            watched,
            rules,
            forwarder,
            fetcher,
            diagnoser,
            archive,
            endpoints,
            shutdown,
            server,
        }
    }

    /// Puts other rules in the place of these, for requests from now on.
    pub fn replace_rules(&self, rules: Rules) {
        // What was learnt or typed while the program runs is in no file.
        let rules = Rules { extra: Rules::current(&self.rules).extra.clone(), ..rules };
        self.endpoints.replace((*rules.endpoints).clone());
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
    }

    /// What a reader of captures needs that is told by one of the two notices.
    #[must_use]
    pub fn source(&self, told: &Arc<Notify>) -> Source {
        Source { library: self.library.clone(), begin: self.begin, changed: Arc::clone(told) }
    }

    /// The URL to give to senders.
    #[must_use]
    pub fn url(&self) -> String {
        self.addresses.first().map_or_else(String::new, |address| url_of(*address))
    }

    /// Stops accepting and lets requests under way be answered, for as long as the limits allow. Every
    /// capture is settled then. What is still sent is noted until the rest is closed as well.
    pub async fn stop(self) -> Stopped {
        self.shutdown.cancel();
        let _ = self.server.await;
        self.diagnoser.finish().await;
        Stopped(self.archive)
    }

    /// Stops, and closes the session file at once.
    ///
    /// # Errors
    /// A sentence: what could not be written.
    pub async fn close(self) -> Result<(), String> {
        self.stop().await.close().await
    }
}

/// The URL of an address. A listener on all networks is reachable at loopback too.
#[must_use]
pub fn url_of(address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}

/// The clock of the program.
#[must_use]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
