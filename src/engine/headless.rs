//! Output without a screen: a line per capture and delivery, for scripts and pipes.
//!
//! The writer asks the store what changed, writes it, and asks again. A reader of the pipe that is too
//! slow therefore delays nobody but itself; what was evicted before it could be written is counted in
//! one `lost` line.

use std::{
    collections::VecDeque,
    io::{self, Write},
    sync::Arc,
};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{
    domain::{capture::CaptureId, record::Record, store::Version},
    engine::{library::Library, script::Watch},
};

/// About how many bytes are written at once.
const BATCH: usize = 256 * 1024;

/// Stands for a capture that was evicted and counted as lost, or that is not to be written.
const GONE: u32 = u32::MAX;

/// Turns facts into lines of one output format. Nothing is appended for what a format does not show.
pub trait Format: Send + 'static {
    /// A capture whose check and answer are known.
    fn capture(&mut self, record: &Record, out: &mut Vec<u8>);
    /// A delivery of a capture that is finished; `index` is its place in the record.
    fn delivery(&mut self, record: &Record, index: usize, out: &mut Vec<u8>);
    /// Captures that were evicted before they could be written.
    fn lost(&mut self, count: u64, out: &mut Vec<u8>);
}

/// What the writer reads.
pub struct Source {
    /// The captures.
    pub library: Library,
    /// Where it begins ([`Store::begin`](crate::domain::store::Store::begin)): captures of earlier runs are no
    /// news.
    pub begin: (Version, CaptureId),
    /// Told after each change; for this reader alone.
    pub changed: Arc<Notify>,
}

/// Where the writer stands.
struct Progress {
    version: Version,
    /// The lowest number that was not seen yet.
    next: CaptureId,
    /// How much is written of each capture that is kept, from the lowest number: itself and its
    /// deliveries. One number each, because there may be a million.
    written: VecDeque<u32>,
    lost: u64,
}

impl Progress {
    /// Forgets what is no longer kept, and counts what was evicted unwritten.
    fn forget(&mut self, first: CaptureId) {
        let lowest = self.next.0 - self.written.len() as u64;
        let gone = first.0.saturating_sub(lowest).min(self.written.len() as u64);
        self.lost += self.written.drain(..gone as usize).filter(|&written| written == 0).count() as u64;
        self.lost += first.0.saturating_sub(self.next.0);
        self.next = self.next.max(first);
    }

    /// How much is written of a capture; `None` when it was forgotten.
    fn of(&mut self, id: CaptureId) -> Option<&mut u32> {
        while self.next <= id {
            self.written.push_back(0);
            self.next.0 += 1;
        }
        let lowest = self.next.0 - self.written.len() as u64;
        self.written.get_mut(usize::try_from(id.0.checked_sub(lowest)?).ok()?)
    }
}

/// Writes until the reader closes its end, or until `end`; then what is known by now is still written.
///
/// # Errors
/// When writing fails for another reason than a closed pipe.
pub async fn write<F: Format>(
    source: Source,
    mut format: F,
    mut out: impl Write + Send + 'static,
    end: CancellationToken,
    watch: Arc<Watch>,
) -> io::Result<()> {
    let Source { library, begin: (version, next), changed } = source;
    let mut progress = Progress { version, next, written: VecDeque::new(), lost: 0 };
    let mut last = false;
    loop {
        // Writing may block for as long as the reader likes: not on a thread that answers senders.
        let (from, used, eyes) = (library.clone(), progress, Arc::clone(&watch));
        let done = tokio::task::spawn_blocking(move || {
            let mut progress = used;
            let result = catch_up(&from, &eyes, &mut progress, &mut format, &mut out, last);
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

/// Writes everything that is known by now; in the end also what more was to become known of.
fn catch_up<F: Format>(
    library: &Library,
    watch: &Watch,
    progress: &mut Progress,
    format: &mut F,
    out: &mut impl Write,
    last: bool,
) -> io::Result<()> {
    let mut batch = Vec::new();
    let waited = if last { watch.close() } else { Vec::new() };
    loop {
        let delta = library.store().delta(progress.version);
        progress.version = delta.version;
        progress.forget(delta.first);
        for row in &delta.rows {
            let id = row.summary.id;
            let record = library.record(id);
            let Some(written) = progress.of(id) else { continue };
            match record {
                Ok(record) => show(&record, watch, written, format, &mut batch),
                Err(_) if *written == 0 => {
                    *written = GONE;
                    progress.lost += 1;
                }
                Err(_) => {}
            }
            if batch.len() >= BATCH {
                flush(progress, watch, format, &mut batch, out)?;
            }
        }
        if !delta.more {
            for record in waited.iter().filter_map(|&id| library.record(id).ok()) {
                if let Some(written) = progress.of(record.capture.id()) {
                    show(&record, watch, written, format, &mut batch);
                }
            }
        }
        flush(progress, watch, format, &mut batch, out)?;
        if !delta.more {
            watch.caught_up(delta.version);
            return Ok(());
        }
    }
}

/// Appends what is new about a record, and counts it.
fn show<F: Format>(record: &Record, watch: &Watch, written: &mut u32, format: &mut F, batch: &mut Vec<u8>) {
    if *written == 0 {
        if !watch.ready(record) {
            return;
        }
        if !watch.admit(record) {
            *written = GONE;
            return;
        }
        format.capture(record, batch);
        *written = 1;
    }
    let finished = |index: usize| record.deliveries.get(index).is_some_and(|d| d.outcome.is_some());
    // Far beyond the deliveries of any capture for one that is not written.
    while finished(*written as usize - 1) {
        format.delivery(record, *written as usize - 1, batch);
        *written += 1;
    }
}

fn flush<F: Format>(
    progress: &mut Progress,
    watch: &Watch,
    format: &mut F,
    batch: &mut Vec<u8>,
    out: &mut impl Write,
) -> io::Result<()> {
    if progress.lost > 0 {
        let lost = std::mem::take(&mut progress.lost);
        watch.lost(lost);
        format.lost(lost, batch);
    }
    if !batch.is_empty() {
        out.write_all(batch)?;
        out.flush()?;
        batch.clear();
    }
    Ok(())
}
