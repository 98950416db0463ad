//! Which delivery ids were seen before: a provider that tries again sends the same one.

use std::{
    collections::{HashMap, VecDeque},
    hash::{BuildHasher, RandomState},
    sync::{Mutex, PoisonError},
};

/// How many delivery ids are remembered; the oldest are forgotten.
const LONGEST_MEMORY: usize = 20_000;

/// A bounded memory of delivery ids. What is remembered of each is a hash that is keyed at random, so
/// that no sender can make two of its ids the same.
#[derive(Debug, Default)]
pub struct Seen {
    keyed: RandomState,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    counts: HashMap<u64, u32>,
    order: VecDeque<u64>,
}

impl Seen {
    /// Notes a delivery and says which attempt it is, from 1.
    pub fn attempt(&self, provider: &str, delivery_id: &str) -> u32 {
        let key = self.keyed.hash_one((provider, delivery_id));
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = inner.counts.get_mut(&key) {
            *count = count.saturating_add(1);
            return *count;
        }
        if inner.order.len() >= LONGEST_MEMORY
            && let Some(oldest) = inner.order.pop_front()
        {
            inner.counts.remove(&oldest);
        }
        inner.order.push_back(key);
        inner.counts.insert(key, 1);
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_id_of_the_same_provider_counts_up() {
        let seen = Seen::default();
        assert_eq!([seen.attempt("a", "1"), seen.attempt("a", "1"), seen.attempt("b", "1")], [1, 2, 1]);
    }

    #[test]
    fn memory_is_bounded() {
        let seen = Seen::default();
        for id in 0..LONGEST_MEMORY + 5 {
            seen.attempt("a", &id.to_string());
        }
        assert_eq!(seen.inner.lock().unwrap().counts.len(), LONGEST_MEMORY);
        assert_eq!(seen.attempt("a", "0"), 1);
        assert_eq!(seen.attempt("a", "100"), 2);
    }
}
