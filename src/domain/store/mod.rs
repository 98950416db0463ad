//! The store: the captures in memory, bounded in bytes and in count.
//!
//! Without a session file the oldest are evicted beyond the limits, and counted. With one, their bytes
//! leave memory first and their lines stay: the file has the rest.
//!
//! Nothing is streamed out of it. Each change raises a version, and a reader asks for what changed
//! since the version it has seen: a reader that stands still costs nothing, misses nothing that is
//! still kept, and is told how much was evicted meanwhile.

mod held;
mod shelf;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use self::held::Held;
use self::{held::Entry, shelf::Shelf};

use crate::domain::{
    capture::{Capture, CaptureId},
    delivery::Delivery,
    journal::{Change, Journal},
    record::{Deliveries, Keeping, Record, Remark, Row},
    signature::Check,
    sink::Answered,
};

/// How much a store keeps in memory.
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
    /// New and changed rows by rising number; a row that is known already takes the old one's place. A new
    /// one may stand between others: numbers are given before captures are written to a file.
    pub rows: Vec<Row>,
    /// Captures that are no longer there, though lower numbers are.
    pub removed: Vec<CaptureId>,
    /// The counters as they stand.
    pub totals: Totals,
    /// Why nothing can be saved at present.
    pub trouble: Option<Arc<str>>,
}

/// Counters of a store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Captures kept.
    pub kept: usize,
    /// Bytes kept.
    pub bytes: u64,
    /// Captures that left memory and stand nowhere else.
    pub evicted: u64,
    /// Captures that were pruned from the session file while the program runs.
    pub pruned: u64,
    /// Captures that could not be saved yet.
    pub unsaved: usize,
}

/// The captures in memory, shared by the server that adds and the readers that look.
pub struct Store {
    limits: Limits,
    // A std mutex: all work under it is O(1) or bounded, and nothing awaits while holding it.
    inner: Mutex<Shelf>,
    journal: Option<Arc<dyn Journal>>,
    changed: Box<dyn Fn() + Send + Sync>,
}

/// The captures of earlier runs, from a session file.
#[derive(Debug, Default)]
pub struct Restored {
    /// Their lines, by rising number.
    pub rows: Vec<Row>,
    /// The number that the next capture gets; at least one above all others.
    pub next: u64,
}

impl Store {
    /// An empty store of captures that are kept in memory alone. `changed` is called after each change,
    /// without the lock: it must only wake somebody up.
    #[must_use]
    pub fn new(limits: Limits, changed: impl Fn() + Send + Sync + 'static) -> Self {
        Self { limits, inner: Mutex::default(), journal: None, changed: Box::new(changed) }
    }

    /// The store with the captures of earlier runs, whose bytes stand in a file.
    #[must_use]
    pub fn with_rows(self, restored: Restored) -> Self {
        {
            let mut inner = self.lock();
            inner.version += 1;
            let version = inner.version;
            for row in restored.rows {
                let row = Row { check: row.check.map(|check| inner.share(check).0), ..row };
                inner.add(Entry::new(version, Held::Row(Box::new(row)), Keeping::File));
            }
            let highest = inner.entries.back().map_or(0, |entry| entry.id().0);
            inner.next = highest.max(restored.next.saturating_sub(1));
            inner.evict(self.limits);
        }
        self
    }

    /// The store with a journal, which is told what is learnt about captures.
    #[must_use]
    pub fn with_journal(self, journal: Arc<dyn Journal>) -> Self {
        Self { journal: Some(journal), ..self }
    }

    /// Adds a capture under the next number, in memory alone.
    pub fn push(&self, capture: Capture, check: Option<Check>) -> Arc<Capture> {
        let capture = Arc::new(capture.numbered(self.reserve()));
        self.put(Arc::clone(&capture), check.map(Arc::new), Keeping::Memory);
        capture
    }

    /// The next number, for a capture that is put in later.
    pub fn reserve(&self) -> CaptureId {
        self.lock().reserve()
    }

    /// Puts a capture in that has its number.
    pub fn put(&self, capture: Arc<Capture>, check: Option<Arc<Check>>, keeping: Keeping) {
        let evicted;
        {
            let mut inner = self.lock();
            inner.version += 1;
            let (check, check_cost) = check.map(|check| inner.share(check)).unzip();
            let record =
                Record { capture, check, answered: None, deliveries: Deliveries::default(), remark: None };
            let mut entry = Entry::new(inner.version, Held::Whole(record), keeping);
            entry.cost += check_cost.unwrap_or_default();
            inner.add(entry);
            evicted = inner.evict(self.limits);
        }
        // Freed after the lock is released: giving memory back is the slow part.
        drop(evicted);
        (self.changed)();
    }

    /// Notes the result of a check.
    pub fn checked(&self, id: CaptureId, check: Check) {
        let (check, cost) = self.lock().share(Arc::new(check));
        self.alter(id, cost, |_| Change::Check(check));
    }

