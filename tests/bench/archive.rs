//! The session file: appending, opening, loading. `cargo bench -- archive`
//!
//! Goals: 15,000 captures of 8 KB a second at 32 outstanding, 100,000 captures opened within a second.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use crate::load;
use hookglass::{
    archive::{self, Options, Retention, Sync},
    domain::{
        capture::{Capture, CaptureId, HttpVersion, Incoming},
        signature::{Check, Verdict},
        summary::Origin,
        time::Timestamp,
    },
};

const OUTSTANDING: usize = 32;
const ROWS: u64 = 100_000;
const TIME: Duration = Duration::from_secs(3);

fn options(sync: Sync, bytes: u64) -> Options {
    let keep = Retention { bytes, count: None, age: None };
    Options { sync, keep, clock: || Timestamp::from_micros(1) }
}

fn capture(id: u64, size: usize) -> Arc<Capture> {
    let head = format!(
        "POST /webhooks/{id} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         X-GitHub-Event: push\r\nX-Hub-Signature-256: sha256={:064}\r\n\r\n",
        0
    );
    let incoming = Incoming {
        received_at: Timestamp::from_micros(i64::try_from(id).unwrap()),
        remote: ([127, 0, 0, 1], 5).into(),
        version: HttpVersion::Http11,
        head: head.into_bytes(),
        body: vec![b'x'; size],
        trailers: Vec::new(),
        cut: None,
        announced: None,
        refusal: None,
    };
    let origin = Origin { provider: Some("github".into()), event: Some("push".into()), ..Origin::default() };
    let mut capture = Capture::new(incoming, None, origin);
    Arc::get_mut(&mut capture.summary).unwrap().id = CaptureId(id);
    Arc::new(capture)
}

/// Appends until the time is over, or so many; returns how many and in what time.
fn append(archive: &archive::Archive, size: usize, most: u64, time: Duration) -> (u64, Duration) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let check = Arc::new(Check::bare(Verdict::Valid));
    let (count, begun) = (Arc::new(AtomicU64::new(0)), Instant::now());
    runtime.block_on(async {
        let lanes: Vec<_> = (0..OUTSTANDING)
            .map(|_| {
                let (archive, check, count) = (archive.clone(), Arc::clone(&check), Arc::clone(&count));
                tokio::spawn(async move {
                    while begun.elapsed() < time {
                        let id = count.fetch_add(1, Ordering::Relaxed) + 1;
                        if id > most {
                            break;
                        }
                        archive.keep(capture(id, size), Some(Arc::clone(&check)), None).await.unwrap();
                    }
                })
            })
            .collect();
        for lane in lanes {
            lane.await.unwrap();
        }
    });
    (count.load(Ordering::Relaxed).min(most), begun.elapsed())
}

pub(crate) fn run() {
    let folder = std::env::temp_dir().join(format!("hookglass-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = |name: &str| -> PathBuf { folder.join(name) };
    for (name, sync, bytes, size) in [
        ("8 KB", Sync::Normal, 4 << 30, 8_192),
        ("8 KB, retention at work", Sync::Normal, 100 << 20, 8_192),
        ("8 KB, synced", Sync::Full, 4 << 30, 8_192),
        ("1.5 KB", Sync::Normal, 4 << 30, 1_500),
    ] {
        let path = path("append.sqlite");
        let opened = archive::open(&path, options(sync, bytes), Box::new(|_| ())).unwrap();
        let (count, took) = append(&opened.archive, size, u64::MAX, TIME);
        let rate = count as f64 / took.as_secs_f64();
        println!("append {name:<26} {rate:>8.0}/s at {OUTSTANDING} outstanding");
        opened.archive.close().unwrap();
        std::fs::remove_file(&path).unwrap();
    }
    let path = path("rows.sqlite");
    let opened = archive::open(&path, options(Sync::Normal, u64::MAX), Box::new(|_| ())).unwrap();
    append(&opened.archive, 2_000, ROWS, Duration::from_secs(60));
    opened.archive.close().unwrap();
    let mut times = Vec::new();
    for _ in 0..5 {
        let begun = Instant::now();
        let opened = archive::open(&path, options(Sync::Normal, u64::MAX), Box::new(|_| ())).unwrap();
        times.push(begun.elapsed().as_secs_f64() * 1e3);
        assert_eq!(opened.rows.len() as u64, ROWS);
        opened.archive.close().unwrap();
    }
    println!("open {ROWS} captures           {:>8.0} ms", load::median(times));
    let opened = archive::open(&path, options(Sync::Normal, u64::MAX), Box::new(|_| ())).unwrap();
    let times = (0..2_000).map(|step| {
        let id = CaptureId(step * 7_919 % ROWS + 1);
        let begun = Instant::now();
        assert!(opened.archive.load(id).unwrap().is_some());
        begun.elapsed().as_secs_f64() * 1e6
    });
    println!("load one, anywhere             {:>8.1} us", load::median(times.collect()));
    opened.archive.close().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
}
