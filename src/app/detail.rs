//! The capture that is looked at: its record, the pane, and what the pane waits for.

use std::sync::Arc;

use crate::{
    app::{
        content::{Lines, SignatureView},
        effect::{Effect, View},
        model::{Need, PaneInfo},
        msg::Ticket,
    },
    domain::{
        capture::CaptureId,
        delivery::Delivery,
        record::Record,
        redact::{self, Redaction},
    },
};

/// Bytes of bodies up to which a record is redacted between two frames.
const AT_ONCE: usize = 64 * 1024;

/// Something that is made elsewhere.
#[derive(Clone, Debug)]
pub enum Slot<T> {
    /// Not asked for.
    Empty,
    /// Asked for.
    Waiting(Ticket),
    /// There.
    Ready(Ticket, T),
}

impl<T> Slot<T> {
    /// What there is.
    pub const fn get(&self) -> Option<&T> {
        match self {
            Self::Ready(_, value) => Some(value),
            _ => None,
        }
    }

    /// Takes a result in, if it is the one waited for; a later result of the same ticket replaces an
    /// earlier one.
    fn put(&mut self, ticket: Ticket, value: T) -> bool {
        let wanted = matches!(self, Self::Waiting(t) | Self::Ready(t, _) if *t == ticket);
        if wanted {
            *self = Self::Ready(ticket, value);
        }
        wanted
    }
}

/// Where one stands in a pane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scroll {
    /// Lines above the first one shown.
    pub line: usize,
    /// Columns left of the first one shown.
    pub column: usize,
}

/// The detail side of the screen.
#[derive(Debug)]
pub struct Detail {
    /// The capture with everything known about it; kept while it is looked at, evicted or not.
    pub record: Option<Record>,
    /// Whether the store no longer has it.
    pub gone: bool,
    /// Why there is no record of the selected capture, though its line is there.
    pub unreadable: Option<String>,
    /// Which pane is shown.
    pub pane: usize,
    scrolls: Vec<Scroll>,
    decoded: Slot<Arc<dyn Lines>>,
    raw: Slot<Arc<dyn Lines>>,
    /// What is hidden, while something is.
    hiding: Option<Arc<Redaction>>,
    /// The record as it was when it was redacted, and what became of it.
    redacted: Slot<Box<(Record, Record)>>,
    /// What may be seen of the record.
    shown: Option<Record>,
    /// The detailed check of the signature.
    pub report: Slot<Arc<SignatureView>>,
    tickets: u64,
}

impl Default for Detail {
    fn default() -> Self {
        Self {
            record: None,
            gone: false,
            unreadable: None,
            pane: 0,
            scrolls: Vec::new(),
            decoded: Slot::Empty,
            raw: Slot::Empty,
            hiding: None,
            redacted: Slot::Empty,
            shown: None,
            report: Slot::Empty,
            tickets: 0,
        }
    }
}

impl Detail {
    /// The number of the capture that is shown.
    #[must_use]
    pub fn id(&self) -> Option<CaptureId> {
        self.record.as_ref().map(|record| record.capture.id())
    }

    /// The body in a view, if it is there.
    #[must_use]
    pub fn document(&self, view: View) -> Option<&Arc<dyn Lines>> {
        match view {
            View::Decoded => self.decoded.get(),
            View::Raw => self.raw.get(),
        }
    }

    /// Where one stands in the pane that is shown.
    #[must_use]
    pub fn scroll(&self) -> Scroll {
        self.scrolls.get(self.pane).copied().unwrap_or_default()
    }

    /// Where one stands, to change it.
    pub fn scroll_mut(&mut self) -> &mut Scroll {
        if self.scrolls.len() <= self.pane {
            self.scrolls.resize(self.pane + 1, Scroll::default());
        }
        &mut self.scrolls[self.pane]
    }

    /// Takes in a record: a new capture begins at its top, news about the same one change nothing else.
    pub fn open(&mut self, record: Record) {
        self.gone = false;
        self.unreadable = None;
        if self.id() == Some(record.capture.id()) {
            let same_check = match (self.record.as_ref().and_then(|r| r.check.as_ref()), &record.check) {
                (Some(old), Some(new)) => Arc::ptr_eq(old, new),
                (None, None) => true,
                _ => false,
            };
            if !same_check {
                self.report = Slot::Empty;
            }
        } else {
            self.scrolls.clear();
            self.decoded = Slot::Empty;
            self.raw = Slot::Empty;
            self.report = Slot::Empty;
            self.redacted = Slot::Empty;
        }
        self.record = Some(record);
        self.settle();
    }

