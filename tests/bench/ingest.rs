//! Capturing against a bare axum handler that reads the body and answers 200: the same requests over 32
//! keep-alive connections, in turns within one run. `cargo bench -- ingest`

use std::{net::SocketAddr, sync::Arc, time::Duration};

use crate::load;
use axum::{Router, body::Bytes, routing::any};
use hookglass::{
    domain::{
        endpoint::Endpoints,
        signature::{Catalog, Secret},
        store::Limits,
    },
    engine::{
        ears::{Ears, Plan},
        keeper::SessionFile,
        rules::Rules,
        secrets::Keyring,
    },
    server,
};

pub(crate) const SECRET: &[u8] = b"a secret of usual length";
const ROUNDS: usize = 7;
const TIME: Duration = Duration::from_millis(1_000);
/// The name of the servers' threads.
const WORKER: &str = "server";

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().thread_name(WORKER).enable_all().build().unwrap()
}

fn bare(runtime: &tokio::runtime::Runtime) -> SocketAddr {
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new()
            .fallback(any(|_: Bytes| async { "ok\n" }))
            .layer(axum::extract::DefaultBodyLimit::disable());
        tokio::spawn(async move { axum::serve(listener, app).await });
        address
    })
}

pub(crate) fn hookglass(
    runtime: &tokio::runtime::Runtime,
    secrets: bool,
    bytes: u64,
    file: Option<SessionFile>,
) -> Ears {
    let keyring = if secrets {
        Keyring::of_provider("github", vec![Secret::new("bench", SECRET)])
    } else {
        Keyring::default()
    };
    let rules = Rules {
        endpoints: Arc::new(Endpoints::default()),
        keyring,
        catalog: Arc::new(Catalog::builtin().clone()),
        public_url: None,
        trusted: Vec::new(),
        forward_to: Vec::new(),
        fetch_keys: false,
        extra: hookglass::engine::extra::Extra::default(),
    };
    let plan = Plan {
        address: ([127, 0, 0, 1], 0).into(),
        also_v6: false,
        limits: server::Limits::default(),
        memory: Limits { bytes, count: usize::MAX },
    };
    runtime.block_on(Ears::open(plan, rules, file)).unwrap()
}

/// What is measured beside the bare handler, and the least that it may be of it: at 1.5 KB, 8 KB, 1 MB
/// (of which hashing alone takes longer than everything else, so that it has no goal).
const CASES: [(&str, [f64; 3]); 3] = [
    ("kept", [0.75, 0.60, 0.65]),
    ("kept and verified", [0.75, 0.55, f64::NAN]),
    ("memory still growing, verified", [0.45, 0.45, f64::NAN]),
];

/// What one server did in all rounds.
#[derive(Default)]
struct Figures {
    rates: Vec<f64>,
    /// Its rate as a part of the bare handler's in the same round.
    ratios: Vec<f64>,
    /// Microseconds of processor time of the server's threads for a request.
    costs: Vec<f64>,
}

pub(crate) fn run() {
    let runtime = runtime();
    let reference = bare(&runtime);
    println!(
        "requests a second and processor time of one, {} connections, median of {ROUNDS} rounds in turns",
        load::CONNECTIONS
    );
    for (place, (name, size)) in [("1.5 KB", 1_500), ("8 KB", 8_000), ("1 MB", 1_000_000)].iter().enumerate()
    {
        let request = load::github_event(*size, SECRET);
        let kept = hookglass(&runtime, false, 64 << 20, None);
        let verified = hookglass(&runtime, true, 64 << 20, None);
        // The stores are full before the first round.
        for ears in [&kept, &verified] {
            load::send_all(ears.addresses[0], &request, (80 << 20) / size);
        }
        assert!(kept.library.store().totals().evicted > 0 && verified.library.store().totals().evicted > 0);
        let mut base = Figures::default();
        let mut figures: [Figures; 3] = Default::default();
        for _ in 0..ROUNDS {
            let growing = hookglass(&runtime, true, 3 << 30, None);
            let rate = measure(&mut base, reference, &request, None);
            for (figures, ears) in figures.iter_mut().zip([&kept, &verified, &growing]) {
                measure(figures, ears.addresses[0], &request, Some(rate));
            }
            runtime.block_on(growing.close()).unwrap();
        }
        println!(
            "\n{:>32}  {:>8.0} req/s  {:6.1} us",
            format!("{name}: bare axum"),
            load::median(base.rates),
            load::median(base.costs)
        );
        for ((what, goals), figures) in CASES.iter().zip(figures) {
            println!(
                "{what:>32}  {:>8.0} req/s  {:6.1} us  {:.2} of bare{}",
                load::median(figures.rates),
                load::median(figures.costs),
                load::median(figures.ratios),
                if goals[place].is_nan() { String::new() } else { format!(" (goal {:.2})", goals[place]) },
            );
        }
        runtime.block_on(async {
            kept.close().await.unwrap();
            verified.close().await.unwrap();
        });
    }
}

/// One server under load for a profiler, 8 KB kept and verified: `perf record cargo bench -- hot`
pub(crate) fn hot() {
    let runtime = runtime();
    let request = load::github_event(8_000, SECRET);
    let ears = hookglass(&runtime, true, 64 << 20, None);
    let mut figures = Figures::default();
    for _ in 0..8 {
        measure(&mut figures, ears.addresses[0], &request, None);
    }
    println!(
        "{:.0} req/s, {:.1} us of processor time each",
        load::median(figures.rates),
        load::median(figures.costs)
    );
    runtime.block_on(ears.close()).unwrap();
}

fn measure(figures: &mut Figures, address: SocketAddr, request: &[u8], base: Option<f64>) -> f64 {
    let before = worker_time();
    let (rate, count) = load::throughput(address, request, TIME);
    figures.rates.push(rate);
    figures.ratios.push(base.map_or(1.0, |base| rate / base));
    figures.costs.push((worker_time() - before) * 1e6 / count as f64);
    rate
}

/// Seconds of processor time that the threads of the servers have taken so far; 0 where the system does
/// not tell.
fn worker_time() -> f64 {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return 0.0 };
    let nanoseconds = tasks.flatten().filter_map(|task| {
        let name = std::fs::read_to_string(task.path().join("comm")).ok()?;
        let spent = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        (name.trim() == WORKER).then(|| spent.split(' ').next()?.parse::<f64>().ok())?
    });
    nanoseconds.sum::<f64>() / 1e9
}
