//! Filtering and searching for the interface, off the thread that draws. Results come in parts, and work
//! that nobody waits for any more ends.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use crate::{
    app::{
        content::Lines,
        find::{Found, MOST, columns},
    },
    domain::{capture::CaptureId, filter::Filter, text, time::Timestamp},
    engine::library::Library,
};

/// How long results are gathered before they are told.
const PART: Duration = Duration::from_millis(50);
/// How many columns of a line are searched at once.
const WINDOW: usize = 4_096;
/// How many such windows of a line are searched.
const WINDOWS: usize = 64;

/// Tells the numbers of those captures that match, in parts. Bytes come from the session file where memory
/// has let go of them, and only where the filter has to see them.
pub fn sift(
    library: &Library,
    filter: &Filter,
    now: Timestamp,
    stale: &dyn Fn() -> bool,
    tell: impl Fn(Vec<u64>, bool),
) {
    let mut found = Vec::new();
    let mut told = Instant::now();
    for id in library.ids(|_| true) {
        if stale() {
            return;
        }
        if matches(library, id, filter, now) {
            found.push(id.0);
        }
        if told.elapsed() >= PART && !found.is_empty() {
            tell(std::mem::take(&mut found), false);
            told = Instant::now();
        }
    }
    tell(found, true);
}

/// Which of some captures match, and which do not or are no longer kept.
#[must_use]
pub fn examine(library: &Library, filter: &Filter, now: Timestamp, ids: Vec<u64>) -> (Vec<u64>, Vec<u64>) {
    ids.into_iter().partition(|&id| matches(library, CaptureId(id), filter, now))
}

/// A capture that makes the search panic does not match: the others are to be found all the same.
fn matches(library: &Library, id: CaptureId, filter: &Filter, now: Timestamp) -> bool {
    catch_unwind(AssertUnwindSafe(|| {
        let by_row = library.store().row(id).map(|row| filter.matches_row(&row, now));
        match by_row {
            None => false,
            Some(Some(known)) => known,
            Some(None) => library.record(id).is_ok_and(|record| filter.matches(&record, now)),
        }
    }))
    .unwrap_or(false)
}

/// Where a text stands in a document; nothing when nobody wants to know any more.
pub fn find(document: &dyn Lines, wanted: &str, ascii: bool, stale: &dyn Fn() -> bool) -> Option<Found> {
    let mut found = Found::default();
    let overlap = text::width(wanted).min(WINDOW / 2);
    for index in 0..document.count() {
        if stale() {
            return None;
        }
        let mut skip = 0;
        for window in 0.. {
            let line: String =
                document.line(index, skip, WINDOW, ascii).into_iter().map(|(_, text)| text).collect();
            for column in columns(&line, wanted) {
                let place = (index, skip + column);
                if found.places.last().is_none_or(|&last| last < place) {
                    found.places.push(place);
                }
            }
            if found.places.len() > MOST {
                found.places.truncate(MOST);
                found.more = true;
                return Some(found);
            }
            if text::width(&line) < WINDOW - 1 {
                break;
            }
            if window == WINDOWS {
                found.more = true;
                break;
            }
            skip += WINDOW - overlap;
        }
    }
    Some(found)
}
