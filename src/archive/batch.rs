//! What the queue and the writer tell each other.

use std::sync::Arc;

use crate::{
    archive::{changes::Joined, queue::Item},
    domain::capture::CaptureId,
};

/// What goes into one transaction.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) items: Vec<Arc<Item>>,
    pub(super) changes: Vec<(CaptureId, u64, Joined)>,
    /// The highest number that was handed over.
    pub(super) highest: u64,
}

/// What the writer is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Todo {
    /// There is something to write.
    Write,
    /// The time has come.
    Time,
    /// Write what there is, and end.
    Close,
}

/// What came of a commit.
pub(super) struct Done {
    /// Captures that were pending and now are saved.
    pub(super) saved: Vec<CaptureId>,
    /// Whether no more are pending.
    pub(super) clear: bool,
}

/// How much is not saved.
#[derive(Clone, Copy, Default)]
pub(super) struct Missing {
    /// Captures that will be written when saving works again.
    pub(super) pending: u64,
    /// Captures that were given up.
    pub(super) given_up: u64,
    /// Deliveries that were given up.
    pub(super) deliveries: u64,
}
