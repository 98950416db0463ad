//! What became known about captures and is not in the file yet, joined by capture: however often something
//! changes while the disk is slow, only its latest state is kept. Nobody waits for room here: captures do,
//! each of which brings few changes, and deliveries have a bound of their own.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use crate::{
    archive::Change,
    domain::{
        capture::CaptureId,
        delivery::Delivery,
        record::{Record, Remark},
        signature::Check,
        sink::Answered,
    },
};

/// Bytes of changes that are kept at most; deliveries beyond it are given up, and counted.
const LIMIT: u64 = 64 << 20;
/// How many captures' changes go into one transaction.
const MOST: usize = 1_024;
/// Bytes that the changes of one capture cost beside their deliveries, about.
const COST: u64 = 256;

/// All changes of one capture.
#[derive(Clone, Debug, Default)]
pub(super) struct Joined {
    pub(super) check: Option<Arc<Check>>,
    pub(super) answered: Option<Answered>,
    pub(super) deliveries: BTreeMap<u32, Arc<Delivery>>,
    pub(super) remark: Option<Option<Arc<Remark>>>,
    pub(super) delete: bool,
}

/// The changes of all captures.
#[derive(Default)]
pub(super) struct Changes {
    waiting: BTreeMap<CaptureId, Waiting>,
    bytes: u64,
    ticket: u64,
    /// Deliveries that were given up.
    pub(super) lost: u64,
}

struct Waiting {
    /// Changes with each change, so that the writer knows whether it has written the latest.
    ticket: u64,
    joined: Joined,
    bytes: u64,
}

impl Changes {
    /// Adds a change.
    pub(super) fn add(&mut self, id: CaptureId, change: Change) {
        let new = !self.waiting.contains_key(&id);
        let bytes = if new { COST } else { 0 }
            + match &change {
                Change::Delivery(delivery) => delivery.cost(),
                Change::Remark(Some(remark)) => remark.note.len() as u64,
                _ => 0,
            };
        if self.bytes + bytes > LIMIT && matches!(change, Change::Delivery(_)) {
            self.lost += 1;
            return;
        }
        self.ticket += 1;
        let entry = self.waiting.entry(id).or_insert_with(|| Waiting {
            ticket: 0,
            joined: Joined::default(),
            bytes: 0,
        });
        entry.ticket = self.ticket;
        entry.bytes += bytes;
        self.bytes += bytes;
        entry.joined.add(change);
    }

    /// The oldest captures' changes, for one transaction, without those of captures that are not written
    /// yet.
    pub(super) fn batch(&self, without: &HashSet<CaptureId>) -> Vec<(CaptureId, u64, Joined)> {
        let ready = self.waiting.iter().filter(|(id, _)| !without.contains(id));
        ready.take(MOST).map(|(id, waiting)| (*id, waiting.ticket, waiting.joined.clone())).collect()
    }

    /// Forgets changes that were written, unless there were more of them meanwhile.
    pub(super) fn written(&mut self, id: CaptureId, ticket: u64) {
        if self.waiting.get(&id).is_some_and(|waiting| waiting.ticket == ticket) {
            self.forget(id);
        }
    }

    /// Forgets all changes of a capture that will not be written.
    pub(super) fn forget(&mut self, id: CaptureId) {
        if let Some(waiting) = self.waiting.remove(&id) {
            self.bytes -= waiting.bytes;
        }
    }

    /// Whether there are any that could be written.
    pub(super) fn ready(&self, without: &HashSet<CaptureId>) -> bool {
        self.waiting.keys().any(|id| !without.contains(id))
    }

    /// The changes of a capture.
    pub(super) fn of(&self, id: CaptureId) -> Option<Joined> {
        self.waiting.get(&id).map(|waiting| waiting.joined.clone())
    }
}

impl Joined {
    fn add(&mut self, change: Change) {
        match change {
            Change::Check(check) => self.check = Some(check),
            Change::Answered(answered) => self.answered = Some(answered),
            Change::Remark(remark) => self.remark = Some(remark),
            Change::Delete => self.delete = true,
            Change::Delivery(delivery) => {
                self.deliveries.insert(delivery.attempt, delivery);
            }
        }
    }

    /// The record with these changes; `None` when it is to be removed.
    pub(super) fn apply(self, mut record: Record) -> Option<Record> {
        if self.delete {
            return None;
        }
        record.check = self.check.or(record.check);
        record.answered = self.answered.or(record.answered);
        record.remark = self.remark.unwrap_or(record.remark);
        if !self.deliveries.is_empty() {
            let mut all: BTreeMap<u32, Arc<Delivery>> =
                record.deliveries.iter().map(|delivery| (delivery.attempt, Arc::clone(delivery))).collect();
            all.extend(self.deliveries);
            record.deliveries = all.into_values().collect();
        }
        Some(record)
    }
}
