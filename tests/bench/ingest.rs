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
        rules::Rules,
        secrets::Keyring,
    },
    server,
};

const SECRET: &[u8] = b"a secret of usual length";
const ROUNDS: usize = 7;
const TIME: Duration = Duration::from_millis(1_500);

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap()
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

fn hookglass(runtime: &tokio::runtime::Runtime, secrets: bool, bytes: u64) -> Ears {
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
        extra: hookglass::engine::extra::Extra::default(),
    };
    let plan = Plan {
        address: ([127, 0, 0, 1], 0).into(),
        also_v6: false,
        limits: server::Limits::default(),
        memory: Limits { bytes, count: usize::MAX },
    };
    runtime.block_on(Ears::open(plan, rules)).unwrap()
}

pub(crate) fn run() {
    let runtime = runtime();
    let reference = bare(&runtime);
    println!("requests a second over {} connections, median of {ROUNDS} rounds in turns", load::CONNECTIONS);
    for (name, size) in [("1.5 KB", 1_500), ("8 KB", 8_000)] {
        let request = load::github_event(size, SECRET);
        let kept = hookglass(&runtime, false, 64 << 20);
        let verified = hookglass(&runtime, true, 64 << 20);
        // The stores are full before the first round.
        for ears in [&kept, &verified] {
            load::send_all(ears.addresses[0], &request, (80 << 20) / size);
        }
        assert!(kept.store.totals().evicted > 0 && verified.store.totals().evicted > 0);
        let (mut rates, mut ratios) = ([vec![], vec![], vec![], vec![]], [vec![], vec![], vec![]]);
        for _ in 0..ROUNDS {
            let growing = hookglass(&runtime, true, 8 << 30);
            let addresses = [reference, kept.addresses[0], verified.addresses[0], growing.addresses[0]];
            let round = addresses.map(|address| load::throughput(address, &request, TIME));
            for (rates, rate) in rates.iter_mut().zip(round) {
                rates.push(rate);
            }
            for (ratios, rate) in ratios.iter_mut().zip(&round[1..]) {
                ratios.push(rate / round[0]);
            }
            runtime.block_on(growing.close());
        }
        let [base, rates @ ..] = rates;
        println!("\n{name}: bare axum {:.0}", load::median(base));
        for (what, (rates, ratios)) in ["kept", "kept and verified", "memory still growing, verified"]
            .iter()
            .zip(rates.into_iter().zip(ratios))
        {
            println!("{:>32}  {:>8.0}  {:.2} of bare", what, load::median(rates), load::median(ratios));
        }
        runtime.block_on(async {
            kept.close().await;
            verified.close().await;
        });
    }
}
