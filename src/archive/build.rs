//! Making a session file: complete under another name first, so that its own name never stands for half of
//! one.

use std::{fs, path::Path};

use rusqlite::{Connection, OpenFlags};

use crate::archive::{OpenError, place, schema};

/// Bytes of a page. Most webhooks fit in one or two.
pub(super) const PAGE: u64 = 8_192;

/// A new file that has not its name yet.
const SUFFIX: &str = ".new";

/// Makes a new file beside the path and fills it. [`install`] gives it its name.
pub(super) fn prepare<T>(
    path: &Path,
    fill: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> Result<T, OpenError> {
    let new = place::beside(path, SUFFIX);
    for suffix in ["", "-wal", "-shm", "-journal"] {
        place::discard(&place::beside(&new, suffix))?;
    }
    let file = place::make(&new).map_err(|source| OpenError::Io { path: new.clone(), source })?;
    let failed =
        |error: rusqlite::Error| OpenError::Database { path: path.to_owned(), why: error.to_string() };
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let conn = Connection::open_with_flags(&new, flags).map_err(failed)?;
    // Nobody sees the file before it is whole, so it needs no journal meanwhile.
    conn.execute_batch(&format!(
        "PRAGMA page_size = {PAGE}; PRAGMA auto_vacuum = INCREMENTAL;
         PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
    ))
    .and_then(|()| schema::migrate(&conn, 0))
    .map_err(failed)?;
    let filled = fill(&conn).map_err(failed)?;
    conn.execute_batch("PRAGMA journal_mode = WAL").map_err(failed)?;
    conn.close().map_err(|(_, error)| failed(error))?;
    file.sync_all().map_err(|source| OpenError::Io { path: new, source })?;
    Ok(filled)
}

/// Gives the new file its name.
pub(super) fn install(path: &Path) -> Result<(), OpenError> {
    let failed = |source| OpenError::Io { path: path.to_owned(), source };
    for suffix in ["-wal", "-shm", "-journal"] {
        place::discard(&place::beside(path, suffix))?;
    }
    fs::rename(place::beside(path, SUFFIX), path).map_err(failed)?;
    // So that the name is there after a power cut as well; not every system lets a directory be synced.
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        let _ = fs::File::open(folder).and_then(|folder| folder.sync_all());
    }
    Ok(())
}
