//! The listener on real sockets, with a sink that records.

mod answers;
mod limits;
mod refused;
mod wire;

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{Arc, Condvar, Mutex},
    time::{Duration, Instant},
};

use hookglass::{
    domain::{
        capture::{CaptureId, Cut, Incoming},
        endpoint::Endpoints,
        handshake::Handshake,
        signature::Verdict,
        sink::{Answered, BoxFuture, Receipt, Sink, TargetReply},
        time::Timestamp,
    },
    server::{App, Limits, LiveEndpoints, bind, run},
};
use tokio::{runtime::Runtime, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// How long a state may take to come about before a test fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// A request as the sink got it, and what it was told of the answer.
pub(crate) struct Seen {
    pub(crate) incoming: Incoming,
    pub(crate) answered: Option<Answered>,
}

/// A sink that keeps everything and answers as it is told.
#[derive(Default)]
pub(crate) struct Recorder {
    seen: Mutex<Vec<Seen>>,
    changed: Condvar,
    pub(crate) unsaved: Mutex<bool>,
    pub(crate) verdict: Mutex<Option<Verdict>>,
    pub(crate) reply: Mutex<Option<TargetReply>>,
    pub(crate) handshake: Mutex<Option<Handshake>>,
}

impl Sink for Recorder {
    fn accept(&self, incoming: Incoming) -> BoxFuture<'_, Receipt> {
        let mut seen = self.seen.lock().unwrap();
        seen.push(Seen { incoming, answered: None });
        let id = CaptureId(seen.len() as u64);
        self.changed.notify_all();
        let (verdict, saved) = (*self.verdict.lock().unwrap(), !*self.unsaved.lock().unwrap());
        let handshake = self.handshake.lock().unwrap().clone();
        Box::pin(async move { Receipt { id, verdict, handshake, saved } })
    }

    fn target_reply(&self, _: CaptureId) -> BoxFuture<'_, Option<TargetReply>> {
        let reply = self.reply.lock().unwrap().clone();
        Box::pin(async move { reply })
    }

    fn answered(&self, id: CaptureId, answered: Answered) {
        let mut seen = self.seen.lock().unwrap();
        let place = usize::try_from(id.0).unwrap() - 1;
        assert!(seen[place].answered.replace(answered).is_none(), "answered twice: {id}");
        self.changed.notify_all();
    }
}

/// A running listener.
pub(crate) struct Server {
    pub(crate) runtime: Runtime,
    pub(crate) address: SocketAddr,
    pub(crate) sink: Arc<Recorder>,
    pub(crate) endpoints: Arc<LiveEndpoints>,
    pub(crate) shutdown: CancellationToken,
    pub(crate) done: JoinHandle<()>,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with(Limits::default(), Endpoints::default())
    }

    pub(crate) fn with(limits: Limits, endpoints: Endpoints) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let sink = Arc::new(Recorder::default());
        let endpoints = Arc::new(LiveEndpoints::new(endpoints));
        let clock = || Timestamp::from_micros(1_700_000_000_000_000);
        let app = App::new(Arc::clone(&sink) as Arc<dyn Sink>, Arc::clone(&endpoints), clock);
        let shutdown = CancellationToken::new();
        let listeners = runtime.block_on(bind(([127, 0, 0, 1], 0).into(), false)).unwrap();
        let address = listeners[0].local_addr().unwrap();
        let done = runtime.spawn(run(listeners, app.with_limits(limits), shutdown.clone()));
        Self { runtime, address, sink, endpoints, shutdown, done }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
    }

    /// Sends bytes, ends the sending side, and returns all that is answered.
    pub(crate) fn exchange(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        stream.write_all(bytes).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        rest(&mut stream)
    }

    /// Sends bytes and returns the head of the first answer, with the connection.
    pub(crate) fn ask(&self, bytes: &[u8]) -> (String, TcpStream) {
        let mut stream = self.connect();
        stream.write_all(bytes).unwrap();
        (head(&mut stream), stream)
    }

    /// Waits until exactly so many requests were taken in and answered, and looks at them.
    pub(crate) fn settled<T>(&self, count: usize, look: impl FnOnce(&[Seen]) -> T) -> T {
        self.at_least(count, |seen| {
            assert_eq!(seen.len(), count, "{:?}", seen.iter().map(|s| &s.incoming).collect::<Vec<_>>());
            look(seen)
        })
    }

    /// Waits until so many requests were taken in, and all that were are answered.
    pub(crate) fn at_least<T>(&self, count: usize, look: impl FnOnce(&[Seen]) -> T) -> T {
        let until = Instant::now() + PATIENCE;
        let mut seen = self.sink.seen.lock().unwrap();
        while seen.len() < count || seen.iter().any(|seen| seen.answered.is_none()) {
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "{} of {count} requests after {PATIENCE:?}", seen.len());
            seen = self.sink.changed.wait_timeout(seen, left).unwrap().0;
        }
        look(&seen)
    }

    /// The cut, the answered status and the refusal of the only request.
    pub(crate) fn only(&self) -> (Option<Cut>, u16, String) {
        self.settled(1, |seen| {
            let Seen { incoming, answered } = &seen[0];
            (incoming.cut, answered.unwrap().status, incoming.refusal.clone().unwrap_or_default())
        })
    }
}

/// Reads up to the end of a head.
pub(crate) fn head(stream: &mut TcpStream) -> String {
    let (mut bytes, mut byte) = (Vec::new(), [0]);
    while !bytes.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() > 0 {
        bytes.push(byte[0]);
    }
    String::from_utf8(bytes).unwrap()
}

/// Reads to the end of the connection, which may also be cut.
pub(crate) fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    if let Err(error) = stream.read_to_end(&mut bytes) {
        assert!(error.kind() == std::io::ErrorKind::ConnectionReset, "{error}");
    }
    String::from_utf8(bytes).unwrap()
}

/// The status of an answer; 0 for none.
pub(crate) fn status(answer: &str) -> u16 {
    answer.get(9..12).map_or(0, |digits| digits.parse().unwrap())
}
