//! What may go wrong below the writer: nothing by itself, and in tests whatever they want.

use rusqlite::Connection;

/// What the writer is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Begin a transaction.
    Begin,
    /// Write something in it.
    Write,
    /// Commit it.
    Commit,
    /// It is committed, and that may still be reported as a failure.
    Committed,
    /// Fold the log into the file.
    Fold,
}

/// Is asked before each step. An error is taken for one of that step.
pub(super) trait Disk: Send {
    /// A connection was opened.
    fn opened(&mut self, conn: &mut Connection) {
        let _ = conn;
    }

    /// A step is to be made.
    fn step(&mut self, step: Step) -> rusqlite::Result<()>;
}

/// The disk as it is: whatever fails, fails in SQLite.
pub(super) struct Real;

impl Disk for Real {
    fn step(&mut self, _: Step) -> rusqlite::Result<()> {
        Ok(())
    }
}
