//! What stands behind the store's lock: the entries in their order and the log of their changes.

use std::{collections::VecDeque, sync::Arc};

use crate::domain::{
    capture::CaptureId,
    memory,
    record::Record,
    signature::Check,
    store::{Limits, Totals},
};

/// The longest delta, in rows: it bounds the time that a reader holds the lock.
pub(super) const LONGEST_DELTA: usize = 4_096;
/// How many changes to older captures are remembered one by one.
pub(super) const LONGEST_LOG: usize = 65_536;
/// How many results of checks are compared with a new one. Requests of the same sender mostly get the
/// same result, and one that is equal is kept once.
const LATEST_CHECKS: usize = 16;

#[derive(Default)]
pub(super) struct Shelf {
    pub(super) entries: VecDeque<Entry>,
    pub(super) next: u64,
    pub(super) version: u64,
    /// Changes to entries after they were added, oldest first.
    pub(super) log: VecDeque<(u64, CaptureId)>,
    /// Changes up to this version are no longer in the log.
    pub(super) log_from: u64,
    /// Captures that were taken out, oldest first.
    removed: VecDeque<(u64, CaptureId)>,
    pub(super) bytes: u64,
    pub(super) evicted: u64,
    /// The highest version that a reader was given.
    pub(super) read: u64,
    /// The latest results of checks that differ, oldest first.
    checks: VecDeque<Arc<Check>>,
}

pub(super) struct Entry {
    pub(super) added: u64,
    pub(super) changed: u64,
    pub(super) record: Record,
    pub(super) cost: u64,
}

impl Entry {
    /// What a record costs, without the result of its check: that is shared, or costs little.
    pub(super) fn cost_of(record: &Record) -> u64 {
        // The list of entries has room for a quarter more than it holds.
        let entry = size_of::<Self>() * 5 / 4;
        entry as u64 + record.capture.cost() + record.added_cost()
    }
}

impl Shelf {
    /// Adds an entry. The list grows by a quarter: doubled, it would be the larger part of what small
    /// captures cost.
    pub(super) fn add(&mut self, entry: Entry) {
        if self.entries.len() == self.entries.capacity() {
            self.entries.reserve_exact((self.entries.len() / 4).max(64));
        }
        self.bytes += entry.cost;
        self.entries.push_back(entry);
    }

    /// The result of a check, shared with an equal one of late; else with the bytes that it costs.
    pub(super) fn share(&mut self, check: Check) -> (Arc<Check>, u64) {
        if let Some(known) = self.checks.iter().rev().find(|known| ***known == check) {
            return (Arc::clone(known), 0);
        }
        let check = Arc::new(check);
        if self.checks.len() == LATEST_CHECKS {
            self.checks.pop_front();
        }
        self.checks.push_back(Arc::clone(&check));
        (check, memory::shared::<Check>())
    }

    /// The place of a number. Numbers rise, and mostly without a gap, so that a number is mostly a place.
    pub(super) fn index(&self, id: CaptureId) -> Option<usize> {
        let number = |entry: &Entry| entry.record.capture.id();
        let first = number(self.entries.front()?).0;
        let index = usize::try_from(id.0.checked_sub(first)?).ok()?;
        if self.entries.get(index).is_some_and(|entry| number(entry) == id) {
            return Some(index);
        }
        let index = self.entries.partition_point(|entry| number(entry) < id);
        self.entries.get(index).filter(|entry| number(entry) == id).map(|_| index)
    }

    /// Takes an entry out.
    pub(super) fn remove(&mut self, index: usize, id: CaptureId) -> Option<Entry> {
        let entry = self.entries.remove(index)?;
        self.bytes -= entry.cost;
        self.version += 1;
        self.removed.push_back((self.version, id));
        if self.removed.len() > LONGEST_LOG {
            self.removed.pop_front();
        }
        Some(entry)
    }

    /// What was taken out since a version.
    pub(super) fn removed_since(&self, since: u64) -> Vec<CaptureId> {
        let from = self.removed.partition_point(|&(version, _)| version <= since);
        self.removed.range(from..).map(|&(_, id)| id).collect()
    }

    /// Remembers that an entry changed.
    pub(super) fn note(&mut self, version: u64, id: CaptureId) {
        self.log.push_back((version, id));
        if self.log.len() > LONGEST_LOG
            && let Some((dropped, _)) = self.log.pop_front()
        {
            self.log_from = dropped;
        }
    }

    /// Takes out what is beyond the limits; the newest capture always stays.
    pub(super) fn evict(&mut self, limits: Limits) -> Vec<Entry> {
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
    pub(super) fn since(&self, since: u64) -> (Vec<usize>, u64, bool) {
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
            // The log no longer reaches back that far: look at every entry.
            places.extend((0..added).filter(|&place| self.entries[place].changed > since));
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

    pub(super) fn totals(&self) -> Totals {
        Totals { kept: self.entries.len(), bytes: self.bytes, evicted: self.evicted }
    }
}
