//! The store as its readers see it.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::{shelf::LONGEST_LOG, *};
use crate::domain::{
    capture::{HttpVersion, Incoming},
    signature::Verdict,
    sink::AnsweredBy,
    summary::Origin,
    time::Timestamp,
};

fn capture(body: &[u8]) -> Capture {
    Capture::new(
        Incoming {
            received_at: Timestamp::from_micros(1),
            remote: ([127, 0, 0, 1], 5).into(),
            version: HttpVersion::Http11,
            head: b"POST /a HTTP/1.1\r\nA: 1\r\n\r\n".to_vec(),
            body: body.to_vec(),
            trailers: b"T: 2\r\n".to_vec(),
            cut: None,
            announced: None,
            refusal: None,
        },
        None,
        Origin::default(),
    )
}

fn store(bytes: u64, count: usize) -> Store {
    Store::new(Limits { bytes, count }, || ())
}

fn ids(delta: &Delta) -> Vec<u64> {
    delta.rows.iter().map(|row| row.summary.id.0).collect()
}

#[test]
fn captures_are_numbered_and_whole() {
    let store = store(u64::MAX, 10);
    assert_eq!(store.push(capture(b"one"), None).id(), CaptureId(1));
    let second = store.push(capture(b"two"), None);
    assert_eq!(
        (second.id(), second.body(), second.trailers()),
        (CaptureId(2), &b"two"[..], &b"T: 2\r\n"[..])
    );
    assert_eq!(store.get(CaptureId(1)).map(|r| r.capture.body().to_vec()), Some(b"one".to_vec()));
    assert!(store.get(CaptureId(3)).is_none());
    assert!(store.get(CaptureId(0)).is_none());
}

#[test]
fn a_reader_gets_what_is_new_and_what_changed_once() {
    let store = store(u64::MAX, 10);
    store.push(capture(b""), None);
    store.push(capture(b""), None);
    let first = store.delta(Version(0));
    assert_eq!(ids(&first), [1, 2]);
    assert!(store.delta(first.version).rows.is_empty());
    store.checked(CaptureId(1), Check::bare(Verdict::Valid));
    store.answered(CaptureId(1), Answered { status: 200, by: AnsweredBy::Default });
    store.push(capture(b""), None);
    let second = store.delta(first.version);
    assert_eq!(ids(&second), [1, 3]);
    assert_eq!(second.rows[0].check.as_ref().map(|c| c.verdict), Some(Verdict::Valid));
}

#[test]
fn the_oldest_are_evicted_and_counted() {
    let store = store(u64::MAX, 2);
    (0..5).for_each(|_| drop(store.push(capture(b"x"), None)));
    let delta = store.delta(Version(0));
    assert_eq!((ids(&delta), delta.first), (vec![4, 5], CaptureId(4)));
    assert_eq!((delta.totals.kept, delta.totals.evicted), (2, 3));
    assert!(store.get(CaptureId(3)).is_none());
}

#[test]
fn bytes_are_bounded_and_the_newest_always_stays() {
    let store = store(10_000, 1_000);
    (0..100).for_each(|_| drop(store.push(capture(&[0; 1_000]), None)));
    assert!(store.totals().bytes <= 10_000);
    assert!(store.totals().kept >= 5);
    store.push(capture(&[0; 50_000]), None);
    assert_eq!(store.totals().kept, 1);
}

#[test]
fn long_deltas_come_in_parts_without_a_gap() {
    let store = store(u64::MAX, usize::MAX);
    (0..10_000).for_each(|_| drop(store.push(capture(b""), None)));
    (0..10_000).for_each(|id| store.checked(CaptureId(id + 1), Check::bare(Verdict::Unknown)));
    let (mut seen, mut version, mut parts) = (std::collections::BTreeMap::new(), Version(0), 0);
    loop {
        let delta = store.delta(version);
        for row in &delta.rows {
            seen.insert(row.summary.id.0, row.check.is_some());
        }
        (version, parts) = (delta.version, parts + 1);
        if !delta.more {
            break;
        }
    }
    assert_eq!(seen.len(), 10_000);
    assert!(seen.values().all(|&checked| checked));
    assert!(parts > 2);
}

#[test]
fn a_reader_whose_changes_left_the_log_misses_nothing() {
    let store = store(u64::MAX, usize::MAX);
    (0..3).for_each(|_| drop(store.push(capture(b""), None)));
    let seen = store.delta(Version(0)).version;
    store.checked(CaptureId(2), Check::bare(Verdict::Valid));
    for _ in 0..=LONGEST_LOG {
        store.checked(CaptureId(1), Check::bare(Verdict::Valid));
    }
    assert_eq!(ids(&store.delta(seen)), [1, 2]);
}

