//! The tap: sees every byte of a connection below hyper, so that heads are kept as they were sent.
//!
//! hyper lower-cases header names and groups duplicates, and it never shows what it refused.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::server::follower::{Follower, Phase, RawHead};

/// What the tap of one connection knows, shared with the requests of that connection.
#[derive(Debug)]
pub(crate) struct Tap {
    // A std mutex: the work under it is bounded by one read, and only this connection's own task
    // takes it.
    state: Mutex<State>,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) follower: Follower,
    /// The status of the last answer that hyper began to write since a request was paired.
    pub(super) status: u16,
    /// Whether the sender has ended its side.
    pub(super) ended: bool,
    /// What was being waited for when a deadline passed.
    pub(super) expired: Option<Phase>,
}

impl Tap {
    pub(crate) fn new(max_head: usize) -> Self {
        Self {
            state: Mutex::new(State {
                follower: Follower::new(max_head),
                status: 0,
                ended: false,
                expired: None,
            }),
        }
    }

    /// The head of the request that hyper has just parsed, with its number on this connection.
    pub(crate) fn pair(&self) -> Option<(u64, RawHead)> {
        let mut state = self.lock();
        state.status = 0;
        state.follower.next_head()
    }

    /// The raw trailer lines of a request whose body was read to its end.
    pub(crate) fn trailers_of(&self, number: u64) -> Vec<u8> {
        self.lock().follower.trailers_of(number)
    }

    /// The bytes that became no request.
    pub(crate) fn leftover(&self) -> Vec<u8> {
        self.lock().follower.leftover()
    }

    /// Stops following this connection, because its heads cannot be paired.
    pub(crate) fn give_up(&self) {
        self.lock().follower.give_up();
    }

    /// Where the connection stands.
    pub(crate) fn phase(&self) -> Phase {
        self.lock().follower.phase()
    }

    /// What was being waited for when a deadline passed, if one did.
    pub(crate) fn expired(&self) -> Option<Phase> {
        self.lock().expired
    }

    /// The status line that went out after the last pairing; 0 for none.
    pub(crate) fn status(&self) -> u16 {
        self.lock().status
    }

    /// Whether the sender has ended its side of the connection.
    pub(crate) fn ended(&self) -> bool {
        self.lock().ended
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
