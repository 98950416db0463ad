//! The diagnosis of a request whose signature nothing explains: the whole search, which is the longest.
//! `cargo bench -- diagnose`

use std::time::{Duration, Instant};

use crate::load;
use hookglass::domain::{
    headers::Head,
    signature::{Budget, Catalog, Keys, Known, Request, Secret, Surroundings},
    time::Timestamp,
};

const ROUNDS: usize = 21;

pub(crate) fn run() {
    let known: Vec<Known> = (0..10)
        .map(|n| Known {
            provider: Some("github".into()),
            endpoint: None,
            secret: Secret::new(format!("OTHER_{n}"), format!("another secret {n}")),
        })
        .collect();
    let around = Surroundings { known: &known, attempt: None };
    println!("the longest search, with {} other secrets; median and longest of {ROUNDS}", known.len());
    for size in [1_500, 10_000, 100_000, 1_000_000, 10_000_000] {
        let whole = load::github_event(size, b"the secret of the sender");
        let end = memchr::memmem::find(&whole, b"\r\n\r\n").unwrap() + 4;
        let (head, body) = whole.split_at(end);
        let secrets = [Secret::new("CONFIGURED", *b"whsec_c29tZXRoaW5nIGVsc2U=")];
        let request = Request {
            head: Head::new(head),
            body,
            provider: Some("github"),
            urls: &[],
            arrived: Timestamp::from_micros(0),
            complete: true,
        };
        let mut times: Vec<Duration> = Vec::new();
        let mut complete = true;
        for _ in 0..ROUNDS {
            let start = Instant::now();
            let keys = Keys::of(&secrets);
            let found = Catalog::builtin().diagnose(&request, &keys, &around, Budget::default()).unwrap();
            times.push(start.elapsed());
            assert_eq!(found.cause, None);
            complete = found.complete;
        }
        times.sort();
        let (median, longest) = (times[ROUNDS / 2], times[ROUNDS - 1]);
        let note = if complete { "everything tried" } else { "cut short" };
        println!("{:>12} bytes  {:>8.2?}  {:>8.2?}  {note}", body.len(), median, longest);
    }
}
