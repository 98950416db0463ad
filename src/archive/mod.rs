//! The session file: every capture, its deliveries and what was noted about it, kept across runs.
//!
//! A plain SQLite database that `sqlite3` opens; `schema` documents its tables, and its view `captures`
//! reads well. This module knows `domain` alone: nothing here knows the listener, the memory store or
//! the screen.
//!
//! ```text
//! keep(capture) ─► queue (bounded in bytes) ─► writer: takes all that waits ─► one transaction ─► acknowledgements
//! update(id, …) ─► changes (joined by capture) ──┘        │
//!                                                         └─► between commits: checkpoint, retention
//! load, each ◄── readers, connections of their own ◄── the file (and what still waits)
//! ```
//!
//! What holds:
//!
//! * [`Archive::keep`] resolves with `Ok` only after the commit. With [`Sync::Normal`] a capture then
//!   survives the death of the program, with [`Sync::Full`] that of the machine.
//! * When a write fails, everything that waits is answered [`Unsaved`] at once, stays pending within a
//!   bound, and is written in order as soon as writing works again. A capture is never there twice: its
//!   number is its key.
//! * Exactly the bytes are kept, with a checksum for each record: one whose bytes do not match is never
//!   shown as good.
//! * One instance writes: it holds a lock on a file of its own, `<file>.lock`. Another one reads.
//! * A damaged file is kept beside the new one; a file of a newer program is left as it is.
//! * No secret is written: a [`Check`](crate::domain::signature::Check) has labels alone.

mod batch;
mod build;
mod changes;
mod commit;
mod connect;
mod disk;
mod error;
mod failure;
mod fields;
mod fold;
mod handle;
mod held;
mod line;
mod open;
mod place;
mod queue;
mod reader;
mod retention;
mod salvage;
mod schema;
mod sending;
mod settled;
mod sum;
mod tables;
#[cfg(test)]
mod tests;
mod words;
mod writer;

use std::{ops::RangeInclusive, time::Duration};

use crate::domain::{capture::CaptureId, record::Row, time::Timestamp};

pub use crate::domain::journal::Change;
pub use error::{CloseError, OpenError, ReadError, Unsaved};
pub use handle::{Archive, open};
pub use reader::Reader;

/// How a session file is kept.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// What an acknowledged capture survives.
    pub sync: Sync,
    /// How much is kept.
    pub keep: Retention,
    /// The clock, for what is kept by age and for the name of a damaged file.
    pub clock: fn() -> Timestamp,
}

/// What an acknowledged capture survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sync {
    /// The end of the program, however sudden.
    #[default]
    Normal,
    /// The end of the machine too: each commit waits for the disk.
    Full,
}

/// How much a session file keeps: the oldest captures beyond it that nobody marked are removed, and
/// counted. The newest capture always stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Bytes of the file that are in use.
    pub bytes: u64,
    /// Number of captures.
    pub count: Option<u64>,
    /// Time since a capture was received.
    pub age: Option<Duration>,
}

/// A session file that was opened, and what it held.
pub struct Opened {
    /// The file.
    pub archive: Archive,
    /// A line for each capture in it, by rising number.
    pub rows: Vec<Row>,
    /// The number for the next capture: higher than any that was ever given in this file.
    pub next: u64,
    /// Whether this instance writes.
    pub mode: Mode,
    /// What a person should know, a sentence each: a damaged file was put aside, another instance writes.
    pub notices: Vec<String>,
}

/// Whether an instance writes to its session file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It does.
    Writing,
    /// It reads what was there when it was opened; nothing that it captures is saved.
    ReadOnly,
}

/// What the writer tells by itself. It is told on the writer's thread, which waits meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Captures were removed because more is kept than the retention allows.
    Pruned {
        /// Which.
        ids: Vec<CaptureId>,
    },
    /// Captures that could not be saved at first now are.
    Saved {
        /// Which.
        ids: Vec<CaptureId>,
    },
    /// Nothing can be saved at present. Told once, until `Recovered`.
    Failing {
        /// One sentence that says what happened and what to do.
        why: String,
    },
    /// Everything that was pending is saved.
    Recovered,
}

/// Counters of a session file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Captures in the file.
    pub saved: u64,
    /// Captures of this run that are not in the file: those that are pending and those that were given up.
    pub unsaved: u64,
    /// Of the unsaved ones, those that will be written when saving works again.
    pub pending: u64,
    /// Deliveries of this run that were given up, because too many of them waited while saving failed.
    pub unsaved_deliveries: u64,
    /// Captures that retention ever removed from this file.
    pub pruned: u64,
    /// Bytes of the file, its write-ahead log included.
    pub bytes: u64,
}

/// Which captures to read.
#[derive(Clone, Debug)]
pub enum Which<'a> {
    /// These, in this order.
    Ids(&'a [CaptureId]),
    /// All from one number to another, rising.
    Range(RangeInclusive<CaptureId>),
}

impl<'a> From<&'a [CaptureId]> for Which<'a> {
    fn from(ids: &'a [CaptureId]) -> Self {
        Self::Ids(ids)
    }
}

impl From<RangeInclusive<CaptureId>> for Which<'_> {
    fn from(range: RangeInclusive<CaptureId>) -> Self {
        Self::Range(range)
    }
}