#[test]
fn every_change_that_was_not_told_yet_wakes_somebody() {
    let woken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&woken);
    let store = Store::new(Limits { bytes: u64::MAX, count: 9 }, move || {
        count.fetch_add(1, Ordering::Relaxed);
    });
    store.push(capture(b""), None);
    let none = store.version();
    // Nobody has asked since the addition woke them, so that this is a part of it.
    store.checked(CaptureId(1), Check::bare(Verdict::Valid));
    assert_eq!((woken.load(Ordering::Relaxed), store.version()), (1, none));
    let delta = store.delta(Version(0));
    assert_eq!(delta.rows[0].check.as_ref().map(|check| check.verdict), Some(Verdict::Valid));
    store.answered(CaptureId(1), Answered { status: 200, by: AnsweredBy::Default });
    store.checked(CaptureId(7), Check::bare(Verdict::Valid));
    assert_eq!(woken.load(Ordering::Relaxed), 2);
    assert_eq!(ids(&store.delta(delta.version)), [1]);
}

#[test]
fn equal_checks_are_kept_once() {
    let store = store(u64::MAX, 100);
    let check = |age_s| Check { age_s: Some(age_s), ..Check::bare(Verdict::Valid) };
    let bytes = |age_s| {
        let before = store.totals().bytes;
        store.push(capture(b""), Some(check(age_s)));
        store.totals().bytes - before
    };
    let (first, same) = (bytes(0), bytes(0));
    assert!(same < first);
    let found = |id| store.get(CaptureId(id)).and_then(|record| record.check);
    assert!(found(1).zip(found(2)).is_some_and(|(one, other)| Arc::ptr_eq(&one, &other)));
    assert!((1..50).all(|age_s| bytes(age_s) == first));
    assert_eq!(bytes(0), first, "only the latest are compared");
    assert_eq!(found(52).map(|check| check.age_s), Some(Some(0)));
}

#[test]
fn deliveries_cost_what_they_hold() {
    let store = store(u64::MAX, 100);
    let id = store.push(capture(b""), None).id();
    let before = store.totals().bytes;
    let delivery = Delivery {
        capture: id,
        attempt: 0,
        kind: crate::domain::delivery::DeliveryKind::Replay,
        url: "http://h/".into(),
        started_at: Timestamp::default(),
        outcome: None,
    };
    let first = store.deliver(delivery.clone()).unwrap();
    store.deliver(delivery);
    let under_way = store.totals().bytes;
    assert!(under_way > before + 2 * size_of::<Delivery>() as u64);
    let sentence = "x".repeat(10_000);
    let outcome = crate::domain::delivery::Outcome { took: std::time::Duration::ZERO, result: Err(sentence) };
    store.delivered(Arc::new(Delivery { outcome: Some(outcome), ..(*first).clone() }));
    assert_eq!(store.totals().bytes, under_way + 10_016);
    let record = store.get(id).unwrap();
    let finished: Vec<_> = record.deliveries.iter().map(|d| (d.attempt, d.outcome.is_some())).collect();
    assert_eq!(finished, [(1, true), (2, false)]);
}

#[test]
fn remarks_are_kept_counted_and_taken_back() {
    let store = store(u64::MAX, 100);
    let id = store.push(capture(b""), None).id();
    let before = (store.totals().bytes, store.delta(Version(0)).version);
    store.remark(id, Remark { marked: true, note: "look at the amount".into() });
    let delta = store.delta(before.1);
    assert!(delta.rows.len() == 1 && delta.rows[0].is_marked());
    assert!(store.totals().bytes > before.0);
    assert!(store.get(id).unwrap().is_marked());
    store.remark(id, Remark::default());
    assert_eq!(store.totals().bytes, before.0);
    assert!(store.get(id).unwrap().remark.is_none());
}

/// A store beside a file, in which captures of 8,000 bytes are put by these numbers.
fn beside_a_file(bytes: u64, numbers: &[u64]) -> Store {
    let store = store(bytes, 100);
    let highest = numbers.iter().copied().max().unwrap_or_default();
    (0..highest).for_each(|_| _ = store.reserve());
    for &number in numbers {
        let capture = capture(&[b'x'; 8_000]).numbered(CaptureId(number));
        store.put(Arc::new(capture), None, Keeping::File);
    }
    store
}

/// The numbers that a reader holds who follows.
fn follow(store: &Store, seen: &mut Version, held: &mut std::collections::BTreeSet<u64>) {
    loop {
        let delta = store.delta(*seen);
        *seen = delta.version;
        held.retain(|&id| id >= delta.first.0);
        delta.removed.iter().for_each(|id| _ = held.remove(&id.0));
        held.extend(ids(&delta));
        if !delta.more {
            return;
        }
    }
}