    /// What may be seen of the record: all of it, or what is left while something is hidden; `None`
    /// while that is being made.
    #[must_use]
    pub const fn shown(&self) -> Option<&Record> {
        self.shown.as_ref()
    }

    /// Hides something from now on, or nothing. What was made readable is made anew.
    pub fn hide(&mut self, hiding: Option<Arc<Redaction>>) {
        self.hiding = hiding;
        self.redacted = Slot::Empty;
        self.decoded = Slot::Empty;
        self.raw = Slot::Empty;
        self.settle();
    }

    /// Takes in a redacted record; whether it was waited for.
    pub fn hidden(&mut self, ticket: Ticket, of: Record, record: Record) -> bool {
        let wanted = self.redacted.put(ticket, Box::new((of, record)));
        if wanted {
            self.settle();
        }
        wanted
    }

    /// Finds out what may be seen. Small records are redacted at once, large ones off this thread.
    fn settle(&mut self) {
        let (Some(record), Some(rules)) = (&self.record, &self.hiding) else {
            self.shown = self.record.clone();
            return;
        };
        let size = |record: &Record| {
            let reply = |delivery: &Arc<Delivery>| {
                let outcome = delivery.outcome.as_ref()?;
                Some(outcome.result.as_ref().ok()?.body.len())
            };
            record.capture.body().len() + record.deliveries.iter().filter_map(reply).sum::<usize>()
        };
        let new = match self.redacted.get() {
            Some(before) => redact::renewed(record, (&before.0, &before.1), rules),
            None if size(record) <= AT_ONCE => redact::record(record, rules),
            None => {
                self.shown = None;
                return;
            }
        };
        let ticket = match self.redacted {
            Slot::Ready(ticket, _) | Slot::Waiting(ticket) => ticket,
            Slot::Empty => Ticket::default(),
        };
        self.redacted = Slot::Ready(ticket, Box::new((record.clone(), new.clone())));
        self.shown = Some(new);
    }

    /// Shows no capture, and why, if there is one that cannot be shown.
    pub fn close(&mut self, why: Option<String>) {
        (self.record, self.shown, self.gone, self.unreadable) = (None, None, false, why);
    }

    /// Asks again for the signature report, because secrets may have changed.
    pub fn forget_report(&mut self) {
        self.report = Slot::Empty;
    }

    /// Takes in a document; whether it was waited for.
    pub fn decoded(&mut self, ticket: Ticket, document: Arc<dyn Lines>) -> bool {
        self.decoded.put(ticket, Arc::clone(&document)) || self.raw.put(ticket, document)
    }

    /// What the pane needs and nobody was asked for yet.
    pub fn wants(&mut self, pane: Option<&PaneInfo>) -> Vec<Effect> {
        let Some(record) = self.record.clone() else { return Vec::new() };
        let mut effects = Vec::new();
        if let (Some(rules), Slot::Empty) = (&self.hiding, &self.redacted) {
            let ticket = Ticket(self.tickets + 1);
            self.tickets += 1;
            effects.push(Effect::Hide { ticket, record: record.clone(), rules: Arc::clone(rules) });
            self.redacted = Slot::Waiting(ticket);
        }
        for need in pane.map_or(&[][..], |pane| pane.needs) {
            let ticket = Ticket(self.tickets + 1);
            match need {
                Need::Document(view) => {
                    // Of a body of which something is hidden nothing else is ever made readable.
                    let Some(capture) = self.shown.as_ref().map(|shown| Arc::clone(&shown.capture)) else {
                        continue;
                    };
                    let slot = match view {
                        View::Decoded => &mut self.decoded,
                        View::Raw => &mut self.raw,
                    };
                    if matches!(slot, Slot::Empty) {
                        *slot = Slot::Waiting(ticket);
                        self.tickets += 1;
                        effects.push(Effect::Decode { ticket, capture, view: *view });
                    }
                }
                Need::Report => effects.extend(self.wants_report()),
                Need::Clock => {}
            }
        }
        effects
    }

