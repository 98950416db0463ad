//! How much work a diagnosis may do.

/// How much work a diagnosis may do, counted in bytes that are hashed or rewritten: the same on every
/// machine, so that a result does not depend on a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    left: u64,
    cut: bool,
}

/// What each try costs beside its bytes: the two blocks of an HMAC and the comparison.
const EACH: u64 = 256;

impl Budget {
    /// A budget of so many bytes.
    #[must_use]
    pub const fn of(bytes: u64) -> Self {
        Self { left: bytes, cut: false }
    }

    /// Takes the cost of work on so many bytes. Says whether there is enough left; once there is not,
    /// cheaper work may still be done.
    pub(super) const fn take(&mut self, bytes: usize, weight: u64) -> bool {
        let cost = (bytes as u64 + EACH).saturating_mul(weight);
        if cost > self.left {
            self.cut = true;
            return false;
        }
        self.left -= cost;
        true
    }

    /// Whether something was left out.
    pub(super) const fn was_cut(&self) -> bool {
        self.cut
    }
}

impl Default for Budget {
    /// Enough for every single change and most pairs of a body of some KB, and for the single changes of
    /// one of 100 KB, in less than 20 ms.
    fn default() -> Self {
        Self::of(20 << 20)
    }
}
