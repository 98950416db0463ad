//! A delivery: one sending of a capture to a target, with its response.

use std::{sync::Arc, time::Duration};

use crate::domain::{capture::CaptureId, memory, time::Timestamp};

/// Why a capture was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryKind {
    /// Sent on by itself as it arrived.
    Forward,
    /// Sent again by a person.
    Replay,
    /// Sent to test a handler.
    Test,
}

impl DeliveryKind {
    /// The word in JSON output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Replay => "replay",
            Self::Test => "test",
        }
    }
}

/// One sending of a capture.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// What was sent.
    pub capture: CaptureId,
    /// Which sending of this capture it is, from 1.
    pub attempt: u32,
    /// Why it was sent.
    pub kind: DeliveryKind,
    /// The whole URL it was sent to, without user information.
    pub url: Arc<str>,
    /// When the sending began.
    pub started_at: Timestamp,
    /// How it went; `None` while it is under way.
    pub outcome: Option<Outcome>,
}

/// How a sending went.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// From the first byte of connecting to the last byte of the response.
    pub took: Duration,
    /// The response, or one sentence that says what happened and what to do.
    pub result: Result<Reply, String>,
}

/// A header field as sent: name and value.
pub type RawField = (Box<[u8]>, Box<[u8]>);

/// A response as a target gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The reason phrase as sent; mostly the standard one.
    pub reason: Box<str>,
    /// Header names and values as sent, in order.
    pub headers: Vec<RawField>,
    /// The body, at most as much of it as the client keeps.
    pub body: Arc<[u8]>,
    /// The whole size of the body in bytes when only its first part is kept.
    pub cut_from: Option<u64>,
}

impl Delivery {
    /// Bytes of memory that keeping this delivery costs.
    #[must_use]
    pub fn cost(&self) -> u64 {
        let text = |bytes: usize| memory::allocation(bytes);
        let outcome = match &self.outcome {
            Some(Outcome { result: Ok(reply), .. }) => {
                let fields = reply.headers.iter().map(|(name, value)| text(name.len()) + text(value.len()));
                text(2 * size_of::<usize>() + reply.body.len())
                    + text(reply.headers.capacity() * size_of::<RawField>())
                    + text(reply.reason.len())
                    + fields.sum::<u64>()
            }
            Some(Outcome { result: Err(sentence), .. }) => text(sentence.capacity()),
            None => 0,
        };
        memory::shared::<Self>() + text(2 * size_of::<usize>() + self.url.len()) + outcome
    }
}
