//! What can still be read of a damaged file is carried over into a new one: records whose checksums prove
//! that they are as they were written.

use std::{
    collections::BTreeSet,
    path::Path,
    time::{Duration, Instant},
};

use rusqlite::Connection;

use crate::{
    archive::{
        OpenError, build, connect,
        line::Strictness,
        place, sending,
        tables::{self, Written},
    },
    domain::{capture::CaptureId, text::visible, time::Timestamp},
};

/// No start waits longer than this for old captures.
const PATIENCE: Duration = Duration::from_secs(10);
/// Where no list of the numbers can be read, so many are tried one by one.
const MOST_TRIES: u64 = 200_000;
/// A number beyond this was never given.
pub(super) const HIGHEST: u64 = 1 << 53;

/// Puts the damaged file aside, begins a new one, and returns a sentence about it.
pub(super) fn salvage(path: &Path, now: Timestamp) -> Result<String, OpenError> {
    let begun = Instant::now();
    let source = connect::reader(path).ok().filter(|source| {
        // Lets SQLite read a file that is shorter than its header says.
        source.execute_batch("PRAGMA writable_schema = ON; PRAGMA cache_size = -16000").is_ok()
    });
    let carried = match &source {
        Some(source) => match build::prepare(path, |new| carry(source, new, begun)) {
            Ok(carried) => Some(carried),
            // No room for them, say: then without.
            Err(_) => build::prepare(path, |_| Ok(())).map(|()| None)?,
        },
        None => build::prepare(path, |_| Ok(())).map(|()| None)?,
    };
    drop(source);
    let aside = place::put_aside(path, now)?;
    build::install(path)?;
    let carried = match carried.unwrap_or_default() {
        0 => "Nothing of it could be carried over.".to_owned(),
        1 => "One capture was intact and was carried over.".to_owned(),
        count => format!("{count} captures were intact and were carried over."),
    };
    Ok(format!("The session file was damaged. It is kept as {}. {carried}", shown(&aside)))
}

/// A path for a message.
pub(super) fn shown(path: &Path) -> String {
    visible(path.to_string_lossy().as_bytes()).into_owned()
}

/// Copies the intact records, the newest first as long as there is time. Returns how many.
fn carry(source: &Connection, new: &Connection, begun: Instant) -> rusqlite::Result<u64> {
    let ids = numbers(source, begun);
    let mut carried = 0;
    for chunk in ids.rchunks(256) {
        if begun.elapsed() > PATIENCE {
            break;
        }
        new.execute_batch("BEGIN")?;
        for &id in chunk {
            carried += u64::from(carry_one(source, new, CaptureId(id))?);
        }
        new.execute_batch("COMMIT")?;
    }
    let known = |name| {
        let value = tables::meta(source, name).ok().map(i64::cast_unsigned);
        value.filter(|&value| value <= HIGHEST).unwrap_or_default()
    };
    let highest = ids.last().copied().unwrap_or_default();
    tables::set_meta(new, "highest", known("highest").max(highest))?;
    tables::set_meta(new, "pruned", known("pruned"))?;
    Ok(carried)
}

/// Copies a record, if it is intact. An error is one of the new file.
fn carry_one(source: &Connection, new: &Connection, id: CaptureId) -> rusqlite::Result<bool> {
    let Ok(Some(record)) = tables::read(source, id, Strictness::Request) else { return Ok(false) };
    let (check, remark) = (record.check.as_deref(), record.remark.as_deref());
    if tables::write(new, &record.capture, check, record.answered, remark)? != Written::New {
        return Ok(false);
    }
    for delivery in record.deliveries.iter() {
        sending::write(new, delivery)?;
    }
    Ok(true)
}

/// The numbers that may be there, rising: read from both tables and from both ends, because a damaged
/// page stops a scan; between the outermost ones all, if they are not too many.
fn numbers(source: &Connection, begun: Instant) -> Vec<u64> {
    let mut found = BTreeSet::new();
    for table in ["capture", "bytes"] {
        for order in ["ASC", "DESC"] {
            let Ok(mut statement) = source.prepare(&format!("SELECT id FROM {table} ORDER BY id {order}"))
            else {
                continue;
            };
            let Ok(mut rows) = statement.query([]) else { continue };
            while let Ok(Some(row)) = rows.next() {
                if let Ok(id) = row.get::<_, i64>(0)
                    && (1..=HIGHEST).contains(&id.cast_unsigned())
                {
                    found.insert(id.cast_unsigned());
                }
                // Damaged pages may point in circles.
                if begun.elapsed() > PATIENCE / 2 {
                    break;
                }
            }
        }
    }
    match (found.first().copied(), found.last().copied()) {
        (Some(first), Some(last)) if last - first < MOST_TRIES => (first..=last).collect(),
        _ => found.into_iter().collect(),
    }
}
