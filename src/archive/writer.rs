//! The writer: the one thread that writes. It takes all that waits, commits it, tells everybody, and only
//! then folds the log into the file and removes what is beyond the retention.

use std::{
    fs::File,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use rusqlite::Connection;

use crate::archive::{
    Event, Options,
    batch::{Batch, Todo},
    commit, connect,
    disk::{Disk, Step},
    failure,
    fold::Folder,
    held::Held,
    place,
    queue::Queue,
    retention::{self, Bounds, Pruner, STEP, Size},
    tables,
};

/// Pages of the log after which it is folded into the file, beside the commits.
const FOLD: i64 = 2_500;
/// Pages of the log after which it is to begin anew, for which the writer has to fold the rest by itself.
const LONGEST: i64 = 7_500;
/// How many pages that rest may be: all senders wait for it. Beyond it, it is first folded beside the
/// commits, unless the log is twice as long meanwhile.
const REST: i64 = 250;
/// How long captures are gathered where more came together just before.
const GATHER: Duration = Duration::from_micros(200);
/// For which part of the captures that came together just before it is worth waiting.
const WORTH: (usize, usize) = (1, 2);
/// How often in a row writing is tried while the file is closed.
const ATTEMPTS: u32 = 4;
/// The shortest time between two looks at counters and retention, unless so many bytes came meanwhile, or
/// this part of all that is kept.
const HOUSE: Duration = Duration::from_millis(10);
const MUCH: (u64, u64) = (1 << 20, 16);
/// How long the writer waits before it tries again; doubled up to the second.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// What others read of the writer.
#[derive(Default)]
pub(super) struct Counters {
    pub(super) saved: AtomicU64,
    pub(super) pruned: AtomicU64,
    pub(super) bytes: AtomicU64,
}

/// How the writer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// Captures that could not be saved.
    pub(super) unsaved: u64,
    /// Whether the log was folded into the file.
    pub(super) clean: bool,
}

/// The writer and what it has to itself.
pub(super) struct Writer {
    pub(super) conn: Connection,
    pub(super) path: PathBuf,
    pub(super) options: Options,
    pub(super) queue: Arc<Queue>,
    pub(super) counters: Arc<Counters>,
    pub(super) tell: Box<dyn Fn(Event) + Send + Sync>,
    pub(super) disk: Box<dyn Disk>,
    /// Folds the log beside the commits; without it the writer does.
    pub(super) folder: Option<Folder>,
    /// Let go of after the connection is closed.
    pub(super) held: Option<Held>,
    /// Given back after that.
    pub(super) lock: Option<File>,
}

