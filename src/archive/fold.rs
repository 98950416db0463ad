//! Folds the log into the file beside the writer, on a thread and a connection of its own: the disk may take
//! its time, and no commit waits for it.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, SyncSender},
    },
    thread::JoinHandle,
};

use crate::archive::{Sync, connect, held::Held};

/// Folds when it is asked to. Dropped, it ends what is under way and closes its connection.
pub(super) struct Folder {
    /// `None` once it is to end.
    ask: Option<SyncSender<()>>,
    /// Whether it was asked and has not done it yet.
    busy: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Folder {
    /// A folder of a file. Where the system gives no thread or no connection, asking does nothing, and the
    /// writer folds by itself.
    pub(super) fn start(path: &Path, sync: Sync, held: Option<Held>) -> Self {
        let (ask, asked) = mpsc::sync_channel(1);
        let path = path.to_owned();
        let busy = Arc::new(AtomicBool::new(false));
        let done = Arc::clone(&busy);
        let work = move || {
            // Let go of after the connection.
            let held = held;
            let Ok(conn) = connect::writer(&path, sync) else { return };
            while asked.recv().is_ok() {
                // A failure loses nothing: the log stays, and the writer folds it later, and tells.
                let _ = conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
                // Or the writer, which folds the rest, would have to flush all of this while senders wait.
                let _ = held.as_ref().map(Held::flush);
                done.store(false, Ordering::Release);
            }
        };
        let thread = std::thread::Builder::new().name("archive-fold".to_owned()).spawn(work).ok();
        Self { ask: Some(ask), busy, thread }
    }

    /// Asks to fold what is in the log by now. Returns false where it is still at what was asked before, or
    /// does not work.
    pub(super) fn ask(&self) -> bool {
        let Some(ask) = self.ask.as_ref().filter(|_| !self.busy.swap(true, Ordering::Acquire)) else {
            return false;
        };
        let asked = ask.try_send(()).is_ok();
        if !asked {
            // Nobody is there who would ever say that it is done.
            self.busy.store(false, Ordering::Release);
        }
        asked
    }

    /// Whether all that was asked is done.
    pub(super) fn is_idle(&self) -> bool {
        !self.busy.load(Ordering::Acquire)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.ask = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
