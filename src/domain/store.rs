//! The store: the captures in memory, bounded in bytes and in count.
//!
//! Nothing is streamed out of it. Each change raises a version, and a reader asks for what changed
//! since the version it has seen: a reader that stands still costs nothing, misses nothing that is
//! still kept, and is told how much was evicted meanwhile.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::domain::{
    capture::{Capture, CaptureId},
    delivery::Delivery,
    record::{Record, Row},
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

/// The longest delta, in rows: it bounds the time that a reader holds the lock.
const LONGEST_DELTA: usize = 4_096;
/// How many changes to older captures are remembered one by one.
const LONGEST_LOG: usize = 65_536;

/// The captures in memory, shared by the server that adds and the readers that look.
pub struct Store {
    limits: Limits,
    // A std mutex: all work under it is O(1) or bounded, and nothing awaits while holding it.
    inner: Mutex<Inner>,
    changed: Box<dyn Fn() + Send + Sync>,
}

#[derive(Default)]
struct Inner {
    entries: VecDeque<Entry>,
    next: u64,
    version: u64,
    /// Changes to entries after they were added, oldest first.
    log: VecDeque<(u64, CaptureId)>,
    /// Changes up to this version are no longer in the log.
    log_from: u64,
    bytes: u64,
    evicted: u64,
}

struct Entry {
    added: u64,
    record: Record,
    cost: u64,
}

impl Store {
    /// An empty store. `changed` is called after each change, without the lock: it must only wake
    /// somebody up.
    #[must_use]
    pub fn new(limits: Limits, changed: impl Fn() + Send + Sync + 'static) -> Self {
        Self { limits, inner: Mutex::new(Inner::default()), changed: Box::new(changed) }
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
            let record = Record {
                capture: Arc::clone(&capture),
                check: check.map(Arc::new),
                answered: None,
                deliveries: Vec::new(),
            };
            let cost = capture.cost() + size_of::<Entry>() as u64;
            inner.bytes += cost;
            let added = inner.version;
            inner.entries.push_back(Entry { added, record, cost });
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
        self.change(id, |record| record.check = Some(Arc::new(check)));
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
        self.change(delivery.capture, |record| {
            if let Some(place) = record.deliveries.iter_mut().find(|d| d.attempt == delivery.attempt) {
                *place = delivery;
            }
        });
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
        let inner = self.lock();
        let (indexes, version, more) = inner.since(since.0);
        let items = indexes.into_iter().map(|index| view(&inner.entries[index].record)).collect();
        let first = inner.entries.front().map_or(CaptureId(inner.next + 1), |e| e.record.capture.id());
        (Delta { version: Version(version), more, first, rows: Vec::new(), totals: inner.totals() }, items)
    }

