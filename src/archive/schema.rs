//! The tables of a session file, and the steps from each version of them to the next.
//!
//! `PRAGMA application_id` is 0x686b676c ("hkgl"). `PRAGMA user_version` and the row `schema` of `meta`
//! both hold the version of the schema; later versions keep that row, so that damage to the header is
//! not taken for a newer program.
//!
//! | table | what it holds |
//! |---|---|
//! | `capture` | a request as a list shows it, what the check said, what was answered, what was noted |
//! | `bytes` | the exact bytes of a request: large, so beside the list |
//! | `delivery` | each sending of a capture and how it ended |
//! | `reply` | the response to a sending |
//! | `meta` | `schema`, `highest` (numbers up to it, or to the highest capture, are not given again), `pruned` (captures that retention removed) |
//!
//! The views `captures` and `deliveries` are for people: `sqlite3 session.sqlite 'SELECT * FROM captures'`.
//!
//! Each `…sum` is the CRC-32 of what it stands beside (see `sum`); what does not match is not shown. Whoever
//! changes a record by hand makes it a damaged one; to delete one by hand is fine. Numbers beyond 63 bits
//! stand as negative ones.

use rusqlite::Connection;

/// "hkgl".
pub(super) const APPLICATION_ID: i32 = 0x686b_676c;

/// The version that this program reads and writes.
pub(super) const VERSION: i64 = STEPS.len() as i64;

/// The tables that a session file of any version has.
pub(super) const TABLES: [&str; 5] = ["bytes", "capture", "delivery", "meta", "reply"];

/// What leads from each version to the next. A row that was released never changes.
pub(super) const STEPS: &[&str] = &[include_str!("schema_1.sql")];

/// Brings a file from a version to this program's, in one transaction.
pub(super) fn migrate(conn: &Connection, from: i64) -> rusqlite::Result<()> {
    migrate_by(conn, from, STEPS)
}

fn migrate_by(conn: &Connection, from: i64, steps: &[&str]) -> rusqlite::Result<()> {
    conn.execute_batch("BEGIN IMMEDIATE")?;
    let done = (|| {
        for step in steps.iter().skip(usize::try_from(from).unwrap_or(usize::MAX)) {
            conn.execute_batch(step)?;
        }
        let version = steps.len();
        conn.execute_batch(&format!(
            "UPDATE meta SET value = {version} WHERE name = 'schema';
             PRAGMA application_id = {APPLICATION_ID};
             PRAGMA user_version = {version};
             COMMIT"
        ))
    })();
    if done.is_err() && !conn.is_autocommit() {
        let _ = conn.execute_batch("ROLLBACK");
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_is_done_once_and_a_failing_one_not_at_all() {
        let conn = Connection::open_in_memory().unwrap();
        migrate(&conn, 0).unwrap();
        let version = |conn: &Connection| -> (i64, i64) {
            let header = conn.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
            (
                header,
                conn.query_row("SELECT value FROM meta WHERE name = 'schema'", [], |r| r.get(0)).unwrap(),
            )
        };
        assert_eq!(version(&conn), (VERSION, VERSION));
        let mut steps = STEPS.to_vec();
        steps.extend(["CREATE TABLE more (a)", "INSERT INTO more VALUES (1); CREATE TABLE capture (a)"]);
        assert!(migrate_by(&conn, VERSION, &steps).is_err(), "capture is there already");
        assert_eq!(version(&conn), (VERSION, VERSION));
        assert!(conn.prepare("SELECT * FROM more").is_err(), "nothing of it is done");
        steps.pop();
        migrate_by(&conn, VERSION, &steps).unwrap();
        assert_eq!(version(&conn), (VERSION + 1, VERSION + 1));
    }

    #[test]
    fn the_tables_are_those_that_are_looked_for() {
        let conn = Connection::open_in_memory().unwrap();
        migrate(&conn, 0).unwrap();
        let mut tables =
            conn.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").unwrap();
        let names: Vec<String> =
            tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(names, TABLES);
    }
}
