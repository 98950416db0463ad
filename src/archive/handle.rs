//! The handle that the engine holds: opening, keeping, changing, reading, closing.

use std::{
    future::ready,
    ops::ControlFlow,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::Ordering,
        mpsc::{self, Receiver},
    },
    time::Duration,
};

use crate::{
    archive::{
        Change, CloseError, Event, Mode, OpenError, Opened, Options, ReadError, Totals, Unsaved, Which,
        disk::{Disk, Real},
        fold::Folder,
        held::Held,
        open as opening,
        queue::{Bounds, Handed, Item, Queue},
        reader::Source,
        settled,
        writer::{Counters, End, Writer},
    },
    domain::{
        capture::{Capture, CaptureId},
        record::{Deliveries, Record, Remark},
        signature::Check,
        time::Timestamp,
    },
};

/// How long closing waits for the disk.
const PATIENCE: Duration = Duration::from_secs(10);

/// An open session file. Cheap to clone.
#[derive(Clone)]
pub struct Archive {
    inner: Arc<Inner>,
}

struct Inner {
    /// Where captures are handed over; nowhere for an instance that only reads.
    queue: Option<Arc<Queue>>,
    counters: Arc<Counters>,
    source: Source,
    /// Says how the writer ended.
    ended: Mutex<Option<Receiver<End>>>,
    /// When the file was opened, and the first number that is ours.
    opened_at: Timestamp,
    first: u64,
}

impl Drop for Inner {
    fn drop(&mut self) {
        // The writer writes what waits, and ends.
        self.queue.iter().for_each(|queue| queue.close());
    }
}

/// Opens a session file, or makes a new one. `tell` is called on the writer's thread; it must not block.
/// Blocks on the disk.
///
/// # Errors
/// When the path is no file, or is one that must not be touched, or the system refuses. A damaged file
/// is no error: it is put aside and reported in [`Opened::notices`].
pub fn open(
    path: &Path,
    options: Options,
    tell: Box<dyn Fn(Event) + Send + Sync>,
) -> Result<Opened, OpenError> {
    open_on(path, options, tell, Box::new(Real), Bounds::default())
}

/// As [`open`], on a disk that may fail.
pub(super) fn open_on(
    path: &Path,
    options: Options,
    tell: Box<dyn Fn(Event) + Send + Sync>,
    disk: Box<dyn Disk>,
    bounds: Bounds,
) -> Result<Opened, OpenError> {
    let mut ready = opening::open(path, &options)?;
    let counters = Arc::new(Counters::default());
    counters.saved.store(ready.rows.len() as u64, Ordering::Relaxed);
    counters.pruned.store(ready.pruned, Ordering::Relaxed);
    let bytes = std::fs::metadata(&ready.path).map_or(0, |file| file.len());
    counters.bytes.store(bytes, Ordering::Relaxed);
    let next = ready.highest + 1;
    // Without it the file is kept as well, only with longer pauses.
    let held = ready.writing.as_ref().and_then(|_| Held::open(&ready.path).ok());
    let mut inner = Inner {
        queue: None,
        counters: Arc::clone(&counters),
        source: Source::new(ready.path.clone(), held.clone()),
        ended: Mutex::new(None),
        opened_at: (options.clock)(),
        first: next,
    };
    let mode = match ready.writing {
        None => Mode::ReadOnly,
        Some(writing) => {
            let queue = Arc::new(Queue::new(bounds, ready.highest));
            let writer = Writer {
                conn: writing.conn,
                path: ready.path.clone(),
                options,
                queue: Arc::clone(&queue),
                counters,
                tell,
                disk,
                folder: Some(Folder::start(&ready.path, options.sync, held.clone())),
                held,
                lock: writing.lock,
            };
            let (ended, end) = mpsc::channel();
            std::thread::Builder::new()
                .name("archive".to_owned())
                .spawn(move || writer.run(&ended))
                .map_err(|source| OpenError::Io { path: ready.path, source })?;
            inner.queue = Some(queue);
            inner.ended = Mutex::new(Some(end));
            ready.rows.iter_mut().for_each(settled::row);
            Mode::Writing
        }
    };
    Ok(Opened {
        archive: Archive { inner: Arc::new(inner) },
        rows: ready.rows,
        next,
        mode,
        notices: ready.notices,
    })
}

