//! One transaction: a batch of the queue, or a step of retention.

use std::collections::HashSet;

use rusqlite::Connection;

use crate::{
    archive::{
        batch::Batch,
        changes::Joined,
        disk::{Disk, Step},
        sending,
        tables::{self, Written},
    },
    domain::capture::CaptureId,
};

/// What a committed batch did.
#[derive(Default)]
pub(super) struct Committed {
    /// Captures that are new in the file.
    pub(super) new: u64,
    /// Captures that are no longer in it.
    pub(super) removed: u64,
    /// Captures that were not written, because another one has their number.
    pub(super) taken: HashSet<CaptureId>,
    /// The lowest capture that is no longer marked, or may not be.
    pub(super) unmarked: Option<CaptureId>,
}

/// Does something in a transaction: all of it, or nothing.
pub(super) fn transaction<T>(
    conn: &Connection,
    disk: &mut dyn Disk,
    work: impl FnOnce(&mut dyn Disk) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    disk.step(Step::Begin)?;
    conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let done = work(disk).and_then(|done| {
        disk.step(Step::Commit)?;
        conn.prepare_cached("COMMIT")?.execute([])?;
        Ok(done)
    });
    if done.is_err() && !conn.is_autocommit() {
        // Should this fail too, the next BEGIN fails, and the connection is made anew.
        let _ = conn.prepare_cached("ROLLBACK").and_then(|mut statement| statement.execute([]));
    }
    let done = done?;
    disk.step(Step::Committed)?;
    Ok(done)
}

/// Writes a batch.
pub(super) fn batch(conn: &Connection, disk: &mut dyn Disk, batch: &Batch) -> rusqlite::Result<Committed> {
    transaction(conn, disk, |disk| {
        let mut committed = Committed::default();
        for item in &batch.items {
            disk.step(Step::Write)?;
            let (check, remark) = (item.check.as_deref(), item.remark.as_deref());
            match tables::write(conn, &item.capture, check, None, remark)? {
                Written::New => committed.new += 1,
                Written::Already => {}
                Written::Taken => {
                    committed.taken.insert(item.capture.id());
                }
            }
        }
        for (id, _, joined) in &batch.changes {
            // They are not meant for the other capture.
            if !committed.taken.contains(id) {
                disk.step(Step::Write)?;
                change(conn, *id, joined, &mut committed)?;
            }
        }
        if committed.removed > 0 {
            // While the highest of all is there, it says so itself.
            disk.step(Step::Write)?;
            tables::set_meta(conn, "highest", batch.highest)?;
        }
        Ok(committed)
    })
}

fn change(
    conn: &Connection,
    id: CaptureId,
    joined: &Joined,
    committed: &mut Committed,
) -> rusqlite::Result<()> {
    if joined.delete {
        committed.removed += u64::from(tables::remove(conn, id)?);
        return Ok(());
    }
    if let Some(check) = &joined.check {
        tables::set_check(conn, id, check)?;
    }
    if let Some(answered) = joined.answered {
        tables::set_answer(conn, id, answered)?;
    }
    if let Some(remark) = &joined.remark {
        tables::set_remark(conn, id, remark.as_deref())?;
        if !remark.as_ref().is_some_and(|remark| remark.marked) {
            committed.unmarked = Some(committed.unmarked.map_or(id, |lowest| lowest.min(id)));
        }
    }
    joined.deliveries.values().try_for_each(|delivery| sending::write(conn, delivery))
}
