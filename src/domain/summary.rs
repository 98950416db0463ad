//! What a list shows of a capture, small enough to keep for a million of them.

use std::{
    net::SocketAddr,
    num::{NonZeroU32, NonZeroU64},
    sync::Arc,
};

use crate::domain::{
    capture::{CaptureId, Cut, HttpVersion, Incoming},
    headers::Head,
    memory,
    packed::Packed,
    time::Timestamp,
};

/// Longest piece of a target, event type or delivery id that a summary keeps, in bytes. The capture
/// has all of it.
pub const LONGEST_TEXT: usize = 512;

/// The facts about a capture that lists, titles and one-line outputs need. It holds no body. All text
/// in it is the sender's: hostile until made visible.
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
    /// Bytes of the body that are kept.
    pub size: u64,
    /// The endpoint that matched.
    pub endpoint: Option<Arc<str>>,
    /// The provider's id in the catalogue (`github`).
    pub provider: Option<Arc<str>>,
    announced: Option<NonZeroU64>,
    attempt: Option<NonZeroU32>,
    /// Method, target, content type, event and delivery id, in this order.
    texts: Packed<5>,
}

/// Everything that a summary holds, for whoever stores it and makes it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts<'a> {
    /// The number.
    pub id: CaptureId,
    /// When the head was complete.
    pub received_at: Timestamp,
    /// The peer's address.
    pub remote: SocketAddr,
    /// The protocol version.
    pub version: HttpVersion,
    /// Why the capture is not complete, if it is not.
    pub cut: Option<Cut>,
    /// Bytes of the body that are kept.
    pub size: u64,
    /// Bytes of the body that the sender announced, where they differ from `size`.
    pub announced: Option<u64>,
    /// The endpoint that matched.
    pub endpoint: Option<Arc<str>>,
    /// The provider's id in the catalogue (`github`).
    pub provider: Option<Arc<str>>,
    /// Which attempt this is, from 1.
    pub attempt: Option<u32>,
    /// Method, target, content type, event and delivery id, in this order, each cut at [`LONGEST_TEXT`]:
    /// a character of the last two may be cut in two.
    pub texts: [Option<&'a [u8]>; 5],
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
        let head = Head::new(&incoming.head);
        let size = incoming.body.len() as u64;
        let texts = [
            Some(head.method()),
            Some(head.target()),
            head.get("content-type"),
            origin.event.as_deref().map(str::as_bytes),
            origin.delivery_id.as_deref().map(str::as_bytes),
        ];
        Self {
            id: CaptureId(0),
            received_at: incoming.received_at,
            remote: incoming.remote,
            version: incoming.version,
            cut: incoming.cut,
            size,
            announced: incoming.announced.filter(|&announced| announced != size).and_then(NonZeroU64::new),
            endpoint,
            provider: origin.provider,
            attempt: origin.attempt.and_then(NonZeroU32::new),
            texts: Packed::new(texts.map(|text| text.map(shorten))),
        }
    }

    /// A summary as it was before it was stored.
    #[must_use]
    pub fn restored(facts: Facts<'_>) -> Self {
        Self {
            id: facts.id,
            received_at: facts.received_at,
            remote: facts.remote,
            version: facts.version,
            cut: facts.cut,
            size: facts.size,
            announced: facts.announced.filter(|&bytes| bytes != facts.size).and_then(NonZeroU64::new),
            endpoint: facts.endpoint,
            provider: facts.provider,
            attempt: facts.attempt.and_then(NonZeroU32::new),
            texts: Packed::new(facts.texts.map(|text| text.map(shorten))),
        }
    }

    /// Everything in it, to store it.
    #[must_use]
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            id: self.id,
            received_at: self.received_at,
            remote: self.remote,
            version: self.version,
            cut: self.cut,
            size: self.size,
            announced: self.announced(),
            endpoint: self.endpoint.clone(),
            provider: self.provider.clone(),
            attempt: self.attempt(),
            texts: std::array::from_fn(|place| self.texts.get(place)),
        }
    }

    /// Bytes of the body that the sender announced, where it did and they differ from `size`.
    #[must_use]
    pub fn announced(&self) -> Option<u64> {
        self.announced.map(NonZeroU64::get)
    }

    /// The method as sent, cut at [`LONGEST_TEXT`].
    #[must_use]
    pub fn method(&self) -> &[u8] {
        self.texts.get(0).unwrap_or_default()
    }

    /// The target as sent, cut at [`LONGEST_TEXT`].
    #[must_use]
    pub fn target(&self) -> &[u8] {
        self.texts.get(1).unwrap_or_default()
    }

    /// The content type as sent, cut at [`LONGEST_TEXT`].
    #[must_use]
    pub fn content_type(&self) -> Option<&[u8]> {
        self.texts.get(2)
    }

    /// The event type (`invoice.paid`).
    #[must_use]
    pub fn event(&self) -> Option<&str> {
        self.texts.get(3).map(whole_text)
    }

    /// The provider's id of this delivery, the same when it is sent again.
    #[must_use]
    pub fn delivery_id(&self) -> Option<&str> {
        self.texts.get(4).map(whole_text)
    }

    /// Which attempt this is, from 1, where the provider says so or the delivery id was seen before.
    #[must_use]
    pub fn attempt(&self) -> Option<u32> {
        self.attempt.map(NonZeroU32::get)
    }

    /// Bytes of memory that a summary costs.
    #[must_use]
    pub fn cost(&self) -> u64 {
        memory::shared::<Self>() + memory::allocation(self.texts.len())
    }
}

fn shorten(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len().min(LONGEST_TEXT)]
}

/// A text that went in as one; a character that was cut in two at its end is left out.
fn whole_text(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_small_and_its_texts_are_bounded() {
        let long = "\u{e9}".repeat(LONGEST_TEXT);
        let incoming = Incoming {
            received_at: Timestamp::default(),
            remote: ([127, 0, 0, 1], 1).into(),
            version: HttpVersion::Http11,
            head: format!("POST /{long} HTTP/1.1\r\nContent-Type: a/b\r\n\r\n").into_bytes(),
            body: Vec::new(),
            trailers: Vec::new(),
            cut: None,
            announced: Some(0),
            refusal: None,
        };
        let origin = Origin {
            event: Some(format!("x{long}").into()),
            delivery_id: Some("".into()),
            ..Origin::default()
        };
        let summary = Summary::of(&incoming, None, origin);
        assert_eq!((summary.method(), summary.target().len()), (&b"POST"[..], LONGEST_TEXT));
        assert_eq!(summary.content_type(), Some(&b"a/b"[..]));
        assert_eq!(summary.event().map(str::len), Some(LONGEST_TEXT - 1));
        assert_eq!((summary.delivery_id(), summary.attempt()), (Some(""), None));
        assert_eq!(summary.announced(), None);
        assert_eq!(Summary::restored(summary.facts()), summary);
        assert!(size_of::<Summary>() <= 136, "{}", size_of::<Summary>());
    }
}
