//! The store: the captures in memory, bounded in bytes and in count.
//!
//! Nothing is streamed out of it. Each change raises a version, and a reader asks for what changed
//! since the version it has seen: a reader that stands still costs nothing, misses nothing that is
//! still kept, and is told how much was evicted meanwhile.

mod shelf;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::shelf::{Entry, Shelf};

use crate::domain::{
    capture::{Capture, CaptureId},
    delivery::Delivery,
    record::{Deliveries, Record, Remark, Row},
    signature::Check,
    sink::Answered,
};

/// How much a store keeps. The oldest captures are evicted beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of captures and deliveries, bookkeeping included.
    pub bytes: u64,
    /// Number of captures.
    pub count: usize,
}

/// The number of changes so far. 0 is before the first one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u64);

/// What changed since a version.
#[derive(Clone, Debug, Default)]
pub struct Delta {
    /// The version that a reader has seen once it has taken this in.
    pub version: Version,
    /// Whether there is more to ask for at once: a delta is bounded in length.
    pub more: bool,
    /// The lowest number that is still kept; lower ones are to be dropped.
    pub first: CaptureId,
    /// Captures that were taken out since; what else is below `first` was evicted.
    pub removed: Vec<CaptureId>,
    /// New and changed rows by rising number; a row that is known already takes the old one's place.
    pub rows: Vec<Row>,
    /// The counters as they stand.
    pub totals: Totals,
}

/// Counters of a store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Captures kept.
    pub kept: usize,
    /// Bytes kept.
    pub bytes: u64,
    /// Captures that were evicted.
    pub evicted: u64,
}

/// The captures in memory, shared by the server that adds and the readers that look.
pub struct Store {
    limits: Limits,
    // A std mutex: all work under it is O(1) or bounded, and nothing awaits while holding it.
    inner: Mutex<Shelf>,
    changed: Box<dyn Fn() + Send + Sync>,
}

impl Store {
    /// An empty store. `changed` is called after each change, without the lock: it must only wake
    /// somebody up.
    #[must_use]
    pub fn new(limits: Limits, changed: impl Fn() + Send + Sync + 'static) -> Self {
        Self { limits, inner: Mutex::new(Shelf::default()), changed: Box::new(changed) }
    }

    /// Adds a capture under the next number.
    pub fn push(&self, mut capture: Capture, check: Option<Check>) -> Arc<Capture> {
        let evicted;
        let capture = {
            let mut inner = self.lock();
            inner.next += 1;
            inner.version += 1;
            capture.number(CaptureId(inner.next));
            let capture = Arc::new(capture);
            let (check, check_cost) = check.map(|check| inner.share(check)).unzip();
            let record = Record {
                capture: Arc::clone(&capture),
                check,
                answered: None,
                deliveries: Deliveries::default(),
                remark: None,
            };
            let cost = Entry::cost_of(&record) + check_cost.unwrap_or_default();
            let added = inner.version;
            inner.add(Entry { added, changed: added, record, cost });
            evicted = inner.evict(self.limits);
            capture
        };
        // Freed after the lock is released: giving memory back is the slow part.
        drop(evicted);
        (self.changed)();
        capture
    }

    /// Notes the result of a check.
    pub fn checked(&self, id: CaptureId, check: Check) {
        let (check, cost) = self.lock().share(check);
        self.alter(id, cost, |record| record.check = Some(check));
    }

    /// Notes what was answered.
    pub fn answered(&self, id: CaptureId, answered: Answered) {
        self.change(id, |record| record.answered = Some(answered));
    }

    /// Adds a delivery; its attempt becomes the next number of its capture. Returns it, or `None` when
    /// the capture is no longer kept.
    pub fn deliver(&self, mut delivery: Delivery) -> Option<Arc<Delivery>> {
        let mut added = None;
        self.change(delivery.capture, |record| {
            delivery.attempt = u32::try_from(record.deliveries.len() + 1).unwrap_or(u32::MAX);
            let delivery = Arc::new(delivery);
            record.deliveries.push(Arc::clone(&delivery));
            added = Some(delivery);
        });
        added
    }

    /// Puts a finished delivery in the place of the one that was under way.
    pub fn delivered(&self, delivery: Arc<Delivery>) {
        self.change(delivery.capture, |record| record.deliveries.replace(delivery));
    }

    /// Notes what a person says about a capture, in place of what was noted before.
    pub fn remark(&self, id: CaptureId, remark: Remark) {
        let remark = (!remark.is_empty()).then(|| Arc::new(remark));
        self.change(id, |record| record.remark = remark);
    }

    /// Takes a capture out for good; whether it was there.
    pub fn remove(&self, id: CaptureId) -> bool {
        let removed = {
            let mut inner = self.lock();
            inner.index(id).and_then(|index| inner.remove(index, id))
        };
        let there = removed.is_some();
        // Freed after the lock is released.
        drop(removed);
        if there {
            (self.changed)();
        }
        there
    }

    /// Everything about a capture, if it is still kept.
    #[must_use]
    pub fn get(&self, id: CaptureId) -> Option<Record> {
        let inner = self.lock();
        inner.index(id).map(|index| inner.entries[index].record.clone())
    }

    /// The version as it stands.
    #[must_use]
    pub fn version(&self) -> Version {
        Version(self.lock().version)
    }

    /// The counters as they stand.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.lock().totals()
    }

    /// What changed since a version, in rows.
    #[must_use]
    pub fn delta(&self, since: Version) -> Delta {
        let (mut delta, rows) = self.changes(since, Record::row);
        delta.rows = rows;
        delta
    }

    /// What changed since a version, with the captures themselves (the rows stay empty).
    #[must_use]
    pub fn changes<T>(&self, since: Version, view: impl Fn(&Record) -> T) -> (Delta, Vec<T>) {
        let mut inner = self.lock();
        let (indexes, version, more) = inner.since(since.0);
        inner.read = inner.read.max(version);
        let items = indexes.into_iter().map(|index| view(&inner.entries[index].record)).collect();
        let first = inner.entries.front().map_or(CaptureId(inner.next + 1), |e| e.record.capture.id());
        let removed = inner.removed_since(since.0);
        let (version, totals) = (Version(version), inner.totals());
        (Delta { version, more, first, removed, rows: Vec::new(), totals }, items)
    }

    fn change(&self, id: CaptureId, change: impl FnOnce(&mut Record)) {
        self.alter(id, 0, change);
    }

    /// Changes a record that then costs `more` beside what it holds itself.
    fn alter(&self, id: CaptureId, more: u64, change: impl FnOnce(&mut Record)) {
        let (evicted, seen);
        {
            let mut inner = self.lock();
            let Some(index) = inner.index(id) else { return };
            // What no reader was given yet will be given as it then is: nobody needs to be told of the
            // change, and the addition has woken them up.
            seen = inner.entries[index].added <= inner.read;
            let version = inner.version + u64::from(seen);
            let entry = &mut inner.entries[index];
            let before = entry.record.added_cost();
            change(&mut entry.record);
            let after = entry.record.added_cost() + more;
            entry.cost = entry.cost + after - before;
            inner.bytes = inner.bytes + after - before;
            if seen {
                inner.entries[index].changed = version;
                inner.version = version;
                inner.note(version, id);
            }
            evicted = inner.evict(self.limits);
        }
        drop(evicted);
        if seen {
            (self.changed)();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        // A panic while the lock is held leaves complete entries behind: captures matter more.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
