//! The session file when the program ends in the middle of writing, or its files may not grow any more.
//!
//! A process of its own appends and says what was acknowledged: this test's own executable, started again.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use hookglass::{
    archive::{self, Archive, Mode, Options, Retention, Sync},
    domain::{
        capture::{Capture, CaptureId, HttpVersion, Incoming},
        summary::Origin,
        time::Timestamp,
    },
};

/// How many captures wait for their acknowledgement at once.
const OUTSTANDING: u64 = 16;

fn options() -> Options {
    let keep = Retention { bytes: u64::MAX, count: None, age: None };
    Options { sync: Sync::Normal, keep, clock: || Timestamp::from_micros(1) }
}

fn capture(id: u64) -> Arc<Capture> {
    let incoming = Incoming {
        received_at: Timestamp::from_micros(1),
        remote: ([127, 0, 0, 1], 5).into(),
        version: HttpVersion::Http11,
        head: format!("POST /{id} HTTP/1.1\r\nHost: h\r\n\r\n").into_bytes(),
        body: body(id),
        trailers: Vec::new(),
        cut: None,
        announced: None,
        refusal: None,
    };
    let mut capture = Capture::new(incoming, None, Origin::default());
    Arc::get_mut(&mut capture.summary).unwrap().id = CaptureId(id);
    Arc::new(capture)
}

fn body(id: u64) -> Vec<u8> {
    format!("{id} ").repeat(usize::try_from(id % 7).unwrap() * 700).into_bytes()
}

/// The process that appends: not a test by itself.
#[test]
#[ignore = "it is started by the other tests here"]
fn child() {
    let Some(path) = std::env::var_os("HOOKGLASS_KILLED") else { return };
    let count: u64 = std::env::var("HOOKGLASS_KILLED_COUNT").unwrap().parse().unwrap();
    let opened = archive::open(Path::new(&path), options(), Box::new(|_| ())).unwrap();
    assert_eq!(opened.mode, Mode::Writing);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let archive = opened.archive.clone();
    let append = |archive: Archive, lane: u64| async move {
        let mut id = opened.next + lane;
        while id < opened.next + count {
            if archive.keep(capture(id), None, None).await.is_ok() {
                println!("\nkept {id}");
            }
            id += OUTSTANDING;
        }
    };
    runtime.block_on(async {
        let lanes: Vec<_> =
            (0..OUTSTANDING).map(|lane| tokio::spawn(append(archive.clone(), lane))).collect();
        for lane in lanes {
            lane.await.unwrap();
        }
    });
    let _ = opened.archive.close();
}

/// Starts the child, through a shell that sets its limits.
fn start(path: &Path, count: u64, limits: &str) -> Child {
    let itself = std::env::current_exe().unwrap();
    Command::new("sh")
        .args(["-c", &format!("{limits} exec \"$0\" --exact killed::child --ignored --nocapture")])
        .arg(itself)
        .env("HOOKGLASS_KILLED", path)
        .env("HOOKGLASS_KILLED_COUNT", count.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// What a child said was kept, until it ended; after so many it is killed.
fn kept(mut child: Child, kill_after: usize) -> Vec<u64> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut kept = Vec::new();
    for line in lines {
        let Some(id) = line.strip_prefix("kept ") else { continue };
        // The last line may have been cut.
        kept.extend(id.parse::<u64>());
        if kept.len() == kill_after {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    kept
}

/// Everything that was acknowledged is there, and whatever is there is as it was handed over.
fn verify(path: &Path, acknowledged: &BTreeSet<u64>, what: &str) -> u64 {
    let opened = archive::open(path, options(), Box::new(|_| ())).unwrap();
    assert_eq!((opened.mode, &opened.notices[..]), (Mode::Writing, &[][..]), "{what}");
    let there: Vec<u64> = opened.rows.iter().map(|row| row.summary.id.0).collect();
    assert!(there.is_sorted_by(|a, b| a < b), "{what}: one is there twice");
    let lost: Vec<_> = acknowledged.iter().filter(|id| there.binary_search(id).is_err()).collect();
    assert!(lost.is_empty(), "{what}: lost {lost:?}");
    for &id in &there {
        let record = opened.archive.load(CaptureId(id)).unwrap().unwrap();
        assert_eq!((record.capture.body(), record.capture.id().0), (&body(id)[..], id), "{what}");
    }
    opened.archive.close().unwrap();
    opened.next
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("hookglass-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// 10 times; `HOOKGLASS_CYCLES` sets another number.
#[test]
fn what_was_acknowledged_survives_a_kill_at_any_moment() {
    let cycles: u32 = std::env::var("HOOKGLASS_CYCLES").map_or(10, |cycles| cycles.parse().unwrap());
    let folder = Folder::new("killed");
    let mut acknowledged = BTreeSet::new();
    let mut seed = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().subsec_nanos();
    for cycle in 0..cycles {
        // A new file now and then: its making is killed too, and the list does not grow for ever.
        let path = folder.0.join(format!("session-{}.sqlite", cycle / 20));
        if cycle % 20 == 0 {
            acknowledged.clear();
        }
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let after = usize::try_from(seed >> 24).unwrap() + 1;
        let kept = kept(start(&path, 100_000, ""), after);
        assert!(kept.len() >= after, "{} of {after}", kept.len());
        let first = acknowledged.last().copied().unwrap_or_default();
        acknowledged.extend(kept);
        let next = verify(&path, &acknowledged, &format!("cycle {cycle}, after {after}"));
        let last = acknowledged.last().copied().unwrap_or_default();
        assert!(last > first && next <= last + 100_000, "{next} after {last}");
    }
}

/// Files that may not grow beyond a size, as on a disk that is full: at each of many sizes.
#[test]
fn a_file_that_may_not_grow_keeps_what_was_acknowledged() {
    let folder = Folder::new("limited");
    let mut partly = 0;
    for step in 0..24 {
        let path = folder.0.join(format!("session-{step}.sqlite"));
        verify(&path, &BTreeSet::new(), "new");
        // In units of 512 bytes.
        let limits = format!("trap '' XFSZ; ulimit -f {};", 130 + 37 * step);
        let kept = kept(start(&path, 160, &limits), usize::MAX);
        partly += u32::from(!kept.is_empty() && kept.len() < 160);
        verify(&path, &kept.into_iter().collect(), &limits);
    }
    assert!(partly > 10, "{partly}");
}
