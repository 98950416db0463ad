//! Limits: how much of a request, for how long, and from how many senders at once.

use std::time::Duration;

/// What the listener accepts before it refuses, cuts or closes. Every buffer and every wait in the
/// server is bounded by one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest body in bytes. A longer one is answered 413 and kept in part.
    ///
    /// Default: 32 MiB, above the 25 MB that GitHub documents as the largest payload.
    pub max_body: u64,
    /// Bytes that large bodies under way may take together. A body beyond it is answered 503 and kept
    /// in part. Default: 512 MiB.
    pub max_under_way: u64,
    /// How many bytes of a body that is too large are kept. Default: 64 KiB.
    pub kept_of_too_large: usize,
    /// The longest head in bytes: request line and header lines. Beyond it 431 (or 414 when the target
    /// alone is too long). The same limit holds for trailers. Default: 64 KiB.
    pub max_head: usize,
    /// The largest number of header lines. Beyond it 431. Default: 128.
    pub max_headers: usize,
    /// The largest number of connections. A new one beyond it closes the one whose request has been
    /// incomplete for longest. Default: 16,384.
    pub max_connections: usize,
    /// How long a new connection may send nothing. Default: 10 s.
    pub first_byte: Duration,
    /// How long a head may take from its first to its last byte. Default: 10 s.
    pub head: Duration,
    /// How long a body may stall: so long without [`BODY_PROGRESS`] new bytes. Default: 10 s.
    pub body_idle: Duration,
    /// How long a connection may stay open between two requests. Default: 75 s.
    pub keep_alive: Duration,
    /// How long a sender may leave an answer unread. Default: 10 s.
    pub write_idle: Duration,
    /// How long requests under way may still be answered after shutdown began. Default: 2 s.
    pub drain: Duration,
}

/// Bytes of a body that must arrive within [`Limits::body_idle`]. One byte now and then would
/// otherwise hold a connection for ever.
pub const BODY_PROGRESS: usize = 1_024;

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_body: 32 << 20,
            max_under_way: 512 << 20,
            kept_of_too_large: 64 << 10,
            max_head: 64 << 10,
            max_headers: 128,
            max_connections: 16_384,
            first_byte: Duration::from_secs(10),
            head: Duration::from_secs(10),
            body_idle: Duration::from_secs(10),
            keep_alive: Duration::from_secs(75),
            write_idle: Duration::from_secs(10),
            drain: Duration::from_secs(2),
        }
    }
}