    fn change(&self, id: CaptureId, change: impl FnOnce(&mut Record)) {
        let evicted;
        {
            let mut inner = self.lock();
            let Some(index) = inner.index(id) else { return };
            inner.version += 1;
            let version = inner.version;
            let entry = &mut inner.entries[index];
            change(&mut entry.record);
            let before = entry.cost;
            entry.cost = entry.record.capture.cost()
                + size_of::<Entry>() as u64
                + entry.record.deliveries.iter().map(|d| d.cost()).sum::<u64>();
            let after = entry.cost;
            inner.bytes = inner.bytes + after - before;
            inner.log.push_back((version, id));
            if inner.log.len() > LONGEST_LOG
                && let Some((dropped, _)) = inner.log.pop_front()
            {
                inner.log_from = dropped;
            }
            evicted = inner.evict(self.limits);
        }
        drop(evicted);
        (self.changed)();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic while the lock is held leaves complete entries behind: captures matter more.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Entries carry consecutive numbers, so that a number is a place.
    fn index(&self, id: CaptureId) -> Option<usize> {
        let first = self.entries.front()?.record.capture.id().0;
        let index = usize::try_from(id.0.checked_sub(first)?).ok()?;
        (index < self.entries.len()).then_some(index)
    }

    /// Takes out what is beyond the limits; the newest capture always stays.
    fn evict(&mut self, limits: Limits) -> Vec<Entry> {
        let mut evicted = Vec::new();
        while self.entries.len() > 1 && (self.bytes > limits.bytes || self.entries.len() > limits.count) {
            if let Some(entry) = self.entries.pop_front() {
                self.bytes -= entry.cost;
                self.evicted += 1;
                evicted.push(entry);
            }
        }
        evicted
    }

    /// The places of the entries that changed since a version, the version reached, and whether there
    /// is more.
    fn since(&self, since: u64) -> (Vec<usize>, u64, bool) {
        let added = self.entries.partition_point(|entry| entry.added <= since);
        let mut places: Vec<usize> = Vec::new();
        let mut reached = self.version;
        let mut more = false;
        if since >= self.log_from {
            let from = self.log.partition_point(|&(version, _)| version <= since);
            for &(version, id) in self.log.range(from..) {
                if places.len() >= LONGEST_DELTA {
                    (reached, more) = (version - 1, true);
                    break;
                }
                places.extend(self.index(id));
            }
        } else {
            // The log no longer reaches back that far: everything counts as changed, once.
            places.extend(0..added);
        }
        let room = LONGEST_DELTA;
        for place in added..self.entries.len() {
            let entry = &self.entries[place];
            if entry.added > reached {
                break;
            }
            if place - added >= room {
                (reached, more) = (entry.added - 1, true);
                break;
            }
            places.push(place);
        }
        places.sort_unstable();
        places.dedup();
        (places, reached, more)
    }

    fn totals(&self) -> Totals {
        Totals { kept: self.entries.len(), bytes: self.bytes, evicted: self.evicted }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::domain::{
        capture::{HttpVersion, Incoming},
        signature::Verdict,
        sink::AnsweredBy,
        summary::Origin,
        time::Timestamp,
    };

    fn capture(body: &[u8]) -> Capture {
        Capture::new(
            Incoming {
                received_at: Timestamp::from_micros(1),
                remote: ([127, 0, 0, 1], 5).into(),
                version: HttpVersion::Http11,
                head: b"POST /a HTTP/1.1\r\nA: 1\r\n\r\n".to_vec(),
                body: body.to_vec(),
                trailers: b"T: 2\r\n".to_vec(),
                cut: None,
                announced: None,
                refusal: None,
            },
            None,
            Origin::default(),
        )
    }

    fn store(bytes: u64, count: usize) -> Store {
        Store::new(Limits { bytes, count }, || ())
    }

    fn ids(delta: &Delta) -> Vec<u64> {
        delta.rows.iter().map(|row| row.summary.id.0).collect()
    }

    #[test]
    fn captures_are_numbered_and_whole() {
        let store = store(u64::MAX, 10);
        assert_eq!(store.push(capture(b"one"), None).id(), CaptureId(1));
        let second = store.push(capture(b"two"), None);
        assert_eq!(
            (second.id(), second.body(), second.trailers()),
            (CaptureId(2), &b"two"[..], &b"T: 2\r\n"[..])
        );
        assert_eq!(store.get(CaptureId(1)).map(|r| r.capture.body().to_vec()), Some(b"one".to_vec()));
        assert!(store.get(CaptureId(3)).is_none());
        assert!(store.get(CaptureId(0)).is_none());
    }

    #[test]
    fn a_reader_gets_what_is_new_and_what_changed_once() {
        let store = store(u64::MAX, 10);
        store.push(capture(b""), None);
        store.push(capture(b""), None);
        let first = store.delta(Version(0));
        assert_eq!(ids(&first), [1, 2]);
        assert!(store.delta(first.version).rows.is_empty());
        store.checked(CaptureId(1), Check::bare(Verdict::Valid));
        store.answered(CaptureId(1), Answered { status: 200, by: AnsweredBy::Default });
        store.push(capture(b""), None);
        let second = store.delta(first.version);
        assert_eq!(ids(&second), [1, 3]);
        assert_eq!(second.rows[0].check.as_ref().map(|c| c.verdict), Some(Verdict::Valid));
    }

    #[test]
    fn the_oldest_are_evicted_and_counted() {
        let store = store(u64::MAX, 2);
        (0..5).for_each(|_| drop(store.push(capture(b"x"), None)));
        let delta = store.delta(Version(0));
        assert_eq!((ids(&delta), delta.first), (vec![4, 5], CaptureId(4)));
        assert_eq!((delta.totals.kept, delta.totals.evicted), (2, 3));
        assert!(store.get(CaptureId(3)).is_none());
    }

    #[test]
    fn bytes_are_bounded_and_the_newest_always_stays() {
        let store = store(10_000, 1_000);
        (0..100).for_each(|_| drop(store.push(capture(&[0; 1_000]), None)));
        assert!(store.totals().bytes <= 10_000);
        assert!(store.totals().kept >= 5);
        store.push(capture(&[0; 50_000]), None);
        assert_eq!(store.totals().kept, 1);
    }

    #[test]
    fn long_deltas_come_in_parts_without_a_gap() {
        let store = store(u64::MAX, usize::MAX);
        (0..10_000).for_each(|_| drop(store.push(capture(b""), None)));
        (0..10_000).for_each(|id| store.checked(CaptureId(id + 1), Check::bare(Verdict::Unknown)));
        let (mut seen, mut version, mut parts) = (std::collections::BTreeMap::new(), Version(0), 0);
        loop {
            let delta = store.delta(version);
            for row in &delta.rows {
                seen.insert(row.summary.id.0, row.check.is_some());
            }
            (version, parts) = (delta.version, parts + 1);
            if !delta.more {
                break;
            }
        }
        assert_eq!(seen.len(), 10_000);
        assert!(seen.values().all(|&checked| checked));
        assert!(parts > 2);
    }

    #[test]
    fn a_reader_whose_changes_left_the_log_gets_everything() {
        let store = store(u64::MAX, usize::MAX);
        (0..3).for_each(|_| drop(store.push(capture(b""), None)));
        let seen = store.delta(Version(0)).version;
        store.checked(CaptureId(2), Check::bare(Verdict::Valid));
        for _ in 0..=LONGEST_LOG {
            store.checked(CaptureId(1), Check::bare(Verdict::Valid));
        }
        assert_eq!(ids(&store.delta(seen)), [1, 2, 3]);
    }

    #[test]
    fn every_change_wakes_somebody() {
        let woken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&woken);
        let store = Store::new(Limits { bytes: u64::MAX, count: 9 }, move || {
            count.fetch_add(1, Ordering::Relaxed);
        });
        store.push(capture(b""), None);
        store.checked(CaptureId(1), Check::bare(Verdict::Valid));
        store.checked(CaptureId(7), Check::bare(Verdict::Valid));
        assert_eq!(woken.load(Ordering::Relaxed), 2);
    }
}
