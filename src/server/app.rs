//! What all requests share.

use std::{fmt, sync::Arc};

use tokio_util::task::TaskTracker;

use crate::{
    domain::{
        capture::Incoming,
        sink::{Answered, AnsweredBy, Sink},
        time::Timestamp,
    },
    server::{budget::Budget, limits::Limits, live::LiveEndpoints},
};

/// What the listener works with. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// Where requests go.
    pub sink: Arc<dyn Sink>,
    /// The endpoints, exchanged live.
    pub endpoints: Arc<LiveEndpoints>,
    /// The limits; see [`App::with_limits`].
    pub(crate) limits: Limits,
    /// The clock that stamps arrivals.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Work that outlives the request it came from: the capture of a sender that hung up.
    pub(crate) tasks: TaskTracker,
    pub(crate) budget: Arc<Budget>,
}

impl App {
    /// An application with the default limits.
    #[must_use]
    pub fn new(
        sink: Arc<dyn Sink>,
        endpoints: Arc<LiveEndpoints>,
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Self {
        let limits = Limits::default();
        Self {
            sink,
            endpoints,
            limits,
            clock: Arc::new(clock),
            tasks: TaskTracker::new(),
            budget: Budget::new(limits.max_under_way),
        }
    }

    /// The same application with other limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, budget: Budget::new(limits.max_under_way), ..self }
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Keeps a request that gets no answer from an endpoint, with the status that went out (0 for
    /// none), even if nobody waits for it any more.
    pub(crate) fn keep_refused(&self, incoming: Incoming, status: u16) {
        // Without a runtime (the process ends) there is nothing that could keep it.
        if tokio::runtime::Handle::try_current().is_err() {
            return;
        }
        let sink = Arc::clone(&self.sink);
        self.tasks.spawn(async move {
            let receipt = sink.accept(incoming).await;
            sink.answered(receipt.id, Answered { status, by: AnsweredBy::Refused });
        });
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("endpoints", &self.endpoints)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
