//! The follower: finds heads and trailers in the bytes of an HTTP/1 connection while they pass by.
//!
//! hyper stays the authority on what a request is. The follower only has to agree with it on requests
//! that hyper accepts (RFC 9112 sections 2.2, 6 and 7.1); where it meets something that hyper refuses,
//! it stops following and keeps the first bytes for the report. Bodies are skipped by count, so a
//! body of known length costs nothing here.

use std::collections::VecDeque;

use crate::server::scan::{Framing, Scan};

/// The start of an HTTP/2 connection (RFC 9113 section 3.4).
pub(crate) const H2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The most bytes of complete heads that wait for their requests. hyper reads no further ahead than
/// its own buffer, so this is never reached unless both disagree.
const MOST_QUEUED: usize = 1 << 20;

/// A head as it stood on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RawHead {
    /// Request line, header lines and the closing empty line. Empty lines before it are left out.
    pub(crate) bytes: Vec<u8>,
    /// Whether two readers could disagree where this request ends: a bare line feed, or both
    /// `Transfer-Encoding` and `Content-Length`. The connection is closed after such a request.
    pub(crate) ambiguous: bool,
}

/// What the bytes that come next belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing of the next request has arrived.
    Between,
    /// Within a head.
    Head,
    /// Within a body or its trailers.
    Body,
    /// Not followed: HTTP/2, or bytes that are no HTTP.
    Opaque,
}

#[derive(Clone, Copy, Debug)]
enum Frame {
    Head,
    Fixed(u64),
    /// The digits of a chunk size.
    Size(u64),
    /// The rest of a chunk size line.
    SizeEnd(u64),
    Chunk(u64),
    ChunkEnd,
    Trailers,
    Opaque,
}

/// Follows one connection.
#[derive(Debug)]
pub(crate) struct Follower {
    frame: Frame,
    scan: Scan,
    /// The head that is not complete yet, or the first bytes that could not be followed.
    partial: Vec<u8>,
    heads: VecDeque<RawHead>,
    queued: usize,
    /// Heads completed so far.
    completed: u64,
    trailer: Vec<u8>,
    trailers: VecDeque<(u64, Vec<u8>)>,
    max_head: usize,
}

impl Follower {
    pub(crate) fn new(max_head: usize) -> Self {
        Self {
            frame: Frame::Head,
            scan: Scan::default(),
            partial: Vec::new(),
            heads: VecDeque::new(),
            queued: 0,
            completed: 0,
            trailer: Vec::new(),
            trailers: VecDeque::new(),
            max_head,
        }
    }