    /// Notes what was answered.
    pub fn answered(&self, id: CaptureId, answered: Answered) {
        self.alter(id, 0, |_| Change::Answered(answered));
    }

    /// Adds a delivery; its attempt becomes the next number of its capture. Returns it, or `None` when
    /// the capture is no longer kept.
    pub fn deliver(&self, mut delivery: Delivery) -> Option<Arc<Delivery>> {
        let mut added = None;
        self.alter(delivery.capture, 0, |held| {
            delivery.attempt = held.deliveries() + 1;
            let delivery = Arc::new(delivery);
            added = Some(Arc::clone(&delivery));
            Change::Delivery(delivery)
        });
        added
    }

    /// Puts a finished delivery in the place of the one that was under way.
    pub fn delivered(&self, delivery: Arc<Delivery>) {
        self.alter(delivery.capture, 0, |_| Change::Delivery(delivery));
    }

    /// Notes what a person says about a capture, in place of what was noted before.
    pub fn remark(&self, id: CaptureId, remark: Remark) {
        let remark = (!remark.is_empty()).then(|| Arc::new(remark));
        self.alter(id, 0, |_| Change::Remark(remark));
    }

    /// Deletes captures because somebody wants them gone.
    pub fn delete(&self, ids: &[CaptureId]) {
        let taken = {
            let mut inner = self.lock();
            if let Some(journal) = &self.journal {
                ids.iter().for_each(|&id| journal.note(id, &Change::Delete));
            }
            inner.remove(ids)
        };
        drop(taken);
        (self.changed)();
    }

    /// Notes that captures were pruned from the session file.
    pub fn pruned(&self, ids: &[CaptureId]) {
        let taken = {
            let mut inner = self.lock();
            inner.pruned += ids.len() as u64;
            inner.remove(ids)
        };
        drop(taken);
        (self.changed)();
    }

    /// Notes that captures which could not be saved at first are saved by now.
    pub fn saved(&self, ids: &[CaptureId]) {
        {
            let mut inner = self.lock();
            for &id in ids {
                let Some(index) = inner.index(id) else { continue };
                inner.version += 1;
                let version = inner.version;
                let entry = &mut inner.entries[index];
                let was = std::mem::replace(&mut entry.keeping, Keeping::File);
                entry.changed = version;
                inner.unsaved -= usize::from(was == Keeping::Unsaved);
                inner.note(version, id);
            }
        }
        (self.changed)();
    }

    /// Notes why nothing can be saved, or that saving works again.
    pub fn trouble(&self, why: Option<Arc<str>>) {
        self.lock().trouble = why;
        (self.changed)();
    }

    /// Everything about a capture, if its bytes are in memory.
    #[must_use]
    pub fn get(&self, id: CaptureId) -> Option<Record> {
        match self.find(id)?.0 {
            Held::Whole(record) => Some(record),
            Held::Row(_) => None,
        }
    }

    /// What is in memory of a capture, and where its bytes are.
    #[must_use]
    pub fn find(&self, id: CaptureId) -> Option<(Held, Keeping)> {
        let inner = self.lock();
        inner.index(id).map(|index| (inner.entries[index].held.clone(), inner.entries[index].keeping))
    }

    /// The line of a capture.
    #[must_use]
    pub fn row(&self, id: CaptureId) -> Option<Row> {
        let inner = self.lock();
        inner.index(id).map(|index| inner.entries[index].row())
    }

    /// Where a reader begins who wants to know only of captures that are still to come: the version, and
    /// the lowest number that the next one may have.
    #[must_use]
    pub fn begin(&self) -> (Version, CaptureId) {
        let inner = self.lock();
        (Version(inner.version), CaptureId(inner.next + 1))
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
        let mut inner = self.lock();
        let delta = inner.delta(since);
        inner.read = inner.read.max(delta.version.0);
        delta
    }

    /// What changed since a version, for somebody who looks once and will not ask again.
    #[must_use]
    pub fn peek(&self, since: Version) -> Delta {
        self.lock().delta(since)
    }

    /// Changes what is held
    /// Changes what is held of a capture, which then costs `more` beside what it holds itself.
    fn alter(&self, id: CaptureId, more: u64, change: impl FnOnce(&Held) -> Change) {
        let (evicted, seen);
        {
            let mut inner = self.lock();
            let Some(index) = inner.index(id) else { return };
            // What no reader was given yet will be given as it then is: nobody needs to be told of the
            // change, and the addition has woken them up.
            seen = inner.entries[index].added <= inner.read;
            let version = inner.version + u64::from(seen);
            let entry = &mut inner.entries[index];
            let before = entry.held.added_cost();
            let change = change(&entry.held);
            // Under the lock, so that the journal has the changes in the order of the store.
            if let Some(journal) = self.journal.as_ref().filter(|_| entry.keeping != Keeping::Memory) {
                journal.note(id, &change);
            }
            entry.held.apply(&change);
            let after = entry.held.added_cost() + more;
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
