//! Damaged files: hookglass always starts, intact records are carried over, and nothing that was altered is
//! shown as good.

use std::collections::BTreeMap;

use super::*;
use crate::domain::sink::AnsweredBy;

/// What stands in the undamaged file, by number.
fn bodies() -> BTreeMap<u64, Vec<u8>> {
    (1..=24)
        .map(|id| {
            let size = if id % 6 == 0 { 20_000 } else { 700 };
            (id, (0..size).map(|at| (at as u64 * 31 + id) as u8).collect())
        })
        .collect()
}

/// A session file of a run that was killed: a database and a log that was not folded into it.
struct Master {
    database: Vec<u8>,
    log: Vec<u8>,
}

impl Master {
    fn new(folded: bool) -> Self {
        let folder = Folder::new();
        let opened = open_plain(&folder.file());
        let answered = Answered { status: 200, by: AnsweredBy::Default };
        for (id, body) in bodies() {
            keep(&opened.archive, &capture(id, &body)).unwrap();
            opened.archive.update(CaptureId(id), Change::Answered(answered));
        }
        // The last changes are written with this one.
        keep(&opened.archive, &capture(25, b"")).unwrap();
        opened.archive.update(CaptureId(25), Change::Delete);
        let read = |suffix| std::fs::read(place::beside(&folder.file(), suffix)).unwrap_or_default();
        if folded {
            opened.archive.close().unwrap();
            return Self { database: read(""), log: Vec::new() };
        }
        while opened.archive.totals().saved != 24 {
            std::thread::yield_now();
        }
        Self { database: read(""), log: read("-wal") }
    }
}

/// Opens a damaged file and returns how many captures are there, each of which is as it was.
fn survivors(database: &[u8], log: &[u8], what: &str) -> usize {
    let folder = Folder::new();
    std::fs::write(folder.file(), database).unwrap();
    if !log.is_empty() {
        std::fs::write(place::beside(&folder.file(), "-wal"), log).unwrap();
    }
    let opened = match open(&folder.file(), options(), Box::new(|_| ())) {
        Ok(opened) => opened,
        Err(error) => panic!("{what}: {error}"),
    };
    assert_eq!(opened.mode, Mode::Writing, "{what}");
    let mut bodies = bodies();
    // Where the log ends before its removal, it is still there.
    bodies.insert(25, Vec::new());
    let mut good = 0;
    for row in &opened.rows {
        let id = row.summary.id;
        let expected = bodies.get(&id.0).unwrap_or_else(|| panic!("{what}: {id} was never there"));
        assert_eq!(*row.summary, *capture(id.0, expected).summary, "{what}");
        match opened.archive.load(id) {
            Ok(Some(record)) => {
                good += 1;
                assert!(same(&record.capture, &capture(id.0, expected)), "{what}: {id}");
                let check = record.check.is_none_or(|check| *check == Check::bare(Verdict::Valid));
                assert!(check && record.answered.is_none_or(|a| a.status == 200), "{what}: {id}");
                assert!(record.remark.is_none() && record.deliveries.is_empty(), "{what}: {id}");
            }
            Ok(None) => panic!("{what}: {id} is listed and gone"),
            Err(error) => assert_eq!(error, ReadError::Damaged(id), "{what}"),
        }
    }
    let aside = folder.names().iter().any(|name| name.contains(".damaged-20261121-"));
    assert_eq!(!opened.notices.is_empty(), aside, "{what}: {:?} {:?}", opened.notices, folder.names());
    // It works.
    keep(&opened.archive, &capture(opened.next, b"new")).unwrap();
    assert!(opened.archive.load(CaptureId(opened.next)).unwrap().is_some(), "{what}");
    opened.archive.close().unwrap();
    let again = open_plain(&folder.file());
    assert_eq!(again.notices, Vec::<String>::new(), "{what}");
    good
}

/// Numbers that look random and are the same in each run.
fn random(seed: &mut u64) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*seed >> 33).unwrap()
}

#[test]
fn a_file_that_was_cut_anywhere_opens() {
    let master = Master::new(true);
    let whole = master.database.len();
    assert_eq!(survivors(&master.database, &[], "whole"), 24);
    let mut most = 0;
    for step in 0..60 {
        let at = whole * step / 60;
        most = most.max(survivors(&master.database[..at], &[], &format!("cut at {at}")));
    }
    assert!(most >= 12, "only {most} were carried over");
}

