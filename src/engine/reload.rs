//! Watching the files that were read at the start: the configuration and `.env`.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    time::Duration,
};

use notify::{Event, RecursiveMode, Watcher};
use tokio::sync::mpsc;

/// Editors write a file in several steps: only what it looks like after this pause counts.
const PAUSE: Duration = Duration::from_millis(150);

/// Tells when one of some files was written, created, replaced or removed. The system wakes us: while
/// nothing changes, nothing runs. Stops when it is dropped.
pub struct Watch {
    changes: mpsc::Receiver<()>,
    _watcher: Option<notify::RecommendedWatcher>,
}

impl Watch {
    /// Watches files, whether they exist yet or not. Where the system cannot watch, nothing is ever told.
    #[must_use]
    pub fn new(files: &[PathBuf]) -> Self {
        let (told, changes) = mpsc::channel(1);
        let names: Vec<OsString> =
            files.iter().filter_map(|file| file.file_name()).map(OsString::from).collect();
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            let Ok(event) = event else { return };
            let ours = event
                .paths
                .iter()
                .any(|path| path.file_name().is_some_and(|name| names.iter().any(|n| n == name)));
            if ours && !event.kind.is_access() {
                // A full channel means that somebody is about to look anyway.
                let _ = told.try_send(());
            }
        });
        // The folders, because editors replace a file rather than write into it.
        let watcher = watcher.ok().map(|mut watcher| {
            let mut folders: Vec<&Path> = files.iter().filter_map(|file| file.parent()).collect();
            folders.sort_unstable();
            folders.dedup();
            for folder in folders {
                let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
                let _ = watcher.watch(folder, RecursiveMode::NonRecursive);
            }
            watcher
        });
        Self { changes, _watcher: watcher }
    }

    /// Waits for the next change.
    pub async fn changed(&mut self) {
        if self.changes.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(PAUSE).await;
        while self.changes.try_recv().is_ok() {}
    }
}
