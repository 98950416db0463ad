//! From when until when a signed time counts: the other clock, beside the one at which a request
//! arrived. A handler that gets a request later judges it by its own.

use std::time::Duration;

use crate::domain::{
    signature::{moment::Unit, provider::Scheme},
    time::Timestamp,
};

/// A tolerance that nothing exceeds: the age is not checked.
pub const NO_LIMIT: Duration = Duration::MAX;

/// Ages after which a stale signature is described anew, in seconds: few, as nothing else changes.
const STEPS: [u64; 11] = [60, 300, 600, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400, 604_800, 2_592_000];

/// When a signed time counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// The signed time, where there is one.
    pub signed: Option<Timestamp>,
    /// How old it may be; `None` where it says itself how long it counts.
    pub limit: Option<Duration>,
    /// The first moment at which it counts; `None` where a time in the future is accepted, however far.
    pub from: Option<Timestamp>,
    /// The first moment at which it counts no longer.
    pub until: Timestamp,
}

/// What a signed time comes to at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It lies further in the future than it may.
    NotYet,
    /// It counts.
    Fresh,
    /// It is too old, and at least this old; `None` where its age is not what ended it.
    Stale(Option<Duration>),
}

impl Freshness {
    /// When a signed time of a scheme counts, by its age and by its own word; `None` where nothing limits
    /// it.
    pub(super) fn of(
        scheme: &Scheme,
        signed: Option<Timestamp>,
        limit: Option<Duration>,
        ends: Option<Timestamp>,
    ) -> Option<Self> {
        let by_age = signed.and_then(|signed| Self::by_age(scheme, signed, limit?));
        match (by_age, ends) {
            (Some(by_age), Some(ends)) if by_age.until <= ends => Some(by_age),
            (by_age, Some(until)) => {
                Some(Self { signed, limit: None, from: by_age.and_then(|by_age| by_age.from), until })
            }
            (by_age, None) => by_age,
        }
    }

    fn by_age(scheme: &Scheme, signed: Timestamp, limit: Duration) -> Option<Self> {
        let rule = scheme.time.as_ref()?;
        if limit == NO_LIMIT {
            return None;
        }
        let bounds = rule.bounds;
        let micros = i64::try_from(limit.as_micros()).ok()?;
        let ahead = bounds.ahead.map_or(Some(micros), |ahead| i64::try_from(ahead.as_micros()).ok())?;
        // The least age that is too old: the limit itself, or the next one that is counted.
        let (signed_at, step) = match rule.unit {
            Unit::Seconds | Unit::Http => (signed.as_secs().checked_mul(1_000_000)?, 1_000_000),
            Unit::Millis | Unit::Iso => (signed.as_micros(), 1),
        };
        let within = if bounds.below { micros.checked_sub(1)? } else { micros };
        let beyond = (within.div_euclid(step).checked_add(1)?).checked_mul(step)?;
        let early = ahead / step * step;
        Some(Self {
            signed: Some(signed),
            limit: Some(limit),
            from: (!bounds.past_only).then(|| Timestamp::from_micros(signed_at.saturating_sub(early))),
            until: Timestamp::from_micros(signed_at.checked_add(beyond)?),
        })
    }

