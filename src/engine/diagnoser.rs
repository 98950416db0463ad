//! Diagnoses failed checks beside the path that answers: one at a time, the newest first.
//!
//! The queue is bounded, so that a flood of wrong signatures costs at most one core and no memory. What
//! falls out of it keeps its first code and says that it was not diagnosed.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use tokio::sync::Notify;

use crate::{
    domain::{
        capture::CaptureId,
        signature::{Check, Code, Verdict},
    },
    engine::{library::Library, rules::Rules},
};

/// How many captures wait; at 20 ms each the last one waits little more than a second.
const MOST: usize = 64;

/// Why a capture has no diagnosis.
const SKIPPED: &str = "The signature does not hold. So many requests with wrong signatures came at once that the \
                       cause was not looked for; open the Signature pane of this one to look for it.";

/// Looks for the causes of failed checks. Cheap to clone.
#[derive(Clone)]
pub struct Diagnoser {
    inner: Arc<Inner>,
}

struct Inner {
    library: Library,
    rules: Arc<RwLock<Arc<Rules>>>,
    // A std mutex: all work under it is O(1), and nothing awaits while holding it.
    queue: Mutex<Queue>,
    idle: Notify,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<CaptureId>,
    running: bool,
}

impl Diagnoser {
    /// A diagnoser of captures.
    #[must_use]
    pub fn new(library: Library, rules: Arc<RwLock<Arc<Rules>>>) -> Self {
        let inner = Inner { library, rules, queue: Mutex::default(), idle: Notify::new() };
        Self { inner: Arc::new(inner) }
    }

    /// Marks the result of a check that failed as one whose cause will be looked for.
    #[must_use]
    pub fn mark(mut check: Check) -> Check {
        check.searching = matches!(check.verdict, Verdict::Invalid(_));
        check
    }

    /// Looks for the cause of a capture's failed check, soon.
    pub fn ask(&self, id: CaptureId) {
        let (skipped, start) = {
            let mut queue = self.inner.lock();
            queue.waiting.push_back(id);
            let skipped = if queue.waiting.len() > MOST { queue.waiting.pop_front() } else { None };
            (skipped, !std::mem::replace(&mut queue.running, true))
        };
        if let Some(id) = skipped {
            self.inner.skip(id);
        }
        if start {
            let inner = Arc::clone(&self.inner);
            tokio::task::spawn_blocking(move || inner.work());
        }
    }

    /// Gives up what waits and ends with what is under way, so that every capture is settled.
    pub async fn finish(&self) {
        let waiting = std::mem::take(&mut self.inner.lock().waiting);
        waiting.into_iter().for_each(|id| self.inner.skip(id));
        loop {
            let idle = self.inner.idle.notified();
            if !self.inner.lock().running {
                return;
            }
            idle.await;
        }
    }
}

impl Inner {
    fn work(&self) {
        loop {
            let next = {
                let mut queue = self.lock();
                let next = queue.waiting.pop_back();
                queue.running = next.is_some();
                next
            };
            let Some(id) = next else {
                // Stores a permit when nobody waits yet.
                self.idle.notify_one();
                return;
            };
            // A request that makes a diagnosis panic must not stop every later one.
            if catch_unwind(AssertUnwindSafe(|| self.diagnose(id))).is_err() {
                self.skip(id);
            }
        }
    }

    fn diagnose(&self, id: CaptureId) {
        let Ok(record) = self.library.record(id) else { return };
        let rules = Rules::current(&self.rules);
        let endpoint = rules.endpoint_of(&record.capture);
        let found = rules.diagnose(&record.capture, endpoint);
        match (found, record.check) {
            (Some(diagnosis), Some(check)) => {
                let mut check = Check::clone(&check);
                diagnosis.settle(&mut check);
                self.library.store().checked(id, check);
            }
            // Other rules are in force by now, and by these nothing is wrong.
            _ => self.skip(id),
        }
    }

    fn skip(&self, id: CaptureId) {
        let Some(check) = self.library.store().row(id).and_then(|row| row.check) else { return };
        let mut check = Check::clone(&check);
        check.searching = false;
        if check.cause.is_none() && check.verdict.code() == Some(Code::Mismatch) {
            check.cause = Some(SKIPPED.into());
        }
        self.library.store().checked(id, check);
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
