//! Retention: what is beyond it is removed, the oldest first, in steps so small that no commit waits long.
//! The pages that become free are used again; where there are many of them, the file shrinks.

use rusqlite::{Connection, params};

use crate::{
    archive::{
        Retention,
        commit::transaction,
        disk::{Disk, Step},
        tables,
    },
    domain::{capture::CaptureId, time::Timestamp},
};

/// Captures that one step removes at most.
pub(super) const STEP: usize = 64;
/// Bytes that one step removes at most, and a capture.
const STEP_BYTES: u64 = 4 << 20;
/// Pages that one step gives back.
const SHRINK: u64 = 128;
/// Free pages that are kept for what comes next.
const SPARE: u64 = 1_024;

/// How large a file is.
#[derive(Clone, Copy, Default)]
pub(super) struct Size {
    /// Pages.
    pages: u64,
    /// Of them, those that hold nothing.
    free: u64,
    /// Bytes of a page.
    page: u64,
}

impl Size {
    /// Reads it, in one look at the file: each would take its locks.
    pub(super) fn of(conn: &Connection) -> rusqlite::Result<Self> {
        let conn = conn.unchecked_transaction()?;
        let number = |pragma: &str| {
            conn.prepare_cached(pragma)?.query_row([], |row| row.get(0)).map(|n: i64| n.cast_unsigned())
        };
        Ok(Self {
            pages: number("PRAGMA page_count")?,
            free: number("PRAGMA freelist_count")?,
            page: number("PRAGMA page_size")?,
        })
    }

    /// Bytes of the file.
    pub(super) const fn bytes(self) -> u64 {
        self.pages.saturating_mul(self.page)
    }

    /// Whether it can be: damage may make it impossible.
    pub(super) const fn is_possible(self) -> bool {
        self.free < self.pages
    }

    /// Bytes that hold something.
    const fn used(self) -> u64 {
        self.pages.saturating_sub(self.free).saturating_mul(self.page)
    }
}

/// What retention remembers from step to step.
#[derive(Default)]
pub(super) struct Pruner {
    /// Up to this number all captures are marked, or gone.
    passed: u64,
}

/// What is to be done.
pub(super) struct Bounds<'a> {
    /// How much is kept.
    pub(super) keep: &'a Retention,
    /// How large the file is.
    pub(super) size: Size,
    /// The time.
    pub(super) now: Timestamp,
    /// Captures in the file.
    pub(super) saved: u64,
    /// Captures that the step removes at most.
    pub(super) most: usize,
}

impl Pruner {
    /// A capture may no longer be marked: look at it again.
    pub(super) fn unmarked(&mut self, id: CaptureId) {
        self.passed = self.passed.min(id.0.saturating_sub(1));
    }

    /// Removes a few captures, if any are beyond the retention. Returns them.
    pub(super) fn step(
        &mut self,
        conn: &Connection,
        disk: &mut dyn Disk,
        bounds: &Bounds<'_>,
    ) -> rusqlite::Result<Vec<CaptureId>> {
        let beyond_bytes = bounds.size.used().saturating_sub(bounds.keep.bytes);
        let beyond_count = bounds.keep.count.map_or(0, |count| bounds.saved.saturating_sub(count));
        let before = bounds.keep.age.map(|age| before(bounds.now, age));
        if beyond_bytes == 0 && beyond_count == 0 && before.is_none() {
            return Ok(Vec::new());
        }
        let (mut ids, mut bytes) = (Vec::new(), 0);
        for (id, size, received_at) in oldest(conn, self.passed, bounds.most)? {
            let wanted = bytes < beyond_bytes
                || (ids.len() as u64) < beyond_count
                || before.is_some_and(|before| received_at < before);
            if !wanted || (bytes > STEP_BYTES.max(bounds.most as u64 * 16_384)) {
                break;
            }
            bytes += size;
            ids.push(id);
        }
        if ids.is_empty() {
            return Ok(ids);
        }
        transaction(conn, disk, |disk| {
            for &id in &ids {
                disk.step(Step::Write)?;
                tables::remove(conn, id)?;
            }
            let pruned = tables::meta(conn, "pruned")?.cast_unsigned();
            tables::set_meta(conn, "pruned", pruned + ids.len() as u64)
        })?;
        self.passed = ids.last().map_or(self.passed, |id| id.0);
        Ok(ids)
    }

    /// When the oldest capture will be too old, if age matters and there is one.
    pub(super) fn due(&self, conn: &Connection, keep: &Retention) -> rusqlite::Result<Option<Timestamp>> {
        let Some(age) = keep.age else { return Ok(None) };
        let age = i64::try_from(age.as_micros()).unwrap_or(i64::MAX);
        let first = oldest(conn, self.passed, 1)?.first().map(|(.., received_at)| received_at.as_micros());
        Ok(first.map(|first| Timestamp::from_micros(first.saturating_add(age))))
    }
}

/// Gives some free pages back, if there are many. Returns whether there is more to give back.
pub(super) fn shrink(conn: &Connection, size: Size) -> rusqlite::Result<bool> {
    if size.free <= SPARE.max(size.pages / 4) {
        return Ok(false);
    }
    let mut statement = conn.prepare_cached(&format!("PRAGMA incremental_vacuum({SHRINK})"))?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(true)
}

fn before(now: Timestamp, age: std::time::Duration) -> Timestamp {
    let age = i64::try_from(age.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(now.as_micros().saturating_sub(age))
}

/// The oldest captures after a number that nobody marked, without the newest capture of all: number, bytes
/// that they take at least, time of arrival.
fn oldest(conn: &Connection, after: u64, most: usize) -> rusqlite::Result<Vec<(CaptureId, u64, Timestamp)>> {
    conn.prepare_cached(
        "SELECT id, size, received_at FROM capture \
         WHERE id > ?1 AND marked = 0 AND id < (SELECT max(id) FROM capture) ORDER BY id LIMIT ?2",
    )?
    .query_map(params![after.cast_signed(), i64::try_from(most).unwrap_or(i64::MAX)], |row| {
        let size = row.get::<_, i64>(1)?.cast_unsigned();
        Ok((
            CaptureId(row.get::<_, i64>(0)?.cast_unsigned()),
            size + 512,
            Timestamp::from_micros(row.get(2)?),
        ))
    })?
    .collect()
}
