//! Where the server puts what it received: the one door between the listener and the rest.
//!
//! The server knows this trait only, so nothing of it depends on the store, the session file or the
//! screen.

use std::{pin::Pin, sync::Arc};

use crate::domain::{
    capture::{CaptureId, Incoming},
    delivery::Reply,
    handshake::{self, Handshake},
    signature::Verdict,
};

/// A future that a trait object can return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Takes requests in and keeps them.
pub trait Sink: Send + Sync + 'static {
    /// Keeps a request. When this returns with `saved`, the capture is committed: only then may a
    /// 2xx be sent.
    fn accept(&self, incoming: Incoming) -> BoxFuture<'_, Receipt>;

    /// Waits for the answer of the endpoint's first forward target to this capture.
    fn target_reply(&self, id: CaptureId) -> BoxFuture<'_, Option<TargetReply>>;

    /// Notes what was answered.
    fn answered(&self, id: CaptureId, answered: Answered);
}

/// What became of a request that was handed over.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// Its number.
    pub id: CaptureId,
    /// What the signature check said, where the answer depends on it; else `None`, and the check
    /// goes on by itself.
    pub verdict: Option<Verdict>,
    /// The answer that a provider's handshake wants, where the request is one.
    pub handshake: Option<Handshake>,
    /// Whether the capture is committed. If not, the sender must not hear a 2xx.
    pub saved: bool,
}

/// What a forward target answered, or why it could not.
#[derive(Clone, Debug)]
pub enum TargetReply {
    /// Its response.
    Answered(Arc<Reply>),
    /// It could not be reached or did not answer in time; the sentence says why.
    Failed(Arc<str>),
}

/// What was answered to the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The status code; 0 when the connection ended before an answer could be sent.
    pub status: u16,
    /// Who decided it.
    pub by: AnsweredBy,
}

/// Who decided an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnsweredBy {
    /// No endpoint said otherwise.
    Default,
    /// The endpoint's `respond` or `respond_sequence`.
    Endpoint,
    /// A provider's handshake.
    Handshake(handshake::Name),
    /// The forward target's own response.
    Forward,
    /// The endpoint's `on_invalid` or `rate_limit`.
    Rejected,
    /// The request was malformed, too large, too slow, or could not be kept.
    Refused,
}

impl AnsweredBy {
    /// The word in JSON output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Endpoint => "endpoint",
            Self::Handshake(_) => "handshake",
            Self::Forward => "forward",
            Self::Rejected => "rejected",
            Self::Refused => "refused",
        }
    }
}