#[test]
fn a_file_with_flipped_bits_opens() {
    let master = Master::new(true);
    let (mut seed, mut carried) = (1, 0);
    let runs = 150;
    for run in 0..runs {
        let mut bytes = master.database.clone();
        // Half of them in the first pages, where the structure is.
        let range = if run % 2 == 0 { 40_000 } else { bytes.len() };
        let at = if run < 25 { 4 * run } else { random(&mut seed) % range };
        bytes[at] ^= 1 << (random(&mut seed) % 8);
        carried += survivors(&bytes, &[], &format!("bit of byte {at}"));
    }
    assert!(carried > runs * 24 * 7 / 10, "only {carried} of {}", runs * 24);
}

#[test]
fn a_file_with_zeroed_or_foreign_pages_opens() {
    let master = Master::new(true);
    let page = usize::try_from(build::PAGE).unwrap();
    let mut seed = 7;
    for (number, start) in (0..master.database.len()).step_by(page).enumerate() {
        let mut bytes = master.database.clone();
        bytes[start..start + page].fill(0);
        survivors(&bytes, &[], &format!("zeroed page {number}"));
        let other = random(&mut seed) % (bytes.len() / page) * page;
        bytes.copy_within(other..other + page, start);
        survivors(&bytes, &[], &format!("page {number} is that at {other}"));
    }
}

#[test]
fn a_damaged_log_opens() {
    let master = Master::new(false);
    assert!(master.log.len() > 100_000, "{}", master.log.len());
    assert_eq!(survivors(&master.database, &master.log, "whole log"), 24);
    // The database alone, without its log, has none of them.
    assert_eq!(survivors(&master.database, &[], "no log"), 0);
    assert_eq!(survivors(&[], &master.log, "no database"), 0);
    let mut seed = 3;
    for step in 0..40 {
        let at = master.log.len() * step / 40;
        survivors(&master.database, &master.log[..at], &format!("log cut at {at}"));
        let mut log = master.log.clone();
        let at = random(&mut seed) % log.len();
        log[at] ^= 1 << (random(&mut seed) % 8);
        survivors(&master.database, &log, &format!("bit of byte {at} of the log"));
    }
}

#[test]
fn what_never_was_a_database_is_kept_aside() {
    let folder = Folder::new();
    std::fs::write(folder.file(), "my notes").unwrap();
    let opened = open_plain(&folder.file());
    assert!(opened.notices[0].contains("Nothing of it could be carried over."), "{:?}", opened.notices);
    let aside = folder.0.join("session.damaged-20261121-222640.sqlite");
    assert!(opened.notices[0].contains(&aside.display().to_string()), "{:?}", opened.notices);
    assert_eq!(std::fs::read(&aside).unwrap(), b"my notes");
    opened.archive.close().unwrap();
    // A second one in the same second has a name of its own.
    std::fs::write(folder.file(), "more notes").unwrap();
    open_plain(&folder.file()).archive.close().unwrap();
    assert_eq!(
        std::fs::read(folder.0.join("session.damaged-20261121-222640-2.sqlite")).unwrap(),
        b"more notes"
    );
}

#[test]
fn one_damaged_body_does_not_hide_the_others() {
    let folder = Folder::new();
    let opened = open_plain(&folder.file());
    (1..=3).for_each(|id| keep(&opened.archive, &capture(id, b"body")).unwrap());
    let other = rusqlite::Connection::open(folder.file()).unwrap();
    other.execute("UPDATE bytes SET body = CAST('bodY' AS BLOB) WHERE id = 2", []).unwrap();
    let error = opened.archive.load(CaptureId(2)).unwrap_err();
    assert_eq!(error, ReadError::Damaged(CaptureId(2)));
    let mut seen = Vec::new();
    let damaged = opened.archive.each(CaptureId(1)..=CaptureId(3), &mut |record| {
        seen.push(record.capture.id().0);
        ControlFlow::Continue(())
    });
    assert_eq!((damaged, seen), (Ok(1), vec![1, 3]));
    // In the list, what was altered is not shown either.
    other.execute("UPDATE capture SET verdict = 'unsigned' WHERE id = 1", []).unwrap();
    let reader = Reader::open(&folder.file()).unwrap();
    assert_eq!(reader.notices().len(), 1);
    assert_eq!(ids(&reader.rows().unwrap()), [2, 3]);
    drop((reader, other));
    opened.archive.close().unwrap();
    let opened = open_plain(&folder.file());
    assert!(opened.notices[0].contains("2 captures were intact"), "{:?}", opened.notices);
    // Of the first the check was altered: it is left out.
    assert_eq!((ids(&opened.rows), opened.next), (vec![1, 3], 4));
    assert_eq!((&opened.rows[0].check, opened.rows[1].check.is_some()), (&None, true));
}
