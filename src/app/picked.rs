//! The numbers of the captures that a filter lets through, in order.

use std::collections::VecDeque;

/// Numbers in rising order. What comes is mostly higher than what is there.
#[derive(Clone, Debug, Default)]
pub(super) struct Picked(VecDeque<u64>);

impl Picked {
    /// How many there are up to a number.
    pub(super) fn up_to(&self, last: u64) -> usize {
        self.0.partition_point(|&id| id <= last)
    }

    /// How many there are below a number: its place, if it is there.
    pub(super) fn below(&self, id: u64) -> usize {
        self.0.partition_point(|&known| known < id)
    }

    /// The number at a place.
    pub(super) fn at(&self, index: usize) -> Option<u64> {
        self.0.get(index).copied()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds a number, if it is not there.
    pub(super) fn add(&mut self, id: u64) {
        if self.0.back().is_none_or(|&last| last < id) {
            self.0.push_back(id);
            return;
        }
        let place = self.below(id);
        if self.at(place) != Some(id) {
            self.0.insert(place, id);
        }
    }

    /// Takes a number out.
    pub(super) fn remove(&mut self, id: u64) {
        let place = self.below(id);
        if self.at(place) == Some(id) {
            self.0.remove(place);
        }
    }

    /// Adds many at once: as cheap for a million as one pass over them.
    pub(super) fn merge(&mut self, mut ids: Vec<u64>) {
        ids.sort_unstable();
        ids.dedup();
        let behind = ids.first().is_none_or(|&first| self.0.back().is_none_or(|&last| last < first));
        if behind {
            self.0.extend(ids);
            return;
        }
        let old = std::mem::take(&mut self.0);
        let mut new = ids.into_iter().peekable();
        for id in old {
            while let Some(next) = new.next_if(|&next| next < id) {
                self.0.push_back(next);
            }
            let _ = new.next_if_eq(&id);
            self.0.push_back(id);
        }
        self.0.extend(new);
    }

    /// Forgets what is below a number.
    pub(super) fn forget_below(&mut self, first: u64) {
        while self.0.front().is_some_and(|&id| id < first) {
            self.0.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_in_order() {
        let mut picked = Picked::default();
        picked.merge(vec![5, 3, 9]);
        picked.add(7);
        picked.add(7);
        picked.add(12);
        picked.merge(vec![1, 8, 9, 13]);
        picked.remove(5);
        picked.remove(6);
        let all = |picked: &Picked| (0..picked.len()).filter_map(|at| picked.at(at)).collect::<Vec<_>>();
        assert_eq!(all(&picked), [1, 3, 7, 8, 9, 12, 13]);
        assert_eq!((picked.up_to(8), picked.below(8)), (4, 3));
        picked.forget_below(8);
        assert_eq!(all(&picked), [8, 9, 12, 13]);
    }
}
