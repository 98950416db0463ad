//! What a list shows of a capture, small enough to keep for a million of them.

use std::{net::SocketAddr, sync::Arc};

use crate::domain::{
    capture::{CaptureId, Cut, HttpVersion, Incoming},
    time::Timestamp,
};

/// Longest piece of a target, event type or delivery id that a summary keeps, in bytes. The capture
/// has all of it.
pub const LONGEST_TEXT: usize = 512;

/// The facts about a capture that lists, titles and one-line outputs need. It holds no body.
#[derive(Debug, PartialEq, Eq)]
pub struct Summary {
    /// The number; 0 until the store gives one.
    pub id: CaptureId,
    /// When the head was complete.
    pub received_at: Timestamp,
    /// The peer's address.
    pub remote: SocketAddr,
    /// The protocol version.
    pub version: HttpVersion,
    /// Why the capture is not complete, if it is not.
    pub cut: Option<Cut>,
    /// The method as sent, cut at [`LONGEST_TEXT`].
    pub method: Box<[u8]>,
    /// The target as sent, cut at [`LONGEST_TEXT`].
    pub target: Box<[u8]>,
    /// Bytes of the body that are kept.
    pub size: u64,
    /// Bytes of the body that the sender announced, where it did and they differ from `size`.
    pub announced: Option<u64>,
    /// The content type as sent, cut at [`LONGEST_TEXT`].
    pub content_type: Option<Box<[u8]>>,
    /// The endpoint that matched.
    pub endpoint: Option<Arc<str>>,
    /// Who sent it.
    pub origin: Origin,
}

/// Who sent a request and what it is about, as far as its headers and body tell. All text here is
/// the sender's: hostile until made visible.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The provider's id in the catalogue (`github`).
    pub provider: Option<Arc<str>>,
    /// The event type (`invoice.paid`).
    pub event: Option<Box<str>>,
    /// The provider's id of this delivery, the same when it is sent again.
    pub delivery_id: Option<Box<str>>,
    /// Which attempt this is, from 1, where the provider says so or the delivery id was seen before.
    pub attempt: Option<u32>,
}

impl Summary {
    /// The summary of a request that was just received and has no number yet.
    #[must_use]
    pub fn of(incoming: &Incoming, endpoint: Option<Arc<str>>, origin: Origin) -> Self {
        let head = crate::domain::headers::Head::new(&incoming.head);
        let size = incoming.body.len() as u64;
        Self {
            id: CaptureId(0),
            received_at: incoming.received_at,
            remote: incoming.remote,
            version: incoming.version,
            cut: incoming.cut,
            method: shorten(head.method()),
            target: shorten(head.target()),
            size,
            announced: incoming.announced.filter(|&announced| announced != size),
            content_type: head.get("content-type").map(shorten),
            endpoint,
            origin,
        }
    }

    /// Bytes of memory that a summary costs, about.
    #[must_use]
    pub fn cost(&self) -> u64 {
        let text = self.method.len()
            + self.target.len()
            + self.content_type.as_ref().map_or(0, |t| t.len())
            + self.origin.event.as_ref().map_or(0, |t| t.len())
            + self.origin.delivery_id.as_ref().map_or(0, |t| t.len());
        (size_of::<Self>() + text) as u64
    }
}

fn shorten(bytes: &[u8]) -> Box<[u8]> {
    Box::from(&bytes[..bytes.len().min(LONGEST_TEXT)])
}
