//! A capture: one received request, immutable, exactly as it was on the wire.

use std::{fmt, net::SocketAddr, sync::Arc};

use crate::domain::{
    headers::{Fields, Head},
    memory,
    summary::{Facts, Origin, Summary},
    time::Timestamp,
};

/// The number of a capture: sequential from 1 in the order of arrival, never used twice in a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaptureId(pub u64);

impl fmt::Display for CaptureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The protocol version that the sender spoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpVersion {
    /// HTTP/0.9, or a head without a version.
    Http09,
    /// HTTP/1.0.
    Http10,
    /// HTTP/1.1.
    Http11,
    /// HTTP/2. Names are lower case on this wire and the head is rebuilt from the decoded fields.
    Http2,
}

impl HttpVersion {
    /// The version as JSON output and the screen write it: `1.1`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http09 => "0.9",
            Self::Http10 => "1.0",
            Self::Http11 => "1.1",
            Self::Http2 => "2",
        }
    }
}

/// Why a capture is not complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The body was larger than the limit; its first part is kept. Answered 413.
    TooLarge,
    /// The sender closed the connection before the body was complete.
    Aborted,
    /// The sender stopped sending for longer than the limit. Answered 408.
    Timeout,
    /// The request was malformed or beyond a limit of the head, and was refused. The reason is in
    /// [`Capture::refusal()`].
    Refused,
}

impl Cut {
    /// The word in JSON output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::Aborted => "aborted",
            Self::Timeout => "timeout",
            Self::Refused => "refused",
        }
    }
}

/// What the server hands over for one request before it has a number.
#[derive(Debug)]
pub struct Incoming {
    /// When the head was complete (or, for a refused request, when it was refused).
    pub received_at: Timestamp,
    /// The peer's address.
    pub remote: SocketAddr,
    /// The protocol version.
    pub version: HttpVersion,
    /// The head: request line and header lines with the closing empty line, raw.
    pub head: Vec<u8>,
    /// The body with its transfer coding removed; the first part of it when it was cut. With room for
    /// the other parts behind it, it becomes the capture's block without being copied.
    pub body: Vec<u8>,
    /// Trailer lines after a chunked body, raw; mostly empty.
    pub trailers: Vec<u8>,
    /// Why the request is not complete, if it is not.
    pub cut: Option<Cut>,
    /// The whole size of the body in bytes where the sender announced it.
    pub announced: Option<u64>,
    /// For a refused request: one sentence that says what was wrong.
    pub refusal: Option<String>,
}

/// One received request. All its bytes stand in one block of exactly their size, so that nothing of
/// the reader's larger buffers stays in memory.
pub struct Capture {
    /// What a list shows of it; shared, so that a list does not hold the bytes.
    pub summary: Arc<Summary>,
    /// Body, head, trailers and the sentence of a refusal.
    block: Box<[u8]>,
    head_len: u32,
    trailers_len: u32,
    refusal_len: u32,
}

impl Capture {
    /// Joins the parts of a request into one block: that of the body, so that the largest part is not
    /// copied where it has room for the others. The number comes later, from the store.
    #[must_use]
    pub fn new(incoming: Incoming, endpoint: Option<Arc<str>>, origin: Origin) -> Self {
        let summary = Summary::of(&incoming, endpoint, origin);
        let refusal = incoming.refusal.unwrap_or_default();
        Self::restored(summary, incoming.body, &incoming.head, &incoming.trailers, &refusal)
    }

    /// A capture as it was before it was stored. With room for the other parts behind it, `body` becomes
    /// the capture's block without being copied.
    #[must_use]
    pub fn restored(summary: Summary, body: Vec<u8>, head: &[u8], trailers: &[u8], refusal: &str) -> Self {
        let parts = [head, trailers, refusal.as_bytes()];
        let mut block = body;
        block.reserve_exact(parts.iter().map(|part| part.len()).sum());
        parts.iter().for_each(|part| block.extend_from_slice(part));
        let [head_len, trailers_len, refusal_len] =
            parts.map(|part| u32::try_from(part.len()).unwrap_or(u32::MAX));
        let summary = Arc::new(summary);
        Self { summary, block: block.into_boxed_slice(), head_len, trailers_len, refusal_len }
    }

    /// The capture with its number, which is given once, before anything of it is shared.
    #[must_use]
    pub fn numbered(mut self, id: CaptureId) -> Self {
        if let Some(summary) = Arc::get_mut(&mut self.summary) {
            summary.id = id;
        }
        self
    }

    /// A copy of the capture under another number.
    #[must_use]
    pub fn renumbered(&self, id: CaptureId) -> Self {
        let summary = Summary::restored(Facts { id, ..self.summary.facts() });
        let refusal = self.refusal().unwrap_or_default();
        Self::restored(summary, self.body().to_vec(), self.head().raw(), self.trailers(), refusal)
    }

    /// The number.
    #[must_use]
    pub fn id(&self) -> CaptureId {
        self.summary.id
    }

    /// The head as sent.
    #[must_use]
    pub fn head(&self) -> Head<'_> {
        Head::new(&self.block[self.after_body()..self.after_head()])
    }

    /// The body, exact.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.block[..self.after_body()]
    }

    /// The trailer lines, raw.
    #[must_use]
    pub fn trailers(&self) -> &[u8] {
        &self.block[self.after_head()..self.after_trailers()]
    }

    /// One sentence for a refused request.
    #[must_use]
    pub fn refusal(&self) -> Option<&str> {
        std::str::from_utf8(&self.block[self.after_trailers()..]).ok().filter(|text| !text.is_empty())
    }

    /// The trailer fields in order.
    #[must_use]
    pub fn trailer_fields(&self) -> Fields<'_> {
        Fields::of_block(self.trailers())
    }

    /// Bytes of memory that keeping this capture costs, its bookkeeping included.
    #[must_use]
    pub fn cost(&self) -> u64 {
        memory::shared::<Self>() + memory::allocation(self.block.len()) + self.summary.cost()
    }

    const fn after_body(&self) -> usize {
        self.after_head() - self.head_len as usize
    }

    const fn after_head(&self) -> usize {
        self.after_trailers() - self.trailers_len as usize
    }

    const fn after_trailers(&self) -> usize {
        self.block.len() - self.refusal_len as usize
    }
}

impl fmt::Debug for Capture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Capture")
            .field("summary", &self.summary)
            .field("bytes", &self.block.len())
            .finish_non_exhaustive()
    }
}
