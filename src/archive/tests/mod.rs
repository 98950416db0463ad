//! The session file as its users see it.

mod damage;
mod faults;
mod keeping;
mod places;
mod schema;
mod whole;

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::{disk::Real, handle::open_on, queue::Bounds, *};
use crate::domain::{
    capture::{Capture, HttpVersion, Incoming},
    record::{Keeping, Remark},
    signature::{Check, Verdict},
    sink::Answered,
    summary::Origin,
};

/// The clock of the tests, in microseconds.
pub(super) const NOW: i64 = 1_795_300_000_000_000;

fn now() -> Timestamp {
    Timestamp::from_micros(NOW)
}

fn options() -> Options {
    let keep = Retention { bytes: u64::MAX, count: None, age: None };
    Options { sync: Sync::Normal, keep, clock: now }
}

/// A directory of one test; gone afterwards. In memory where there is such a place: these tests open
/// hundreds of files, and each waits for the disk a few times.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("hookglass-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let memory = PathBuf::from("/dev/shm");
        let path = if memory.is_dir() { memory } else { std::env::temp_dir() }.join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path.canonicalize().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.0.join("session.sqlite")
    }

    /// The names in it.
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What the writer told.
#[derive(Clone, Default)]
struct Told(Arc<(Mutex<Vec<Event>>, std::sync::Condvar)>);

impl Told {
    fn tell(&self) -> Box<dyn Fn(Event) + Send + std::marker::Sync> {
        let told = self.clone();
        Box::new(move |event| {
            told.0.0.lock().unwrap_or_else(PoisonError::into_inner).push(event);
            told.0.1.notify_all();
        })
    }

    /// Waits until what was told is enough, and returns it.
    fn wait(&self, enough: impl Fn(&[Event]) -> bool) -> Vec<Event> {
        let told = self.0.0.lock().unwrap();
        let (told, late) =
            self.0.1.wait_timeout_while(told, Duration::from_secs(20), |told| !enough(told)).unwrap();
        assert!(!late.timed_out(), "only {told:?}");
        told.clone()
    }

    fn all(&self) -> Vec<Event> {
        self.0.0.lock().unwrap().clone()
    }
}

fn open_plain(path: &Path) -> Opened {
    open(path, options(), Box::new(|_| ())).unwrap()
}

fn open_with(path: &Path, options: Options, told: &Told) -> Opened {
    open_on(path, options, told.tell(), Box::new(Real), Bounds::default()).unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// A capture with a number and a body.
fn capture(id: u64, body: &[u8]) -> Arc<Capture> {
    let incoming = Incoming {
        received_at: Timestamp::from_micros(NOW + i64::try_from(id).unwrap()),
        remote: ([127, 0, 0, 1], 5_000).into(),
        version: HttpVersion::Http11,
        head: b"POST /stripe?x=1 HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n\r\n".to_vec(),
        body: body.to_vec(),
        trailers: Vec::new(),
        cut: None,
        announced: None,
        refusal: None,
    };
    let origin = Origin { provider: Some("stripe".into()), event: Some("a.b".into()), ..Origin::default() };
    numbered(Capture::new(incoming, Some("stripe".into()), origin), id)
}

fn numbered(mut capture: Capture, id: u64) -> Arc<Capture> {
    Arc::get_mut(&mut capture.summary).unwrap().id = CaptureId(id);
    Arc::new(capture)
}

fn keep(archive: &Archive, capture: &Arc<Capture>) -> Result<(), Unsaved> {
    block_on(archive.keep(Arc::clone(capture), Some(Arc::new(Check::bare(Verdict::Valid))), None))
}

fn ids(rows: &[Row]) -> Vec<u64> {
    rows.iter().map(|row| row.summary.id.0).collect()
}

fn same(one: &Capture, other: &Capture) -> bool {
    one.summary == other.summary
        && one.head().raw() == other.head().raw()
        && one.body() == other.body()
        && one.trailers() == other.trailers()
        && one.refusal() == other.refusal()
}
