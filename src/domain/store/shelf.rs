//! What stands behind the store's lock: the entries in their order and the log of their changes.

use std::{
    cmp::Ordering,
    collections::{BTreeSet, VecDeque},
    sync::Arc,
};

use crate::domain::{
    capture::CaptureId,
    memory,
    record::Keeping,
    signature::Check,
    store::{
        Delta, Limits, Totals, Version,
        held::{Entry, Held},
    },
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
    /// By rising numbers.
    pub(super) entries: VecDeque<Entry>,
    pub(super) next: u64,
    /// Numbers that were given and whose entries are still to come.
    coming: BTreeSet<CaptureId>,
    pub(super) version: u64,
    /// Changes to entries after they were added, oldest first.
    pub(super) log: VecDeque<(u64, CaptureId)>,
    /// Changes up to this version are no longer in the log.
    pub(super) log_from: u64,
    pub(super) bytes: u64,
    /// Captures that left memory and stand nowhere else.
    pub(super) evicted: u64,
    /// Captures that were pruned from the session file.
    pub(super) pruned: u64,
    pub(super) unsaved: usize,
    /// Why nothing can be saved at present.
    pub(super) trouble: Option<Arc<str>>,
    /// The highest version that a reader was given.
    pub(super) read: u64,
    /// What may leave memory, from entries before this number, has left.
    shed_from: CaptureId,
    /// Captures that were taken out from between others. Those before the first entry are forgotten.
    removed: BTreeSet<CaptureId>,
    /// The latest results of checks that differ, oldest first.
    checks: VecDeque<Arc<Check>>,
}

/// What changed since a version, as places of entries.
struct Since {
    places: Vec<usize>,
    removed: Vec<CaptureId>,
    /// The version that is reached by it.
    version: u64,
    /// Whether there is more.
    more: bool,
}

impl Shelf {
    /// Adds an entry at the place of its number: mostly the end, but captures that are written to a file
    /// first may overtake each other. The list grows by a quarter: doubled, it would be the larger part of
    /// what small captures cost.
    pub(super) fn add(&mut self, mut entry: Entry) {
        if self.entries.len() == self.entries.capacity() {
            self.entries.reserve_exact((self.entries.len() / 4).max(64));
        }
        self.bytes += entry.cost;
        self.unsaved += usize::from(entry.keeping == Keeping::Unsaved);
        let id = entry.id();
        self.coming.remove(&id);
        let (Ok(place) | Err(place)) = self.place(id);
        if let Some(next) = self.entries.get(place) {
            // Readers that know the next one learn of this one as of a change.
            entry.added = next.added;
            self.note(entry.changed, id);
        }
        self.shed_from = self.shed_from.min(id);
        self.entries.insert(place, entry);
    }

    /// Takes entries out. Returns what they held.
    pub(super) fn remove(&mut self, ids: &[CaptureId]) -> Vec<Entry> {
        let mut taken = Vec::with_capacity(ids.len());
        for &id in ids {
            let Some(entry) = self.index(id).and_then(|place| self.entries.remove(place)) else { continue };
            self.bytes -= entry.cost;
            self.unsaved -= usize::from(entry.keeping == Keeping::Unsaved);
            self.version += 1;
            self.note(self.version, id);
            self.removed.insert(id);
            taken.push(entry);
        }
        self.removed = self.removed.split_off(&self.first());
        taken
    }

    /// Gives a number, whose entry comes later.
    pub(super) fn reserve(&mut self) -> CaptureId {
        self.next += 1;
        let id = CaptureId(self.next);
        self.coming.insert(id);
        id
    }

    /// The lowest number that there is or will be an entry of, else the one after the highest that was given.
    pub(super) fn first(&self) -> CaptureId {
        let there = self.entries.front().map_or(CaptureId(self.next + 1), Entry::id);
        self.coming.first().map_or(there, |&coming| there.min(coming))
    }

    /// The result of a check, shared with an equal one of late; else with the bytes that it costs.
    pub(super) fn share(&mut self, check: Arc<Check>) -> (Arc<Check>, u64) {
        if let Some(known) = self.checks.iter().rev().find(|known| **known == check) {
            return (Arc::clone(known), 0);
        }
        if self.checks.len() == LATEST_CHECKS {
            self.checks.pop_front();
        }
        self.checks.push_back(Arc::clone(&check));
        (check, memory::shared::<Check>())
    }

    /// The place of an entry.
    pub(super) fn index(&self, id: CaptureId) -> Option<usize> {
        self.place(id).ok()
    }

