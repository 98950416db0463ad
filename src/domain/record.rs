//! What is known about a capture beside its bytes: check, answer, deliveries.

use std::{ops::Deref, sync::Arc, time::Duration};

use crate::domain::{
    capture::Capture,
    delivery::{Delivery, DeliveryKind},
    memory,
    signature::Check,
    sink::Answered,
    summary::Summary,
};

/// A capture with everything that was learnt about it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Record {
    /// The request.
    pub capture: Arc<Capture>,
    /// What the signature check said; `None` while it is under way.
    pub check: Option<Arc<Check>>,
    /// What was answered; `None` while it is under way.
    pub answered: Option<Answered>,
    /// Every sending of it, in order.
    pub deliveries: Deliveries,
    /// What a person noted about it; mostly nothing, so that it is one null pointer.
    pub remark: Option<Arc<Remark>>,
}

/// What a person noted about a capture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remark {
    /// Whether it is marked: marked captures are kept when others are pruned.
    pub marked: bool,
    /// A note in the person's own words; empty when there is none.
    pub note: Box<str>,
}

/// The deliveries of a capture, in order. Most captures have none, so that none is one null pointer.
/// Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Deliveries(Option<Arc<Vec<Arc<Delivery>>>>);

/// One line of a list. It holds no body, so that a list, even one that nobody looks at, keeps no
/// evicted capture in memory.
#[derive(Clone, Debug)]
pub struct Row {
    /// The facts about the request.
    pub summary: Arc<Summary>,
    /// What the signature check said; `None` while it is under way.
    pub check: Option<Arc<Check>>,
    /// What was answered; `None` while it is under way.
    pub answered: Option<Answered>,
    /// The latest delivery.
    pub latest: Option<LatestDelivery>,
    /// What a person noted about it.
    pub remark: Option<Arc<Remark>>,
    /// Where its bytes are.
    pub keeping: Keeping,
}

/// Where the bytes of a capture are, and so what becomes of it when the program ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keeping {
    /// In memory alone: there is no session file, or it is not ours to write.
    #[default]
    Memory,
    /// In the session file; in memory as long as there is room.
    File,
    /// In memory until the session file can be written again.
    Unsaved,
}

/// The latest delivery of a capture, for a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LatestDelivery {
    /// How many there are.
    pub count: u32,
    /// Why it was sent.
    pub kind: DeliveryKind,
    /// How it ended; `None` while it is under way. `Err` stands for no response.
    pub status: Option<Result<u16, ()>>,
    /// How long it took; zero while it is under way.
    pub took: Duration,
}

impl Remark {
    /// Whether there is nothing noted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.marked && self.note.is_empty()
    }

    /// Bytes of memory that it costs.
    pub(super) fn cost(&self) -> u64 {
        memory::shared::<Self>() + memory::allocation(self.note.len())
    }
}

impl Deliveries {
    /// Adds one after the others.
    pub(super) fn push(&mut self, delivery: Arc<Delivery>) {
        Arc::make_mut(self.0.get_or_insert_default()).push(delivery);
    }

    /// Puts a delivery in the place of the one with its attempt.
    pub(super) fn replace(&mut self, delivery: Arc<Delivery>) {
        let Some(list) = &mut self.0 else { return };
        if let Some(place) = list.iter().position(|old| old.attempt == delivery.attempt) {
            Arc::make_mut(list)[place] = delivery;
        }
    }

    /// Bytes of memory that they cost.
    pub(super) fn cost(&self) -> u64 {
        let list = self.0.as_ref().map_or(0, |list| {
            memory::shared::<Vec<Arc<Delivery>>>() + memory::allocation(list.capacity() * size_of::<usize>())
        });
        list + self.iter().map(|delivery| delivery.cost()).sum::<u64>()
    }
}

impl FromIterator<Arc<Delivery>> for Deliveries {
    fn from_iter<T: IntoIterator<Item = Arc<Delivery>>>(deliveries: T) -> Self {
        let list: Vec<_> = deliveries.into_iter().collect();
        Self((!list.is_empty()).then(|| Arc::new(list)))
    }
}

impl Deref for Deliveries {
    type Target = [Arc<Delivery>];

    fn deref(&self) -> &Self::Target {
        self.0.as_ref().map_or(&[], |list| list)
    }
}

impl Row {
    /// Whether a person marked it.
    #[must_use]
    pub fn is_marked(&self) -> bool {
        self.remark.as_ref().is_some_and(|remark| remark.marked)
    }
}

impl Record {
    /// The line that a list shows for this record; the store knows where it is kept.
    #[must_use]
    pub fn row(&self) -> Row {
        Row {
            summary: Arc::clone(&self.capture.summary),
            check: self.check.clone(),
            answered: self.answered,
            remark: self.remark.clone(),
            latest: self.latest(),
            keeping: Keeping::default(),
        }
    }

    /// The latest delivery, as a list shows it.
    #[must_use]
    pub fn latest(&self) -> Option<LatestDelivery> {
        self.deliveries.last().map(|delivery| LatestDelivery {
            count: u32::try_from(self.deliveries.len()).unwrap_or(u32::MAX),
            kind: delivery.kind,
            status: delivery.outcome.as_ref().map(|o| o.result.as_ref().map(|r| r.status).map_err(|_| ())),
            took: delivery.outcome.as_ref().map_or(Duration::ZERO, |o| o.took),
        })
    }

    /// Whether a person marked it.
    #[must_use]
    pub fn is_marked(&self) -> bool {
        self.remark.as_ref().is_some_and(|remark| remark.marked)
    }

    /// Bytes of memory that grow after the capture was added.
    pub(super) fn added_cost(&self) -> u64 {
        self.deliveries.cost() + self.remark.as_ref().map_or(0, |remark| remark.cost())
    }

    /// Whether check and answer are known, and the cause of a failed check is no longer looked for.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.answered.is_some() && self.check.as_ref().is_some_and(|check| !check.searching)
    }
}
