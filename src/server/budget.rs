//! The budget: how many bytes of large bodies are being received at once, over all connections.
//!
//! Each body has its own limit, but thousands of senders could each claim it at the same time.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Bytes of a body that are not counted: most bodies are small, and those are bounded by the number of
/// connections.
const FREE: usize = 64 << 10;

/// What all bodies under way may take together.
#[derive(Debug)]
pub(crate) struct Budget {
    max: u64,
    used: AtomicU64,
}

/// What one body takes of the budget, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    budget: Arc<Budget>,
    taken: u64,
}

impl Budget {
    pub(crate) fn new(max: u64) -> Arc<Self> {
        Arc::new(Self { max, used: AtomicU64::new(0) })
    }

    pub(crate) fn share(self: &Arc<Self>) -> Share {
        Share { budget: Arc::clone(self), taken: 0 }
    }
}

impl Share {
    /// Takes what a body of this many bytes needs, and says whether there is enough.
    pub(crate) fn grow_to(&mut self, bytes: usize) -> bool {
        let needed = bytes.saturating_sub(FREE) as u64;
        let more = needed.saturating_sub(self.taken);
        if more == 0 {
            return true;
        }
        let used = self.budget.used.fetch_add(more, Ordering::Relaxed).saturating_add(more);
        self.taken += more;
        used <= self.budget.max
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.used.fetch_sub(self.taken, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_bodies_share_and_give_back() {
        let budget = Budget::new(100);
        let (mut one, mut two) = (budget.share(), budget.share());
        assert!(one.grow_to(FREE) && two.grow_to(FREE + 60));
        assert!(two.grow_to(FREE + 60) && one.grow_to(FREE + 40));
        assert!(!one.grow_to(FREE + 41));
        drop(one);
        assert!(two.grow_to(FREE + 100));
        assert!(!two.grow_to(FREE + 101));
        drop(two);
        assert_eq!(budget.used.load(Ordering::Relaxed), 0);
    }
}
