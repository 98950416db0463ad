//! Files of other versions and other programs, and what `sqlite3` shows of one.

use rusqlite::Connection;

use super::*;
use crate::domain::sink::AnsweredBy;

/// A file of version 1, as the first program that wrote one left it. It never changes: whoever opens it
/// must find what is in it.
const VERSION_1: &str = include_str!("../../../tests/fixtures/session_1.sql");

/// What stands in it.
fn first() -> Arc<Capture> {
    capture(1, br#"{"id":"evt_1"}"#)
}

#[test]
fn a_file_of_version_1_is_read_whole() {
    let folder = Folder::new();
    std::fs::write(folder.file(), "").unwrap();
    let conn = Connection::open(folder.file()).unwrap();
    conn.execute_batch(VERSION_1).unwrap();
    conn.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).unwrap();
    drop(conn);
    let opened = open_plain(&folder.file());
    assert_eq!((opened.notices.len(), ids(&opened.rows), opened.next), (0, vec![1, 3], 4));
    assert_eq!(opened.archive.totals().pruned, 7);
    let record = opened.archive.load(CaptureId(1)).unwrap().unwrap();
    assert!(same(&record.capture, &first()));
    let check = record.check.unwrap();
    assert_eq!(check.verdict, Verdict::Invalid(crate::domain::signature::Code::BodyModified));
    assert_eq!((check.secret.as_deref(), check.age_s), (Some("STRIPE_WEBHOOK_SECRET"), Some(3)));
    assert_eq!(record.answered, Some(Answered { status: 200, by: AnsweredBy::Default }));
    assert_eq!(*record.remark.unwrap(), Remark { marked: true, note: "look".into() });
    let reply = record.deliveries[0].outcome.clone().unwrap().result.unwrap();
    assert_eq!((reply.status, &reply.body[..]), (500, &b"no"[..]));
}

#[test]
fn a_file_of_a_newer_program_is_left_as_it_is() {
    for folded in [true, false] {
        let folder = Folder::new();
        open_plain(&folder.file()).archive.close().unwrap();
        let conn = Connection::open(folder.file()).unwrap();
        let newer = "BEGIN; PRAGMA user_version = 2; UPDATE meta SET value = 2 WHERE name = 'schema'; COMMIT";
        conn.execute_batch(newer).unwrap();
        let other = (!folded).then(|| Reader::open(&folder.file()).err());
        let before = std::fs::read(folder.file()).unwrap();
        if folded {
            drop(conn);
            let before = std::fs::read(folder.file()).unwrap();
            refuse_newer(&folder);
            assert_eq!(std::fs::read(folder.file()).unwrap(), before);
            let log = std::fs::metadata(place::beside(&folder.file(), "-wal"));
            assert!(log.is_ok_and(|log| log.len() == 0));
        } else {
            refuse_newer(&folder);
            assert_eq!(std::fs::read(folder.file()).unwrap(), before);
            assert!(matches!(other, Some(Some(OpenError::Newer { .. }))));
        }
    }
}

fn refuse_newer(folder: &Folder) {
    let error = open(&folder.file(), options(), Box::new(|_| ())).err().unwrap();
    assert!(error.to_string().contains("was written by a newer hookglass: please update"), "{error}");
}

#[test]
fn a_database_of_another_program_is_left_as_it_is() {
    let folder = Folder::new();
    let conn = Connection::open(folder.file()).unwrap();
    conn.execute_batch("CREATE TABLE places (url); INSERT INTO places VALUES ('x')").unwrap();
    drop(conn);
    let before = std::fs::read(folder.file()).unwrap();
    let error = open(&folder.file(), options(), Box::new(|_| ())).err().unwrap();
    assert!(error.to_string().contains("a database of another program"), "{error}");
    assert!(Reader::open(&folder.file()).is_err());
    assert_eq!(std::fs::read(folder.file()).unwrap(), before);
}

#[test]
fn a_damaged_version_is_not_taken_for_a_newer_one() {
    let folder = Folder::new();
    let opened = open_plain(&folder.file());
    keep(&opened.archive, &capture(1, b"")).unwrap();
    opened.archive.close().unwrap();
    Connection::open(folder.file()).unwrap().execute_batch("PRAGMA user_version = 17").unwrap();
    let opened = open_plain(&folder.file());
    assert!(opened.notices[0].contains("One capture was intact"), "{:?}", opened.notices);
    assert_eq!(ids(&opened.rows), [1]);
}

#[test]
fn the_view_reads_well() {
    let folder = Folder::new();
    let opened = open_plain(&folder.file());
    keep(&opened.archive, &capture(1, b"{\"a\":\"\xc3\xa9\"}")).unwrap();
    keep(&opened.archive, &capture(2, b"\xff\0")).unwrap();
    opened.archive.close().unwrap();
    let conn = Connection::open(folder.file()).unwrap();
    let mut view = conn
        .prepare(
            "SELECT concat_ws('|', id, received_at, method, target, provider, event, verdict, size, body, \
             typeof(body), substr(head, 1, 4)) FROM captures",
        )
        .unwrap();
    let lines: Vec<String> = view.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(
        lines,
        [
            "1|2026-11-21T22:26:40.000001Z|POST|/stripe?x=1|stripe|a.b|valid|10|{\"a\":\"\u{e9}\"}|text|POST",
            "2|2026-11-21T22:26:40.000002Z|POST|/stripe?x=1|stripe|a.b|valid|2|null|POST",
        ]
    );
    let head: i32 = conn.query_row("PRAGMA application_id", [], |row| row.get(0)).unwrap();
    assert_eq!(head, crate::archive::schema::APPLICATION_ID);
}
