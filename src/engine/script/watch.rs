//! Looks at each capture once all about it is known: whether it matches, and whether it is as expected.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{
    config::Script,
    domain::{
        capture::CaptureId,
        delivery::DeliveryKind,
        record::Record,
        store::{Store, Version},
        time::Timestamp,
    },
    engine::{
        rules::Rules,
        script::{exec::Exec, junit::Case},
    },
};

/// Most numbers of failing captures that are remembered for an expectation.
const MOST_FAILING: usize = 20;
/// Most test cases of a report.
const MOST_CASES: usize = 100_000;

/// Decides for each capture whether it counts. Shared by who prints and who waits.
pub struct Watch {
    /// What the run is for.
    pub script: Script,
    rules: Arc<RwLock<Arc<Rules>>>,
    clock: fn() -> Timestamp,
    exec: Option<Exec>,
    // A std mutex: what happens under it is one capture's worth, and nothing awaits while holding it.
    tally: Mutex<Tally>,
    moved: Notify,
    /// Cancelled once as many matched as were asked for.
    pub reached: CancellationToken,
}

/// What came so far.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) came: u64,
    pub(super) matched: u64,
    /// Matches by what their checks say.
    pub(super) verdicts: BTreeMap<&'static str, u64>,
    /// For each expectation how many failed, and the first of them.
    pub(super) failed: Vec<(u64, Vec<CaptureId>)>,
    pub(super) cases: Vec<Case>,
    /// Cases beyond the most that are kept.
    pub(super) more_cases: u64,
    pub(super) lost: u64,
    /// What was seen but is not all known yet.
    pending: BTreeSet<CaptureId>,
    seen: Version,
    closing: bool,
}

impl Watch {
    /// A watch over captures; `exec` runs commands for those that match.
    #[must_use]
    pub fn new(
        script: Script,
        rules: Arc<RwLock<Arc<Rules>>>,
        clock: fn() -> Timestamp,
        exec: Option<Exec>,
    ) -> Self {
        let failed = script.expect.iter().map(|_| Default::default()).collect();
        let tally = Mutex::new(Tally { failed, ..Tally::default() });
        Self { script, rules, clock, exec, tally, moved: Notify::new(), reached: CancellationToken::new() }
    }

    /// Whether all about a capture is known that will be: check and answer, and how its forwards went.
    pub(in crate::engine) fn ready(&self, record: &Record) -> bool {
        if !record.is_settled() {
            return false;
        }
        if !self.script.watches() {
            return true;
        }
        let mut tally = self.lock();
        let ready = tally.closing || self.delivered(record);
        if !ready {
            tally.pending.insert(record.capture.id());
        }
        ready
    }

    /// Takes a capture in that is ready, once; whether it is printed.
    pub(in crate::engine) fn admit(&self, record: &Record) -> bool {
        let script = &self.script;
        if !script.watches() {
            return true;
        }
        let now = (self.clock)();
        let matches = script.filter.as_ref().is_none_or(|wanted| wanted.filter.matches(record, now));
        let failures: Vec<bool> = match matches {
            true => script.expect.iter().map(|wanted| !wanted.filter.matches(record, now)).collect(),
            false => Vec::new(),
        };
        let mut tally = self.lock();
        let id = record.capture.id();
        tally.pending.remove(&id);
        let full = script.count.is_some_and(|count| tally.matched >= count) && script.command.is_empty();
        if full {
            return false;
        }
        tally.came += 1;
        if !matches {
            return false;
        }
        tally.matched += 1;
        let verdict = record.check.as_ref().map_or("unknown", |check| check.verdict.as_str());
        *tally.verdicts.entry(verdict).or_default() += 1;
        for (place, _) in failures.iter().enumerate().filter(|(_, failed)| **failed) {
            let (count, first) = &mut tally.failed[place];
            *count += 1;
            if first.len() < MOST_FAILING {
                first.push(id);
            }
        }
        if script.junit.is_some() {
            tally.report(script, record, &failures);
        }
        if script.count.is_some_and(|count| tally.matched >= count) {
            self.reached.cancel();
        }
        drop(tally);
        if let Some(exec) = &self.exec {
            exec.run(id);
        }
        true
    }

    /// Notes captures that were evicted before they could be looked at.
    pub(in crate::engine) fn lost(&self, count: u64) {
        self.lock().lost += count;
    }

    /// Notes up to which version of the store everything was looked at.
    pub(in crate::engine) fn caught_up(&self, seen: Version) {
        self.lock().seen = seen;
        self.moved.notify_one();
    }

    /// From now on what is not known does not come any more. Returns what was waited for.
    pub(in crate::engine) fn close(&self) -> Vec<CaptureId> {
        let mut tally = self.lock();
        tally.closing = true;
        std::mem::take(&mut tally.pending).into_iter().collect()
    }

    /// Waits until everything that the store has by now is looked at and all known, or for so long.
    pub(super) async fn settle(&self, store: &Store, longest: Duration) {
        let (until, deadline) = (store.version(), Instant::now() + longest);
        loop {
            {
                let tally = self.lock();
                if tally.seen >= until && tally.pending.is_empty() {
                    return;
                }
            }
            if tokio::time::timeout_at(deadline, self.moved.notified()).await.is_err() {
                return;
            }
        }
    }

    /// Ends the commands: waits for those that run and wait.
    pub(super) async fn finish_commands(&self, longest: Option<Duration>) -> Option<(u64, u64)> {
        match &self.exec {
            Some(exec) => Some(exec.finish(longest).await),
            None => None,
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it was sent on to every target that it is sent on to.
    fn delivered(&self, record: &Record) -> bool {
        let capture = &record.capture;
        if capture.summary.cut.is_some() {
            return true;
        }
        let rules = Rules::current(&self.rules);
        let endpoint = rules.endpoint_of(capture);
        if !rules.forwards(endpoint) {
            return true;
        }
        let ended = |delivery: &&Arc<crate::domain::delivery::Delivery>| {
            delivery.kind == DeliveryKind::Forward && delivery.outcome.is_some()
        };
        record.deliveries.iter().filter(ended).count() >= rules.targets(endpoint).len()
    }
}

impl Tally {
    fn report(&mut self, script: &Script, record: &Record, failures: &[bool]) {
        let wanted = failures.len().max(1);
        if self.cases.len() + wanted > MOST_CASES {
            self.more_cases += wanted as u64;
            return;
        }
        if failures.is_empty() {
            self.cases.push(Case::of(record, None, false));
        }
        for (expected, &failed) in script.expect.iter().zip(failures) {
            self.cases.push(Case::of(record, Some(&expected.text), failed));
        }
    }
}
