//! One request and its response over an open connection.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::{Method, Request, Response, StatusCode, body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, timeout_at},
};
use tokio_util::task::AbortOnDropHandle;

use super::{
    connect::name,
    error::SendError,
    send::Options,
    swap::{HeadSwap, MOST_NOTED},
};
use crate::domain::{delivery::Reply, replay::Outgoing};

/// How many header lines of a response are read.
const MOST_HEADERS: usize = 1024;

/// How much of a body is handed to hyper at a time: it copies each piece.
const PIECE: usize = 64 * 1024;

/// Writes the request and reads the response, both by the deadline.
pub(super) async fn exchange<T>(
    stream: T,
    outgoing: Outgoing,
    options: &Options,
    deadline: Instant,
) -> Result<Reply, SendError>
where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let authority = name(outgoing.target());
    let failed = |error: hyper::Error| explain(authority.clone(), &error);
    let (io, noted) = HeadSwap::new(stream, Bytes::copy_from_slice(outgoing.head()));
    let (mut sender, connection) = http1::Builder::new()
        .max_headers(MOST_HEADERS)
        .max_buf_size(MOST_NOTED)
        .handshake(TokioIo::new(io))
        .await
        .map_err(failed)?;
    // Ends with this function, whichever way that ends: nothing goes on in the background.
    let _connection = AbortOnDropHandle::new(tokio::spawn(connection));

    // Only what frames the messages counts here; the head on the wire is the planned one.
    let method = if outgoing.is_head_method() { Method::HEAD } else { Method::POST };
    let mut request = Request::new(Pieces::of(outgoing));
    *request.method_mut() = method;
    let response = timeout_at(deadline, sender.send_request(request))
        .await
        .map_err(|_| SendError::Silent { authority: authority.clone(), within: options.total })?
        .map_err(failed)?;

    let status = response.status();
    let (reason, headers) = head_as_sent(&noted.take(), status).unwrap_or_else(|| head_as_parsed(&response));
    let mut reader = Reader { kept: Vec::new(), seen: 0, whole: None };
    let end = reader.read(response.into_body(), options, deadline).await;
    let (status, got) = (status.as_u16(), reader.seen);
    match end {
        End::Done => {}
        End::Late => {
            return Err(SendError::BodyTimeout { authority, status, got, within: options.total });
        }
        End::Broken => return Err(SendError::BodyBroken { authority, status, got }),
    }
    let whole = reader.whole.unwrap_or(0).max(reader.seen);
    Ok(Reply {
        status,
        reason,
        headers,
        cut_from: (whole > reader.kept.len() as u64).then_some(whole),
        body: reader.kept.into(),
    })
}

/// How the reading of a response's body ended.
enum End {
    /// With its last byte, or with as much as is wanted.
    Done,
    /// At the deadline.
    Late,
    /// Before its end.
    Broken,
}

struct Reader {
    kept: Vec<u8>,
    /// Bytes that came.
    seen: u64,
    /// Bytes that were announced.
    whole: Option<u64>,
}

impl Reader {
    /// Keeps the first part of a body. Beyond it only the size is of interest, and only so far: an
    /// announced one is believed, another is counted up to [`Options::read`].
    async fn read(&mut self, mut body: Incoming, options: &Options, deadline: Instant) -> End {
        self.whole = body.size_hint().exact();
        loop {
            let full = self.seen > options.keep as u64;
            if full && (self.whole.is_some() || self.seen >= options.read) {
                return End::Done;
            }
            let data = match timeout_at(deadline, body.frame()).await {
                // What is wanted of it is there already.
                Err(_) | Ok(Some(Err(_))) if full => return End::Done,
                Err(_) => return End::Late,
                Ok(Some(Err(_))) => return End::Broken,
                Ok(None) => return End::Done,
                Ok(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
            };
            self.seen += data.len() as u64;
            let room = options.keep - self.kept.len();
            self.kept.extend_from_slice(&data[..data.len().min(room)]);
        }
    }
}

type ResponseHead = (Box<str>, Vec<(Box<[u8]>, Box<[u8]>)>);

/// Reason and headers as they stood on the wire: case, order, duplicates. `None` when what was noted
/// does not hold the head that hyper saw.
fn head_as_sent(noted: &[u8], status: StatusCode) -> Option<ResponseHead> {
    let mut rest = noted;
    loop {
        let mut slots = vec![httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut response = httparse::Response::new(&mut slots);
        let httparse::Status::Complete(length) = response.parse(rest).ok()? else { return None };
        let code = response.code?;
        if (100..200).contains(&code) && code != status.as_u16() {
            rest = &rest[length..];
            continue;
        }
        if code != status.as_u16() {
            return None;
        }
        let line = rest.iter().position(|&b| b == b'\n').map_or(rest, |end| &rest[..end]);
        let reason = line.splitn(3, |&b| b == b' ').nth(2).unwrap_or_default().trim_ascii();
        let headers = response.headers.iter().map(|h| (h.name.as_bytes().into(), h.value.into())).collect();
        return Some((String::from_utf8_lossy(reason).into(), headers));
    }
}

/// Reason and headers as hyper gives them: names in lower case.
fn head_as_parsed(response: &Response<Incoming>) -> ResponseHead {
    let reason = response.status().canonical_reason().unwrap_or_default().into();
    let headers = response.headers().iter();
    (reason, headers.map(|(n, v)| (n.as_str().as_bytes().into(), v.as_bytes().into())).collect())
}

fn explain(authority: String, error: &hyper::Error) -> SendError {
    if error.is_parse_too_large() {
        SendError::HeadTooLarge(authority)
    } else if error.is_parse() {
        SendError::NotHttp(authority)
    } else {
        SendError::Closed(authority)
    }
}

/// A request's body in pieces, without a copy of the whole.
struct Pieces {
    left: Bytes,
}

impl Pieces {
    fn of(outgoing: Outgoing) -> Self {
        struct Shared(Outgoing);
        impl AsRef<[u8]> for Shared {
            fn as_ref(&self) -> &[u8] {
                self.0.body()
            }
        }
        Self { left: Bytes::from_owner(Shared(outgoing)) }
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let size = self.left.len().min(PIECE);
        let piece = self.left.split_to(size);
        Poll::Ready((size > 0).then(|| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.len() as u64)
    }
}
