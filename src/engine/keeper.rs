//! The session file of a run: opened before anything is captured, told what is learnt, closed at the end.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use crate::{
    archive::{self, Archive, Event, Mode, OpenError, Options, Retention},
    config::Session,
    domain::{
        capture::CaptureId,
        journal::{Change, Journal},
        record::Record,
        store::{Limits, Restored, Store},
    },
    engine::{
        ears::now,
        library::{Library, Vault},
    },
};

/// A session file with the captures of earlier runs.
pub struct SessionFile {
    /// Where it is.
    pub path: PathBuf,
    /// What a person should know about it, a sentence each.
    pub notices: Vec<String>,
    archive: Archive,
    mode: Mode,
    restored: Restored,
    events: Arc<Events>,
}

impl SessionFile {
    /// Whether new captures are saved in it.
    #[must_use]
    pub fn is_written(&self) -> bool {
        matches!(self.mode, Mode::Writing)
    }
}

/// Opens a session file, or begins one.
///
/// # Errors
/// When it cannot be used; the message says why.
pub fn open(path: &Path, session: &Session) -> Result<SessionFile, OpenError> {
    let events = Arc::new(Events::default());
    let told = Arc::clone(&events);
    let opened = archive::open(path, options(session), Box::new(move |event| told.tell(event)))?;
    Ok(SessionFile {
        path: path.to_owned(),
        notices: opened.notices,
        archive: opened.archive,
        mode: opened.mode,
        restored: Restored { rows: opened.rows, next: opened.next },
        events,
    })
}

/// How a session file is kept by these settings.
#[must_use]
pub fn options(session: &Session) -> Options {
    Options {
        sync: if session.sync_full { archive::Sync::Full } else { archive::Sync::Normal },
        keep: Retention { bytes: session.keep, count: session.keep_count, age: session.keep_age },
        clock: now,
    }
}

/// Where captures are kept: memory, and a session file where there is one.
pub struct Keeper {
    /// The captures.
    pub library: Library,
    /// The file that new captures are committed to.
    pub archive: Option<Archive>,
}

impl Keeper {
    /// Memory, and a file if there is one. `changed` is called after each change of the store.
    #[must_use]
    pub fn new(
        limits: Limits,
        file: Option<SessionFile>,
        changed: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let store = Store::new(limits, changed);
        let Some(file) = file else {
            return Self { library: Library::new(Arc::new(store), None), archive: None };
        };
        let store = store.with_rows(file.restored);
        let writes = file.mode == Mode::Writing;
        let store = if writes { store.with_journal(Arc::new(file.archive.clone())) } else { store };
        let store = Arc::new(store);
        file.events.connect(Arc::clone(&store));
        let vault: Arc<dyn Vault> = Arc::new(file.archive.clone());
        Self { library: Library::new(store, Some(vault)), archive: writes.then_some(file.archive) }
    }

    /// Writes everything that waits and closes the file.
    ///
    /// # Errors
    /// A sentence: what could not be saved.
    pub async fn close(archive: Option<Archive>) -> Result<(), String> {
        /// The disk may be slow, but the end of the program may not wait for it for ever.
        const PATIENCE: Duration = Duration::from_secs(2);
        let Some(archive) = archive else { return Ok(()) };
        let closing = tokio::task::spawn_blocking(move || archive.close());
        match tokio::time::timeout(PATIENCE, closing).await {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(Ok(Err(error))) => Err(error.to_string()),
            _ => Err("The session file could not be closed in time: the disk does not answer.".to_owned()),
        }
    }
}

impl Journal for Archive {
    fn note(&self, id: CaptureId, change: &Change) {
        self.update(id, change.clone());
    }
}

impl Vault for Archive {
    fn load(&self, id: CaptureId) -> Result<Option<Record>, String> {
        Archive::load(self, id).map_err(|error| format!("{error}."))
    }
}

/// Takes what the session file tells to the store, which may be there a little later than the file.
#[derive(Default)]
struct Events {
    store: OnceLock<Arc<Store>>,
    early: Mutex<Vec<Event>>,
}

impl Events {
    fn connect(&self, store: Arc<Store>) {
        let _ = self.store.set(store);
        let early = std::mem::take(&mut *self.early.lock().unwrap_or_else(PoisonError::into_inner));
        early.into_iter().for_each(|event| self.tell(event));
    }

    fn tell(&self, event: Event) {
        let Some(store) = self.store.get() else {
            let mut early = self.early.lock().unwrap_or_else(PoisonError::into_inner);
            early.push(event);
            return;
        };
        match event {
            Event::Pruned { ids } => store.pruned(&ids),
            Event::Saved { ids } => store.saved(&ids),
            Event::Failing { why } => store.trouble(Some(why.into())),
            Event::Recovered => store.trouble(None),
        }
    }
}
