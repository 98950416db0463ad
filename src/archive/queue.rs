//! What waits to be written, between those who hand it over and the writer.
//!
//! Captures leave the front only when they are committed: a failed attempt moves nothing. While writing
//! fails they stay as pending ones, without anybody who waits for them and within a bound.

use std::{
    collections::{HashSet, VecDeque},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::{
    archive::{
        Change, Unsaved,
        batch::{Batch, Done, Missing, Todo},
        changes::{Changes, Joined},
    },
    domain::{
        capture::{Capture, CaptureId},
        record::Remark,
        signature::Check,
    },
};

/// Bytes for which one permit stands.
const UNIT: u64 = 1_024;
/// How long changes wait for captures to be written with: nobody waits for them, and a commit of their own
/// for each answer would cost as much as the capture itself.
const LINGER: Duration = Duration::from_millis(10);
/// Bytes and number of captures in one transaction: they bound how long the first of them waits.
const BATCH_BYTES: u64 = 16 << 20;
const BATCH: usize = 1_024;

/// How much may wait, in bytes.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    /// Beyond this those who hand over captures wait.
    pub(super) waiting: u64,
    /// While writing fails, captures beyond this are given up.
    pub(super) pending: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { waiting: 64 << 20, pending: 64 << 20 }
    }
}

/// The queue, shared by all handles and the writer.
pub(super) struct Queue {
    state: Mutex<State>,
    /// Wakes the writer.
    wake: Condvar,
    room: Arc<Semaphore>,
    bounds: Bounds,
}

/// A capture to be written.
pub(super) struct Item {
    pub(super) capture: Arc<Capture>,
    pub(super) check: Option<Arc<Check>>,
    pub(super) remark: Option<Arc<Remark>>,
}

/// How keeping a capture ended, for the one who handed it over.
pub(super) struct Told {
    pub(super) end: Result<(), Unsaved>,
    /// What was handed over, and its room. They were made where they are now let go of: the writer, of which
    /// there is one, would have to wait for the allocator of others.
    _back: Option<(Arc<Item>, OwnedSemaphorePermit)>,
}

type Acknowledgement = oneshot::Sender<Told>;

struct Waiting {
    item: Arc<Item>,
    /// Who waits for the commit; nobody for a pending one.
    waits: Option<(Acknowledgement, OwnedSemaphorePermit)>,
}

#[derive(Default)]
struct State {
    items: VecDeque<Waiting>,
    changes: Changes,
    /// Captures that wait for room: their changes wait with them.
    outside: HashSet<CaptureId>,
    pending: u64,
    pending_bytes: u64,
    given_up: u64,
    /// The highest number that was handed over.
    highest: u64,
    failing: Option<Arc<str>>,
    closing: bool,
    /// How many captures the writer waits for; it need not be woken before.
    wanted: usize,
    /// Whether the writer sleeps and nobody has woken it yet: to wake who is awake costs a system call.
    asleep: bool,
}

/// How handing over a capture went.
pub(super) enum Handed {
    /// Wait for this.
    Wait(oneshot::Receiver<Told>),
    /// It is decided.
    Now(Unsaved),
    /// Wait for room first, then hand it over with [`Queue::enter`].
    Full(Outside, Item),
}

/// The mark of a capture that waits for room; gone when this is dropped.
pub(super) struct Outside {
    queue: Arc<Queue>,
    id: CaptureId,
}

impl Drop for Outside {
    fn drop(&mut self) {
        self.queue.lock().outside.remove(&self.id);
        // Changes that waited for it can go on: into the file, or to nothing.
        self.queue.wake.notify_one();
    }
}

impl Queue {
    pub(super) fn new(bounds: Bounds, highest: u64) -> Self {
        let permits = usize::try_from(bounds.waiting / UNIT).unwrap_or(usize::MAX);
        Self {
            state: Mutex::new(State { highest, ..State::default() }),
            wake: Condvar::new(),
            room: Arc::new(Semaphore::new(permits.clamp(1, Semaphore::MAX_PERMITS))),
            bounds,
        }
    }

    fn permits(&self, bytes: u64) -> u32 {
        let most = (self.bounds.waiting / UNIT).max(1);
        u32::try_from(bytes.div_ceil(UNIT).clamp(1, most)).unwrap_or(u32::MAX)
    }

