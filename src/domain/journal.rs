//! Where changes of captures are written down beyond memory: the one door from the store to the session
//! file.
//!
//! The store knows this trait only, so nothing of it depends on a file. A capture itself is kept before
//! the store has it; what is learnt about it later goes through here, in the order in which it happens.

use std::sync::Arc;

use crate::domain::{
    capture::CaptureId, delivery::Delivery, record::Remark, signature::Check, sink::Answered,
};

/// What is learnt about a capture after it was kept.
#[derive(Clone, Debug)]
pub enum Change {
    /// The result of a check, in place of an earlier one.
    Check(Arc<Check>),
    /// What was answered to the sender.
    Answered(Answered),
    /// A sending of it: a new one, or the outcome of the one with the same attempt.
    Delivery(Arc<Delivery>),
    /// What a person noted about it; nothing takes an earlier note back.
    Remark(Option<Arc<Remark>>),
    /// It is deleted, with everything about it.
    Delete,
}

/// Writes changes down. It is called under the store's lock, so it must neither wait nor call the store.
pub trait Journal: Send + Sync + 'static {
    /// Notes a change of a capture.
    fn note(&self, id: CaptureId, change: &Change);
}
