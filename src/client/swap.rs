//! The exact head on the wire, under hyper.
//!
//! hyper lower-cases header names and groups duplicates. So it is given a stand-in request with the same
//! framing; here, below it, the stand-in's head is swallowed and the wanted bytes are written in its
//! place. The other way round, the first bytes of the response are noted, as hyper does not give out
//! the case and order of its headers either. Framing and parsing stay hyper's.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
};

use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How many bytes of a response are noted: as much as hyper buffers for a head.
pub(super) const MOST_NOTED: usize = 256 * 1024;

const HEAD_END: &[u8; 4] = b"\r\n\r\n";

/// A connection whose first head is exchanged.
pub(super) struct HeadSwap<T> {
    inner: T,
    /// What of the wanted head is not written yet.
    head: Bytes,
    /// How many bytes of [`HEAD_END`] the stand-in's head has come to; 4 once it is over.
    ended: usize,
    /// The peer takes nothing more; it may still have an answer for us.
    deaf: bool,
    noted: Noted,
}

/// The first bytes of the response, shared with who reads it.
#[derive(Clone, Default)]
pub(super) struct Noted(Arc<Mutex<Option<Vec<u8>>>>);

impl Noted {
    /// Takes the bytes and ends the noting.
    pub(super) fn take(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default()
    }

    fn start() -> Self {
        Self(Arc::new(Mutex::new(Some(Vec::new()))))
    }

    fn push(&self, bytes: &[u8]) {
        if let Some(noted) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            let room = MOST_NOTED.saturating_sub(noted.len());
            noted.extend_from_slice(&bytes[..bytes.len().min(room)]);
        }
    }
}

impl<T> HeadSwap<T> {
    /// Will write `head` in the place of the first head that is written to it.
    pub(super) fn new(inner: T, head: Bytes) -> (Self, Noted) {
        let noted = Noted::start();
        (Self { inner, head, ended: 0, deaf: false, noted: noted.clone() }, noted)
    }

    /// How many bytes at the front still belong to the stand-in's head.
    fn swallow(&mut self, bytes: &[u8]) -> usize {
        for (index, &byte) in bytes.iter().enumerate() {
            self.ended = match byte {
                b if b == HEAD_END[self.ended] => self.ended + 1,
                b'\r' => 1,
                _ => 0,
            };
            if self.ended == HEAD_END.len() {
                return index + 1;
            }
        }
        bytes.len()
    }
}

impl<T: AsyncWrite + Unpin> HeadSwap<T> {
    /// Writes what is left of the wanted head.
    fn drain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.ended == HEAD_END.len() && !self.head.is_empty() && !self.deaf {
            let written = ready!(Pin::new(&mut self.inner).poll_write(cx, &self.head));
            match self.heard(written, self.head.len())? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.head.advance(written),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// A target may answer and close before it has read everything (413, 401). Its answer is what
    /// counts, so what cannot be written any more passes for written and hyper goes on to read.
    fn heard(&mut self, written: io::Result<usize>, all: usize) -> io::Result<usize> {
        match written {
            Err(error) if is_gone(&error) => {
                self.deaf = true;
                Ok(all)
            }
            other => other,
        }
    }
}

fn is_gone(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected)
}

impl<T: AsyncRead + Unpin> AsyncRead for HeadSwap<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        self.noted.push(&buf.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for HeadSwap<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.ended < HEAD_END.len() {
            return Poll::Ready(Ok(self.swallow(buf)));
        }
        ready!(self.drain(cx))?;
        if self.deaf {
            return Poll::Ready(Ok(buf.len()));
        }
        let written = ready!(Pin::new(&mut self.inner).poll_write(cx, buf));
        Poll::Ready(self.heard(written, buf.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.drain(cx))?;
        if self.deaf {
            return Poll::Ready(Ok(()));
        }
        let flushed = ready!(Pin::new(&mut self.inner).poll_flush(cx)).map(|()| 0);
        Poll::Ready(self.heard(flushed, 0).map(|_| ()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.drain(cx))?;
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// Writes `pieces` through a swap and returns what arrives, through a pipe of `room` bytes.
    async fn through(pieces: &[&[u8]], room: usize) -> Vec<u8> {
        let (near, mut far) = tokio::io::duplex(room);
        let (mut swap, _) = HeadSwap::new(near, Bytes::from_static(b"WANTED / HTTP/1.1\r\nA: b\r\n\r\n"));
        let pieces: Vec<Vec<u8>> = pieces.iter().map(|piece| piece.to_vec()).collect();
        let writer = tokio::spawn(async move {
            for piece in &pieces {
                swap.write_all(piece).await.unwrap();
            }
            swap.flush().await.unwrap();
        });
        let mut arrived = Vec::new();
        far.read_to_end(&mut arrived).await.unwrap();
        writer.await.unwrap();
        arrived
    }

    #[tokio::test]
    async fn the_wanted_head_takes_the_place_of_the_first_however_it_is_cut() {
        let stand_in = b"POST / HTTP/1.1\r\nx: \r\r\n\r\nbody\r\n\r\nrest";
        for cut in 0..=stand_in.len() {
            for room in [1, 7, 4096] {
                let (first, second) = stand_in.split_at(cut);
                let arrived = through(&[first, second], room).await;
                assert_eq!(
                    arrived.escape_ascii().to_string(),
                    b"WANTED / HTTP/1.1\r\nA: b\r\n\r\nbody\r\n\r\nrest".escape_ascii().to_string(),
                    "cut at {cut}, room {room}"
                );
            }
        }
    }

    #[tokio::test]
    async fn an_answer_of_a_target_that_reads_no_more_is_still_read() {
        let (near, mut far) = tokio::io::duplex(64);
        far.write_all(b"HTTP/1.1 413 No\r\n\r\n").await.unwrap();
        drop(far);
        let (mut swap, noted) = HeadSwap::new(near, Bytes::from_static(b"P / HTTP/1.1\r\n\r\n"));
        swap.write_all(b"x\r\n\r\n").await.unwrap();
        swap.write_all(&[b'b'; 1000]).await.unwrap();
        swap.flush().await.unwrap();
        let mut answer = Vec::new();
        swap.read_to_end(&mut answer).await.unwrap();
        assert_eq!(answer, b"HTTP/1.1 413 No\r\n\r\n");
        assert_eq!(noted.take(), answer);
        assert_eq!(noted.take(), b"");
    }
}
