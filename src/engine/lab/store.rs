//! Puts captures that were read from files into the session file, under numbers of its own.

use std::{path::PathBuf, sync::Arc};

use futures_util::future::join_all;

use crate::{
    archive::{self, Mode},
    domain::{capture::CaptureId, delivery::Delivery, journal::Change},
    engine::{
        keeper,
        lab::import::Found,
        setup::{self, Inputs},
    },
};

/// How many captures are handed over at a time.
const AT_ONCE: usize = 64;

/// What was put where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The session file.
    pub path: PathBuf,
    /// The numbers of the first and the last one.
    pub numbers: (CaptureId, CaptureId),
    /// What a person should know about the file, a sentence each.
    pub notices: Vec<String>,
}

/// Writes captures into the session file that is named, or the usual one.
///
/// # Errors
/// A sentence: the file cannot be used, another instance writes it, or not everything could be saved.
pub fn store(found: Vec<Found>, inputs: &Inputs) -> Result<Stored, String> {
    let session = &inputs.settings.session;
    let path = setup::session_path(&inputs.settings);
    let path = path.ok_or("there is no home directory for a session file; name one with --session")?;
    let opened = archive::open(&path, keeper::options(session), Box::new(|_| ()))
        .map_err(|error| error.to_string())?;
    if opened.mode == Mode::ReadOnly {
        return Err(format!(
            "{} is written by a hookglass that runs: end it first, or name another file with --session",
            path.display()
        ));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .map_err(|error| format!("the system gives no threads: {error}"))?;
    let (first, mut next) = (opened.next, opened.next);
    let mut waiting = found.into_iter().peekable();
    while waiting.peek().is_some() {
        let some: Vec<Found> = waiting.by_ref().take(AT_ONCE).collect();
        let numbered: Vec<(u64, Found)> = (next..).zip(some).collect();
        next += numbered.len() as u64;
        let kept = numbered.into_iter().map(|(number, found)| one(&opened.archive, CaptureId(number), found));
        for result in runtime.block_on(join_all(kept)) {
            result?;
        }
    }
    opened.archive.close().map_err(|error| error.to_string())?;
    let numbers = (CaptureId(first), CaptureId(next.saturating_sub(1)));
    Ok(Stored { path, numbers, notices: opened.notices })
}

async fn one(archive: &archive::Archive, id: CaptureId, found: Found) -> Result<(), String> {
    let record = found.record;
    let capture = Arc::new(record.capture.renumbered(id));
    archive.keep(capture, record.check, record.remark).await.map_err(|error| error.to_string())?;
    if let Some(answered) = record.answered {
        archive.update(id, Change::Answered(answered));
    }
    for delivery in record.deliveries.iter() {
        let delivery = Delivery { capture: id, ..Delivery::clone(delivery) };
        archive.update(id, Change::Delivery(Arc::new(delivery)));
    }
    Ok(())
}