impl Archive {
    /// Keeps a capture, which has its number already. Waits where too many bytes wait to be written;
    /// resolves after the commit. Where there is room it is handed over at once, and then written even if
    /// the future is dropped.
    ///
    /// # Errors
    /// When it could not be saved. After [`Unsaved::Failing`] it stays pending, within a bound, and
    /// [`Event::Saved`] tells when it was written after all.
    pub fn keep(
        &self,
        capture: Arc<Capture>,
        check: Option<Arc<Check>>,
        remark: Option<Arc<Remark>>,
    ) -> impl Future<Output = Result<(), Unsaved>> + Send + use<> {
        let queue = self.inner.queue.clone();
        let handed = match &queue {
            None => Handed::Now(Unsaved::ReadOnly),
            Some(_) if capture.cost() > LARGEST => Handed::Now(Unsaved::TooLarge),
            Some(queue) => queue.hand_over(Item { capture, check, remark }),
        };
        async move {
            let handed = match (handed, queue) {
                (Handed::Full(outside, item), Some(queue)) => {
                    let permit = queue.room(&item).await?;
                    let handed = queue.enter(item, permit);
                    drop(outside);
                    handed
                }
                (handed, _) => handed,
            };
            match handed {
                Handed::Wait(told) => told.await.map_or(Err(Unsaved::Closed), |told| told.end),
                Handed::Now(unsaved) => Err(unsaved),
                Handed::Full(..) => ready(Err(Unsaved::Closed)).await,
            }
        }
    }

    /// Notes a change. Never waits: changes of a capture are joined, so that they take bounded room. A
    /// change to a capture that is not in the file and not on its way there is forgotten.
    pub fn update(&self, id: CaptureId, change: Change) {
        self.inner.queue.iter().for_each(|queue| queue.change(id, change.clone()));
    }

    /// The whole record of a capture, with what is not written yet; `None` when it is not there. Blocks on
    /// the disk.
    ///
    /// What was under way when an earlier run ended is shown as ended: its deliveries as failed, the search
    /// for the cause of a failed check as given up.
    ///
    /// # Errors
    /// When the file cannot be read, or this capture is damaged.
    pub fn load(&self, id: CaptureId) -> Result<Option<Record>, ReadError> {
        let Some(queue) = &self.inner.queue else {
            // What another instance captured since is not what this one gave the same number to.
            return if id.0 < self.inner.first { self.inner.source.record(id) } else { Ok(None) };
        };
        let (item, changes) = queue.of(id);
        let record = match item {
            Some(item) => Some(Record {
                capture: Arc::clone(&item.capture),
                check: item.check.clone(),
                answered: None,
                deliveries: Deliveries::default(),
                remark: item.remark.clone(),
            }),
            None => self.inner.source.record(id)?.map(|mut record| {
                settled::record(&mut record, id.0 < self.inner.first, self.inner.opened_at);
                record
            }),
        };
        Ok(record.and_then(|record| changes.unwrap_or_default().apply(record)))
    }

    /// Reads many records, one after the other, until `f` breaks. Blocks on the disk. Returns how many
    /// were passed over because they are damaged; those that are not there are passed over silently.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn each<'a>(
        &self,
        which: impl Into<Which<'a>>,
        f: &mut dyn FnMut(Record) -> ControlFlow<()>,
    ) -> Result<u64, ReadError> {
        self.inner.source.each(&which.into(), |id| self.load(id), f)
    }

    /// The counters as they stand.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let counters = &self.inner.counters;
        let unsaved = self.inner.queue.as_ref().map(|queue| queue.unsaved()).unwrap_or_default();
        Totals {
            saved: counters.saved.load(Ordering::Relaxed),
            unsaved: unsaved.pending + unsaved.given_up,
            pending: unsaved.pending,
            unsaved_deliveries: unsaved.deliveries,
            pruned: counters.pruned.load(Ordering::Relaxed),
            bytes: counters.bytes.load(Ordering::Relaxed),
        }
    }

    /// Writes everything that waits, folds the log into the file and gives up the lock. Blocks, but for
    /// ten seconds at most. Afterwards every clone of this handle is closed.
    ///
    /// # Errors
    /// When captures could not be saved, or the disk does not answer.
    pub fn close(self) -> Result<(), CloseError> {
        let Some(queue) = &self.inner.queue else { return Ok(()) };
        // The last connection of all folds the log; this one should be the writer's.
        self.inner.source.rest();
        queue.close();
        let ended = self.inner.ended.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Only the first of several calls waits.
        let Some(ended) = ended else { return Ok(()) };
        match ended.recv_timeout(PATIENCE) {
            Err(mpsc::RecvTimeoutError::Timeout) => Err(CloseError::Late),
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(CloseError::Unclean),
            Ok(End { unsaved: 1.., .. }) => Err(CloseError::Unsaved(queue.unsaved().given_up)),
            Ok(End { clean: false, .. }) => Err(CloseError::Unclean),
            Ok(_) => Ok(()),
        }
    }
}

/// A larger capture does not fit in a database: SQLite's values end at a billion bytes.
const LARGEST: u64 = 999_000_000;
