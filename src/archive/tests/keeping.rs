//! Keeping, changing, reading, pruning, closing.

use super::*;
use crate::domain::{
    delivery::{DeliveryKind, Outcome, Reply},
    sink::AnsweredBy,
};

#[test]
fn what_was_acknowledged_is_there_when_the_file_is_opened_again() {
    let folder = Folder::new();
    let opened = open_plain(&folder.file());
    assert_eq!((opened.next, opened.mode, opened.rows.len()), (1, Mode::Writing, 0));
    assert_eq!(opened.notices, Vec::<String>::new());
    for id in 1..=3 {
        keep(&opened.archive, &capture(id, b"body")).unwrap();
    }
    assert_eq!(opened.archive.totals().saved, 3);
    opened.archive.close().unwrap();
    assert_eq!(folder.names(), ["session.sqlite", "session.sqlite.lock"], "the log is folded");
    let opened = open_plain(&folder.file());
    assert_eq!((opened.next, ids(&opened.rows)), (4, vec![1, 2, 3]));
    let record = opened.archive.load(CaptureId(2)).unwrap().unwrap();
    assert!(same(&record.capture, &capture(2, b"body")));
    assert_eq!(record.check, Some(Arc::new(Check::bare(Verdict::Valid))));
    assert!(opened.archive.load(CaptureId(4)).unwrap().is_none());
}