    /// Takes in the next bytes of the connection.
    pub(crate) fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            bytes = match self.frame {
                Frame::Head => self.head(bytes),
                Frame::Fixed(left) => self.skip(bytes, left, Frame::Fixed, Frame::Head),
                Frame::Chunk(left) => self.skip(bytes, left, Frame::Chunk, Frame::ChunkEnd),
                Frame::Size(_) | Frame::SizeEnd(_) | Frame::ChunkEnd => self.chunk_line(bytes),
                Frame::Trailers => self.trailer_lines(bytes),
                Frame::Opaque => {
                    let room = self.max_head.saturating_sub(self.partial.len());
                    self.partial.extend_from_slice(&bytes[..bytes.len().min(room)]);
                    b""
                }
            };
        }
    }

    /// What comes next on the connection.
    pub(crate) fn phase(&self) -> Phase {
        match self.frame {
            Frame::Head if self.partial.is_empty() => Phase::Between,
            Frame::Head => Phase::Head,
            Frame::Opaque => Phase::Opaque,
            _ => Phase::Body,
        }
    }

    /// Number of heads completed so far; the next one carries this number.
    pub(crate) fn completed(&self) -> u64 {
        self.completed
    }

    /// The oldest head that no request has taken, with its number.
    pub(crate) fn next_head(&mut self) -> Option<(u64, RawHead)> {
        let number = self.completed - self.heads.len() as u64;
        let head = self.heads.pop_front()?;
        self.queued -= head.bytes.len();
        Some((number, head))
    }

    /// The trailer lines of the request with this number, raw, without the closing empty line.
    pub(crate) fn trailers_of(&mut self, number: u64) -> Vec<u8> {
        while let Some((owner, _)) = self.trailers.front() {
            match (*owner).cmp(&number) {
                std::cmp::Ordering::Less => drop(self.trailers.pop_front()),
                std::cmp::Ordering::Equal => {
                    return self.trailers.pop_front().map(|(_, lines)| lines).unwrap_or_default();
                }
                std::cmp::Ordering::Greater => break,
            }
        }
        Vec::new()
    }

    /// The bytes that became no request: a head that hyper refused, or the part of one.
    pub(crate) fn leftover(&mut self) -> Vec<u8> {
        match self.next_head() {
            Some((_, head)) => head.bytes,
            None => std::mem::take(&mut self.partial),
        }
    }

    /// Stops following, and keeps nothing more for a report.
    pub(crate) fn give_up(&mut self) {
        self.frame = Frame::Opaque;
        self.partial = Vec::new();
        self.max_head = 0;
    }

    fn head<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        if self.partial.is_empty() {
            let blank = bytes.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
            let rest = &bytes[blank..];
            if rest.is_empty() {
                return rest;
            }
            // The usual case: the whole head in one piece, copied once into its exact size.
            if rest[0] != TLS_HANDSHAKE
                && let Some(end) = self.scan.run(rest)
            {
                return self.complete(rest[..end].to_vec(), &rest[end..]);
            }
            self.keep(rest);
            return b"";
        }
        let before = self.partial.len();
        self.keep(bytes);
        if matches!(self.frame, Frame::Opaque) {
            return b"";
        }
        match self.scan.run(&self.partial) {
            Some(end) => {
                let mut head = std::mem::take(&mut self.partial);
                head.truncate(end);
                head.shrink_to_fit();
                self.complete(head, &bytes[end - before..])
            }
            None => b"",
        }
    }

    /// Keeps a part of a head, but never more than the limit and what one read brings beyond it.
    fn keep(&mut self, bytes: &[u8]) {
        let opaque = self.partial.is_empty()
            && (bytes.starts_with(H2_PREFACE) || bytes.first() == Some(&TLS_HANDSHAKE));
        let room = (2 * self.max_head).saturating_sub(self.partial.len());
        self.partial.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if opaque || bytes.len() > room {
            self.partial.truncate(self.max_head);
            self.frame = Frame::Opaque;
        }
    }

    fn complete<'a>(&mut self, bytes: Vec<u8>, rest: &'a [u8]) -> &'a [u8] {
        if bytes.starts_with(&H2_PREFACE[..18]) {
            self.partial = bytes;
            self.frame = Frame::Opaque;
            return rest;
        }
        let scan = std::mem::take(&mut self.scan);
        self.frame = match scan.framing() {
            Framing::Length(0) => Frame::Head,
            Framing::Length(length) => Frame::Fixed(length),
            Framing::Chunked => Frame::Size(0),
            Framing::Refused => Frame::Opaque,
        };
        self.queued += bytes.len();
        if self.queued > MOST_QUEUED {
            self.frame = Frame::Opaque;
            return b"";
        }
        self.completed += 1;
        self.heads.push_back(RawHead { bytes, ambiguous: scan.is_ambiguous() });
        rest
    }

    fn skip<'a>(&mut self, bytes: &'a [u8], left: u64, more: impl Fn(u64) -> Frame, then: Frame) -> &'a [u8] {
        let here = usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
        let left = left - here as u64;
        self.frame = if left == 0 { then } else { more(left) };
        &bytes[here..]
    }

    /// One byte of a chunk's framing (RFC 9112 section 7.1), as strict as it takes to stay in step.
    fn chunk_line<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let (&byte, rest) = match bytes.split_first() {
            Some(split) => split,
            None => return bytes,
        };
        self.frame = match (self.frame, byte) {
            (Frame::Size(size), b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                let digit = u64::from(char::from(byte).to_digit(16).unwrap_or(0));
                match size.checked_mul(16).and_then(|size| size.checked_add(digit)) {
                    Some(size) => Frame::Size(size),
                    None => Frame::Opaque,
                }
            }
            (Frame::Size(size), b';' | b' ' | b'\t' | b'\r') => Frame::SizeEnd(size),
            (Frame::SizeEnd(0), b'\n') => Frame::Trailers,
            (Frame::SizeEnd(size), b'\n') => Frame::Chunk(size),
            (Frame::SizeEnd(size), _) => Frame::SizeEnd(size),
            (Frame::ChunkEnd, b'\r') => Frame::ChunkEnd,
            (Frame::ChunkEnd, b'\n') => Frame::Size(0),
            _ => Frame::Opaque,
        };
        rest
    }

    fn trailer_lines<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let end = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |end| end + 1);
        let (line, rest) = bytes.split_at(end);
        self.trailer.extend_from_slice(line);
        if self.trailer.len() > self.max_head {
            self.trailer = Vec::new();
            self.frame = Frame::Opaque;
            return b"";
        }
        let block = &self.trailer;
        let closing = if block.ends_with(b"\r\n") { 2 } else { 1 };
        let closed = block.ends_with(b"\n")
            && (block.len() == closing || block[..block.len() - closing].ends_with(b"\n"));
        if closed {
            let mut lines = std::mem::take(&mut self.trailer);
            lines.truncate(lines.len() - closing);
            if !lines.is_empty() && self.trailers.len() < 64 {
                self.trailers.push_back((self.completed - 1, lines));
            }
            self.frame = Frame::Head;
        }
        rest
    }
}

/// The first byte of a TLS handshake record. No method begins with it.
const TLS_HANDSHAKE: u8 = 0x16;

/// Whether bytes begin a TLS handshake record (RFC 8446 section 5.1).
pub(crate) fn is_tls(bytes: &[u8]) -> bool {
    matches!(bytes, [TLS_HANDSHAKE, 0x03, ..])
}

#[cfg(test)]
mod tests;
