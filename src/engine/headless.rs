//! Output without a screen: a line per capture and delivery, for scripts and pipes.
//!
//! The writer asks the store what changed, writes it, and asks again. A reader of the pipe that is too
//! slow therefore delays nobody but itself; what was evicted before it could be written is counted in
//! one `lost` line.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    sync::Arc,
};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::domain::{
    capture::CaptureId,
    record::Record,
    store::{Store, Version},
};

/// About how many bytes are written at once.
const BATCH: usize = 256 * 1024;

/// Turns facts into lines of one output format. Nothing is appended for what a format does not show.
pub trait Format: Send + 'static {
    /// A capture whose check and answer are known.
    fn capture(&mut self, record: &Record, out: &mut Vec<u8>);
    /// A delivery of a capture that is finished; `index` is its place in the record.
    fn delivery(&mut self, record: &Record, index: usize, out: &mut Vec<u8>);
    /// Captures that were evicted before they could be written.
    fn lost(&mut self, count: u64, out: &mut Vec<u8>);
}

/// Where the writer stands.
struct Progress {
    version: Version,
    /// The lowest number that was not seen yet.
    next: CaptureId,
    /// Captures that were seen but not written yet, or with deliveries still under way, and how many
    /// deliveries of each are written.
    open: BTreeMap<CaptureId, Written>,
    lost: u64,
}

#[derive(Clone, Copy, Default)]
struct Written {
    capture: bool,
    deliveries: usize,
}

/// Writes until the reader closes its end, or until `end`; then what is known by now is still written.
///
/// # Errors
/// When writing fails for another reason than a closed pipe.
pub async fn write<F: Format>(
    store: Arc<Store>,
    changed: Arc<Notify>,
    mut format: F,
    mut out: impl Write + Send + 'static,
    end: CancellationToken,
) -> io::Result<()> {
    let mut progress = Progress { version: Version(0), next: CaptureId(1), open: BTreeMap::new(), lost: 0 };
    let mut last = false;
    loop {
        // Writing may block for as long as the reader likes: not on a thread that answers senders.
        let (from, used) = (Arc::clone(&store), progress);
        let done = tokio::task::spawn_blocking(move || {
            let mut progress = used;
            let result = catch_up(&from, &mut progress, &mut format, &mut out);
            (progress, format, out, result)
        })
        .await;
        let Ok((left, same_format, same_out, result)) = done else {
            return Err(io::Error::other("the output writer stopped by an internal error"));
        };
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            Err(error) => return Err(error),
            Ok(()) => (progress, format, out) = (left, same_format, same_out),
        }
        if last {
            return Ok(());
        }
        tokio::select! {
            () = changed.notified() => {}
            () = end.cancelled() => last = true,
        }
    }
}

/// Writes everything that is known by now.
fn catch_up<F: Format>(
    store: &Store,
    progress: &mut Progress,
    format: &mut F,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut batch = Vec::new();
    loop {
        let delta = store.delta(progress.version);
        progress.version = delta.version;
        if delta.first > progress.next {
            progress.lost += delta.first.0 - progress.next.0;
            progress.next = delta.first;
        }
        let kept = progress.open.split_off(&delta.first);
        let gone = std::mem::replace(&mut progress.open, kept);
        progress.lost += gone.values().filter(|written| !written.capture).count() as u64;
        for row in &delta.rows {
            let id = row.summary.id;
            // Between two deltas numbers only rise, so an unseen one opens its entry here.
            if id >= progress.next {
                progress.lost += id.0 - progress.next.0;
                progress.next = CaptureId(id.0 + 1);
            }
            let mut written =
                progress.open.get(&id).copied().unwrap_or(Written { capture: false, deliveries: 0 });
            match store.get(id) {
                Some(record) => {
                    show(&record, &mut written, format, &mut batch);
                    progress.open.insert(id, written);
                }
                None if !written.capture => {
                    progress.open.remove(&id);
                    progress.lost += 1;
                }
                None => {
                    progress.open.remove(&id);
                }
            }
            if batch.len() >= BATCH {
                flush(progress, format, &mut batch, out)?;
            }
        }
        flush(progress, format, &mut batch, out)?;
        if !delta.more {
            return Ok(());
        }
    }
}

/// Appends what is new about a record.
fn show<F: Format>(record: &Record, written: &mut Written, format: &mut F, batch: &mut Vec<u8>) {
    if !written.capture {
        if !record.is_settled() {
            return;
        }
        format.capture(record, batch);
        written.capture = true;
    }
    while record.deliveries.get(written.deliveries).is_some_and(|delivery| delivery.outcome.is_some()) {
        format.delivery(record, written.deliveries, batch);
        written.deliveries += 1;
    }
}

fn flush<F: Format>(
    progress: &mut Progress,
    format: &mut F,
    batch: &mut Vec<u8>,
    out: &mut impl Write,
) -> io::Result<()> {
    if progress.lost > 0 {
        format.lost(std::mem::take(&mut progress.lost), batch);
    }
    if !batch.is_empty() {
        out.write_all(batch)?;
        out.flush()?;
        batch.clear();
    }
    Ok(())
}
