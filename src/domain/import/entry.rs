//! One capture that was read from a file, with all that the file tells about it.

use std::{net::SocketAddr, sync::Arc};

use crate::domain::{
    capture::{Capture, CaptureId, Cut, HttpVersion, Incoming},
    delivery::Delivery,
    headers::Head,
    import::{Form, Imported},
    record::{Deliveries, Record, Remark},
    signature::Check,
    sink::Answered,
    summary::Origin,
    time::Timestamp,
};

/// A capture out of a file, before it has a number of its own. Nothing is sent by itself, and no file
/// that it names is read.
#[derive(Debug)]
pub struct Entry {
    /// What it was read from.
    pub form: Form,
    /// The number that it had where it came from.
    pub id: Option<CaptureId>,
    /// The request.
    pub incoming: Incoming,
    /// The endpoint that matched.
    pub endpoint: Option<Arc<str>>,
    /// Who sent it, as far as the file tells; a foreign file tells nothing.
    pub origin: Origin,
    /// What the check said.
    pub check: Option<Check>,
    /// Why.
    pub explanation: String,
    /// What was answered.
    pub answered: Option<Answered>,
    /// Every sending of it.
    pub deliveries: Vec<Delivery>,
    /// A mark and a note.
    pub remark: Option<Remark>,
    /// The whole URL, where the file has one.
    pub url: Option<String>,
    /// What a person should know about the reading, a sentence each.
    pub notes: Vec<&'static str>,
}

impl Entry {
    /// An entry that is nothing but a request. `now` is its arrival where the file has none.
    pub(super) fn of(found: Imported, now: Timestamp) -> Self {
        let version = version_of(&found.head);
        let cut = (!found.complete).then_some(Cut::Aborted);
        Self {
            form: found.form,
            id: None,
            incoming: Incoming {
                received_at: found.received_at.unwrap_or(now),
                remote: SocketAddr::from(([0, 0, 0, 0], 0)),
                version,
                head: found.head,
                body: found.body,
                trailers: found.trailers,
                cut,
                announced: None,
                refusal: None,
            },
            endpoint: None,
            origin: Origin { provider: found.provider.map(Arc::from), ..Origin::default() },
            check: None,
            explanation: String::new(),
            answered: None,
            deliveries: Vec::new(),
            remark: None,
            url: found.url,
            notes: found.notes,
        }
    }

    /// The record under a number.
    #[must_use]
    pub fn into_record(self, id: CaptureId) -> Record {
        let capture = Capture::new(self.incoming, self.endpoint, self.origin).numbered(id);
        let mut deliveries = Deliveries::default();
        for delivery in self.deliveries {
            deliveries.push(Arc::new(Delivery { capture: id, ..delivery }));
        }
        Record {
            capture: Arc::new(capture),
            check: self.check.map(Arc::new),
            answered: self.answered,
            deliveries,
            remark: self.remark.map(Arc::new),
        }
    }
}

/// The version that a request line names.
fn version_of(head: &[u8]) -> HttpVersion {
    let line = Head::new(head).request_line();
    match line.rsplit(|&b| b == b' ').next().unwrap_or_default() {
        b"HTTP/1.0" => HttpVersion::Http10,
        b"HTTP/2" | b"HTTP/2.0" => HttpVersion::Http2,
        version if version.starts_with(b"HTTP/") => HttpVersion::Http11,
        _ => HttpVersion::Http09,
    }
}
