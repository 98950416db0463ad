//! The endpoints as they stand now: exchanged while requests arrive, with what each has counted.

use std::{
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use crate::domain::endpoint::{Endpoint, Endpoints, RateLimit, Respond};

/// The endpoints that answer, which can be exchanged at any time. A request keeps those that stood
/// when it arrived.
#[derive(Debug)]
pub struct LiveEndpoints {
    current: RwLock<Arc<Active>>,
}

impl LiveEndpoints {
    /// Endpoints to begin with.
    #[must_use]
    pub fn new(endpoints: Endpoints) -> Self {
        Self { current: RwLock::new(Arc::new(Active::new(endpoints, None))) }
    }

    /// The endpoints as they stand.
    #[must_use]
    pub fn get(&self) -> Arc<Endpoints> {
        Arc::clone(&self.active().endpoints)
    }

    /// Exchanges the endpoints. One whose answers and limit stay the same goes on where it was in its
    /// sequence and its limit; the others begin anew.
    pub fn replace(&self, endpoints: Endpoints) {
        let before = self.active();
        let after = Arc::new(Active::new(endpoints, Some(&before)));
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = after;
    }

    pub(crate) fn active(&self) -> Arc<Active> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Endpoints with what each has counted.
#[derive(Debug)]
pub(crate) struct Active {
    endpoints: Arc<Endpoints>,
    counts: Vec<Arc<Count>>,
}

impl Active {
    fn new(endpoints: Endpoints, before: Option<&Self>) -> Self {
        let counts = endpoints
            .list
            .iter()
            .map(|endpoint| before.and_then(|b| b.count_of(endpoint)).unwrap_or_default())
            .collect();
        Self { endpoints: Arc::new(endpoints), counts }
    }

    /// The endpoint for a request, with what it has counted.
    pub(crate) fn find(&self, method: &[u8], target: &[u8]) -> Option<(&Endpoint, &Count)> {
        let (index, endpoint) = self.endpoints.find(method, target)?;
        Some((endpoint, self.counts.get(index)?))
    }

    fn count_of(&self, new: &Endpoint) -> Option<Arc<Count>> {
        let index = self.endpoints.list.iter().position(|old| {
            (&old.name, &old.path) == (&new.name, &new.path)
                && old.respond == new.respond
                && old.rate_limit == new.rate_limit
        })?;
        self.counts.get(index).cloned()
    }
}

/// What one endpoint has counted.
#[derive(Debug, Default)]
pub(crate) struct Count {
    answers: AtomicU64,
    bucket: Mutex<Option<Bucket>>,
}

impl Count {
    /// The next answer of a sequence; the last one stays.
    pub(crate) fn next_answer<'a>(&self, sequence: &'a [Respond]) -> Option<&'a Respond> {
        let mut given = self.answers.fetch_add(1, Ordering::Relaxed);
        for step in sequence {
            let times = u64::from(step.times.max(1));
            if given < times {
                return Some(step);
            }
            given -= times;
        }
        sequence.last()
    }

    /// Takes one request off a limit. `Err` says how long until the next one is accepted.
    pub(crate) fn take(&self, limit: RateLimit, now: Instant) -> Result<(), Duration> {
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.get_or_insert(Bucket { tokens: f64::from(limit.count), at: now }).take(limit, now)
    }
}

/// A token bucket: full at first, refilled evenly, never beyond `count`.
#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Bucket {
    fn take(&mut self, limit: RateLimit, now: Instant) -> Result<(), Duration> {
        let full = f64::from(limit.count);
        let per_token = limit.per.as_secs_f64() / full;
        let refill = now.saturating_duration_since(self.at).as_secs_f64() / per_token;
        // 0 in 0 seconds is no number; a limit of nothing lets nothing pass.
        self.tokens = if refill.is_finite() { (self.tokens + refill).min(full) } else { full };
        self.at = now;
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        let wait = (1.0 - self.tokens) * per_token;
        Err(Duration::try_from_secs_f64(wait).unwrap_or(Duration::from_secs(3_600)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(status: u16, times: u32) -> Respond {
        Respond { status, times, ..Respond::default() }
    }

    fn endpoints(respond: Vec<Respond>) -> Endpoints {
        let mut endpoint = Endpoint::new("/a");
        endpoint.respond = respond;
        Endpoints { list: vec![endpoint] }
    }

    fn next(live: &LiveEndpoints) -> u16 {
        let active = live.active();
        let (endpoint, count) = active.find(b"POST", b"/a?b").unwrap();
        count.next_answer(&endpoint.respond).unwrap().status
    }

    #[test]
    fn a_sequence_is_given_step_by_step_and_its_last_stays() {
        let live = LiveEndpoints::new(endpoints(vec![step(500, 2), step(429, 0), step(200, 1)]));
        assert_eq!([(); 6].map(|()| next(&live)), [500, 500, 429, 200, 200, 200]);
        assert!(live.active().find(b"POST", b"/b").is_none());
    }

    #[test]
    fn an_exchange_keeps_the_counts_of_what_stays() {
        let live = LiveEndpoints::new(endpoints(vec![step(500, 1), step(200, 1)]));
        assert_eq!(next(&live), 500);
        live.replace(endpoints(vec![step(500, 1), step(200, 1)]));
        assert_eq!(next(&live), 200);
        live.replace(endpoints(vec![step(501, 1), step(200, 1)]));
        assert_eq!(next(&live), 501);
        assert_eq!(live.get().list[0].respond[0].status, 501);
    }

    #[test]
    fn a_limit_lets_a_burst_pass_and_refills_evenly() {
        let limit = RateLimit { count: 2, per: Duration::from_secs(1) };
        let (count, start) = (Count::default(), Instant::now());
        let at = |millis| start + Duration::from_millis(millis);
        assert_eq!(count.take(limit, at(0)), Ok(()));
        assert_eq!(count.take(limit, at(0)), Ok(()));
        assert_eq!(count.take(limit, at(0)), Err(Duration::from_millis(500)));
        assert_eq!(count.take(limit, at(250)), Err(Duration::from_millis(250)));
        assert_eq!(count.take(limit, at(500)), Ok(()));
        assert_eq!(count.take(limit, at(60_000)), Ok(()));
        assert_eq!(count.take(limit, at(60_000)), Ok(()));
        assert!(count.take(limit, at(60_000)).is_err());
    }

    #[test]
    fn a_limit_of_nothing_lets_nothing_pass() {
        for per in [Duration::ZERO, Duration::from_secs(1)] {
            let limit = RateLimit { count: 0, per };
            assert!(Count::default().take(limit, Instant::now()).is_err());
        }
    }
}
