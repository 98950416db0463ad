//! What the store holds of one capture: all of it, or only its line in a list.

use std::{sync::Arc, time::Duration};

use crate::domain::{
    capture::CaptureId,
    delivery::Delivery,
    journal::Change,
    memory,
    record::{Keeping, LatestDelivery, Record, Row},
};

/// What is in memory of a capture. The line alone stays where the session file has the rest.
#[derive(Clone, Debug)]
pub enum Held {
    /// The bytes and everything known about them.
    Whole(Record),
    /// The line of a list.
    Row(Box<Row>),
}

/// One capture in the store.
pub(super) struct Entry {
    /// The version in which it was added; never lower than that of an entry before it.
    pub(super) added: u64,
    /// The version in which it was added or changed last.
    pub(super) changed: u64,
    pub(super) held: Held,
    pub(super) keeping: Keeping,
    /// Bytes of memory that it costs.
    pub(super) cost: u64,
}

impl Entry {
    /// An entry that costs what it holds, without the result of its check: that is shared, or costs little.
    pub(super) fn new(version: u64, held: Held, keeping: Keeping) -> Self {
        let cost = held.cost();
        Self { added: version, changed: version, held, keeping, cost }
    }

    pub(super) fn id(&self) -> CaptureId {
        match &self.held {
            Held::Whole(record) => record.capture.id(),
            Held::Row(row) => row.summary.id,
        }
    }

    /// The line of a list.
    pub(super) fn row(&self) -> Row {
        match &self.held {
            Held::Whole(record) => Row { keeping: self.keeping, ..record.row() },
            Held::Row(row) => Row { keeping: self.keeping, ..Row::clone(row) },
        }
    }

    /// Lets go of everything but the line. Returns what was let go of and the bytes that it cost.
    pub(super) fn shed(&mut self) -> (Held, u64) {
        let row = Held::Row(Box::new(self.row()));
        let before = std::mem::replace(&mut self.cost, row.cost());
        (std::mem::replace(&mut self.held, row), before.saturating_sub(self.cost))
    }
}

impl Held {
    fn cost(&self) -> u64 {
        // The list of entries has room for a quarter more than it holds.
        let entry = (size_of::<Entry>() * 5 / 4) as u64;
        let rest = match self {
            Self::Whole(record) => record.capture.cost(),
            Self::Row(row) => memory::allocation(size_of::<Row>()) + row.summary.cost(),
        };
        entry + rest + self.added_cost()
    }

    /// Bytes that grow after the capture was added.
    pub(super) fn added_cost(&self) -> u64 {
        match self {
            Self::Whole(record) => record.added_cost(),
            Self::Row(row) => row.remark.as_ref().map_or(0, |remark| remark.cost()),
        }
    }

    /// How many deliveries there are.
    pub(super) fn deliveries(&self) -> u32 {
        match self {
            Self::Whole(record) => u32::try_from(record.deliveries.len()).unwrap_or(u32::MAX),
            Self::Row(row) => row.latest.map_or(0, |latest| latest.count),
        }
    }

    /// Takes a change in, as far as it is held.
    pub(super) fn apply(&mut self, change: &Change) {
        match (self, change) {
            (Self::Whole(record), Change::Check(check)) => record.check = Some(Arc::clone(check)),
            (Self::Row(row), Change::Check(check)) => row.check = Some(Arc::clone(check)),
            (Self::Whole(record), Change::Answered(answered)) => record.answered = Some(*answered),
            (Self::Row(row), Change::Answered(answered)) => row.answered = Some(*answered),
            (Self::Whole(record), Change::Remark(remark)) => record.remark.clone_from(remark),
            (Self::Row(row), Change::Remark(remark)) => row.remark.clone_from(remark),
            (Self::Whole(record), Change::Delivery(delivery)) => {
                if delivery.attempt as usize > record.deliveries.len() {
                    record.deliveries.push(Arc::clone(delivery));
                } else {
                    record.deliveries.replace(Arc::clone(delivery));
                }
            }
            (Self::Row(row), Change::Delivery(delivery)) => {
                // The outcome of an earlier one is not that of the latest.
                if row.latest.is_none_or(|latest| delivery.attempt >= latest.count) {
                    row.latest = Some(LatestDelivery::of(delivery));
                }
            }
            // The whole entry goes.
            (_, Change::Delete) => {}
        }
    }
}

impl LatestDelivery {
    /// What a list shows of a delivery that is the latest.
    pub(in crate::domain) fn of(delivery: &Delivery) -> Self {
        let outcome = delivery.outcome.as_ref();
        Self {
            count: delivery.attempt,
            kind: delivery.kind,
            status: outcome.map(|outcome| outcome.result.as_ref().map(|reply| reply.status).map_err(|_| ())),
            took: outcome.map_or(Duration::ZERO, |outcome| outcome.took),
        }
    }
}
