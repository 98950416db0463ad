//! Moving in the list: selection, follow, pause, and the window that a screen shows.

use std::ops::Range;

use crate::{app::list::List, domain::capture::CaptureId};

impl List {
    /// Moves the selection by some rows; ends following. From an evicted row it goes to the nearest.
    pub fn step(&mut self, by: isize) {
        let Some(last) = self.len().checked_sub(1) else { return };
        let index = match self.place() {
            Some(index) => index.saturating_add_signed(by).min(last),
            None => self.below(self.selected.map_or(0, |id| id.0)).min(last),
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
        if let Some(id) = self.id_at(index).filter(|_| index < self.len()) {
            self.selected = Some(CaptureId(id));
            self.seen = self.seen.max(id);
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
            None => Some(self.highest),
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
        let mut top = self.below(self.top).min(last_top);
        if let Some(index) = self.place() {
            top = top.clamp((index + 1).saturating_sub(height), index);
        }
        top..len.min(top + height)
    }

    /// Remembers what the screen shows.
    pub fn settle(&mut self, height: usize) {
        self.top = self.id_at(self.window(height).start).unwrap_or(self.first);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::{
        capture::{HttpVersion, Incoming},
        record::Row,
        store::{Delta, Version},
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
            keeping: Default::default(),
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
    fn rows_stand_in_order_however_they_come() {
        let mut list = List::default();
        list.apply(delta(1, [1, 2, 3, 9]));
        assert_eq!(ids(&list), [1, 2, 3, 9]);
        list.apply(delta(1, 4..=9));
        assert_eq!(ids(&list), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
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