    /// The detailed check, where nobody was asked for it yet.
    pub fn wants_report(&mut self) -> Option<Effect> {
        let capture = Arc::clone(&self.record.as_ref()?.capture);
        if !matches!(self.report, Slot::Empty) {
            return None;
        }
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.report = Slot::Waiting(ticket);
        Some(Effect::Report { ticket, capture })
    }

    /// Takes in a report; whether it was waited for.
    pub fn reported(&mut self, ticket: Ticket, report: Arc<SignatureView>) -> bool {
        self.report.put(ticket, report)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        capture::{Capture, HttpVersion, Incoming},
        signature::{Check, Verdict},
        store::{Limits, Store},
        summary::Origin,
        time::Timestamp,
    };

    #[derive(Debug)]
    struct Named(&'static str);

    impl Lines for Named {
        fn kind(&self) -> &str {
            self.0
        }
        fn note(&self) -> Option<&str> {
            None
        }
        fn complete(&self) -> bool {
            true
        }
        fn count(&self) -> usize {
            0
        }
        fn line(&self, _: usize, _: usize, _: usize, _: bool) -> Vec<(crate::app::content::Role, String)> {
            Vec::new()
        }
    }

    const PANE: PaneInfo =
        PaneInfo { id: "p", title: "P", needs: &[Need::Document(View::Decoded), Need::Report] };

    fn store() -> Store {
        let store = Store::new(Limits { bytes: 1 << 20, count: 10 }, || ());
        for _ in 0..2 {
            let incoming = Incoming {
                received_at: Timestamp::from_micros(0),
                remote: ([127, 0, 0, 1], 1).into(),
                version: HttpVersion::Http11,
                head: b"GET / HTTP/1.1\r\n\r\n".to_vec(),
                body: Vec::new(),
                trailers: Vec::new(),
                cut: None,
                announced: None,
                refusal: None,
            };
            store.push(Capture::new(incoming, None, Origin::default()), None);
        }
        store
    }

    fn tickets(effects: &[Effect]) -> Vec<u64> {
        let ticket = |effect: &Effect| match effect {
            Effect::Decode { ticket, .. } | Effect::Report { ticket, .. } => Some(ticket.0),
            _ => None,
        };
        effects.iter().filter_map(ticket).collect()
    }

    fn kind(detail: &Detail) -> Option<&str> {
        detail.document(View::Decoded).map(|document| document.kind())
    }

    #[test]
    fn a_stale_result_is_dropped_and_a_later_one_replaces_an_earlier() {
        let store = store();
        let mut detail = Detail::default();
        detail.open(store.get(CaptureId(1)).unwrap());
        assert_eq!(tickets(&detail.wants(Some(&PANE))), [1, 2]);
        assert!(detail.wants(Some(&PANE)).is_empty(), "nothing is asked for twice");
        detail.open(store.get(CaptureId(2)).unwrap());
        assert_eq!(tickets(&detail.wants(Some(&PANE))), [3, 4]);
        assert!(!detail.decoded(Ticket(1), Arc::new(Named("stale"))));
        assert_eq!(kind(&detail), None);
        assert!(detail.decoded(Ticket(3), Arc::new(Named("first"))));
        assert!(detail.decoded(Ticket(3), Arc::new(Named("whole"))));
        assert_eq!(kind(&detail), Some("whole"));
    }

    #[test]
    fn news_about_the_same_capture_keep_the_place() {
        let store = store();
        let mut detail = Detail::default();
        detail.open(store.get(CaptureId(1)).unwrap());
        detail.wants(Some(&PANE));
        detail.decoded(Ticket(1), Arc::new(Named("body")));
        detail.scroll_mut().line = 7;
        store.checked(CaptureId(1), Check::bare(Verdict::Valid));
        detail.open(store.get(CaptureId(1)).unwrap());
        assert_eq!((detail.scroll().line, kind(&detail)), (7, Some("body")));
        let again = detail.wants(Some(&PANE));
        assert!(matches!(again[..], [Effect::Report { .. }]), "another check needs another report");
        detail.open(store.get(CaptureId(2)).unwrap());
        assert_eq!((detail.scroll().line, kind(&detail)), (0, None));
    }
}