/// Says that the writer has ended, however it did.
struct Ended(Arc<Queue>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// What the writer remembers from one round to the next.
struct Round {
    pruner: Pruner,
    /// Pages in the log, as its hook says.
    log: Arc<AtomicI64>,
    /// At how many it is folded beside the commits.
    fold_at: i64,
    /// At how many the writer folds it.
    renew_at: i64,
    /// How many there were when it was last asked to be folded beside the commits.
    asked_at: i64,
    /// Failures in a row.
    failures: u32,
    /// Whether `Failing` was told and `Recovered` was not.
    told: bool,
    /// Captures that were written since retention was looked at.
    last: usize,
    /// Captures of the last batch.
    batch: usize,
    /// Bytes of those.
    bytes: u64,
    /// Retention failed: not before this.
    pruned_at: Option<Instant>,
    /// When counters and retention were last looked at.
    housed: Option<Instant>,
}

impl Writer {
    /// Writes until the queue is closed.
    pub(super) fn run(mut self, ended: &mpsc::Sender<End>) {
        let guard = Ended(Arc::clone(&self.queue));
        let mut round = Round {
            pruner: Pruner::default(),
            log: Arc::default(),
            fold_at: FOLD,
            renew_at: LONGEST,
            asked_at: 0,
            failures: 0,
            told: false,
            last: 0,
            batch: 0,
            bytes: 0,
            pruned_at: None,
            housed: None,
        };
        self.watch(&round);
        let mut until = Some(Instant::now());
        loop {
            let todo = self.queue.wait(until);
            // While writing fails, the time that comes is that of the next attempt.
            let attempt = todo != Todo::Time || round.failures > 0;
            if todo == Todo::Write && round.batch > 1 {
                // Those who were just acknowledged are about to send again: together is cheaper.
                self.queue.gather(round.batch * WORTH.0 / WORTH.1, GATHER);
            }
            let batch = if attempt { self.queue.batch() } else { Batch::default() };
            let empty = batch.items.is_empty() && batch.changes.is_empty();
            if empty && todo == Todo::Close {
                break;
            }
            if attempt && (!empty || round.failures > 0) && !self.write(batch, &mut round) {
                if todo == Todo::Close {
                    // What fails once may pass; a disk that is full will not be waited for.
                    if round.failures < ATTEMPTS {
                        continue;
                    }
                    break;
                }
                let pause = PAUSE.0.saturating_mul(1 << (round.failures - 1).min(10)).min(PAUSE.1);
                until = Some(Instant::now() + pause);
                continue;
            }
            until = self.keep_house(&mut round, todo == Todo::Close);
        }
        let missing = self.queue.unsaved();
        // For the sake of numbers whose captures could not be saved. Without it those may be given again.
        let _ = tables::set_meta(&self.conn, "highest", self.queue.highest());
        // What it has under way would keep the log from being folded whole.
        self.folder = None;
        let folded = self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        let clean = folded == Ok(0);
        let closed = self.conn.close().is_ok();
        drop(self.held);
        drop(self.lock);
        drop(guard);
        // Nobody may be there to hear it.
        let _ = ended.send(End { unsaved: missing.pending + missing.given_up, clean: clean && closed });
    }

    /// Has the pages of the log counted, and lets a test at the connection.
    fn watch(&mut self, round: &Round) {
        let log = Arc::clone(&round.log);
        let hook = move |_: &mut rusqlite::hooks::Wal, pages: i32| {
            log.store(i64::from(pages), Ordering::Relaxed);
            Ok(())
        };
        // Without it the log is folded when the file is closed.
        let _ = self.conn.wal_hook(Some(hook));
        self.disk.opened(&mut self.conn);
    }

    /// Writes a batch and tells everybody. Returns whether it could.
    fn write(&mut self, batch: Batch, round: &mut Round) -> bool {
        let committed = match commit::batch(&self.conn, &mut *self.disk, &batch) {
            Ok(committed) => committed,
            Err(error) => {
                round.failures += 1;
                let why: Arc<str> = failure::sentence(&error, &self.path).into();
                self.queue.failed(&why);
                if !std::mem::replace(&mut round.told, true) {
                    (self.tell)(Event::Failing { why: why.to_string() });
                }
                if round.failures.is_multiple_of(3) && !failure::passes(&error) {
                    self.reconnect(round);
                }
                return false;
            }
        };
        round.last += batch.items.len();
        round.batch = batch.items.len();
        round.bytes += batch.items.iter().map(|item| item.capture.cost()).sum::<u64>();
        committed.unmarked.into_iter().for_each(|id| round.pruner.unmarked(id));
        if std::mem::take(&mut round.failures) > 0 {
            // A commit that was reported as failed may have been one.
            self.recount();
        } else {
            let saved = &self.counters.saved;
            saved.store(
                (saved.load(Ordering::Relaxed) + committed.new).saturating_sub(committed.removed),
                Ordering::Relaxed,
            );
        }
        let done = self.queue.done(batch, &committed.taken);
        if !done.saved.is_empty() {
            (self.tell)(Event::Saved { ids: done.saved });
        }
        if done.clear && std::mem::take(&mut round.told) {
            (self.tell)(Event::Recovered);
        }
        true
    }

    /// Opens the file anew: some failures stay with a connection.
    fn reconnect(&mut self, round: &Round) {
        if let Ok(conn) = connect::writer(&self.path, self.options.sync) {
            self.conn = conn;
            self.watch(round);
        }
    }

    fn recount(&self) {
        let count = |sql: &str| self.conn.query_row(sql, [], |row| row.get::<_, i64>(0));
        if let Ok(saved) = count("SELECT count(*) FROM capture") {
            self.counters.saved.store(saved.cast_unsigned(), Ordering::Relaxed);
        }
        if let Ok(pruned) = count("SELECT value FROM meta WHERE name = 'pruned'") {
            self.counters.pruned.store(pruned.cast_unsigned(), Ordering::Relaxed);
        }
    }

    /// A little of what is to be done between commits. Returns when there is more of it.
    fn keep_house(&mut self, round: &mut Round, closing: bool) -> Option<Instant> {
        let now = Instant::now();
        let log = round.log.load(Ordering::Relaxed);
        if log + FOLD < round.fold_at {
            // It was folded whole, and began anew.
            (round.fold_at, round.renew_at, round.asked_at) = (log + FOLD, LONGEST, 0);
        }
        let renew = log >= round.renew_at;
        let idle = self.folder.as_ref().is_none_or(Folder::is_idle);
        if renew && ((idle && log - round.asked_at <= REST) || log >= round.renew_at + LONGEST) {
            self.fold(round);
        } else if idle && (renew || log >= round.fold_at) {
            match &self.folder {
                Some(folder) if folder.ask() => (round.fold_at, round.asked_at) = (log + FOLD, log),
                _ if renew => self.fold(round),
                _ => {}
            }
        }
        // Beside many small commits it would cost as much as they do.
        let much = MUCH.0.min(self.options.keep.bytes / MUCH.1);
        let due = round.housed.map(|at| at + HOUSE).filter(|due| *due > now);
        if let Some(due) = due.filter(|_| round.bytes < much && !closing) {
            return Some(due);
        }
        round.housed = Some(now);
        let size = Size::of(&self.conn);
        if let Ok(size) = size {
            let log = std::fs::metadata(place::beside(&self.path, "-wal")).map_or(0, |log| log.len());
            self.counters.bytes.store(size.bytes() + log, Ordering::Relaxed);
        }
        let more = match round.pruned_at {
            Some(at) if at > now => Ok(Some(at)),
            _ if closing => Ok(None),
            _ => size.and_then(|size| self.prune(round, size)),
        };
        (round.last, round.bytes) = (0, 0);
        match more {
            Ok(at) => at,
            Err(_) => {
                // The disk is full, say. Commits will tell if it stays so.
                round.pruned_at = Some(now + PAUSE.1);
                round.pruned_at
            }
        }
    }

    /// Folds the log into the file. A failure loses nothing: the log goes on growing and is tried later.
    fn fold(&mut self, round: &mut Round) {
        let folded = self.disk.step(Step::Fold).and_then(|()| {
            self.conn.prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?.query_row([], |row| {
                Ok(row.get::<_, i64>(0)? == 0 && row.get::<_, i64>(1)? == row.get::<_, i64>(2)?)
            })
        });
        if matches!(folded, Ok(true)) {
            // The next commit begins the log anew.
            round.log.store(0, Ordering::Relaxed);
        }
        let log = round.log.load(Ordering::Relaxed);
        round.fold_at = log + FOLD;
        round.renew_at = if log == 0 { LONGEST } else { log + FOLD };
    }

    /// Removes a few captures that are beyond the retention, or gives some room back.
    fn prune(&mut self, round: &mut Round, size: Size) -> rusqlite::Result<Option<Instant>> {
        let keep = self.options.keep;
        let now = (self.options.clock)();
        let saved = self.counters.saved.load(Ordering::Relaxed);
        let bounds = Bounds { keep: &keep, size, now, saved, most: STEP.max(2 * round.last) };
        let ids = round.pruner.step(&self.conn, &mut *self.disk, &bounds)?;
        if !ids.is_empty() {
            let count = ids.len() as u64;
            self.counters.saved.store(saved.saturating_sub(count), Ordering::Relaxed);
            self.counters.pruned.fetch_add(count, Ordering::Relaxed);
            (self.tell)(Event::Pruned { ids });
            return Ok(Some(Instant::now()));
        }
        if retention::shrink(&self.conn, size)? {
            return Ok(Some(Instant::now()));
        }
        let due = round.pruner.due(&self.conn, &keep)?;
        Ok(due.map(|due| {
            let left = u64::try_from(due.as_micros().saturating_sub(now.as_micros())).unwrap_or_default();
            // The clock may be set anew meanwhile.
            let wait = Duration::from_micros(left).clamp(PAUSE.1, Duration::from_secs(3_600));
            Instant::now() + wait
        }))
    }
}
