//! What is to be sent: every byte of it, and where to.

use std::{fmt, sync::Arc};

use crate::domain::{
    capture::{Capture, CaptureId},
    delivery::DeliveryKind,
    target::Target,
};

/// One request, ready to be written to a connection: [`head`](Self::head) and then
/// [`body`](Self::body) are all that goes over the wire.
///
/// Only [`plan`](super::plan) makes one, so the head is known to be sound: one request line, whole
/// header lines, framing that agrees with the body, and an empty line at its end only. The body is not
/// copied; the capture is shared.
#[derive(Clone)]
pub struct Outgoing {
    pub(super) target: Target,
    pub(super) kind: DeliveryKind,
    pub(super) head: Vec<u8>,
    pub(super) url: String,
    pub(super) is_head_method: bool,
    pub(super) source: Arc<Capture>,
}

impl Outgoing {
    /// The number of the capture that is sent.
    #[must_use]
    pub fn capture(&self) -> CaptureId {
        self.source.id()
    }

    /// Why it is sent.
    #[must_use]
    pub const fn kind(&self) -> DeliveryKind {
        self.kind
    }

    /// Where the connection goes. Nothing in the request changes it.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// The whole URL for people. The request's own part is hostile text until it is made visible; bytes
    /// that are not UTF-8 are replaced in it, though not in the head.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The exact bytes of the head, the empty line at its end included.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// The exact bytes of the body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.source.body()
    }

    /// Whether the method is `HEAD`, whose response never has a body.
    #[must_use]
    pub const fn is_head_method(&self) -> bool {
        self.is_head_method
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Heads carry authorization and cookies: a log line must not.
        f.debug_struct("Outgoing")
            .field("capture", &self.source.id())
            .field("kind", &self.kind)
            .field("target", &self.target)
            .field("head_bytes", &self.head.len())
            .field("body_bytes", &self.body().len())
            .finish_non_exhaustive()
    }
}
