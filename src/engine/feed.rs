//! The way of one request from the server into the store.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::{
    archive::Archive,
    domain::{
        capture::{Capture, CaptureId, Cut, Incoming},
        headers::Head,
        record::Keeping,
        signature::{Check, Verdict},
        sink::{Answered, BoxFuture, Receipt, Sink, TargetReply},
        store::Store,
    },
    engine::{diagnoser::Diagnoser, fetch::Fetcher, forward::Forwarder, rules::Rules, seen::Seen},
};

/// Bodies up to this size are checked before the answer; larger ones beside it, unless the answer
/// depends on the verdict (HMAC-SHA256 of 64 KiB takes about 0.05 ms).
const INLINE_CHECK: usize = 64 * 1024;

/// The most bytes of bodies that wait for a check beside their answers. Beyond it a sender waits for the
/// check, so that captures that the store has evicted do not stay in memory by waiting.
const MOST_WAITING: usize = 32 << 20;

/// Why a request of a web page is not sent on.
const FROM_PAGE: &str = "Not sent on by itself: a page of another site in a browser sent this request. \
                         Press r to send it all the same.";

/// Why a request that the endpoint rejects is not sent on.
const REJECTED: &str = "Not sent on by itself: its signature is not valid, and its endpoint rejects such \
                        requests (on_invalid). Press r to send it all the same.";

/// Why a request that could not be saved is not sent on.
const UNSAVED: &str = "Not sent on by itself: it could not be saved, so its sender was told to send it again. \
                       Press r to send it all the same.";

/// Takes requests from the server: recognises, checks, keeps, and sends them on.
pub struct Feed {
    store: Arc<Store>,
    /// The session file that captures are committed to, where there is one.
    archive: Option<Archive>,
    rules: Arc<RwLock<Arc<Rules>>>,
    forwarder: Forwarder,
    diagnoser: Diagnoser,
    fetcher: Fetcher,
    seen: Seen,
    /// Bytes of bodies that wait for a check.
    waiting: Arc<AtomicUsize>,
}

impl Feed {
    /// A feed into a store, and into a session file before it.
    #[must_use]
    pub fn new(
        store: Arc<Store>,
        archive: Option<Archive>,
        rules: Arc<RwLock<Arc<Rules>>>,
        forwarder: Forwarder,
        diagnoser: Diagnoser,
        fetcher: Fetcher,
    ) -> Self {
        Self {
            store,
            archive,
            rules,
            forwarder,
            diagnoser,
            fetcher,
            seen: Seen::default(),
            waiting: Arc::default(),
        }
    }

    async fn take(&self, incoming: Incoming) -> Receipt {
        let rules = Rules::current(&self.rules);
        let head = Head::new(&incoming.head);
        let found = rules.endpoints.find(head.method(), head.target());
        let endpoint = found.map(|(_, endpoint)| endpoint);
        let refused = incoming.cut == Some(Cut::Refused);
        let forced = endpoint.and_then(|endpoint| endpoint.provider.as_deref());
        let mut origin =
            catch_unwind(AssertUnwindSafe(|| rules.catalog.recognise(head, &incoming.body, forced)))
                .unwrap_or_default();
        if let (Some(provider), Some(id)) = (&origin.provider, &origin.delivery_id) {
            let seen = self.seen.attempt(provider, id);
            origin.attempt = origin.attempt.or(Some(seen)).map(|attempt| attempt.max(1));
        }
        let decides = endpoint.is_some_and(|endpoint| endpoint.on_invalid.is_some());
        let index = found.map(|(index, _)| index);
        let name = endpoint.map(|endpoint| Arc::clone(&endpoint.name));
        let forwards = !refused && incoming.cut.is_none() && rules.forwards(index);
        let from_page = forwards && rules.from_web_page(head);
        let waits = endpoint.is_some_and(|endpoint| endpoint.forward_response);

        let capture = Capture::new(incoming, name, origin);
        let (capture, check) = if refused {
            (Some(capture), Some(Check::bare(Verdict::Unknown)))
        } else if capture.body().len() <= INLINE_CHECK {
            let check = guarded(|| rules.check(&capture, index));
            (Some(capture), Some(check))
        } else if decides || self.waiting.load(Ordering::Relaxed) > MOST_WAITING {
            check_beside(&rules, capture, index).await
        } else {
            (Some(capture), None)
        };
        let Some(capture) = capture else {
            return Receipt { id: CaptureId(0), verdict: None, handshake: None, saved: false };
        };
        let verdict = check.as_ref().map(|check| check.verdict);
        let met = AssertUnwindSafe(|| rules.handshake(&capture, index, check.as_ref()));
        let handshake = catch_unwind(met).ok().flatten();
        let check = check.map(Diagnoser::mark);
        let failed = check.as_ref().is_some_and(|check| check.searching);
        let lacks = if rules.fetch_keys { check.clone() } else { None };

        let (capture, saved) = self.keep(capture, check).await;
        let id = capture.id();
        if let Some(check) = &lacks {
            self.fetcher.key_for(&rules, &capture, check);
        }
        if let Some(learned) = handshake.as_ref().and_then(|handshake| handshake.learned.as_ref()) {
            rules.extra.learn(learned, id, capture.head().target());
        }
        if verdict.is_none() {
            self.check_later(rules.clone(), capture, index);
        } else if failed {
            self.diagnoser.ask(id);
        }
        if forwards {
            if !saved {
                self.forwarder.withhold(id, rules.targets(index), UNSAVED);
            } else if from_page {
                self.forwarder.withhold(id, rules.targets(index), FROM_PAGE);
            } else if decides && verdict.is_some_and(|verdict| verdict != Verdict::Valid) {
                self.forwarder.withhold(id, rules.targets(index), REJECTED);
            } else {
                self.forwarder.forward(id, rules.targets(index), waits);
            }
        }
        Receipt { id, verdict, handshake, saved }
    }

