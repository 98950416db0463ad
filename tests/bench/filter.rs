//! Searching all bodies, against reading them once: 768 MB in records of 1.5 kB and of 100 kB, one
//! thread. `cargo bench -- filter`

use std::{
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use hookglass::{
    domain::{
        capture::{Capture, HttpVersion, Incoming},
        filter::Filter,
        record::Record,
        store::{Limits, Store},
        summary::Origin,
        time::Timestamp,
    },
    engine::library::Library,
};

use crate::load;

const BYTES: usize = 768_000_000;
const ROUNDS: usize = 5;

fn records(size: usize) -> Vec<Record> {
    let whole = load::github_event(size, b"secret");
    let end = memchr::memmem::find(&whole, b"\r\n\r\n").unwrap() + 4;
    let store = Store::new(Limits { bytes: u64::MAX, count: usize::MAX }, || ());
    for _ in 0..BYTES / size {
        let incoming = Incoming {
            received_at: Timestamp::from_micros(0),
            remote: ([127, 0, 0, 1], 1).into(),
            version: HttpVersion::Http11,
            head: whole[..end].to_vec(),
            body: whole[end..].to_vec(),
            trailers: Vec::new(),
            cut: None,
            announced: None,
            refusal: None,
        };
        store.push(Capture::new(incoming, None, Origin::default()), None);
    }
    let library = Library::new(Arc::new(store), None);
    library.ids(|_| true).into_iter().map(|id| library.record(id).unwrap()).collect()
}

/// The shortest of some rounds, and what came of it.
fn shortest<T>(mut work: impl FnMut() -> T) -> (Duration, T) {
    let mut rounds = (0..ROUNDS).map(|_| {
        let begun = Instant::now();
        let result = work();
        (begun.elapsed(), result)
    });
    let first = rounds.next().unwrap();
    rounds.fold(first, |best, next| if next.0 < best.0 { next } else { best })
}

pub(crate) fn run() {
    for size in [1_500, 100_000] {
        let records = records(size);
        let bytes: usize = records.iter().map(|record| record.capture.body().len()).sum();
        let (limit, _) = shortest(|| {
            records.iter().map(|record| black_box(sum(black_box(record.capture.body())))).sum::<u64>()
        });
        let rate = |time: Duration| bytes as f64 / time.as_secs_f64() / 1e9;
        println!("{} records of {size} bytes: read {:.1} GB/s in {limit:?}", records.len(), rate(limit));
        for (text, goal) in [
            ("body:\"4711 0815\"", "literal, goal 0.60"),
            ("body:nowhere", "without case, goal 0.35"),
            ("body:\"status: error\"", "without case, goal 0.35"),
            ("body~\"refund(ed)? of [0-9]+\"", "expression, goal 0.35"),
            ("nowhere", "bare word, goal 0.35"),
            ("provider:stripe nowhere", "decided without bodies"),
            ("json(.commits[0].id)=x", "one place in JSON"),
        ] {
            let filter = Filter::parse(text).unwrap();
            let now = Timestamp::from_micros(0);
            let (time, found) =
                shortest(|| records.iter().filter(|record| filter.matches(record, now)).count());
            assert_eq!(found, 0, "{text}");
            let share = limit.as_secs_f64() / time.as_secs_f64();
            println!("  {text:<34} {:>6.1} GB/s  {share:>5.2} of reading  ({goal})", rate(time));
        }
    }
}

/// Reads all bytes, eight at a time.
fn sum(bytes: &[u8]) -> u64 {
    let mut sums = [0_u64; 8];
    let mut chunks = bytes.chunks_exact(64);
    for chunk in &mut chunks {
        for (sum, word) in sums.iter_mut().zip(chunk.chunks_exact(8)) {
            *sum = sum.wrapping_add(u64::from_le_bytes(word.try_into().unwrap()));
        }
    }
    let rest: u64 = chunks.remainder().iter().map(|&byte| u64::from(byte)).sum();
    sums.iter().fold(rest, |all, sum| all.wrapping_add(*sum))
}
