//! Disks that fail: nothing that was acknowledged is lost, nothing is there twice, nothing is invented, and
//! saving goes on as soon as it can.

use std::sync::atomic::AtomicBool;

use rusqlite::{Connection, ffi};

use super::*;
use crate::{
    archive::disk::{Disk, Step},
    domain::{delivery::Delivery, delivery::DeliveryKind, sink::AnsweredBy},
};

/// What fails at which step, from 1; the steps are counted as long as nothing has failed.
#[derive(Clone)]
struct Faulty {
    kind: Kind,
    at: u64,
    count: Arc<AtomicU64>,
    failed: Arc<AtomicBool>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Kind {
    /// The step of the writer itself, as a full disk would.
    Step,
    /// SQLite, in the middle of a statement: at each instruction of its machine.
    Inside,
}

impl Faulty {
    fn new(kind: Kind, at: u64) -> Self {
        Self { kind, at, count: Arc::default(), failed: Arc::default() }
    }

    /// Whether this one fails.
    fn hit(&self) -> bool {
        if self.failed.load(Ordering::SeqCst) {
            return false;
        }
        let hit = self.count.fetch_add(1, Ordering::SeqCst) + 1 == self.at;
        if hit {
            self.failed.store(true, Ordering::SeqCst);
        }
        hit
    }
}

fn full() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_FULL), None)
}

impl Disk for Faulty {
    fn opened(&mut self, conn: &mut Connection) {
        if self.kind == Kind::Inside {
            let faulty = self.clone();
            conn.progress_handler(1, Some(move || faulty.hit())).unwrap();
        }
    }

    fn step(&mut self, _: Step) -> rusqlite::Result<()> {
        if self.kind == Kind::Step && self.hit() { Err(full()) } else { Ok(()) }
    }
}

fn delivery(id: u64) -> Change {
    Change::Delivery(Arc::new(Delivery {
        capture: CaptureId(id),
        attempt: 1,
        kind: DeliveryKind::Forward,
        url: "http://h/".into(),
        started_at: now(),
        outcome: None,
    }))
}

/// Keeps captures while the disk fails once; returns whether it did.
fn run(kind: Kind, at: u64) -> bool {
    let folder = Folder::new();
    let (told, disk) = (Told::default(), Faulty::new(kind, at));
    let keep_four = Retention { count: Some(4), ..options().keep };
    let options = Options { keep: keep_four, ..options() };
    let opened =
        open_on(&folder.file(), options, told.tell(), Box::new(disk.clone()), Bounds::default()).unwrap();
    let answered = Answered { status: 200, by: AnsweredBy::Default };
    let mut unsaved = Vec::new();
    for id in 1..=6 {
        let body = vec![b'x'; 5_000 * usize::try_from(id).unwrap()];
        if keep(&opened.archive, &capture(id, &body)).is_err() {
            unsaved.push(CaptureId(id));
        }
        opened.archive.update(CaptureId(id), Change::Answered(answered));
        opened.archive.update(CaptureId(id), delivery(id));
    }
    let hit = disk.failed.load(Ordering::SeqCst);
    let failing = told.all().iter().any(|event| matches!(event, Event::Failing { .. }));
    assert!(hit || !failing, "{at}");
    if !unsaved.is_empty() {
        // What was not saved at first is saved by itself.
        let saved = |told: &[Event]| -> Vec<CaptureId> {
            told.iter()
                .flat_map(|e| if let Event::Saved { ids } = e { &ids[..] } else { &[] })
                .copied()
                .collect()
        };
        let all = told.wait(|told| told.contains(&Event::Recovered));
        assert_eq!(saved(&all), unsaved, "{at}");
        assert_eq!(all.iter().filter(|event| matches!(event, Event::Failing { .. })).count(), 1, "{at}");
    }
    let pruned = |told: &[Event]| -> usize {
        told.iter().map(|e| if let Event::Pruned { ids } = e { ids.len() } else { 0 }).sum()
    };
    // A prune may be reported as failed and have happened: then nobody is told of it.
    let archive = opened.archive;
    archive.close().unwrap();
    let all = told.all();
    let opened = open_plain(&folder.file());
    assert_eq!((&opened.notices[..], opened.next), (&[][..] as &[String], 7), "{kind:?} {at} {all:?}");
    let rows = ids(&opened.rows);
    let removed = usize::try_from(opened.archive.totals().pruned).unwrap();
    assert_eq!(rows, (u64::try_from(removed).unwrap() + 1..=6).collect::<Vec<_>>(), "{kind:?} {at} {all:?}");
    assert!(pruned(&all) == removed || hit, "{kind:?} {at}");
    for row in &opened.rows {
        let id = row.summary.id;
        let record = opened.archive.load(id).unwrap().unwrap();
        assert!(same(&record.capture, &capture(id.0, &vec![b'x'; 5_000 * usize::try_from(id.0).unwrap()])));
        assert_eq!((record.answered, record.deliveries.len()), (Some(answered), 1), "{kind:?} {at}");
    }
    hit
}

/// All points of failure, from the first, until a run passes without one.
fn every_point(kind: Kind, by: u64) {
    let mut at = 1;
    while run(kind, at) {
        at += by;
        assert!(at < 100_000);
    }
    assert!(at > 20, "only {at} points");
}

#[test]
fn every_step_may_fail() {
    every_point(Kind::Step, 1);
}

#[test]
fn sqlite_may_fail_at_every_instruction() {
    // All of them with HOOKGLASS_EVERY set; they take a minute.
    every_point(Kind::Inside, if std::env::var_os("HOOKGLASS_EVERY").is_some() { 1 } else { 41 });
}

