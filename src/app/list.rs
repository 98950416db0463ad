//! The list of captures: rows, selection, follow, pause, and what a filter lets through.
//!
//! Rows carry rising numbers, mostly without a gap, so that a number is mostly a place and a million of
//! them cost nothing to move in. The selection is a number too: rows that arrive, are evicted or filtered
//! never move it.

use std::{collections::VecDeque, sync::Arc};

use crate::{
    app::picked::Picked,
    domain::{
        capture::CaptureId,
        record::Row,
        store::{Delta, Totals},
    },
};

/// The rows and where one stands among them.
#[derive(Debug)]
pub struct List {
    rows: VecDeque<Row>,
    /// The lowest number that is kept; of the next one to come when there is none.
    pub(super) first: u64,
    /// The highest number there was.
    pub(super) highest: u64,
    /// How many rows have a mark or a note.
    remarked: usize,
    /// What is shown of the rows, where it is not all of them.
    picked: Option<Picked>,
    pub(super) selected: Option<CaptureId>,
    pub(super) follow: bool,
    /// The number of the capture that was selected before the filter left none to select.
    anchor: u64,
    /// The last number that is shown while the list is held still.
    pub(super) held: Option<u64>,
    /// The number of the topmost row on the screen.
    pub(super) top: u64,
    /// The highest number that was there when following ended, or was selected since.
    pub(super) seen: u64,
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
            highest: 0,
            remarked: 0,
            picked: None,
            selected: None,
            follow: true,
            anchor: 0,
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
        self.first = self.first.max(delta.first.0);
        while let Some(row) = self.rows.pop_front_if(|row| row.summary.id.0 < self.first) {
            self.remarked -= usize::from(row.remark.is_some());
        }
        if let Some(picked) = &mut self.picked {
            picked.forget_below(self.first);
        }
        let before = self.selected;
        let mut changed = false;
        for row in delta.rows {
            let id = row.summary.id;
            if id.0 < self.first || delta.removed.contains(&id) {
                continue;
            }
            changed |= Some(id) == before;
            self.remarked += usize::from(row.remark.is_some());
            match self.find(id.0) {
                Ok(index) => {
                    let old = std::mem::replace(&mut self.rows[index], row);
                    self.remarked -= usize::from(old.remark.is_some());
                }
                // Nearly always the end. A bounded delta may tell of a change before the lower ones come.
                Err(index) => {
                    self.highest = self.highest.max(id.0);
                    self.rows.insert(index, row);
                }
            }
        }
        for id in delta.removed {
            changed |= self.remove(id);
        }
        if self.follow && self.held.is_none() {
            self.selected = self.newest().or(self.selected);
        }
        changed || self.selected != before
    }

    /// Takes a row out; whether it was the selected one. Its neighbour is selected then.
    fn remove(&mut self, id: CaptureId) -> bool {
        let here = self.selected == Some(id);
        let place = self.below(id.0);
        if let Ok(index) = self.find(id.0) {
            let old = self.rows.remove(index);
            self.remarked -= usize::from(old.is_some_and(|row| row.remark.is_some()));
        }
        if let Some(picked) = &mut self.picked {
            picked.remove(id.0);
        }
        if here {
            let last = self.len().checked_sub(1);
            self.selected = last.and_then(|last| self.id_at(place.min(last))).map(CaptureId);
        }
        here
    }

    /// Shows only what is let through from now on: nothing yet.
    pub(super) fn sift(&mut self) {
        self.picked = Some(Picked::default());
    }

    /// Shows everything again.
    pub(super) fn show_all(&mut self) {
        self.picked = None;
        self.nearest();
    }

    /// Lets captures through, or no longer.
    pub(super) fn let_through(&mut self, ids: Vec<u64>, out: &[u64]) {
        let first = self.first;
        let Some(picked) = &mut self.picked else { return };
        out.iter().for_each(|&id| picked.remove(id));
        let here: Vec<u64> = ids.into_iter().filter(|&id| id >= first && id <= self.highest).collect();
        match &here[..] {
            [one] => picked.add(*one),
            _ => picked.merge(here),
        }
        if self.follow && self.held.is_none() {
            self.selected = self.newest().or(self.selected);
        }
    }

    /// Selects what is shown nearest to the selected capture, if that is not shown itself.
    pub(super) fn nearest(&mut self) {
        self.anchor = self.selected.map_or(self.anchor, |id| id.0);
        if self.follow && self.held.is_none() {
            self.selected = self.newest();
        } else if self.place().is_none() {
            let place = self.below(self.anchor);
            let last = self.len().checked_sub(1);
            self.selected = last.and_then(|last| self.id_at(place.min(last))).map(CaptureId);
        }
    }

    /// How many rows can be moved in: those that are shown, as far as they were there when the list was
    /// paused.
    #[must_use]
    pub fn len(&self) -> usize {
        match (&self.picked, self.held) {
            (Some(picked), Some(last)) => picked.up_to(last),
            (Some(picked), None) => picked.len(),
            (None, Some(last)) => self.rows.partition_point(|row| row.summary.id.0 <= last),
            (None, None) => self.rows.len(),
        }
    }

    /// Whether there is no row to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many rows there are, shown or not.
    #[must_use]
    pub fn all(&self) -> usize {
        self.rows.len()
    }

    /// Whether a filter decides what is shown.
    #[must_use]
    pub const fn sifted(&self) -> bool {
        self.picked.is_some()
    }

    /// Whether some row has a mark, has a note, or is not saved.
    #[must_use]
    pub const fn has_signs(&self) -> bool {
        self.remarked > 0 || self.totals.unsaved > 0
    }

    /// The row at a place.
    #[must_use]
    pub fn row(&self, index: usize) -> Option<&Row> {
        if index >= self.len() {
            return None;
        }
        match &self.picked {
            Some(picked) => self.row_of(CaptureId(picked.at(index)?)),
            None => self.rows.get(index),
        }
    }

    /// The row of a capture, shown or not.
    #[must_use]
    pub fn row_of(&self, id: CaptureId) -> Option<&Row> {
        self.find(id.0).ok().and_then(|index| self.rows.get(index))
    }

    /// The number of the newest row that is shown.
    #[must_use]
    pub fn newest(&self) -> Option<CaptureId> {
        self.len().checked_sub(1).and_then(|last| self.id_at(last)).map(CaptureId)
    }

    /// The highest number there is, shown or not: the width of the id column depends on it.
    #[must_use]
    pub const fn highest(&self) -> u64 {
        self.highest
    }

    /// Whether a capture was here and is no longer.
    #[must_use]
    pub fn evicted(&self, id: CaptureId) -> bool {
        id.0 < self.first || (id.0 <= self.highest && self.find(id.0).is_err())
    }

    /// The selected capture, which may be evicted already.
    #[must_use]
    pub const fn selected(&self) -> Option<CaptureId> {
        self.selected
    }

    /// The place of the selected row, if it is still in the list.
    #[must_use]
    pub fn place(&self) -> Option<usize> {
        let id = self.selected?.0;
        let index = self.below(id);
        (index < self.len() && self.id_at(index) == Some(id)).then_some(index)
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
        self.held.map_or(0, |last| self.highest.saturating_sub(last))
    }

    /// How many captures that are shown arrived below since following ended.
    #[must_use]
    pub fn unseen(&self) -> u64 {
        match (&self.picked, self.follow) {
            (_, true) => 0,
            (Some(_), false) => (self.len() - self.below(self.seen + 1).min(self.len())) as u64,
            (None, false) => self.newest().map_or(0, |id| id.0).saturating_sub(self.seen),
        }
    }

    /// The place of a number among all rows, or where it would be.
    fn find(&self, id: u64) -> Result<usize, usize> {
        let number = |row: &Row| row.summary.id.0;
        let Some(first) = self.rows.front().map(number) else { return Err(0) };
        if let Some(guess) = id.checked_sub(first).and_then(|at| usize::try_from(at).ok())
            && self.rows.get(guess).is_some_and(|row| number(row) == id)
        {
            return Ok(guess);
        }
        let place = self.rows.partition_point(|row| number(row) < id);
        if self.rows.get(place).is_some_and(|row| number(row) == id) { Ok(place) } else { Err(place) }
    }

    /// How many rows that are shown are below a number.
    pub(super) fn below(&self, id: u64) -> usize {
        match &self.picked {
            Some(picked) => picked.below(id),
            None => self.find(id).unwrap_or_else(|place| place),
        }
    }

    /// The number at a place of what is shown.
    pub(super) fn id_at(&self, index: usize) -> Option<u64> {
        match &self.picked {
            Some(picked) => picked.at(index),
            None => self.rows.get(index).map(|row| row.summary.id.0),
        }
    }
}