    /// Hands a capture over at once, if there is room.
    pub(super) fn hand_over(self: &Arc<Self>, item: Item) -> Handed {
        match Arc::clone(&self.room).try_acquire_many_owned(self.permits(item.capture.cost())) {
            Ok(permit) => self.enter(item, permit),
            Err(_) => {
                let id = item.capture.id();
                self.lock().outside.insert(id);
                Handed::Full(Outside { queue: Arc::clone(self), id }, item)
            }
        }
    }

    /// Waits for room.
    pub(super) async fn room(&self, item: &Item) -> Result<OwnedSemaphorePermit, Unsaved> {
        let permits = self.permits(item.capture.cost());
        Arc::clone(&self.room).acquire_many_owned(permits).await.map_err(|_| Unsaved::Closed)
    }

    /// Hands a capture over.
    pub(super) fn enter(&self, item: Item, permit: OwnedSemaphorePermit) -> Handed {
        let item = Arc::new(item);
        let (sender, receiver) = oneshot::channel();
        let mut state = self.lock();
        if state.closing {
            return Handed::Now(Unsaved::Closed);
        }
        state.highest = state.highest.max(item.capture.id().0);
        if let Some(why) = state.failing.clone() {
            state.push_pending(item, self.bounds.pending);
            return Handed::Now(Unsaved::Failing(why));
        }
        state.items.push_back(Waiting { item, waits: Some((sender, permit)) });
        let wake = state.items.len() >= state.wanted && state.wakes();
        drop(state);
        if wake {
            self.wake.notify_one();
        }
        Handed::Wait(receiver)
    }

    /// Notes a change.
    pub(super) fn change(&self, id: CaptureId, change: Change) {
        let mut state = self.lock();
        if state.closing {
            return;
        }
        // With others waiting, the writer is at work or will look by itself.
        let known = state.changes.ready(&state.outside);
        state.changes.add(id, change);
        let wake = !known && state.failing.is_none() && state.wakes();
        drop(state);
        if wake {
            self.wake.notify_one();
        }
    }

    /// Waits until there is something to do: while writing fails, until the time comes.
    pub(super) fn wait(&self, until: Option<Instant>) -> Todo {
        let mut state = self.lock();
        // Since when there are changes and nothing else.
        let mut since: Option<Instant> = None;
        loop {
            if state.closing {
                return Todo::Close;
            }
            let mut until = until;
            if state.failing.is_none() {
                if !state.items.is_empty() {
                    return Todo::Write;
                }
                if state.changes.ready(&state.outside) {
                    let due = *since.get_or_insert_with(Instant::now) + LINGER;
                    if due <= Instant::now() {
                        return Todo::Write;
                    }
                    until = Some(until.map_or(due, |until| until.min(due)));
                }
            }
            state = match until.map(|until| until.saturating_duration_since(Instant::now())) {
                Some(left) if left.is_zero() => return Todo::Time,
                left => self.sleep(state, left),
            };
        }
    }

    /// The highest number that was handed over.
    pub(super) fn highest(&self) -> u64 {
        self.lock().highest
    }

    /// Waits until so many captures are there, but for so long at most.
    pub(super) fn gather(&self, wanted: usize, most: Duration) {
        let mut state = self.lock();
        let until = Instant::now() + most;
        state.wanted = wanted;
        while state.items.len() < wanted && !state.closing {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self.sleep(state, Some(left));
        }
        state.wanted = 0;
    }

