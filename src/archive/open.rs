//! Opening: who may write, what stands at the path, and what is to be done about it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rusqlite::Connection;

use crate::{
    archive::{
        OpenError, Options, build, connect,
        place::{self, Found, Lock},
        retention::Size,
        salvage::{self, HIGHEST, shown},
        schema, tables,
    },
    domain::record::Row,
};

/// A file up to this size is checked page by page when it is opened; of a larger one the list of captures
/// is, and each capture when it is read.
const CHECKED: u64 = 32 << 20;

/// A file that is ready.
pub(super) struct Ready {
    pub(super) path: PathBuf,
    pub(super) rows: Vec<Row>,
    /// The highest number that was ever given.
    pub(super) highest: u64,
    /// Captures that retention removed so far.
    pub(super) pruned: u64,
    pub(super) notices: Vec<String>,
    /// For the one instance that writes.
    pub(super) writing: Option<Writing>,
}

/// What only the instance that writes has.
pub(super) struct Writing {
    pub(super) conn: Connection,
    /// Held for as long as the connection is open.
    pub(super) lock: Option<File>,
}

/// What a look into a file finds.
enum Seen {
    Good(Box<Ready>),
    Damaged,
}

/// Opens a file for writing, or for reading where another instance writes.
pub(super) fn open(path: &Path, options: &Options) -> Result<Ready, OpenError> {
    let path = place::settle(path, true)?;
    place::look(&path)?;
    let (lock, why) = match place::lock(&path)? {
        Lock::Ours(lock) => match may_write(&path) {
            Ok(()) => (Some(lock), String::new()),
            Err(error) => (None, format!("it may not be written ({error})")),
        },
        Lock::Taken => (None, "another hookglass writes to it".to_owned()),
        Lock::Refused(source) if place::look(&path)? == Found::Nothing => {
            return Err(OpenError::Io { path, source });
        }
        Lock::Refused(error) => (None, format!("it may not be written ({error})")),
    };
    match lock {
        Some(lock) => writing(&path, options, lock),
        None => {
            let mut ready = reading(&path)?;
            ready.notices.insert(
                0,
                format!(
                    "The session file {} is open for reading only: {why}. New captures are not saved.",
                    shown(&path)
                ),
            );
            Ok(ready)
        }
    }
}