    /// Commits a capture to the session file, where there is one, then shows it: a 2xx may leave only after
    /// both. Says whether it is committed.
    async fn keep(&self, capture: Capture, check: Option<Check>) -> (Arc<Capture>, bool) {
        let Some(archive) = &self.archive else { return (self.store.push(capture, check), true) };
        let capture = Arc::new(capture.numbered(self.store.reserve()));
        let check = check.map(Arc::new);
        let saved = archive.keep(Arc::clone(&capture), check.clone(), None).await.is_ok();
        self.store.put(Arc::clone(&capture), check, if saved { Keeping::File } else { Keeping::Unsaved });
        (capture, saved)
    }

    fn check_later(&self, rules: Arc<Rules>, capture: Arc<Capture>, index: Option<usize>) {
        let (store, waiting) = (Arc::clone(&self.store), Arc::clone(&self.waiting));
        let (diagnoser, fetcher) = (self.diagnoser.clone(), self.fetcher.clone());
        let runtime = tokio::runtime::Handle::current();
        waiting.fetch_add(capture.body().len(), Ordering::Relaxed);
        tokio::task::spawn_blocking(move || {
            let check = Diagnoser::mark(guarded(|| rules.check(&capture, index)));
            let (id, failed) = (capture.id(), check.searching);
            {
                let _entered = runtime.enter();
                fetcher.key_for(&rules, &capture, &check);
            }
            store.checked(id, check);
            if failed {
                diagnoser.ask(id);
            }
            waiting.fetch_sub(capture.body().len(), Ordering::Relaxed);
        });
    }
}

impl Sink for Feed {
    fn accept(&self, incoming: Incoming) -> BoxFuture<'_, Receipt> {
        Box::pin(self.take(incoming))
    }

    fn target_reply(&self, id: CaptureId) -> BoxFuture<'_, Option<TargetReply>> {
        Box::pin(self.forwarder.reply(id))
    }

    fn answered(&self, id: CaptureId, answered: Answered) {
        self.forwarder.forget(id);
        self.store.answered(id, answered);
    }
}

/// Runs a check. A request that makes it panic is kept all the same; the panic is told elsewhere.
fn guarded(check: impl FnOnce() -> Check) -> Check {
    catch_unwind(AssertUnwindSafe(check)).unwrap_or_else(|_| Check::bare(Verdict::Unknown))
}

/// Checks a large body on the blocking pool, so that it holds up no other connection, and gives the
/// capture back.
async fn check_beside(
    rules: &Arc<Rules>,
    capture: Capture,
    index: Option<usize>,
) -> (Option<Capture>, Option<Check>) {
    let shared = Arc::new(capture);
    let (rules, theirs) = (Arc::clone(rules), Arc::clone(&shared));
    let check = tokio::task::spawn_blocking(move || guarded(|| rules.check(&theirs, index))).await;
    (Arc::into_inner(shared), Some(check.unwrap_or_else(|_| Check::bare(Verdict::Unknown))))
}
