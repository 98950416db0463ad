//! The list of captures: rows, selection, follow and pause.
//!
//! Rows stand by rising numbers, so that a number is found at once among a million of them. The selection
//! is a number too: rows that arrive or go never move it.

use std::{collections::VecDeque, ops::Range, sync::Arc};

use crate::domain::{
    capture::CaptureId,
    record::Row,
    store::{Delta, Totals},
};

/// The rows and where one stands among them.
#[derive(Debug)]
pub struct List {
    rows: VecDeque<Row>,
    /// No number below this one is kept any more.
    first: u64,
    selected: Option<CaptureId>,
    follow: bool,
    /// The last number that is shown while the list is held still.
    held: Option<u64>,
    /// The number of the topmost row on the screen.
    top: u64,
    /// The highest number that was there when following ended, or was selected since.
    seen: u64,
    /// The counters of the store.
    pub totals: Totals,
    /// Why nothing can be saved at present.
    pub trouble: Option<Arc<str>>,
}

impl Default for List {
    fn default() -> Self {
        Self {
            rows: VecDeque::new(),
            first: 1,
            selected: None,
            follow: true,
            held: None,
            top: 1,
            seen: 0,
            totals: Totals::default(),
            trouble: None,
        }
    }
}

impl List {
    /// Takes in what changed. Costs as much as the change, not as the list. Says whether the selected
    /// row is another one or has changed.
    pub fn apply(&mut self, delta: Delta) -> bool {
        self.totals = delta.totals;
        self.trouble = delta.trouble;
        self.first = delta.first.0;
        while self.rows.front().is_some_and(|row| row.summary.id < delta.first) {
            self.rows.pop_front();
        }
        let before = self.selected;
        let mut changed = false;
        for id in delta.removed {
            changed |= Some(id) == before;
            if let Ok(index) = self.find(id) {
                self.rows.remove(index);
            }
        }
        for row in delta.rows {
            let id = row.summary.id;
            changed |= Some(id) == before;
            match self.rows.back() {
                Some(last) if last.summary.id >= id => match self.find(id) {
                    Ok(index) => self.rows[index] = row,
                    Err(index) => self.rows.insert(index, row),
                },
                _ => self.rows.push_back(row),
            }
        }
        if self.follow && self.held.is_none() {
            self.selected = self.newest().or(self.selected);
        }
        changed || self.selected != before
    }

    /// How many rows can be moved in: all of them, or those that were there when the list was paused.
    #[must_use]
    pub fn len(&self) -> usize {
        match self.held {
            Some(last) => self.find(CaptureId(last)).map_or_else(|index| index, |index| index + 1),
            None => self.rows.len(),
        }
    }

    /// Whether there is no row to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row at a place.
    #[must_use]
    pub fn row(&self, index: usize) -> Option<&Row> {
        self.rows.get(index).filter(|_| index < self.len())
    }

    /// The number of the newest row that is shown.
    #[must_use]
    pub fn newest(&self) -> Option<CaptureId> {
        self.len().checked_sub(1).and_then(|last| self.id_at(last))
    }

    /// The highest number there is, shown or not: the width of the id column depends on it.
    #[must_use]
    pub fn highest(&self) -> u64 {
        self.rows.back().map_or_else(|| self.first.saturating_sub(1), |row| row.summary.id.0)
    }

    /// The number of the row at a place.
    fn id_at(&self, index: usize) -> Option<CaptureId> {
        self.rows.get(index).map(|row| row.summary.id)
    }

    /// The place of a number among all rows, or where it would stand. Numbers are mostly consecutive, so
    /// that the first guess mostly holds.
    fn find(&self, id: CaptureId) -> Result<usize, usize> {
        let first = self.rows.front().map_or(0, |row| row.summary.id.0);
        let guess = usize::try_from(id.0.saturating_sub(first)).unwrap_or(usize::MAX);
        if self.id_at(guess) == Some(id) {
            return Ok(guess);
        }
        self.rows.binary_search_by_key(&id, |row| row.summary.id)
    }

