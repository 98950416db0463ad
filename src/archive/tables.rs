//! Whole captures in the tables: written, read, changed, removed. Each call is a few statements inside a
//! transaction of the caller.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    archive::{
        line::{self, COLUMNS, Fault, Shared, Strictness, WIDTH, bytes, signed, text},
        sending, sum, words,
    },
    domain::{
        capture::{Capture, CaptureId},
        record::{Keeping, Record, Remark, Row},
        signature::Check,
        sink::Answered,
    },
};

/// What became of a capture that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// It is in the file now.
    New,
    /// It was there already, from a commit that was reported as failed.
    Already,
    /// Another capture has its number.
    Taken,
}

/// Writes a capture and what is known about it, without its deliveries.
pub(super) fn write(
    conn: &Connection,
    capture: &Capture,
    check: Option<&Check>,
    answered: Option<Answered>,
    remark: Option<&Remark>,
) -> rusqlite::Result<Written> {
    let id = capture.id();
    let (head, trailers) = (capture.head().raw(), capture.trailers());
    let refusal = capture.refusal().unwrap_or_default();
    let sum = sum::of_bytes(id, head, trailers, refusal, capture.body());
    let mut statement = conn.prepare_cached(line::INSERT)?;
    if line::insert(&mut statement, &capture.summary, check, answered, remark)? == 0 {
        let there: Option<i64> = conn
            .prepare_cached("SELECT sum FROM bytes WHERE id = ?1")?
            .query_row([id.0.cast_signed()], |row| row.get(0))
            .optional()?;
        return Ok(if there == Some(sum) { Written::Already } else { Written::Taken });
    }
    conn.prepare_cached("INSERT OR REPLACE INTO bytes VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?.execute(
        params![
            id.0.cast_signed(),
            line::is_text(capture.body()),
            sum,
            head,
            trailers,
            refusal,
            capture.body()
        ],
    )?;
    Ok(Written::New)
}

/// Writes a check in place of the one that is there.
pub(super) fn set_check(conn: &Connection, id: CaptureId, check: &Check) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "UPDATE capture SET verdict = ?2, code = ?3, scheme = ?4, secret = ?5, age_s = ?6, signed_ok = ?7, \
         weak = ?8, cause = ?9, searching = ?10, check_sum = ?11 WHERE id = ?1",
    )?
    .execute(params![
        id.0.cast_signed(),
        check.verdict.as_str(),
        check.verdict.code().map(|code| code.as_str()),
        check.scheme.as_deref(),
        check.secret.as_deref(),
        check.age_s,
        check.signed_ok,
        check.weak.as_deref(),
        check.cause.as_deref(),
        check.searching,
        sum::of_check(id, Some(check)),
    ])
    .map(|_| ())
}

/// Writes what was answered.
pub(super) fn set_answer(conn: &Connection, id: CaptureId, answered: Answered) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "UPDATE capture SET status = ?2, answered_by = ?3, handshake = ?4, answer_sum = ?5 WHERE id = ?1",
    )?
    .execute(params![
        id.0.cast_signed(),
        answered.status,
        answered.by.as_str(),
        words::handshake(answered.by),
        sum::of_answer(id, Some(answered)),
    ])
    .map(|_| ())
}

/// Writes what was noted in place of what is there.
pub(super) fn set_remark(conn: &Connection, id: CaptureId, remark: Option<&Remark>) -> rusqlite::Result<()> {
    conn.prepare_cached("UPDATE capture SET marked = ?2, note = ?3, remark_sum = ?4 WHERE id = ?1")?
        .execute(params![
            id.0.cast_signed(),
            remark.is_some_and(|remark| remark.marked),
            remark.map(|remark| &*remark.note),
            sum::of_remark(id, remark),
        ])
        .map(|_| ())
}

