//! The registry: the open connections, and which of them goes when there are too many.
//!
//! A plain limit on connections lets slow senders shut everybody else out. Here a new connection
//! beyond the limit takes the place of the one whose request has been incomplete for longest.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering},
    },
};

use tokio::{sync::Notify, time::Instant};

/// What a connection is told to do, each beyond the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Order {
    /// To go on.
    None,
    /// To answer what is under way and take no new request.
    Finish,
    /// To close at once, because the program ends.
    Abort,
    /// To close at once, and make room for another.
    Evict,
}

impl From<u8> for Order {
    fn from(number: u8) -> Self {
        match number {
            0 => Self::None,
            1 => Self::Finish,
            2 => Self::Abort,
            _ => Self::Evict,
        }
    }
}

/// How busy one connection is, and what it is told to do.
#[derive(Debug)]
pub(crate) struct Gauge {
    epoch: Instant,
    /// Requests that have arrived whole and are being answered.
    active: AtomicUsize,
    /// Whether it waits between two requests.
    idle: AtomicBool,
    /// When it last finished a request, or began; in milliseconds since `epoch`.
    since: AtomicU64,
    /// What the connection is to do. Its own signal: a token shared by all connections would be polled
    /// by all threads at each request.
    order: AtomicU8,
    signal: Notify,
}

impl Gauge {
    fn new(epoch: Instant) -> Self {
        let gauge = Self {
            epoch,
            active: AtomicUsize::new(0),
            idle: AtomicBool::new(false),
            since: AtomicU64::new(0),
            order: AtomicU8::new(0),
            signal: Notify::new(),
        };
        gauge.touch();
        gauge
    }

    /// A gauge that belongs to no connection.
    pub(crate) fn detached() -> Self {
        Self::new(Instant::now())
    }

    /// Marks a request as complete and being answered, until the guard is dropped.
    pub(crate) fn answering(self: &Arc<Self>) -> Answering {
        self.active.fetch_add(1, Ordering::Relaxed);
        Answering(Arc::clone(self))
    }

    /// Whether a complete request is being answered.
    pub(crate) fn is_active(&self) -> bool {
        self.active.load(Ordering::Relaxed) > 0
    }

    pub(crate) fn set_idle(&self, idle: bool) {
        self.idle.store(idle, Ordering::Relaxed);
    }

    /// Resolves with the order for this connection when it goes beyond `known`. For one waiter.
    pub(crate) async fn ordered(&self, known: Order) -> Order {
        loop {
            let order = Order::from(self.order.load(Ordering::Acquire));
            if order > known {
                return order;
            }
            // An order that comes in between leaves a permit, so that this does not wait for it.
            self.signal.notified().await;
        }
    }

    fn give(&self, order: Order) {
        self.order.fetch_max(order as u8, Ordering::Release);
        self.signal.notify_one();
    }

    fn touch(&self) {
        let millis = u64::try_from(self.epoch.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.since.store(millis, Ordering::Relaxed);
    }

    /// Its place in the order of eviction, or `None` while it must not be evicted: first those within
    /// a request, then those between two; of each kind the oldest.
    fn rank(&self) -> Option<(bool, u64)> {
        (!self.is_active()).then(|| (self.idle.load(Ordering::Relaxed), self.since.load(Ordering::Relaxed)))
    }
}

/// A complete request that is being answered.
#[derive(Debug)]
pub(crate) struct Answering(Arc<Gauge>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.touch();
        // From now on it waits between two requests; the tap says otherwise when the next one begins.
        self.0.set_idle(true);
        self.0.active.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The open connections.
#[derive(Debug)]
pub(crate) struct Registry {
    epoch: Instant,
    max: usize,
    open: Mutex<Open>,
    freed: Notify,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    gauges: HashMap<u64, Arc<Gauge>>,
}

/// A place in the registry, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    registry: Arc<Registry>,
    number: u64,
    /// How busy the connection is.
    pub(crate) gauge: Arc<Gauge>,
}

impl Registry {
    pub(crate) fn new(max: usize) -> Arc<Self> {
        Arc::new(Self {
            epoch: Instant::now(),
            max: max.max(1),
            open: Mutex::default(),
            freed: Notify::new(),
        })
    }

    /// Takes a place, if need be another connection's. `None` when all are being answered.
    pub(crate) fn enter(self: &Arc<Self>) -> Option<Place> {
        let mut open = self.lock();
        if open.gauges.len() >= self.max && !open.evict() {
            return None;
        }
        open.next += 1;
        let (number, gauge) = (open.next, Arc::new(Gauge::new(self.epoch)));
        open.gauges.insert(number, Arc::clone(&gauge));
        drop(open);
        Some(Place { registry: Arc::clone(self), number, gauge })
    }

    /// Closes the connection whose request has been incomplete for longest, if there is one.
    pub(crate) fn evict(&self) -> bool {
        self.lock().evict()
    }

    /// Tells all connections.
    pub(crate) fn tell_all(&self, order: Order) {
        self.lock().gauges.values().for_each(|gauge| gauge.give(order));
    }

    /// Resolves when a place was given back.
    pub(crate) fn freed(&self) -> impl Future<Output = ()> + '_ {
        self.freed.notified()
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn evict(&mut self) -> bool {
        let oldest = self
            .gauges
            .iter()
            .filter_map(|(&number, gauge)| Some((gauge.rank()?, number)))
            .min()
            .map(|(_, number)| number);
        match oldest.and_then(|number| self.gauges.remove(&number)) {
            Some(gauge) => {
                gauge.give(Order::Evict);
                true
            }
            None => false,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.registry.lock().gauges.remove(&self.number);
        self.registry.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_evicted(place: &Place) -> bool {
        place.gauge.order.load(Ordering::Acquire) == Order::Evict as u8
    }

    #[test]
    fn the_oldest_incomplete_goes_and_never_one_that_is_answered() {
        let registry = Registry::new(3);
        let answered = registry.enter().unwrap();
        let answering = answered.gauge.answering();
        let idle = registry.enter().unwrap();
        idle.gauge.set_idle(true);
        let slow = registry.enter().unwrap();
        let first = registry.enter().unwrap();
        assert_eq!((is_evicted(&answered), is_evicted(&idle), is_evicted(&slow)), (false, false, true));
        let first_answering = first.gauge.answering();
        let second = registry.enter().unwrap();
        assert!(is_evicted(&idle));
        let _second = second.gauge.answering();
        assert!(registry.enter().is_none(), "all are being answered");
        drop(first_answering);
        assert!(registry.enter().is_some());
        assert!(is_evicted(&first));
        drop(answering);
    }

    #[test]
    fn places_are_given_back() {
        let registry = Registry::new(2);
        for _ in 0..10 {
            let place = registry.enter().unwrap();
            assert!(!is_evicted(&place));
        }
        assert!(registry.lock().gauges.is_empty());
    }
}