    /// Whether a capture was here and is no longer.
    #[must_use]
    pub fn evicted(&self, id: CaptureId) -> bool {
        id.0 <= self.highest() && self.find(id).is_err()
    }

    /// The selected capture, which may be evicted already.
    #[must_use]
    pub const fn selected(&self) -> Option<CaptureId> {
        self.selected
    }

    /// The place of the selected row, if it is still in the list.
    #[must_use]
    pub fn place(&self) -> Option<usize> {
        self.find(self.selected?).ok().filter(|&index| index < self.len())
    }

    /// Whether the newest row stays selected.
    #[must_use]
    pub const fn following(&self) -> bool {
        self.follow
    }

    /// Whether the list is held still.
    #[must_use]
    pub const fn paused(&self) -> bool {
        self.held.is_some()
    }

    /// How many captures arrived since the list was paused.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.held.map_or(0, |last| self.highest().saturating_sub(last))
    }

    /// How many captures arrived below since following ended.
    #[must_use]
    pub fn unseen(&self) -> u64 {
        if self.follow { 0 } else { self.newest().map_or(0, |id| id.0).saturating_sub(self.seen) }
    }

    /// Moves the selection by some rows; ends following. From an evicted row it goes to the nearest.
    pub fn step(&mut self, by: isize) {
        let Some(last) = self.len().checked_sub(1) else { return };
        let index = match self.place() {
            Some(index) => index.saturating_add_signed(by).min(last),
            None => self.selected.map_or(0, |id| self.find(id).unwrap_or_else(|near| near)).min(last),
        };
        self.pick(index);
    }

    /// Selects the first row.
    pub fn to_top(&mut self) {
        if !self.is_empty() {
            self.pick(0);
        }
    }

    /// Selects the last row and follows again.
    pub fn to_bottom(&mut self) {
        self.follow = true;
        self.selected = self.newest().or(self.selected);
    }

    /// Selects the row at a place; ends following.
    pub fn pick(&mut self, index: usize) {
        self.leave();
        if index < self.len()
            && let Some(id) = self.id_at(index)
        {
            self.selected = Some(id);
            self.seen = self.seen.max(id.0);
        }
    }

    /// Ends following.
    pub fn leave(&mut self) {
        if self.follow {
            self.follow = false;
            self.seen = self.newest().map_or(0, |id| id.0);
        }
    }

    /// Holds the list still, or lets it go on.
    pub fn pause(&mut self) {
        self.held = match self.held {
            Some(_) => None,
            None => Some(self.highest()),
        };
        if self.follow && self.held.is_none() {
            self.to_bottom();
        }
    }

    /// The places of the rows that a list of this height shows: the selected one is among them, and
    /// otherwise it stands still.
    #[must_use]
    pub fn window(&self, height: usize) -> Range<usize> {
        let height = height.max(1);
        let len = self.len();
        let last_top = len.saturating_sub(height);
        let mut top = self.find(CaptureId(self.top)).unwrap_or_else(|near| near).min(last_top);
        if let Some(index) = self.place() {
            top = top.clamp((index + 1).saturating_sub(height), index);
        }
        top..len.min(top + height)
    }

    /// Remembers what the screen shows.
    pub fn settle(&mut self, height: usize) {
        self.top = self.id_at(self.window(height).start).map_or(self.first, |id| id.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        capture::{HttpVersion, Incoming},
        record::Keeping,
        store::Version,
        summary::{Origin, Summary},
        time::Timestamp,
    };

    fn row(id: u64) -> Row {
        let incoming = Incoming {
            received_at: Timestamp::from_micros(0),
            remote: ([127, 0, 0, 1], 1).into(),
            version: HttpVersion::Http11,
            head: b"GET / HTTP/1.1\r\n\r\n".to_vec(),
            body: Vec::new(),
            trailers: Vec::new(),
            cut: None,
            announced: None,
            refusal: None,
        };
        let mut summary = Summary::of(&incoming, None, Origin::default());
        summary.id = CaptureId(id);
        Row {
            summary: Arc::new(summary),
            check: None,
            answered: None,
            latest: None,
            remark: None,
            keeping: Keeping::Memory,
        }
    }

    fn delta(first: u64, ids: impl IntoIterator<Item = u64>) -> Delta {
        Delta {
            version: Version(1),
            first: CaptureId(first),
            rows: ids.into_iter().map(row).collect(),
            ..Delta::default()
        }
    }

    fn ids(list: &List) -> Vec<u64> {
        (0..list.len()).filter_map(|index| list.row(index)).map(|row| row.summary.id.0).collect()
    }

    #[test]
    fn rows_find_their_place_in_whichever_order_they_come() {
        let mut list = List::default();
        list.apply(delta(1, [1, 2, 3, 9]));
        assert_eq!(ids(&list), [1, 2, 3, 9]);
        list.apply(delta(1, 4..=9));
        assert_eq!(ids(&list), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }

    #[test]
    fn a_removed_row_leaves_its_neighbours_where_they_are() {
        let mut list = List::default();
        list.apply(delta(1, [1, 2, 5, 9]));
        list.pick(2);
        assert!(list.apply(Delta { removed: vec![CaptureId(5)], ..delta(1, []) }));
        assert_eq!(ids(&list), [1, 2, 9]);
        assert!(list.evicted(CaptureId(5)) && !list.evicted(CaptureId(9)));
        list.step(1);
        assert_eq!(list.selected(), Some(CaptureId(9)), "it goes to the nearest");
        list.pick(1);
        assert!(!list.apply(Delta { removed: vec![CaptureId(1)], ..delta(2, []) }));
        assert_eq!((list.selected(), list.place()), (Some(CaptureId(2)), Some(0)));
    }

    #[test]
    fn a_reader_that_slept_begins_where_the_store_begins() {
        let mut list = List::default();
        list.apply(delta(1, 1..=3));
        list.apply(delta(500, 500..=502));
        assert_eq!(ids(&list), [500, 501, 502]);
        assert_eq!(list.selected(), Some(CaptureId(502)));
        list.apply(delta(503, []));
        assert!(list.is_empty());
        assert_eq!(list.selected(), Some(CaptureId(502)), "what is looked at stays selected");
        list.step(1);
        assert_eq!(list.selected(), Some(CaptureId(502)));
        list.apply(delta(503, [503]));
        assert_eq!(list.selected(), Some(CaptureId(503)));
    }

    #[test]
    fn only_news_of_the_selected_row_is_reported() {
        let mut list = List::default();
        assert!(list.apply(delta(1, 1..=5)));
        list.pick(1);
        assert!(!list.apply(delta(1, [4, 6])));
        assert!(list.apply(delta(1, [2])));
    }

    #[test]
    fn the_window_always_has_the_selected_row() {
        let mut list = List::default();
        list.apply(delta(1, 1..=100));
        for (index, height) in [(0, 10), (99, 10), (50, 10), (45, 10), (61, 1), (60, 200), (3, 0)] {
            list.pick(index);
            let window = list.window(height);
            assert!(window.contains(&index), "{index} in {window:?} of {height}");
            assert!(window.len() <= height.max(1));
            list.settle(height);
        }
    }

    #[test]
    fn a_paused_list_whose_rows_are_gone_is_empty_and_counts() {
        let mut list = List::default();
        list.apply(delta(1, 1..=3));
        list.pause();
        list.apply(delta(10, 10..=12));
        assert_eq!((list.len(), list.waiting()), (0, 9));
        list.step(1);
        list.to_top();
        assert_eq!(list.window(5), 0..0);
        list.pause();
        assert_eq!(ids(&list), [10, 11, 12]);
        assert_eq!(list.selected(), Some(CaptureId(12)));
    }
}