#[test]
fn many_at_once_are_all_kept() {
    let folder = Folder::new();
    let opened = open_plain(&folder.file());
    let all: Vec<_> = (1..=500).map(|id| capture(id, &vec![b'x'; 3_000])).collect();
    let kept: Vec<_> = all.iter().map(|c| opened.archive.keep(Arc::clone(c), None, None)).collect();
    block_on(async {
        for kept in kept {
            kept.await.unwrap();
        }
    });
    let mut seen = Vec::new();
    let range = CaptureId(100)..=CaptureId(u64::MAX);
    let damaged = opened.archive.each(range, &mut |record| {
        seen.push(record.capture.id().0);
        if seen.len() == 300 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!(damaged, Ok(0));
    assert_eq!(seen, (100..400).collect::<Vec<_>>());
    let mut seen = Vec::new();
    let wanted = [CaptureId(7), CaptureId(999), CaptureId(3)];
    opened
        .archive
        .each(&wanted[..], &mut |record| {
            seen.push(record.capture.id().0);
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(seen, [7, 3]);
    opened.archive.close().unwrap();
}

#[test]
fn captures_wait_where_too_many_bytes_wait_and_all_arrive() {
    let folder = Folder::new();
    let bounds = Bounds { waiting: 64 << 10, pending: 64 << 10 };
    let opened = open_on(&folder.file(), options(), Box::new(|_| ()), Box::new(Real), bounds).unwrap();
    // Each takes more than half of the room, one more than all of it.
    let all: Vec<_> =
        (1..=20).map(|id| capture(id, &vec![b'x'; if id == 5 { 100_000 } else { 40_000 }])).collect();
    let kept: Vec<_> = all.iter().map(|c| opened.archive.keep(Arc::clone(c), None, None)).collect();
    // Changes to captures that wait for room wait with them.
    let answered = Answered { status: 200, by: AnsweredBy::Default };
    (1..=20).for_each(|id| opened.archive.update(CaptureId(id), Change::Answered(answered)));
    block_on(futures_util::future::join_all(kept)).into_iter().for_each(|kept| kept.unwrap());
    opened.archive.close().unwrap();
    let rows = open_plain(&folder.file()).rows;
    assert_eq!(ids(&rows), (1..=20).collect::<Vec<_>>());
    assert!(rows.iter().all(|row| row.answered == Some(answered)));
}

#[test]
fn changes_are_seen_at_once_and_last() {
    let folder = Folder::new();
    let opened = open_plain(&folder.file());
    let archive = &opened.archive;
    (1..=3).for_each(|id| keep(archive, &capture(id, b"")).unwrap());
    let id = CaptureId(2);
    let delivery = |attempt, result| {
        let outcome = Some(Outcome { took: Duration::from_nanos(1_234_567), result });
        Arc::new(crate::domain::delivery::Delivery {
            capture: id,
            attempt,
            kind: DeliveryKind::Replay,
            url: "http://localhost:3000/a?b".into(),
            started_at: now(),
            outcome,
        })
    };
    let reply = Reply {
        status: 502,
        reason: "Bad Gateway".into(),
        headers: vec![(b"A"[..].into(), b"\xff"[..].into())],
        body: b"no\0".to_vec().into(),
        cut_from: Some(9),
    };
    let check = Arc::new(Check { cause: Some("why".into()), ..Check::bare(Verdict::Unsigned) });
    let answered = Answered { status: 401, by: AnsweredBy::Rejected };
    let remark = Arc::new(Remark { marked: true, note: "look".into() });
    archive.update(id, Change::Check(Arc::clone(&check)));
    archive.update(id, Change::Answered(answered));
    archive.update(id, Change::Remark(Some(Arc::clone(&remark))));
    archive.update(id, Change::Delivery(delivery(1, Err("refused".to_owned()))));
    archive.update(id, Change::Delivery(delivery(2, Err("refused".to_owned()))));
    archive.update(id, Change::Delivery(delivery(2, Ok(reply.clone()))));
    archive.update(CaptureId(99), Change::Answered(answered));
    let look = |archive: &Archive| {
        let record = archive.load(id).unwrap().unwrap();
        assert_eq!((record.check.as_ref(), record.answered), (Some(&check), Some(answered)));
        assert_eq!(record.remark.as_ref(), Some(&remark));
        let outcomes: Vec<_> = record.deliveries.iter().map(|d| d.outcome.clone().unwrap().result).collect();
        assert_eq!(outcomes, [Err("refused".to_owned()), Ok(reply.clone())]);
    };
    look(archive);
    archive.update(CaptureId(3), Change::Delete);
    assert!(archive.load(CaptureId(3)).unwrap().is_none());
    opened.archive.close().unwrap();
    let opened = open_plain(&folder.file());
    look(&opened.archive);
    assert_eq!((ids(&opened.rows), opened.next), (vec![1, 2], 4), "a number is never used again");
    let latest = opened.rows[1].latest.unwrap();
    assert_eq!((latest.count, latest.status), (2, Some(Ok(502))));
    assert!(opened.rows[1].is_marked());
    opened.archive.update(id, Change::Remark(None));
    opened.archive.close().unwrap();
    assert_eq!(open_plain(&folder.file()).rows[1].remark, None);
}

#[test]
fn a_number_is_not_used_again_after_a_kill_either() {
    let folder = Folder::new();
    let opened = open_plain(&folder.file());
    for id in 1..=3 {
        keep(&opened.archive, &capture(id, b"x")).unwrap();
    }
    opened.archive.update(CaptureId(3), Change::Delete);
    // What a kill leaves behind: the file and its log as they stand.
    let deleted = || {
        let killed = Folder::new();
        for suffix in ["", "-wal"] {
            let from = place::beside(&folder.file(), suffix);
            std::fs::copy(from, place::beside(&killed.file(), suffix)).unwrap();
        }
        let opened = open_plain(&killed.file());
        assert_eq!(opened.next, 4);
        ids(&opened.rows) == [1, 2]
    };
    let begun = std::time::Instant::now();
    while !deleted() {
        assert!(begun.elapsed() < Duration::from_secs(20), "the deletion is not written");
    }
}

#[test]
fn what_was_under_way_when_a_run_ended_is_told_as_ended() {
    let folder = Folder::new();
    let opened = open_plain(&folder.file());
    let check = Arc::new(Check { searching: true, ..Check::bare(Verdict::Unsigned) });
    block_on(opened.archive.keep(capture(1, b""), Some(check), None)).unwrap();
    let delivery = |started_at| {
        Change::Delivery(Arc::new(crate::domain::delivery::Delivery {
            capture: CaptureId(1),
            attempt: 1,
            kind: DeliveryKind::Forward,
            url: "http://h/".into(),
            started_at,
            outcome: None,
        }))
    };
    opened.archive.update(CaptureId(1), delivery(now()));
    assert!(opened.archive.load(CaptureId(1)).unwrap().unwrap().deliveries[0].outcome.is_none());
    opened.archive.close().unwrap();
    let clock = || Timestamp::from_micros(NOW + 1);
    let opened = open_with(&folder.file(), Options { clock, ..options() }, &Told::default());
    assert_eq!(opened.rows[0].latest.unwrap().status, Some(Err(())));
    assert!(!opened.rows[0].check.as_ref().unwrap().searching);
    let record = opened.archive.load(CaptureId(1)).unwrap().unwrap();
    assert!(record.deliveries[0].outcome.as_ref().unwrap().result.is_err());
    assert!(!record.check.unwrap().searching);
}

#[test]
fn retention_takes_the_oldest_that_are_not_marked() {
    let folder = Folder::new();
    let told = Told::default();
    let keep_count = Retention { count: Some(5), ..options().keep };
    let opened = open_with(&folder.file(), Options { keep: keep_count, ..options() }, &told);
    let marked = Some(Arc::new(Remark { marked: true, note: "".into() }));
    for id in 1..=12 {
        let remark = marked.clone().filter(|_| id == 2);
        block_on(opened.archive.keep(capture(id, b"x"), None, remark)).unwrap();
    }
    let pruned = |told: &[Event]| -> Vec<u64> {
        let ids = told.iter().filter_map(|event| match event {
            Event::Pruned { ids } => Some(ids),
            _ => None,
        });
        ids.flatten().map(|id| id.0).collect()
    };
    let all = told.wait(|told| pruned(told).len() == 7);
    assert_eq!(pruned(&all), [1, 3, 4, 5, 6, 7, 8]);
    assert_eq!((opened.archive.totals().pruned, opened.archive.totals().saved), (7, 5));
    // No longer marked, it is the oldest.
    opened.archive.update(CaptureId(2), Change::Remark(None));
    keep(&opened.archive, &capture(13, b"x")).unwrap();
    assert_eq!(pruned(&told.wait(|told| pruned(told).len() == 8))[7], 2);
    opened.archive.close().unwrap();
    let opened = open_with(&folder.file(), options(), &told);
    assert_eq!((ids(&opened.rows), opened.next), ((9..=13).collect(), 14));
    assert_eq!(opened.archive.totals().pruned, 8);
}

#[test]
fn retention_by_age_takes_what_is_too_old() {
    let folder = Folder::new();
    let opened = open_plain(&folder.file());
    (1..=3).for_each(|id| keep(&opened.archive, &capture(id, b"")).unwrap());
    opened.archive.close().unwrap();
    let told = Told::default();
    let keep = Retention { age: Some(Duration::from_secs(60)), ..options().keep };
    // Capture 1 is one microsecond too old, capture 2 is just within the age.
    let clock = || Timestamp::from_micros(NOW + 60_000_002);
    let opened = open_with(&folder.file(), Options { keep, clock, ..options() }, &told);
    assert_eq!(told.wait(|told| !told.is_empty()), [Event::Pruned { ids: vec![CaptureId(1)] }]);
    opened.archive.close().unwrap();
    assert_eq!(told.all().len(), 1);
}

#[test]
fn a_file_at_its_limit_does_not_grow() {
    let folder = Folder::new();
    let keep_bytes = Retention { bytes: 1 << 20, ..options().keep };
    let told = Told::default();
    let opened = open_with(&folder.file(), Options { keep: keep_bytes, ..options() }, &told);
    for id in 1..=60 {
        keep(&opened.archive, &capture(id, &vec![b'x'; 100_000])).unwrap();
    }
    opened.archive.close().unwrap();
    let size = std::fs::metadata(folder.file()).unwrap().len();
    assert!(size < 2 << 20, "{size}");
    let rows = open_plain(&folder.file()).rows;
    assert!((5..=11).contains(&rows.len()), "{}", rows.len());
    assert_eq!(rows.last().unwrap().summary.id, CaptureId(60));
}

#[test]
fn a_smaller_limit_makes_the_file_smaller() {
    let folder = Folder::new();
    let opened = open_plain(&folder.file());
    let all: Vec<_> = (1..=150).map(|id| capture(id, &vec![b'x'; 100_000])).collect();
    let kept = all.iter().map(|c| opened.archive.keep(Arc::clone(c), None, None));
    block_on(futures_util::future::join_all(kept)).into_iter().for_each(|kept| kept.unwrap());
    opened.archive.close().unwrap();
    let before = std::fs::metadata(folder.file()).unwrap().len();
    let keep = Retention { bytes: 0, ..options().keep };
    let told = Told::default();
    let opened = open_with(&folder.file(), Options { keep, ..options() }, &told);
    told.wait(|told| {
        told.iter().any(|e| matches!(e, Event::Pruned { ids } if ids.contains(&CaptureId(149))))
    });
    let conn = connect::reader(&folder.file()).unwrap();
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while retention::Size::of(&conn).unwrap().bytes() > before * 3 / 4 {
        assert!(std::time::Instant::now() < deadline, "it stays large");
        std::thread::yield_now();
    }
    drop(conn);
    // The newest stays, whatever the limit.
    assert_eq!(opened.archive.totals().saved, 1);
    opened.archive.close().unwrap();
    let after = std::fs::metadata(folder.file()).unwrap().len();
    assert!(after < before * 3 / 4, "{after} of {before}");
}

#[test]
fn two_captures_with_one_number_are_not_mixed_up() {
    let folder = Folder::new();
    let opened = open_plain(&folder.file());
    keep(&opened.archive, &capture(1, b"first")).unwrap();
    assert_eq!(keep(&opened.archive, &capture(1, b"second")), Err(Unsaved::Taken(CaptureId(1))));
    assert_eq!(opened.archive.load(CaptureId(1)).unwrap().unwrap().capture.body(), b"first");
}

#[test]
fn a_closed_file_takes_nothing() {
    let folder = Folder::new();
    let opened = open_plain(&folder.file());
    let other = opened.archive.clone();
    opened.archive.close().unwrap();
    assert_eq!(keep(&other, &capture(1, b"")), Err(Unsaved::Closed));
    other.update(CaptureId(1), Change::Delete);
    assert_eq!(other.close(), Ok(()));
}
