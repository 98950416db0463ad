//! Reading records: from connections of their own, beside the writer.

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use rusqlite::Connection;

use crate::{
    archive::{
        OpenError, ReadError, Which, connect,
        held::Held,
        line::{Fault, Strictness},
        open, tables,
    },
    domain::{
        capture::CaptureId,
        record::{Record, Row},
    },
};

/// So many connections are kept for the next readers.
const SPARE: usize = 4;
/// So many numbers are read ahead.
const AHEAD: i64 = 1_024;

/// Where records are read from.
pub(super) struct Source {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    /// Let go of after the connections.
    _held: Option<Held>,
}

impl Source {
    pub(super) const fn new(path: PathBuf, held: Option<Held>) -> Self {
        Self { path, idle: Mutex::new(Vec::new()), _held: held }
    }

    /// A whole record.
    pub(super) fn record(&self, id: CaptureId) -> Result<Option<Record>, ReadError> {
        self.with(|conn| match tables::read(conn, id, Strictness::Whole) {
            Ok(record) => Ok(record),
            Err(Fault::Damaged) => Err(ReadError::Damaged(id)),
            Err(Fault::Sql(error)) if connect::is_damage(&error) => Err(ReadError::Damaged(id)),
            Err(Fault::Sql(error)) => Err(ReadError::Database(error.to_string())),
        })
    }

    /// Up to [`AHEAD`] numbers that are there, from one to another.
    fn ids(&self, from: CaptureId, to: CaptureId) -> Result<Vec<CaptureId>, ReadError> {
        let bound = |id: CaptureId| i64::try_from(id.0).unwrap_or(i64::MAX);
        let list = |conn: &Connection| -> rusqlite::Result<Vec<CaptureId>> {
            conn.prepare_cached("SELECT id FROM capture WHERE id >= ?1 AND id <= ?2 ORDER BY id LIMIT ?3")?
                .query_map([bound(from), bound(to), AHEAD], |row| {
                    row.get(0).map(|id: i64| CaptureId(id.cast_unsigned()))
                })?
                .collect()
        };
        self.with(|conn| list(conn).map_err(|error| ReadError::Database(error.to_string())))
    }

    /// The records one after the other, each by `read`. Returns how many are damaged.
    pub(super) fn each(
        &self,
        which: &Which<'_>,
        read: impl Fn(CaptureId) -> Result<Option<Record>, ReadError>,
        f: &mut dyn FnMut(Record) -> ControlFlow<()>,
    ) -> Result<u64, ReadError> {
        let mut damaged = 0;
        let mut one = |id| match read(id) {
            Ok(Some(record)) => Ok(f(record)),
            Ok(None) => Ok(ControlFlow::Continue(())),
            Err(ReadError::Damaged(_)) => {
                damaged += 1;
                Ok(ControlFlow::Continue(()))
            }
            Err(error) => Err(error),
        };
        match which {
            Which::Ids(ids) => {
                for &id in *ids {
                    if one(id)?.is_break() {
                        break;
                    }
                }
            }
            Which::Range(range) => {
                let mut from = *range.start();
                'all: while from <= *range.end() {
                    // No view of the file is held while `f` works: a view would keep its log from being
                    // folded.
                    let ids = self.ids(from, *range.end())?;
                    let Some(last) = ids.last() else { break };
                    from = CaptureId(last.0.saturating_add(1));
                    for id in ids {
                        if one(id)?.is_break() {
                            break 'all;
                        }
                    }
                }
            }
        }
        Ok(damaged)
    }

    fn with<T>(&self, work: impl FnOnce(&Connection) -> Result<T, ReadError>) -> Result<T, ReadError> {
        let spare = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let conn = match spare {
            Some(conn) => conn,
            None => connect::reader(&self.path).map_err(|error| ReadError::Database(error.to_string()))?,
        };
        let done = work(&conn);
        // After an error of SQLite the next reader begins with a new connection.
        if matches!(done, Ok(_) | Err(ReadError::Damaged(_))) {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < SPARE {
                idle.push(conn);
            }
        }
        done
    }

    /// Closes the connections that nobody uses.
    pub(super) fn rest(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// A session file that is only read. Another instance may write it meanwhile.
pub struct Reader {
    source: Source,
    notices: Vec<String>,
}

impl Reader {
    /// Opens a session file for reading. Nothing in it is changed.
    ///
    /// # Errors
    /// When there is no such file, or it is not a session file of this program's version.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let ready = open::reading(path)?;
        Ok(Self { source: Source::new(ready.path, None), notices: ready.notices })
    }

    /// What a person should know, a sentence each: how many records are damaged.
    #[must_use]
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// A line for each capture in it, by rising number.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn rows(&self) -> Result<Vec<Row>, ReadError> {
        self.source.with(|conn| {
            tables::read_rows(conn)
                .map(|(rows, _)| rows)
                .map_err(|error| ReadError::Database(error.to_string()))
        })
    }

    /// The whole record of a capture; `None` when it is not there.
    ///
    /// # Errors
    /// When the file cannot be read, or this capture is damaged.
    pub fn record(&self, id: CaptureId) -> Result<Option<Record>, ReadError> {
        self.source.record(id)
    }

    /// Reads many records as [`Archive::each`](crate::archive::Archive::each) does.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn each<'a>(
        &self,
        which: impl Into<Which<'a>>,
        f: &mut dyn FnMut(Record) -> ControlFlow<()>,
    ) -> Result<u64, ReadError> {
        self.source.each(&which.into(), |id| self.record(id), f)
    }
}
