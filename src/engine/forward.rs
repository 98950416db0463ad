//! Sending captures on: by themselves as they arrive, and again when somebody asks.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::{
    client::Client,
    domain::{
        capture::{Capture, CaptureId},
        delivery::{Delivery, DeliveryKind, Outcome},
        replay::plan,
        sink::TargetReply,
        time::Timestamp,
    },
    engine::{
        library::{Library, Missing},
        rules::Mounted,
    },
};

/// How many captures may wait to be sent. They wait as numbers: their bytes stay in the store alone.
const LONGEST_QUEUE: usize = 65_536;

/// How many captures are on their way at a time.
const IN_FLIGHT: usize = 16;

/// Hands captures to the client. Cheap to clone.
#[derive(Clone)]
pub struct Forwarder {
    library: Library,
    clock: fn() -> Timestamp,
    queue: mpsc::Sender<Job>,
    /// Senders that wait for the target's own answer.
    waiting: Arc<Mutex<HashMap<CaptureId, oneshot::Receiver<TargetReply>>>>,
}

struct Job {
    capture: CaptureId,
    /// The capture itself where somebody chose it: it is sent even when the store no longer has it.
    chosen: Option<Arc<Capture>>,
    to: Mounted,
    kind: DeliveryKind,
    answer: Option<oneshot::Sender<TargetReply>>,
}

impl Forwarder {
    /// A forwarder over a client. Its work runs on the runtime that this is called in.
    #[must_use]
    pub fn start(library: Library, client: Arc<Client>, clock: fn() -> Timestamp) -> Self {
        let (queue, jobs) = mpsc::channel(LONGEST_QUEUE);
        tokio::spawn(work(library.clone(), client, clock, jobs));
        Self { library, clock, queue, waiting: Arc::default() }
    }

    /// Sends a capture on to its targets. `wait` keeps the first target's answer for [`Self::reply`].
    pub fn forward(&self, capture: CaptureId, targets: Vec<Mounted>, wait: bool) {
        for (index, to) in targets.into_iter().enumerate() {
            let mut answer = None;
            if wait && index == 0 {
                let (sender, receiver) = oneshot::channel();
                self.lock_waiting().insert(capture, receiver);
                answer = Some(sender);
            }
            self.enqueue(Job { capture, chosen: None, to, kind: DeliveryKind::Forward, answer });
        }
    }

    /// Notes for each target why a capture is not sent on.
    pub fn withhold(&self, capture: CaptureId, targets: Vec<Mounted>, why: &str) {
        for to in targets {
            self.fail(capture, DeliveryKind::Forward, &to, why.to_owned());
        }
    }

    /// Sends a capture again.
    pub fn replay(&self, capture: Arc<Capture>, to: Mounted) {
        self.enqueue(Job {
            capture: capture.id(),
            chosen: Some(capture),
            to,
            kind: DeliveryKind::Replay,
            answer: None,
        });
    }

    /// The answer of the first target to a capture that was forwarded with `wait`.
    pub async fn reply(&self, capture: CaptureId) -> Option<TargetReply> {
        let receiver = self.lock_waiting().remove(&capture)?;
        receiver.await.ok()
    }

    /// Forgets an answer that nobody will ask for, because the sender was answered.
    pub fn forget(&self, capture: CaptureId) {
        self.lock_waiting().remove(&capture);
    }

    fn enqueue(&self, job: Job) {
        if let Err(refused) = self.queue.try_send(job) {
            let job = refused.into_inner();
            let why = format!("Not sent: {LONGEST_QUEUE} captures already wait for their targets.");
            self.fail(job.capture, job.kind, &job.to, why);
        }
    }

    fn fail(&self, capture: CaptureId, kind: DeliveryKind, to: &Mounted, why: String) {
        let outcome = Outcome { took: Duration::ZERO, result: Err(why) };
        self.library.store().deliver(Delivery {
            capture,
            attempt: 0,
            kind,
            url: to.target.to_string().into(),
            started_at: (self.clock)(),
            outcome: Some(outcome),
        });
    }

    fn lock_waiting(&self) -> std::sync::MutexGuard<'_, HashMap<CaptureId, oneshot::Receiver<TargetReply>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes jobs in order; each is sent in a task of its own once the client has room for it.
async fn work(
    library: Library,
    client: Arc<Client>,
    clock: fn() -> Timestamp,
    mut jobs: mpsc::Receiver<Job>,
) {
    let places = Arc::new(Semaphore::new(IN_FLIGHT));
    while let Some(job) = jobs.recv().await {
        // A place first: a capture that waits must not be held in memory by its waiting.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let (library, client) = (library.clone(), Arc::clone(&client));
        tokio::spawn(async move {
            send(&library, &client, clock, job).await;
            drop(place);
        });
    }
}

async fn send(library: &Library, client: &Client, clock: fn() -> Timestamp, job: Job) {
    let store = library.store();
    let capture = match job.chosen {
        Some(capture) => Ok(capture),
        None => library.fetch(job.capture).await.map(|record| record.capture),
    };
    let capture = match capture {
        Ok(capture) => capture,
        // Gone while it waited: there is no capture left to note it on.
        Err(Missing::Gone) => return,
        Err(why) => {
            store.deliver(Delivery {
                capture: job.capture,
                attempt: 0,
                kind: job.kind,
                url: job.to.target.to_string().into(),
                started_at: clock(),
                outcome: Some(Outcome { took: Duration::ZERO, result: Err(why.to_string()) }),
            });
            return;
        }
    };
    let planned = plan(&capture, &job.to.target, &job.to.mount, job.kind);
    drop(capture);
    let url =
        planned.as_ref().map_or_else(|_| job.to.target.to_string(), |outgoing| outgoing.url().to_owned());
    let begun = store.deliver(Delivery {
        capture: job.capture,
        attempt: 0,
        kind: job.kind,
        url: url.into(),
        started_at: clock(),
        outcome: None,
    });
    let outcome = match planned {
        Ok(outgoing) => client.send(outgoing).await,
        Err(error) => Outcome { took: Duration::ZERO, result: Err(error.to_string()) },
    };
    if let Some(answer) = job.answer {
        let _ = answer.send(match &outcome.result {
            Ok(reply) => TargetReply::Answered(Arc::new(reply.clone())),
            Err(why) => TargetReply::Failed(why.as_str().into()),
        });
    }
    if let Some(begun) = begun {
        store.delivered(Arc::new(Delivery { outcome: Some(outcome), ..Delivery::clone(&begun) }));
    }
}