    /// What it comes to at a moment.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> State {
        if now >= self.until {
            let age = self.limit.zip(self.age(now)).map(|(limit, age)| {
                let step = STEPS.iter().rev().copied().find(|&step| step <= age);
                Duration::from_secs(step.unwrap_or(0)).max(limit)
            });
            State::Stale(age)
        } else if self.from.is_some_and(|from| now < from) {
            State::NotYet
        } else {
            State::Fresh
        }
    }

    /// The next moment at which [`at`](Self::at) says something else; `None` when there is none.
    #[must_use]
    pub fn changes_after(&self, now: Timestamp) -> Option<Timestamp> {
        match self.at(now) {
            State::NotYet => self.from,
            State::Fresh => Some(self.until),
            State::Stale(_) => {
                let (signed, age, limit) = (self.signed?, self.age(now)?, self.limit?.as_secs());
                let step = STEPS.iter().copied().find(|&step| step > age && step > limit)?;
                let after = i64::try_from(step).ok()?.checked_mul(1_000_000)?;
                Some(Timestamp::from_micros(signed.as_micros().checked_add(after)?))
            }
        }
    }

    /// Seconds since it was signed.
    fn age(&self, now: Timestamp) -> Option<u64> {
        let micros = now.as_micros().saturating_sub(self.signed?.as_micros());
        Some(u64::try_from(micros / 1_000_000).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::signature::{Catalog, moment};

    fn secs(secs: i64) -> Timestamp {
        Timestamp::from_micros(secs * 1_000_000)
    }

    fn stripe(limit: u64) -> Freshness {
        let scheme = &Catalog::builtin().provider("stripe").unwrap().schemes()[0];
        Freshness::of(scheme, Some(secs(1_000)), Some(Duration::from_secs(limit)), None).unwrap()
    }

    #[test]
    fn it_agrees_with_the_check_at_every_edge() {
        for provider in Catalog::builtin().providers() {
            for scheme in provider.schemes() {
                let signed = Timestamp::from_micros(1_795_300_000_250_000);
                let limit = Duration::from_millis(2_500);
                let Some(fresh) = Freshness::of(scheme, Some(signed), Some(limit), None) else { continue };
                let rule = scheme.time.as_ref().unwrap();
                let edges = [fresh.until.as_micros(), fresh.from.map_or(0, Timestamp::as_micros)];
                for now in edges.into_iter().flat_map(|edge| [edge - 1, edge, edge + 1]) {
                    let now = Timestamp::from_micros(now);
                    let age = moment::judge(rule.unit.age(signed, now), Some(limit), rule.bounds);
                    let state = fresh.at(now);
                    let agrees = matches!(
                        (age, state),
                        (moment::Age::Fresh, State::Fresh)
                            | (moment::Age::TooOld, State::Stale(_))
                            | (moment::Age::InFuture, State::NotYet)
                    );
                    assert!(agrees, "{}: {age:?} {state:?} at {}", scheme.id(), now.as_micros());
                }
            }
        }
    }

    #[test]
    fn few_moments_change_it_and_each_does() {
        for limit in [0, 30, 300, 3_600] {
            let fresh = stripe(limit);
            let (mut now, mut count) = (secs(0), 0);
            while let Some(next) = fresh.changes_after(now) {
                assert!(next > now);
                let before = Timestamp::from_micros(next.as_micros() - 1);
                assert_ne!(fresh.at(next), fresh.at(before), "{next:?} {limit}");
                assert_eq!(fresh.at(before), fresh.at(now), "{now:?} {limit}");
                now = next;
                count += 1;
            }
            assert!(count <= STEPS.len() + 2, "{count}");
        }
    }

    #[test]
    fn nothing_is_said_without_a_limit() {
        let scheme = &Catalog::builtin().provider("stripe").unwrap().schemes()[0];
        assert_eq!(Freshness::of(scheme, Some(secs(1)), Some(NO_LIMIT), None), None);
        assert_eq!(Freshness::of(scheme, Some(secs(1)), None, None), None);
        assert_eq!(stripe(300).at(secs(1_300)), State::Fresh);
        assert_eq!(stripe(300).at(secs(1_301)), State::Stale(Some(Duration::from_secs(300))));
        assert_eq!(stripe(300).at(secs(1_720)), State::Stale(Some(Duration::from_secs(600))));
    }

    #[test]
    fn what_says_itself_how_long_it_counts_ends_once() {
        let scheme = &Catalog::builtin().provider("stripe").unwrap().schemes()[0];
        let limit = Some(Duration::from_secs(300));
        let token = Freshness::of(scheme, Some(secs(1_000)), limit, Some(secs(1_060))).unwrap();
        assert_eq!((token.until, token.limit), (secs(1_060), None));
        assert_eq!(token.at(secs(1_059)), State::Fresh);
        assert_eq!(token.changes_after(secs(1_059)), Some(secs(1_060)));
        assert_eq!((token.at(secs(1_060)), token.changes_after(secs(1_060))), (State::Stale(None), None));
        let longer = Freshness::of(scheme, Some(secs(1_000)), limit, Some(secs(9_000))).unwrap();
        assert_eq!((longer.until, longer.limit), (secs(1_301), limit));
        assert!(Freshness::of(scheme, None, None, Some(secs(5))).is_some());
    }
}
