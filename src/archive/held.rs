//! The database, held open beside the connections of SQLite, so that it can be flushed to the disk: SQLite
//! itself does that only when it has folded a whole log.

use std::{
    fs::{File, OpenOptions},
    io,
    path::Path,
    sync::Arc,
};

/// The database, held open.
///
/// On Unix, closing any descriptor of a file ends all locks that the process has on it. So each owner of a
/// connection has a clone of this and lets go of it after its connection: the last clone is closed when
/// there is nothing left to lock. Source: SQLite, "How To Corrupt An SQLite Database File", section 2.2.
#[derive(Clone)]
pub(super) struct Held(Arc<File>);

impl Held {
    /// Opens the database; it must be there.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        // Windows flushes only what is open for writing.
        OpenOptions::new().read(true).write(true).open(path).map(|file| Self(Arc::new(file)))
    }

    /// Waits until the disk has what was written to it by anybody.
    pub(super) fn flush(&self) -> io::Result<()> {
        self.0.sync_data()
    }
}
