//! The client: limits, and the way from a planned request to an outcome.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use rustls::RootCertStore;
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout_at},
};

use super::{
    connect::{connect, name},
    error::SendError,
    exchange::exchange,
    tls::Tls,
};
use crate::domain::{
    delivery::{Outcome, Reply},
    replay::Outgoing,
};

/// What a client may take and where it may not go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The longest time until a connection is open: name, TCP and TLS together.
    pub connect: Duration,
    /// The longest time for a whole sending, from connecting to the last byte of the response.
    pub total: Duration,
    /// How many bytes of a response's body are kept.
    pub keep: usize,
    /// How many bytes of a body without an announced size are read to learn its size.
    pub read: u64,
    /// How many sendings are under way at once; further ones wait for their turn.
    pub in_flight: usize,
    /// The addresses that our own listener is bound to, as the socket reports them. Nothing is sent
    /// there.
    pub own: Vec<SocketAddr>,
}

impl Default for Options {
    /// 5 s to connect, 30 s in all, 1 MiB kept, 16 at once.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(30),
            keep: 1024 * 1024,
            read: 64 * 1024 * 1024,
            in_flight: 16,
            own: Vec::new(),
        }
    }
}

/// Sends planned requests. Cheap to clone; clones share the limit on what is under way.
#[derive(Clone, Debug)]
pub struct Client {
    options: Arc<Options>,
    tls: Arc<Tls>,
    turns: Arc<Semaphore>,
}

impl Client {
    /// A client that verifies certificates by what the system trusts. Opens and reads nothing yet.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self::with(options, Tls::default())
    }

    /// A client that verifies certificates by these authorities instead of the system's.
    #[must_use]
    pub fn trusting(options: Options, roots: RootCertStore) -> Self {
        Self::with(options, Tls::trusting(roots))
    }

    fn with(options: Options, tls: Tls) -> Self {
        let turns = Arc::new(Semaphore::new(options.in_flight.max(1)));
        Self { options: Arc::new(options), tls: Arc::new(tls), turns }
    }

    /// Sends a request over a connection of its own and waits for the response. Whatever the target
    /// does, this ends within [`Options::total`], once it is its turn. Dropping the future ends the
    /// connection.
    ///
    /// A response of any status is a success, redirects included. Must run on a tokio runtime with
    /// time and I/O.
    pub async fn send(&self, outgoing: Outgoing) -> Outcome {
        // Never closed, so this only waits.
        let _turn = self.turns.acquire().await.ok();
        let started = Instant::now();
        let result = self.try_send(outgoing, started).await;
        Outcome { took: started.elapsed(), result: result.map_err(|error| error.to_string()) }
    }

    async fn try_send(&self, outgoing: Outgoing, started: Instant) -> Result<Reply, SendError> {
        let options = &*self.options;
        let target = outgoing.target().clone();
        let deadline = started + options.total;
        let within = options.connect.min(options.total);
        let connected_by = started + within;
        let late = || SendError::ConnectTimeout { authority: name(&target), within };

        let stream = connect(&target, &options.own, connected_by).await?.ok_or_else(late)?;
        if target.tls {
            let wrapped = timeout_at(connected_by, self.tls.wrap(&target, stream)).await;
            exchange(wrapped.map_err(|_| late())??, outgoing, options, deadline).await
        } else {
            exchange(stream, outgoing, options, deadline).await
        }
    }
}
