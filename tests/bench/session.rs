//! Capturing with the session file against capturing without: throughput in turns within one run, the time
//! of answers at a steady rate, and how long a file of 100,000 captures takes to open.
//! `cargo bench -- session`

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use hookglass::{
    config::Session,
    domain::store::{Limits, Version},
    engine::{
        ears::Ears,
        keeper::{self, Keeper},
    },
};

use crate::{ingest, load};

const ROUNDS: usize = 7;
const TIME: Duration = Duration::from_millis(1_000);
const SIZE: usize = 8_000;
/// The steady rate, in requests a second, and for how long.
const STEADY: u64 = 1_000;
const STEADILY: Duration = Duration::from_secs(5);
const MANY: usize = 100_000;

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("hookglass-bench-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn session(&self, sync_full: bool) -> (PathBuf, Session) {
        let file = self.0.join("kept.sqlite");
        let session = Session {
            file: Some(file.clone()),
            keep: 1 << 30,
            keep_count: None,
            keep_age: None,
            sync_full,
            ephemeral: false,
        };
        (file, session)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn run() {
    let runtime = ingest::runtime();
    let request = load::github_event(SIZE, ingest::SECRET);
    let listen = |folder: Option<(&Folder, bool)>| {
        let file = folder.map(|(folder, full)| {
            let (path, session) = folder.session(full);
            keeper::open(&path, &session).unwrap()
        });
        ingest::hookglass(&runtime, true, 64 << 20, file)
    };
    let (normal, full) = (Folder::new("normal"), Folder::new("full"));
    let alone = listen(None);
    let kept = listen(Some((&normal, false)));
    let synced = listen(Some((&full, true)));
    for ears in [&alone, &kept, &synced] {
        load::send_all(ears.addresses[0], &request, (80 << 20) / SIZE);
    }
    let (mut base, mut rates, mut ratios) = (Vec::new(), [vec![], vec![]], [vec![], vec![]]);
    for _ in 0..ROUNDS {
        let rate = load::throughput(alone.addresses[0], &request, TIME).0;
        base.push(rate);
        for (place, ears) in [&kept, &synced].into_iter().enumerate() {
            let with = load::throughput(ears.addresses[0], &request, TIME).0;
            rates[place].push(with);
            ratios[place].push(with / rate);
        }
    }
    println!("8 KB verified, {} connections, median of {ROUNDS} rounds in turns", load::CONNECTIONS);
    println!("{:>26}  {:>8.0} req/s", "in memory alone", load::median(base));
    for (name, (rates, ratios)) in
        ["session file", "session file, sync full"].into_iter().zip(rates.into_iter().zip(ratios))
    {
        let goal = if name.ends_with("file") { " (goal 0.40)" } else { "" };
        println!(
            "{name:>26}  {:>8.0} req/s  {:.2} of memory{goal}",
            load::median(rates),
            load::median(ratios)
        );
    }
    for (name, ears) in [("memory", &alone), ("session file", &kept), ("sync full", &synced)] {
        let (p50, p99, most) = steadily(&runtime, ears.addresses[0], &request);
        println!(
            "answers at {STEADY} req/s, {name:>12}: p50 {p50:5.2} ms, p99 {p99:5.2} ms (goal 20), longest {most:5.1} ms"
        );
    }
    for ears in [alone, kept, synced] {
        runtime.block_on(ears.close()).unwrap();
    }
    opening(&runtime);
}

/// Milliseconds from the moment at which a request is due to its answer: median, 99th of 100, longest.
fn steadily(runtime: &tokio::runtime::Runtime, to: SocketAddr, request: &[u8]) -> (f64, f64, f64) {
    let request: Arc<[u8]> = request.into();
    let connections = load::CONNECTIONS as u64;
    let begun = Instant::now() + Duration::from_millis(50);
    let count = STEADY * STEADILY.as_secs();
    let mut times: Vec<f64> = runtime.block_on(async {
        let tasks: Vec<_> = (0..connections)
            .map(|first| {
                let request = Arc::clone(&request);
                tokio::spawn(async move {
                    let mut stream = tokio::net::TcpStream::connect(to).await.unwrap();
                    stream.set_nodelay(true).unwrap();
                    let mut times = Vec::new();
                    for number in (first..count).step_by(connections as usize) {
                        let due = begun + Duration::from_micros(number * 1_000_000 / STEADY);
                        tokio::time::sleep_until(due.into()).await;
                        load::exchange(&mut stream, &request).await;
                        times.push(due.elapsed().as_secs_f64() * 1e3);
                    }
                    times
                })
            })
            .collect();
        let mut all = Vec::new();
        for task in tasks {
            all.extend(task.await.unwrap());
        }
        all
    });
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], times[times.len() * 99 / 100], times[times.len() - 1])
}

fn opening(runtime: &tokio::runtime::Runtime) {
    let folder = Folder::new("many");
    let (path, session) = folder.session(false);
    let small = load::github_event(1_500, ingest::SECRET);
    let file = keeper::open(&path, &session).unwrap();
    let ears: Ears = ingest::hookglass(runtime, true, 64 << 20, Some(file));
    load::send_all(ears.addresses[0], &small, MANY);
    runtime.block_on(ears.close()).unwrap();
    let mut times = Vec::new();
    for _ in 0..5 {
        let begun = Instant::now();
        let file = keeper::open(&path, &session).unwrap();
        let limits = Limits { bytes: 256 << 20, count: 1_000_000 };
        let keeper = Keeper::new(limits, Some(file), || ());
        let mut seen = Version(0);
        let mut rows = 0;
        loop {
            let delta = keeper.library.store().delta(seen);
            rows += delta.rows.len();
            seen = delta.version;
            if !delta.more {
                break;
            }
        }
        times.push(begun.elapsed().as_secs_f64() * 1e3);
        assert_eq!(rows, MANY);
        runtime.block_on(Keeper::close(keeper.archive)).unwrap();
    }
    println!("{MANY} captures of 1.5 KB open in {:.0} ms (goal 1000)", load::median(times));
}