/// Whether the system lets the file be written, where there is one.
fn may_write(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).open(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Opens a file for reading beside the instance that writes it. Nothing of it is read but through SQLite:
/// to close another descriptor of it would end the locks of a connection in this process.
pub(super) fn reading(path: &Path) -> Result<Ready, OpenError> {
    let path = place::settle(path, false)?;
    // Whoever has the lock may be making the file just now.
    let begun = Instant::now();
    while place::look(&path)? == Found::Nothing {
        if begun.elapsed() > Duration::from_secs(2) || !place::beside(&path, ".lock").exists() {
            return Err(OpenError::Unreadable { path, why: "there is no such file".to_owned() });
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let unreadable =
        |error: rusqlite::Error| OpenError::Unreadable { path: path.clone(), why: error.to_string() };
    let conn = connect::reader(&path).map_err(unreadable)?;
    match version(&conn, &path)? {
        Some(version) if version == schema::VERSION => {}
        Some(version) if version > schema::VERSION => return Err(OpenError::Newer { path }),
        Some(_) => return Err(OpenError::Older { path }),
        None => {
            return Err(OpenError::Unreadable {
                path,
                why: "it is not a session file, or damaged".to_owned(),
            });
        }
    }
    let (rows, damaged) = tables::read_rows(&conn).map_err(unreadable)?;
    let highest = tables::meta(&conn, "highest").map_err(unreadable)?.cast_unsigned();
    let pruned = tables::meta(&conn, "pruned").map_err(unreadable)?.cast_unsigned();
    let mut notices = Vec::new();
    if damaged > 0 {
        notices.push(format!("{damaged} records of the session file are damaged and are not shown."));
    }
    let highest = highest.max(rows.last().map_or(0, |row| row.summary.id.0));
    Ok(Ready { path, rows, highest, pruned, notices, writing: None })
}

fn writing(path: &Path, options: &Options, lock: Option<File>) -> Result<Ready, OpenError> {
    let now = (options.clock)();
    let mut notices = Vec::new();
    if matches!(place::look(path)?, Found::Nothing | Found::File(0)) {
        if has_log(path) {
            let aside = place::put_aside(path, now)?;
            notices.push(format!(
                "The session file was gone, but its log was there. The log is kept beside {}.",
                shown(&aside)
            ));
        }
        build::prepare(path, |_| Ok(()))?;
        build::install(path)?;
    }
    let mut ready = match inspect(path, options)? {
        Seen::Good(ready) => ready,
        Seen::Damaged => {
            notices.push(salvage::salvage(path, now)?);
            match inspect(path, options)? {
                Seen::Good(ready) => ready,
                Seen::Damaged => {
                    let why = "the disk does not keep what is written".to_owned();
                    return Err(OpenError::Database { path: path.to_owned(), why });
                }
            }
        }
    };
    ready.notices = notices;
    if let Some(writing) = &mut ready.writing {
        writing.lock = lock;
    }
    Ok(*ready)
}

fn has_log(path: &Path) -> bool {
    fs::metadata(place::beside(path, "-wal")).is_ok_and(|log| log.len() > 0)
}

/// Looks into a file, the lock of which is ours.
fn inspect(path: &Path, options: &Options) -> Result<Seen, OpenError> {
    let io = |source| OpenError::Io { path: path.to_owned(), source };
    let size = fs::metadata(path).map_err(io)?.len();
    if !is_header(&header(path).map_err(io)?, has_log(path)) {
        return Ok(Seen::Damaged);
    }
    let looked = (|| -> rusqlite::Result<Result<Option<Ready>, OpenError>> {
        let conn = connect::reader(path)?;
        let from = match version(&conn, path) {
            Ok(Some(version)) => version,
            Ok(None) => return Ok(Ok(None)),
            Err(error) => return Ok(Err(error)),
        };
        if from > schema::VERSION {
            return Ok(Err(OpenError::Newer { path: path.to_owned() }));
        }
        if size <= CHECKED {
            let said: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
            if said != "ok" {
                return Ok(Ok(None));
            }
        }
        drop(conn);
        let conn = connect::writer(path, options.sync)?;
        if from < schema::VERSION {
            schema::migrate(&conn, from)?;
            // So that an older program sees at once that it is too old.
            conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        }
        conn.execute_batch("BEGIN IMMEDIATE; ROLLBACK")?;
        let (rows, damaged) = tables::read_rows(&conn)?;
        let highest = tables::meta(&conn, "highest")?.cast_unsigned();
        let highest = highest.max(rows.last().map_or(0, |row| row.summary.id.0));
        let pruned = tables::meta(&conn, "pruned")?.cast_unsigned();
        let possible = Size::of(&conn)?.is_possible();
        if damaged > 0 || highest > HIGHEST || pruned > HIGHEST || !possible {
            return Ok(Ok(None));
        }
        let writing = Some(Writing { conn, lock: None });
        Ok(Ok(Some(Ready { path: path.to_owned(), rows, highest, pruned, notices: Vec::new(), writing })))
    })();
    match looked {
        Ok(Ok(Some(ready))) => Ok(Seen::Good(Box::new(ready))),
        Ok(Ok(None)) => Ok(Seen::Damaged),
        Ok(Err(error)) => Err(error),
        Err(error) if connect::is_damage(&error) => Ok(Seen::Damaged),
        Err(error) => Err(OpenError::Database { path: path.to_owned(), why: error.to_string() }),
    }
}

fn header(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(100);
    File::open(path)?.take(100).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether the header is one of a file that keeps its log beside it. Source: the file format of SQLite,
/// section 1.3.
fn is_header(header: &[u8], has_log: bool) -> bool {
    // With the other modes (2 is a log beside it) SQLite would pass over a log that is there.
    let mode = |at: usize| header[at] == 2 || header[at] == 1 && !has_log;
    header.len() == 100 && header.starts_with(b"SQLite format 3\0") && mode(18) && mode(19)
}

/// The version of the schema; `None` where the file is damaged. Both places that hold it must agree, or
/// damage to one of them could pass for a file of a newer program.
fn version(conn: &Connection, path: &Path) -> Result<Option<i64>, OpenError> {
    let looked = (|| -> rusqlite::Result<Result<Option<i64>, OpenError>> {
        let application: i32 = conn.query_row("PRAGMA application_id", [], |row| row.get(0))?;
        let version: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        let tables: Vec<String> = conn
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let ours = schema::TABLES.iter().all(|ours| tables.iter().any(|table| table == ours));
        if !ours {
            let foreign = application != schema::APPLICATION_ID && !tables.is_empty();
            return Ok(if foreign { Err(OpenError::Foreign { path: path.to_owned() }) } else { Ok(None) });
        }
        let same = tables::meta(conn, "schema")? == version && version > 0;
        Ok(Ok(same.then_some(version)))
    })();
    match looked {
        Ok(version) => version,
        Err(error) if connect::is_damage(&error) => Ok(None),
        Err(error) => Err(OpenError::Database { path: path.to_owned(), why: error.to_string() }),
    }
}