/// Removes a capture with all that belongs to it. Returns whether it was there.
pub(super) fn remove(conn: &Connection, id: CaptureId) -> rusqlite::Result<bool> {
    let id = [id.0.cast_signed()];
    for statement in [
        "DELETE FROM bytes WHERE id = ?1",
        "DELETE FROM delivery WHERE capture = ?1",
        "DELETE FROM reply WHERE capture = ?1",
    ] {
        conn.prepare_cached(statement)?.execute(id)?;
    }
    conn.prepare_cached("DELETE FROM capture WHERE id = ?1")?.execute(id).map(|count| count > 0)
}

/// A number of the table `meta`.
pub(super) fn meta(conn: &Connection, name: &str) -> rusqlite::Result<i64> {
    conn.prepare_cached("SELECT value FROM meta WHERE name = ?1")?.query_row([name], |row| row.get(0))
}

/// Writes a number of the table `meta`.
pub(super) fn set_meta(conn: &Connection, name: &str, value: u64) -> rusqlite::Result<()> {
    conn.prepare_cached("UPDATE meta SET value = ?2 WHERE name = ?1")?
        .execute(params![name, value.cast_signed()])
        .map(|_| ())
}

/// A whole record; `None` when it is not there.
pub(super) fn read(conn: &Connection, id: CaptureId, strict: Strictness) -> Result<Option<Record>, Fault> {
    // One view of the file for both tables; dropped, it ends without a trace.
    let view = conn.unchecked_transaction()?;
    let mut statement = view.prepare_cached(&format!(
        "SELECT {COLUMNS}, b.head, b.trailers, b.refusal, b.body, b.sum FROM capture AS c \
         LEFT JOIN bytes AS b ON b.id = c.id WHERE c.id = ?1"
    ))?;
    let mut rows = statement.query([id.0.cast_signed()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let line = line::read(row, &mut Shared::default(), strict)?;
    let head = bytes(row, WIDTH)?.ok_or(Fault::Damaged)?;
    let trailers = bytes(row, WIDTH + 1)?.ok_or(Fault::Damaged)?;
    let refusal = text(row, WIDTH + 2)?.ok_or(Fault::Damaged)?;
    let body = bytes(row, WIDTH + 3)?.ok_or(Fault::Damaged)?;
    let same = signed(row, WIDTH + 4)? == Some(sum::of_bytes(id, head, trailers, refusal, body));
    if !same || line.summary.id != id || line.summary.size != body.len() as u64 {
        return Err(Fault::Damaged);
    }
    let mut block = Vec::with_capacity(body.len() + head.len() + trailers.len() + refusal.len());
    block.extend_from_slice(body);
    let capture = Arc::new(Capture::restored(line.summary, block, head, trailers, refusal));
    let deliveries = line::lenient(sending::read_all(&view, id), strict)?;
    Ok(Some(Record { capture, check: line.check, answered: line.answered, deliveries, remark: line.remark }))
}

/// A line for each capture, by rising number, and how many were passed over because they, or a delivery of
/// theirs, are damaged.
pub(super) fn read_rows(conn: &Connection) -> rusqlite::Result<(Vec<Row>, u64)> {
    let view = conn.unchecked_transaction()?;
    let (latest, mut damaged) = sending::read_latest(&view)?;
    let mut latest = latest.into_iter().peekable();
    let mut statement = view.prepare(&format!("SELECT {COLUMNS} FROM capture AS c ORDER BY c.id"))?;
    let mut found = statement.query([])?;
    let mut shared = Shared::default();
    let mut rows: Vec<Row> = Vec::new();
    while let Some(row) = found.next()? {
        let line = match line::read(row, &mut shared, Strictness::Whole) {
            Ok(line) if rows.last().is_none_or(|last| last.summary.id < line.summary.id) => line,
            Ok(_) | Err(Fault::Damaged) => {
                damaged += 1;
                continue;
            }
            Err(Fault::Sql(error)) => return Err(error),
        };
        let id = line.summary.id;
        while latest.next_if(|(other, _)| *other < id).is_some() {}
        let latest = latest.next_if(|(other, _)| *other == id).map(|(_, latest)| latest);
        rows.push(Row {
            summary: Arc::new(line.summary),
            check: line.check,
            answered: line.answered,
            latest,
            remark: line.remark,
            keeping: Keeping::File,
        });
    }
    Ok((rows, damaged))
}
