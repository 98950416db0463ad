//! Connections to a session file.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};

use crate::archive::Sync;

/// How long a statement waits for a lock of another program that uses the file.
const PATIENCE: Duration = Duration::from_secs(2);

/// A log that grew beyond this is cut after a checkpoint, in bytes. Under load it is about half as long, and
/// written over again and again, which costs less than to let it grow anew.
const LOG_LIMIT: u64 = 128 << 20;

/// The connection that writes. The file must be there.
pub(super) fn writer(path: &Path, sync: Sync) -> rusqlite::Result<Connection> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let conn = Connection::open_with_flags(path, flags)?;
    usual(&conn)?;
    conn.execute_batch(&format!(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = {};
         PRAGMA wal_autocheckpoint = 0;
         PRAGMA journal_size_limit = {LOG_LIMIT};
         PRAGMA foreign_keys = OFF;",
        match sync {
            Sync::Normal => "NORMAL",
            Sync::Full => "FULL",
        }
    ))?;
    Ok(conn)
}

/// A connection that reads. It works while another one writes, and in a directory that is not writable.
pub(super) fn reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let opened = Connection::open_with_flags(path, flags)
        .and_then(|conn| usual(&conn).map(|()| conn))
        .and_then(|conn| conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map(|()| conn));
    match opened {
        // Without a log there is nothing that a reader would have to share with a writer.
        Err(error) if is_unopenable(&error) && !has_log(path) => {
            let uri = format!("file:{}?immutable=1", in_uri(path));
            let conn = Connection::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_URI)?;
            usual(&conn).map(|()| conn)
        }
        opened => opened,
    }
}

fn usual(conn: &Connection) -> rusqlite::Result<()> {
    conn.busy_timeout(PATIENCE)?;
    conn.set_prepared_statement_cache_capacity(32);
    // What stands in the file is not trusted: it may be damaged, or somebody else's.
    conn.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;")
}

fn is_unopenable(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
}

fn has_log(path: &Path) -> bool {
    std::fs::metadata(super::place::beside(path, "-wal")).is_ok_and(|log| log.len() > 0)
}

fn in_uri(path: &Path) -> String {
    let text = path.to_string_lossy();
    let mut uri = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '?' | '#' | '%' => uri.push_str(&format!("%{:02X}", u32::from(c))),
            c => uri.push(c),
        }
    }
    uri
}

/// Whether an error tells of damage to the file, and not of the machine around it.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    let rusqlite::Error::SqliteFailure(failure, _) = error else {
        // A column of another type, a table that is not there.
        return true;
    };
    match failure.code {
        ErrorCode::SystemIoFailure => failure.extended_code == ffi::SQLITE_IOERR_SHORT_READ,
        ErrorCode::CannotOpen
        | ErrorCode::PermissionDenied
        | ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::OutOfMemory
        | ErrorCode::OperationInterrupted
        | ErrorCode::DiskFull => false,
        _ => true,
    }
}
