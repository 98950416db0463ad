//! The captures, wherever their bytes are: in memory, else in the session file.

use std::{collections::BTreeSet, fmt, ops::ControlFlow, sync::Arc};

use crate::domain::{
    capture::CaptureId,
    record::{Keeping, Record, Row},
    store::{Held, Store, Version},
};

/// Where the bytes are that memory has let go of.
pub trait Vault: Send + Sync + 'static {
    /// Reads everything about a capture; `None` when it has none of this number. What was written before
    /// the call is in it. May take as long as a disk takes: not for the thread that draws.
    ///
    /// # Errors
    /// A sentence: the file cannot be read, or what it has is not what was written.
    fn load(&self, id: CaptureId) -> Result<Option<Record>, String>;
}

/// The captures of the store with their bytes. Cheap to clone.
#[derive(Clone)]
pub struct Library {
    store: Arc<Store>,
    vault: Option<Arc<dyn Vault>>,
}

/// Why a capture is not here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// There is none of this number any more.
    Gone,
    /// Its bytes could not be read; the sentence says why.
    Unreadable(String),
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => f.write_str("This capture is no longer kept."),
            Self::Unreadable(why) => f.write_str(why),
        }
    }
}

impl Library {
    /// The captures of a store, and of a vault beside it.
    #[must_use]
    pub fn new(store: Arc<Store>, vault: Option<Arc<dyn Vault>>) -> Self {
        Self { store, vault }
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// Everything about a capture, if that is known without reading a file.
    #[must_use]
    pub fn at_hand(&self, id: CaptureId) -> Option<Result<Record, Missing>> {
        match self.store.find(id) {
            None => Some(Err(Missing::Gone)),
            Some((Held::Whole(record), _)) => Some(Ok(record)),
            Some((Held::Row(_), _)) if self.vault.is_none() => Some(Err(Missing::Gone)),
            Some((Held::Row(_), _)) => None,
        }
    }

    /// Everything about a capture. May read a file.
    ///
    /// # Errors
    /// When its bytes are nowhere.
    pub fn record(&self, id: CaptureId) -> Result<Record, Missing> {
        if let Some(known) = self.at_hand(id) {
            return known;
        }
        let loaded = self.vault.as_ref().map_or(Ok(None), |vault| vault.load(id));
        match loaded {
            // The store is ahead of the file in what it holds.
            Ok(Some(record)) => match self.store.find(id) {
                Some((Held::Whole(newer), _)) => Ok(newer),
                Some((Held::Row(row), _)) => Ok(with_news(record, &row)),
                None => Err(Missing::Gone),
            },
            Ok(None) if self.unsaved(id) => Err(Missing::Unreadable(
                "This capture could not be saved, and memory was needed for newer ones: only its line is left."
                    .to_owned(),
            )),
            Ok(None) => Err(Missing::Gone),
            Err(why) => Err(Missing::Unreadable(why)),
        }
    }

    /// Everything about a capture, as [`Self::record`], from a task: a file is read on a thread that may wait.
    ///
    /// # Errors
    /// When its bytes are nowhere.
    pub async fn fetch(&self, id: CaptureId) -> Result<Record, Missing> {
        if let Some(known) = self.at_hand(id) {
            return known;
        }
        let library = self.clone();
        tokio::task::spawn_blocking(move || library.record(id)).await.unwrap_or(Err(Missing::Gone))
    }

    fn unsaved(&self, id: CaptureId) -> bool {
        self.store.find(id).is_some_and(|(_, keeping)| keeping == Keeping::Unsaved)
    }

    /// The numbers of the captures whose line is wanted, by rising number.
    #[must_use]
    pub fn ids(&self, wanted: impl Fn(&Row) -> bool) -> Vec<CaptureId> {
        let (mut found, mut seen) = (BTreeSet::new(), Version(0));
        loop {
            let delta = self.store.peek(seen);
            for row in &delta.rows {
                // What changes while it is read comes twice, and the later one counts.
                if wanted(row) {
                    found.insert(row.summary.id);
                } else {
                    found.remove(&row.summary.id);
                }
            }
            seen = delta.version;
            if !delta.more {
                return found.into_iter().collect();
            }
        }
    }

    /// Shows captures one after the other, without holding more than one of those that memory has let go
    /// of. Those that are gone or unreadable are passed over; returns how many those were.
    pub fn each(&self, ids: &[CaptureId], mut show: impl FnMut(Record) -> ControlFlow<()>) -> usize {
        let mut missing = 0;
        for &id in ids {
            match self.record(id) {
                Ok(record) => {
                    if show(record).is_break() {
                        break;
                    }
                }
                Err(_) => missing += 1,
            }
        }
        missing
    }
}

/// A record from the file with what the line in memory knows better.
fn with_news(record: Record, row: &Row) -> Record {
    Record {
        check: row.check.clone().or(record.check),
        answered: row.answered.or(record.answered),
        remark: row.remark.clone(),
        ..record
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, sync::Mutex};

    use super::*;
    use crate::domain::{
        capture::{Capture, HttpVersion, Incoming},
        record::{Deliveries, Remark},
        signature::{Check, Verdict},
        store::Limits,
        summary::Origin,
        time::Timestamp,
    };

    #[derive(Default)]
    struct Memory(Mutex<HashMap<CaptureId, Record>>);

    impl Vault for Memory {
        fn load(&self, id: CaptureId) -> Result<Option<Record>, String> {
            if id == CaptureId(3) {
                return Err("The session file cannot be read: it is on fire.".to_owned());
            }
            Ok(self.0.lock().unwrap().get(&id).cloned())
        }
    }

    fn library(count: u64) -> Library {
        let store = Arc::new(Store::new(Limits { bytes: 30_000, count: 100 }, || ()));
        let vault = Arc::new(Memory::default());
        for _ in 0..count {
            let incoming = Incoming {
                received_at: Timestamp::from_micros(0),
                remote: ([127, 0, 0, 1], 1).into(),
                version: HttpVersion::Http11,
                head: b"GET / HTTP/1.1\r\n\r\n".to_vec(),
                body: vec![b'x'; 8_000],
                trailers: Vec::new(),
                cut: None,
                announced: None,
                refusal: None,
            };
            let id = store.reserve();
            let capture = Arc::new(Capture::new(incoming, None, Origin::default()).numbered(id));
            let deliveries = Deliveries::default();
            let record = Record {
                capture: Arc::clone(&capture),
                check: None,
                answered: None,
                deliveries,
                remark: None,
            };
            vault.0.lock().unwrap().insert(id, record);
            store.put(capture, None, Keeping::File);
        }
        Library::new(store, Some(vault))
    }

    #[test]
    fn what_memory_let_go_of_comes_from_the_vault_with_the_latest_news() {
        let library = library(10);
        assert_eq!(library.store().totals().kept, 10, "the lines stay");
        assert!(library.store().totals().evicted == 0 && library.store().totals().bytes <= 30_000);
        assert!(library.at_hand(CaptureId(1)).is_none() && library.at_hand(CaptureId(10)).is_some());
        library.store().checked(CaptureId(1), Check::bare(Verdict::Valid));
        library.store().remark(CaptureId(1), Remark { marked: true, note: "".into() });
        let record = library.record(CaptureId(1)).unwrap();
        assert_eq!(record.capture.body().len(), 8_000);
        assert_eq!(record.check.as_ref().map(|check| check.verdict), Some(Verdict::Valid));
        assert!(record.is_marked());
        assert_eq!(library.record(CaptureId(11)).unwrap_err(), Missing::Gone);
    }

    #[test]
    fn what_cannot_be_read_is_told_and_passed_over() {
        let library = library(10);
        assert!(library.record(CaptureId(3)).unwrap_err().to_string().contains("on fire"));
        let mut seen = Vec::new();
        let ids = library.ids(|row| row.summary.id.0 <= 5);
        let missing = library.each(&ids, |record| {
            seen.push(record.capture.id().0);
            ControlFlow::Continue(())
        });
        assert_eq!((seen, missing), (vec![1, 2, 4, 5], 1));
    }
}