    /// The place of an entry, or the one where it would have to be put in. Numbers are mostly consecutive but
    /// for those that are still to come: it is looked for from where it would be if none were missing, in
    /// growing steps, because a search over all of many entries has each of its probes from slow memory.
    fn place(&self, id: CaptureId) -> Result<usize, usize> {
        let Some(first) = self.entries.front() else { return Err(0) };
        let Some(distance) = id.0.checked_sub(first.id().0) else { return Err(0) };
        // All entries from `to` on have higher numbers.
        let mut to = usize::try_from(distance).map_or(usize::MAX, |distance| distance.saturating_add(1));
        to = to.min(self.entries.len());
        let mut step = 1;
        while to > step && self.entries[to - step].id() > id {
            to -= step;
            step *= 2;
        }
        let mut from = to.saturating_sub(step);
        while from < to {
            let middle = from.midpoint(to);
            match self.entries[middle].id().cmp(&id) {
                Ordering::Less => from = middle + 1,
                Ordering::Equal => return Ok(middle),
                Ordering::Greater => to = middle,
            }
        }
        Err(to)
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

    /// Lets go of what is beyond the limits: first of bytes that the session file has as well, then of whole
    /// entries. The newest capture always stays whole.
    pub(super) fn evict(&mut self, limits: Limits) -> Vec<Held> {
        let mut freed = Vec::new();
        while self.bytes > limits.bytes {
            match self.shed_one() {
                Some(held) => freed.push(held),
                None => break,
            }
        }
        while self.entries.len() > 1 && (self.bytes > limits.bytes || self.entries.len() > limits.count) {
            if let Some(entry) = self.entries.pop_front() {
                self.bytes -= entry.cost;
                self.evicted += u64::from(entry.keeping != Keeping::File);
                self.unsaved -= usize::from(entry.keeping == Keeping::Unsaved);
                freed.push(entry.held);
            }
        }
        freed
    }

    /// Leaves only the line of the oldest entry that is whole and kept in a file as well.
    fn shed_one(&mut self) -> Option<Held> {
        let (Ok(from) | Err(from)) = self.place(self.shed_from);
        let last = self.entries.len().checked_sub(1)?;
        for place in from..last {
            let entry = &mut self.entries[place];
            self.shed_from = CaptureId(entry.id().0 + 1);
            // What could not be saved yet is held by the one who goes on trying.
            if matches!(entry.held, Held::Whole(_)) && entry.keeping != Keeping::Memory {
                let (held, freed) = entry.shed();
                self.bytes -= freed;
                return Some(held);
            }
        }
        None
    }

    /// What changed since a version, in rows.
    pub(super) fn delta(&self, since: Version) -> Delta {
        let changes = self.since(since.0);
        Delta {
            version: Version(changes.version),
            more: changes.more,
            first: self.first(),
            rows: changes.places.iter().map(|&place| self.entries[place].row()).collect(),
            removed: changes.removed,
            totals: self.totals(),
            trouble: self.trouble.clone(),
        }
    }

    /// What changed since a version.
    fn since(&self, since: u64) -> Since {
        let added = self.entries.partition_point(|entry| entry.added <= since);
        let first = self.first();
        let mut places: Vec<usize> = Vec::new();
        let mut removed: Vec<CaptureId> = Vec::new();
        let mut reached = self.version;
        let mut more = false;
        if since >= self.log_from {
            let from = self.log.partition_point(|&(version, _)| version <= since);
            for &(version, id) in self.log.range(from..) {
                if places.len() + removed.len() >= LONGEST_DELTA {
                    (reached, more) = (version - 1, true);
                    break;
                }
                match self.index(id) {
                    Some(place) => places.push(place),
                    None if id >= first => removed.push(id),
                    None => {}
                }
            }
        } else {
            // The log no longer reaches back that far: look at every entry.
            places.extend((0..added).filter(|&place| self.entries[place].changed > since));
            removed.extend(&self.removed);
        }
        let room = LONGEST_DELTA;
        for place in added..self.entries.len() {
            let entry = &self.entries[place];
            if entry.added > reached {
                break;
            }
            // Those that were added in one version come together.
            if place - added >= room && entry.added > self.entries[place - 1].added {
                (reached, more) = (entry.added - 1, true);
                break;
            }
            places.push(place);
        }
        places.sort_unstable();
        places.dedup();
        Since { places, removed, version: reached, more }
    }

    pub(super) fn totals(&self) -> Totals {
        Totals {
            kept: self.entries.len(),
            bytes: self.bytes,
            evicted: self.evicted,
            pruned: self.pruned,
            unsaved: self.unsaved,
        }
    }
}
