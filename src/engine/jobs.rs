//! Work for the screen that takes longer than a frame may: decoding, checking in detail.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use tokio::sync::mpsc::UnboundedSender;

use crate::app::Msg;

/// A kind of work. At most one of a kind runs and one waits; a newer one takes the place of one that
/// waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Reading a capture from the session file.
    Open,
    /// Making a body readable.
    Decode(crate::app::View),
    /// Checking a signature in detail.
    Report,
    /// Telling which secret of a provider signed what.
    Rotation,
    /// Looking through all captures for those that match.
    Sift,
    /// Looking whether some captures match.
    Examine,
    /// Looking for a text in a document.
    Find,
    /// Checking all captures of a provider again.
    WhatIf,
    /// Taking out what is hidden.
    Hide,
    /// Writing a file.
    Export,
}

/// Work: it may tell more than once.
pub type Work = Box<dyn FnOnce(&dyn Fn(Msg)) + Send>;

/// What comes back from a job.
pub enum Told {
    /// A result.
    Msg(Msg),
    /// A job of this kind is over.
    Done(Kind),
}

/// The jobs under way.
pub struct Jobs {
    told: UnboundedSender<Told>,
    /// Kinds that run, with what waits behind them.
    lanes: BTreeMap<Kind, Option<Work>>,
}

impl Jobs {
    /// Jobs that tell their results to a channel. It holds at most a few messages a kind.
    #[must_use]
    pub fn new(told: UnboundedSender<Told>) -> Self {
        Self { told, lanes: BTreeMap::new() }
    }

    /// Starts work, or lets it wait for the one of its kind that runs.
    pub fn start(&mut self, kind: Kind, work: Work) {
        match self.lanes.get_mut(&kind) {
            Some(waiting) => *waiting = Some(work),
            None => {
                self.lanes.insert(kind, None);
                self.spawn(kind, work);
            }
        }
    }

    /// Notes that a job is over and starts what waits.
    pub fn done(&mut self, kind: Kind) {
        if let Some(work) = self.lanes.remove(&kind).flatten() {
            self.lanes.insert(kind, None);
            self.spawn(kind, work);
        }
    }

    fn spawn(&self, kind: Kind, work: Work) {
        let told = self.told.clone();
        tokio::task::spawn_blocking(move || {
            let tell = |msg| drop(told.send(Told::Msg(msg)));
            // A body that makes a decoder panic must not stop every later one.
            let _ = catch_unwind(AssertUnwindSafe(|| work(&tell)));
            let _ = told.send(Told::Done(kind));
        });
    }
}
