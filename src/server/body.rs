//! Reading a body: exactly, up to the limit, as long as it makes progress.

use std::{error::Error as _, future::poll_fn, io, pin::Pin, task::Poll};

use axum::body::Body;
use http_body::Body as _;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::server::{
    budget::Share,
    limits::{BODY_PROGRESS, Limits},
    wire,
};

/// How reading a body ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// All of it was read.
    Complete,
    /// It is larger than the limit.
    TooLarge,
    /// All large bodies together took more than the limit.
    Crowded,
    /// It stalled.
    Stalled,
    /// The sender hung up.
    Aborted,
    /// Its framing is not HTTP; what the parser said.
    Malformed(String),
}

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Received {
    pub(crate) body: Vec<u8>,
    /// Trailer lines as hyper decoded them.
    pub(crate) trailers: Vec<u8>,
}

/// The most that is set aside for a body before any of it has arrived: a length is a claim. What is
/// not written to costs address space alone, and growing a body later costs a copy and page faults.
const TRUSTED: u64 = 1 << 20;

/// Reads a body into `received`, which holds what has arrived even when this future is dropped.
/// `announced` is the length that the sender gave; where it did, there will be room for `beside` bytes
/// more behind the body.
pub(crate) async fn read(
    body: &mut Body,
    received: &mut Received,
    announced: Option<u64>,
    beside: usize,
    limits: &Limits,
    share: &mut Share,
) -> End {
    let too_large = announced.is_some_and(|length| length > limits.max_body);
    // Beyond this, reading stops: there is no use in taking in what will not be kept.
    let most = if too_large { limits.kept_of_too_large as u64 } else { limits.max_body };
    let mut pace = Pace::default();
    loop {
        if too_large && received.body.len() as u64 >= most {
            return cut(received, limits);
        }
        // Looking at the body before the timer: most bodies have arrived with their head.
        let frame = poll_fn(|cx| match Pin::new(&mut *body).poll_frame(cx) {
            Poll::Ready(frame) => Poll::Ready(Some(frame)),
            Poll::Pending => pace.poll_stalled(cx, limits).map(|()| None),
        })
        .await;
        let frame = match frame {
            None | Some(None) if too_large => return cut(received, limits),
            None => return End::Stalled,
            Some(None) => return End::Complete,
            Some(Some(Err(error))) => return failed(&error),
            Some(Some(Ok(frame))) => frame,
        };
        match frame.into_data() {
            Ok(data) => {
                let room = usize::try_from(most).unwrap_or(usize::MAX) - received.body.len();
                let taken = data.len().min(room);
                let fits = taken == data.len();
                reserve(&mut received.body, taken, announced.filter(|_| !too_large), beside);
                received.body.extend_from_slice(&data[..taken]);
                if !share.grow_to(received.body.len()) {
                    cut(received, limits);
                    return End::Crowded;
                }
                if !fits {
                    return cut(received, limits);
                }
                pace.progress(taken);
            }
            Err(frame) => {
                if let Ok(fields) = frame.into_trailers() {
                    received.trailers = wire::lines(&fields);
                }
            }
        }
    }
}

/// Keeps the first part of a body that is too large.
fn cut(received: &mut Received, limits: &Limits) -> End {
    received.body.truncate(limits.kept_of_too_large);
    received.body.shrink_to_fit();
    End::TooLarge
}

/// Makes room for more of a body: at once for all of a small one, and for all of a large one when its
/// first part has arrived, so that a claimed length alone costs nothing.
fn reserve(body: &mut Vec<u8>, more: usize, announced: Option<u64>, beside: usize) {
    let needed = body.len() + more;
    if needed <= body.capacity() {
        return;
    }
    let Some(announced) = announced else {
        body.reserve(more);
        return;
    };
    let trusted = if body.is_empty() { announced.min(TRUSTED) } else { announced };
    let whole = usize::try_from(trusted).unwrap_or(needed).max(needed);
    let beside = if whole as u64 == announced { beside } else { 0 };
    body.reserve_exact(whole - body.len() + beside);
}

/// Tells why a body ended early.
fn failed(error: &axum::Error) -> End {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(cause) = cause.downcast_ref::<io::Error>()
            && matches!(cause.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData)
        {
            return End::Malformed(cause.to_string());
        }
        source = cause.source();
    }
    End::Aborted
}

/// Watches that a body makes progress. The timer exists only once somebody has had to wait.
#[derive(Default)]
struct Pace {
    sleep: Option<Pin<Box<Sleep>>>,
    since: usize,
    renewed: bool,
}

impl Pace {
    fn progress(&mut self, bytes: usize) {
        self.since += bytes;
        if self.since >= BODY_PROGRESS {
            self.since = 0;
            self.renewed = true;
        }
    }

    fn poll_stalled(&mut self, cx: &mut std::task::Context<'_>, limits: &Limits) -> Poll<()> {
        let due = || Instant::now() + limits.body_idle;
        let renewed = std::mem::take(&mut self.renewed);
        let sleep = match &mut self.sleep {
            Some(sleep) => {
                if renewed {
                    sleep.as_mut().reset(due());
                }
                sleep
            }
            None => self.sleep.insert(Box::pin(sleep_until(due()))),
        };
        sleep.as_mut().poll(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::budget::Budget;

    #[test]
    fn a_claimed_length_sets_nothing_aside() {
        let mut body = Vec::new();
        reserve(&mut body, 10, Some(30 << 20), 9);
        assert_eq!(body.capacity(), 1 << 20);
        body.resize(1 << 20, 0);
        reserve(&mut body, 1, Some(30 << 20), 9);
        assert_eq!(body.capacity(), (30 << 20) + 9);
        let mut small = Vec::new();
        reserve(&mut small, 3, Some(7), 5);
        assert_eq!(small.capacity(), 12);
    }

    #[tokio::test]
    async fn a_body_is_read_exactly_up_to_the_limit() {
        let limits = Limits { max_body: 10, kept_of_too_large: 4, ..Limits::default() };
        for (size, announced, expected, kept) in [
            (0, None, End::Complete, 0),
            (10, Some(10), End::Complete, 10),
            (10, None, End::Complete, 10),
            (11, None, End::TooLarge, 4),
            (11, Some(11), End::TooLarge, 4),
        ] {
            let mut received = Received::default();
            let mut body = Body::from(vec![b'x'; size]);
            let mut share = Budget::new(0).share();
            let end = read(&mut body, &mut received, announced, 0, &limits, &mut share).await;
            assert_eq!(end, expected, "{size}");
            assert_eq!(received.body.len(), kept);
        }
    }
}