#[test]
fn captures_that_overtake_each_other_reach_every_reader() {
    let store = store(u64::MAX, 100);
    let (mut seen, mut held) = (Version(0), std::collections::BTreeSet::new());
    (0..5).for_each(|_| _ = store.reserve());
    // Nobody may be told that what is still to come is gone.
    assert_eq!(store.delta(seen).first, CaptureId(1));
    for number in [2, 3, 1, 5, 4] {
        store.put(Arc::new(capture(b"").numbered(CaptureId(number))), None, Keeping::File);
        follow(&store, &mut seen, &mut held);
        assert!(held.contains(&number), "{number}");
        assert_eq!(store.delta(seen).first, CaptureId(1), "{number}");
    }
    assert_eq!(store.push(capture(b""), None).id(), CaptureId(6));
    let late = store.delta(Version(0));
    assert_eq!(ids(&late), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn every_capture_is_found_whatever_is_missing_between() {
    // Numbers in disorder, with gaps of every width.
    let mut numbers: Vec<u64> = (1..=300).filter(|n| n % 7 != 0 && !(100..180).contains(n)).collect();
    for place in 0..numbers.len() {
        let other = (place * 31 + 7) % numbers.len();
        numbers.swap(place, other);
    }
    let store = Store::new(Limits { bytes: u64::MAX, count: 1_000 }, || ());
    (0..310).for_each(|_| _ = store.reserve());
    for &number in &numbers {
        store.put(Arc::new(capture(b"").numbered(CaptureId(number))), None, Keeping::File);
    }
    let found = |store: &Store| -> Vec<u64> {
        (0..=311).filter(|&id| store.row(CaptureId(id)).is_some_and(|row| row.summary.id.0 == id)).collect()
    };
    numbers.sort_unstable();
    assert_eq!(found(&store), numbers);
    assert_eq!(ids(&store.delta(Version(0))), numbers);
    store.delete(&[CaptureId(1), CaptureId(2), CaptureId(50), CaptureId(300)]);
    numbers.retain(|n| ![1, 2, 50, 300].contains(n));
    assert_eq!(found(&store), numbers);
}

#[test]
fn bytes_that_a_file_has_leave_memory_and_their_lines_stay() {
    let store = beside_a_file(40_000, &[1, 2, 3, 4, 5, 6, 7, 8]);
    let totals = store.totals();
    assert!(totals.bytes <= 40_000 && totals.kept == 8 && totals.evicted == 0, "{totals:?}");
    assert!(store.get(CaptureId(1)).is_none() && store.get(CaptureId(8)).is_some());
    let row = store.row(CaptureId(1)).unwrap();
    assert_eq!((row.summary.size, row.keeping), (8_000, Keeping::File));
    // What is learnt about it is learnt all the same.
    store.answered(CaptureId(1), Answered { status: 201, by: AnsweredBy::Endpoint });
    assert_eq!(store.row(CaptureId(1)).unwrap().answered.map(|answered| answered.status), Some(201));
}

#[test]
fn removed_captures_are_told_even_to_a_reader_whose_changes_left_the_log() {
    let store = beside_a_file(u64::MAX, &[1, 2, 3, 4, 5]);
    let (mut seen, mut held) = (Version(0), std::collections::BTreeSet::new());
    follow(&store, &mut seen, &mut held);
    store.pruned(&[CaptureId(1), CaptureId(3)]);
    let (mut late, mut theirs) = (seen, held.clone());
    follow(&store, &mut seen, &mut held);
    assert_eq!(held.iter().copied().collect::<Vec<_>>(), [2, 4, 5]);
    assert_eq!(store.totals().pruned, 2);
    for _ in 0..=LONGEST_LOG {
        store.answered(CaptureId(5), Answered { status: 200, by: AnsweredBy::Default });
        seen = store.delta(seen).version;
    }
    follow(&store, &mut late, &mut theirs);
    assert_eq!(theirs, held);
    store.delete(&[CaptureId(2), CaptureId(4), CaptureId(5)]);
    follow(&store, &mut seen, &mut held);
    assert!(held.is_empty());
    assert_eq!(store.totals().bytes, 0);
}

#[test]
fn lines_of_earlier_runs_come_first_and_numbers_go_on() {
    let before = beside_a_file(u64::MAX, &[3, 7]);
    let rows = before.delta(Version(0)).rows;
    let store = store(u64::MAX, 100).with_rows(Restored { rows, next: 12 });
    let (version, next) = store.begin();
    assert_eq!((next, store.push(capture(b""), None).id()), (CaptureId(12), CaptureId(12)));
    assert_eq!(ids(&store.delta(version)), [12]);
    assert_eq!(ids(&store.delta(Version(0))), [3, 7, 12]);
    assert!(store.get(CaptureId(3)).is_none() && store.row(CaptureId(3)).is_some());
}

#[test]
fn what_could_not_be_saved_is_counted_until_it_is() {
    let store = store(u64::MAX, 100);
    let id = store.reserve();
    store.put(Arc::new(capture(b"").numbered(id)), None, Keeping::Unsaved);
    store.trouble(Some("the disk is full".into()));
    let delta = store.delta(Version(0));
    assert_eq!((delta.totals.unsaved, delta.trouble.as_deref()), (1, Some("the disk is full")));
    store.saved(&[id]);
    store.trouble(None);
    let delta = store.delta(delta.version);
    assert_eq!((delta.totals.unsaved, delta.trouble, delta.rows[0].keeping), (0, None, Keeping::File));
}
