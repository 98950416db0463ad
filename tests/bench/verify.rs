//! Checking a signature against nothing but the HMAC of the same bytes. `cargo bench -- verify`

use std::{hint::black_box, time::Instant};

use hmac::{Hmac, KeyInit, Mac};
use hookglass::domain::{
    headers::Head,
    signature::{Catalog, Keys, Request, Secret, Verdict},
    time::Timestamp,
};
use sha2::Sha256;

use crate::load;

const SECRET: &[u8] = b"a secret of usual length";
const ROUNDS: usize = 31;
/// Bytes hashed in a round.
const WORK: usize = 16 << 20;

pub(crate) fn run() {
    println!("microseconds each, median of {ROUNDS} rounds in turns");
    for (name, size) in [("1.5 KB", 1_500), ("8 KB", 8_000)] {
        let sent = load::github_event(size, SECRET);
        let end = memchr::memmem::find(&sent, b"\r\n\r\n").unwrap() + 4;
        let (head, body) = sent.split_at(end);
        let signature = Head::new(head).get("x-hub-signature-256").unwrap();
        let signature = data_encoding::HEXLOWER.decode(&signature[b"sha256=".len()..]).unwrap();
        let secrets = [Secret::new("bench", SECRET)];
        let catalog = Catalog::builtin();
        let count = WORK / size;

        let bare = || {
            let mut mac = Hmac::<Sha256>::new_from_slice(black_box(SECRET)).unwrap();
            mac.update(black_box(body));
            assert!(mac.verify_slice(&signature).is_ok());
        };
        let check = || {
            let request = Request {
                head: Head::new(black_box(head)),
                body: black_box(body),
                provider: Some("github"),
                urls: &[],
                arrived: Timestamp::from_micros(0),
                complete: true,
            };
            assert_eq!(catalog.check(&request, &Keys::of(&secrets)).verdict, Verdict::Valid);
        };
        let recognise = || {
            let origin = catalog.recognise(Head::new(black_box(head)), black_box(body), None);
            assert!(origin.provider.is_some());
        };
        let works: [&dyn Fn(); 3] = [&bare, &check, &recognise];
        let mut times = [vec![], vec![], vec![]];
        for _ in 0..ROUNDS {
            for (times, work) in times.iter_mut().zip(works) {
                let begun = Instant::now();
                (0..count).for_each(|_| work());
                times.push(begun.elapsed().as_secs_f64() * 1e6 / count as f64);
            }
        }
        let [bare, check, recognise] = times.map(load::median);
        println!(
            "{name:>8}: HMAC alone {bare:.2}, check {check:.2} = {:.2} of it (goal 1.20), recognition {recognise:.2}",
            check / bare
        );
    }
}
