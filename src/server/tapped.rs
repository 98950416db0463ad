//! A connection with its tap: what hyper reads and writes passes through here.
//!
//! This also keeps the deadlines that hyper has not got: a head that trickles in, a connection that
//! idles between two requests, a sender that does not read its answer.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::{Buf, Bytes};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep},
};

use crate::server::{
    follower::{H2_PREFACE, Phase},
    limits::Limits,
    registry::Gauge,
    tap::Tap,
};

/// A connection with its tap.
pub(crate) struct Tapped<T> {
    inner: T,
    tap: Arc<Tap>,
    gauge: Arc<Gauge>,
    limits: Limits,
    /// Bytes that the tap has seen and hyper has not.
    replay: Bytes,
    /// Whether the first bytes may still turn out to be the HTTP/2 preface.
    sniffing: bool,
    sleep: Option<Pin<Box<Sleep>>>,
    /// What the read deadline is for: the phase and the number of the head, and when it passes.
    waiting: Option<(Phase, u64, Instant)>,
    write_sleep: Option<Pin<Box<Sleep>>>,
}

impl<T> Tapped<T> {
    pub(crate) fn new(inner: T, tap: Arc<Tap>, gauge: Arc<Gauge>, limits: Limits) -> Self {
        Self {
            inner,
            tap,
            gauge,
            limits,
            replay: Bytes::new(),
            sniffing: true,
            sleep: None,
            waiting: None,
            write_sleep: None,
        }
    }

    /// The same connection for HTTP/2, beginning with bytes that were read already.
    pub(crate) fn into_http2(self, replay: Bytes) -> Self {
        Self { replay, sniffing: false, waiting: None, ..self }
    }

    /// The connection itself.
    pub(crate) fn into_inner(self) -> T {
        self.inner
    }

    /// Whether a deadline has passed while nothing could be read.
    fn overdue(&mut self, cx: &mut Context<'_>) -> bool {
        let (phase, number) = {
            let state = self.tap.lock();
            (state.follower.phase(), state.follower.completed())
        };
        if matches!(phase, Phase::Head | Phase::Body) {
            self.gauge.set_idle(false);
        }
        let limit = match phase {
            Phase::Head => self.limits.head,
            Phase::Between if number == 0 => self.limits.first_byte,
            Phase::Between => self.limits.keep_alive,
            Phase::Opaque => self.limits.keep_alive,
            // The reader of the body watches it.
            Phase::Body => {
                self.waiting = None;
                return false;
            }
        };
        let due = match self.waiting {
            Some((p, n, due)) if (p, n) == (phase, number) => due,
            _ => Instant::now() + limit,
        };
        self.waiting = Some((phase, number, due));
        if !expired(&mut self.sleep, due, cx) {
            return false;
        }
        if phase == Phase::Opaque && self.gauge.is_active() {
            // An answer is under way: the time begins anew, with a timer that wakes this task.
            self.waiting = None;
            return self.overdue(cx);
        }
        self.tap.lock().expired = Some(phase);
        true
    }
}

/// Polls a deadline. The timer is set again only when it fires too early, not for every request.
fn expired(sleep: &mut Option<Pin<Box<Sleep>>>, due: Instant, cx: &mut Context<'_>) -> bool {
    let sleep = sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
    if sleep.deadline() > due {
        sleep.as_mut().reset(due);
    }
    loop {
        if sleep.as_mut().poll(cx).is_pending() {
            return false;
        }
        if sleep.deadline() >= due {
            return true;
        }
        sleep.as_mut().reset(due);
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Tapped<T> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.replay.is_empty() && !this.sniffing {
            let count = this.replay.len().min(buf.remaining());
            buf.put_slice(&this.replay[..count]);
            this.replay.advance(count);
            return Poll::Ready(Ok(()));
        }
        if this.sniffing {
            return this.poll_first(cx, buf);
        }
        let before = buf.filled().len();
        match Pin::new(&mut this.inner).poll_read(cx, buf) {
            Poll::Ready(Ok(())) => {
                let bytes = &buf.filled()[before..];
                let mut state = this.tap.lock();
                if bytes.is_empty() && buf.remaining() > 0 {
                    state.ended = true;
                } else {
                    state.follower.push(bytes);
                }
                if state.follower.phase() == Phase::Opaque {
                    this.waiting = None;
                }
                drop(state);
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending if this.overdue(cx) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<T: AsyncRead + Unpin> Tapped<T> {
    /// Reads the first bytes, and holds them back while they are a part of the HTTP/2 preface: hyper's
    /// HTTP/1 parser recognises the preface only when all of it is there.
    fn poll_first(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            let before = buf.filled().len();
            if !self.replay.is_empty() {
                buf.put_slice(&self.replay);
            }
            let held = buf.filled().len();
            match Pin::new(&mut self.inner).poll_read(cx, buf) {
                Poll::Ready(Ok(())) => {
                    let mut state = self.tap.lock();
                    state.follower.push(&buf.filled()[held..]);
                    let first = &buf.filled()[before..];
                    let ended = buf.filled().len() == held;
                    state.ended = ended;
                    if !ended && first.len() < H2_PREFACE.len() && H2_PREFACE.starts_with(first) {
                        self.replay = Bytes::copy_from_slice(first);
                        drop(state);
                        buf.set_filled(before);
                        continue;
                    }
                    self.sniffing = false;
                    self.replay = Bytes::new();
                    return Poll::Ready(Ok(()));
                }
                other => {
                    buf.set_filled(before);
                    return match other {
                        Poll::Pending if !self.overdue(cx) => Poll::Pending,
                        Poll::Pending => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
                        ready => ready,
                    };
                }
            }
        }
    }
}

impl<T: AsyncWrite + Unpin> Tapped<T> {
    fn wrote(
        &mut self,
        cx: &mut Context<'_>,
        first: &[u8],
        result: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match result {
            Poll::Ready(Ok(_)) => {
                if let Some(status) = status_of(first) {
                    self.tap.lock().status = status;
                }
                self.write_sleep = None;
                result
            }
            Poll::Pending => {
                let due = self
                    .write_sleep
                    .as_ref()
                    .map_or_else(|| Instant::now() + self.limits.write_idle, |sleep| sleep.deadline());
                if expired(&mut self.write_sleep, due, cx) {
                    return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                }
                Poll::Pending
            }
            failed => failed,
        }
    }
}

/// The status in a status line of HTTP/1.
fn status_of(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(b"HTTP/1.")?.get(2..5)?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Tapped<T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.inner).poll_write(cx, buf);
        this.wrote(cx, buf, result)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.inner).poll_write_vectored(cx, bufs);
        this.wrote(cx, bufs.first().map_or(&[], |first| first), result)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}