/// A file that may have so many pages more, as a disk with little room.
struct Small(u64);

impl Disk for Small {
    fn opened(&mut self, conn: &mut Connection) {
        let pages: i64 = conn.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
        let most = pages.cast_unsigned() + self.0;
        conn.query_row(&format!("PRAGMA max_page_count = {most}"), [], |_| Ok(())).unwrap();
    }

    fn step(&mut self, _: Step) -> rusqlite::Result<()> {
        Ok(())
    }
}

#[test]
fn the_file_may_be_full_at_every_page() {
    for pages in 0.. {
        let folder = Folder::new();
        let opened =
            open_on(&folder.file(), options(), Box::new(|_| ()), Box::new(Small(pages)), Bounds::default())
                .unwrap();
        let body = |id: u64| vec![b'x'; 9_000 * usize::try_from(id).unwrap()];
        let mut kept: Vec<u64> = Vec::new();
        for id in 1..=6 {
            match keep(&opened.archive, &capture(id, &body(id))) {
                Ok(()) => kept.push(id),
                Err(unsaved) => assert!(matches!(unsaved, Unsaved::Failing(_))),
            }
        }
        let closed = opened.archive.close();
        if kept.len() == 6 {
            assert!(pages > 15, "{pages}");
            return;
        }
        assert!(matches!(closed, Err(CloseError::Unsaved(_))), "{pages}");
        let opened = open_plain(&folder.file());
        assert!(opened.notices.is_empty());
        assert_eq!(ids(&opened.rows), kept, "{pages}");
        for &id in &kept {
            let record = opened.archive.load(CaptureId(id)).unwrap().unwrap();
            assert!(same(&record.capture, &capture(id, &body(id))));
        }
    }
}

/// A disk that is full as long as the switch is on.
#[derive(Clone)]
struct Full(Arc<AtomicBool>);

impl Disk for Full {
    fn step(&mut self, step: Step) -> rusqlite::Result<()> {
        if step == Step::Commit && self.0.load(Ordering::SeqCst) { Err(full()) } else { Ok(()) }
    }
}

#[test]
fn a_full_disk_is_told_once_and_what_is_pending_is_bounded() {
    let folder = Folder::new();
    let (told, full) = (Told::default(), Full(Arc::default()));
    let bounds = Bounds { pending: 40_000, ..Bounds::default() };
    let opened = open_on(&folder.file(), options(), told.tell(), Box::new(full.clone()), bounds).unwrap();
    keep(&opened.archive, &capture(1, b"")).unwrap();
    full.0.store(true, Ordering::SeqCst);
    for id in 2..=9 {
        // Three of them fit.
        let unsaved = keep(&opened.archive, &capture(id, &[b'x'; 10_000])).unwrap_err();
        assert!(unsaved.to_string().contains("The disk is full"), "{unsaved}");
    }
    let totals = opened.archive.totals();
    assert_eq!((totals.saved, totals.pending, totals.unsaved), (1, 3, 8));
    let answered = Answered { status: 503, by: AnsweredBy::Refused };
    (2..=9).for_each(|id| opened.archive.update(CaptureId(id), Change::Answered(answered)));
    let pending = opened.archive.load(CaptureId(3)).unwrap().unwrap();
    assert_eq!((pending.capture.body().len(), pending.answered), (10_000, Some(answered)));
    assert!(opened.archive.load(CaptureId(9)).unwrap().is_none());
    let begun = std::time::Instant::now();
    full.0.store(false, Ordering::SeqCst);
    let all = told.wait(|told| told.contains(&Event::Recovered));
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    let saved = Event::Saved { ids: vec![CaptureId(2), CaptureId(3), CaptureId(4)] };
    assert!(matches!(&all[..], [Event::Failing { .. }, s, Event::Recovered] if *s == saved), "{all:?}");
    keep(&opened.archive, &capture(10, b"")).unwrap();
    assert_eq!(opened.archive.close(), Err(CloseError::Unsaved(5)));
    let opened = open_plain(&folder.file());
    assert_eq!((ids(&opened.rows), opened.next), (vec![1, 2, 3, 4, 10], 11));
    assert_eq!(opened.rows[2].answered, Some(answered));
}

#[test]
fn a_disk_that_stays_full_does_not_keep_the_program_from_ending() {
    let folder = Folder::new();
    let full = Full(Arc::new(true.into()));
    let opened =
        open_on(&folder.file(), options(), Box::new(|_| ()), Box::new(full), Bounds::default()).unwrap();
    assert!(keep(&opened.archive, &capture(1, b"")).is_err());
    assert_eq!(opened.archive.close(), Err(CloseError::Unsaved(1)));
    assert_eq!(open_plain(&folder.file()).rows.len(), 0);
}

#[test]
fn a_file_that_another_program_locks_is_written_when_it_lets_go() {
    let folder = Folder::new();
    let told = Told::default();
    let opened = open_with(&folder.file(), options(), &told);
    let other = Connection::open(folder.file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let unsaved = keep(&opened.archive, &capture(1, b"")).unwrap_err();
    assert!(unsaved.to_string().contains("Another program"), "{unsaved}");
    other.execute_batch("ROLLBACK").unwrap();
    told.wait(|told| told.contains(&Event::Recovered));
    assert_eq!(opened.archive.load(CaptureId(1)).unwrap().unwrap().capture.id(), CaptureId(1));
}