    /// Sleeps until it is woken, for so long at most.
    fn sleep<'q>(
        &'q self,
        mut state: MutexGuard<'q, State>,
        most: Option<Duration>,
    ) -> MutexGuard<'q, State> {
        state.asleep = true;
        let mut state = match most {
            Some(most) => self.wake.wait_timeout(state, most).unwrap_or_else(PoisonError::into_inner).0,
            None => self.wake.wait(state).unwrap_or_else(PoisonError::into_inner),
        };
        state.asleep = false;
        state
    }

    /// What goes into the next transaction. It stays in the queue until [`Queue::done`].
    pub(super) fn batch(&self) -> Batch {
        let state = self.lock();
        let mut bytes = 0;
        let items: Vec<_> = state
            .items
            .iter()
            .take(BATCH)
            .take_while(|waiting| {
                let first = bytes == 0;
                bytes += waiting.item.capture.cost();
                first || bytes <= BATCH_BYTES
            })
            .map(|waiting| Arc::clone(&waiting.item))
            .collect();
        // Changes of captures that come later wait for them.
        let mut later = state.outside.clone();
        later.extend(state.items.iter().skip(items.len()).map(|waiting| waiting.item.capture.id()));
        Batch { changes: state.changes.batch(&later), items, highest: state.highest }
    }

    /// A batch was committed; `taken` are those of its captures whose number belongs to another one.
    pub(super) fn done(&self, batch: Batch, taken: &HashSet<CaptureId>) -> Done {
        let mut written: Vec<Waiting> = Vec::with_capacity(batch.items.len());
        let mut state = self.lock();
        written.extend(state.items.drain(..batch.items.len()));
        let mut saved = Vec::new();
        for waiting in written.iter().filter(|waiting| waiting.waits.is_none()) {
            state.pending -= 1;
            state.pending_bytes -= waiting.item.capture.cost();
            match taken.contains(&waiting.item.capture.id()) {
                true => state.given_up += 1,
                false => saved.push(waiting.item.capture.id()),
            }
        }
        for (id, ticket, _) in &batch.changes {
            state.changes.written(*id, *ticket);
        }
        state.failing = None;
        let clear = state.pending == 0;
        drop(state);
        drop(batch);
        for Waiting { item, waits } in written {
            let Some((waits, permit)) = waits else { continue };
            let id = item.capture.id();
            let end = if taken.contains(&id) { Err(Unsaved::Taken(id)) } else { Ok(()) };
            let _ = waits.send(Told { end, _back: Some((item, permit)) });
        }
        Done { saved, clear }
    }

    /// A batch could not be committed: everybody who waits is told, and what they handed over is pending.
    pub(super) fn failed(&self, why: &Arc<str>) {
        let mut state = self.lock();
        state.failing = Some(Arc::clone(why));
        let mut told = Vec::new();
        for Waiting { item, waits } in std::mem::take(&mut state.items) {
            match waits {
                Some((waits, permit)) => {
                    drop(permit);
                    told.push(waits);
                    state.push_pending(item, self.bounds.pending);
                }
                None => state.items.push_back(Waiting { item, waits: None }),
            }
        }
        drop(state);
        for waits in told {
            let _ = waits.send(Told { end: Err(Unsaved::Failing(Arc::clone(why))), _back: None });
        }
    }

    /// What waits for the file of a capture: itself, if it is not written yet, and its changes.
    pub(super) fn of(&self, id: CaptureId) -> (Option<Arc<Item>>, Option<Joined>) {
        let state = self.lock();
        let item = state.items.iter().rev().find(|waiting| waiting.item.capture.id() == id);
        (item.map(|waiting| Arc::clone(&waiting.item)), state.changes.of(id))
    }

    /// What is not saved.
    pub(super) fn unsaved(&self) -> Missing {
        let state = self.lock();
        Missing { pending: state.pending, given_up: state.given_up, deliveries: state.changes.lost }
    }

    /// Lets nothing more in and tells the writer to end.
    pub(super) fn close(&self) {
        self.lock().closing = true;
        self.room.close();
        self.wake.notify_all();
    }

    /// The writer has ended: what is still there will not be written.
    pub(super) fn end(&self) {
        let mut state = self.lock();
        state.closing = true;
        let left = std::mem::take(&mut state.items);
        state.given_up += left.len() as u64;
        (state.pending, state.pending_bytes) = (0, 0);
        drop(state);
        // Whoever waits learns it from the sender that is dropped.
        drop(left);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing is done under the lock that could leave the state half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether it is for the caller to wake the writer: the first one does.
    fn wakes(&mut self) -> bool {
        std::mem::take(&mut self.asleep)
    }

    /// Keeps a capture as a pending one, if it fits.
    fn push_pending(&mut self, item: Arc<Item>, limit: u64) {
        let cost = item.capture.cost();
        if self.pending_bytes + cost > limit {
            self.given_up += 1;
            self.changes.forget(item.capture.id());
            return;
        }
        self.pending += 1;
        self.pending_bytes += cost;
        self.items.push_back(Waiting { item, waits: None });
    }
}
