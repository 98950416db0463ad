//! One connection from its first byte to its last.

use std::{error::Error as _, future::poll_fn, io, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};

use axum::{Router, response::Response};
use bytes::Bytes;
use http::Request;
use hyper::{body::Incoming as HyperBody, server::conn::http1, server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tower_service::Service;

use crate::{
    domain::capture::{Cut, Incoming},
    server::{
        app::App,
        follower::Phase,
        refusal::{diagnose, version_in},
        registry::{Order, Place},
        tap::Tap,
        tapped::Tapped,
        wire::Wire,
    },
};

/// What a connection needs beside its socket.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) app: App,
    pub(crate) router: Router,
}

type Answering = Pin<Box<dyn Future<Output = Result<Response, std::convert::Infallible>> + Send>>;

/// How long a closed connection is still read, so that its sender can read the answer (a socket closed
/// with unread bytes is reset, and the reset discards what the sender has not read yet).
const LINGER: Duration = Duration::from_secs(2);

/// The most unread bytes that are thrown away so that a sender can read its answer.
const MOST_DISCARDED: u64 = 256 << 20;

/// The most that hyper reads ahead. Larger than a head, because a large body is read faster so; not as
/// large as hyper's own 400 KiB, because an idle connection keeps it.
const READ_BUFFER: usize = 256 << 10;

/// How a connection ended.
enum End {
    /// By HTTP.
    Done(Result<(), hyper::Error>),
    /// It made room for another.
    Evicted,
    /// The program ends.
    Aborted,
}

/// Serves one connection.
pub(crate) async fn serve(stream: TcpStream, remote: SocketAddr, shared: Shared, place: Place) {
    // Before the first byte there is nothing but a socket: no buffers, and no capture when it closes.
    // (`readable` alone may say yes without a byte being there.)
    let mut first = [0];
    tokio::select! {
        arrived = timeout(shared.app.limits.first_byte, stream.peek(&mut first)) => {
            if !matches!(arrived, Ok(Ok(1))) {
                return;
            }
        }
        _ = place.gauge.ordered(Order::None) => return,
    }
    // An answer is one small write that somebody waits for.
    stream.set_nodelay(true).ok();
    let limits = shared.app.limits;
    let tap = Arc::new(Tap::new(limits.max_head));
    let io = Tapped::new(stream, Arc::clone(&tap), Arc::clone(&place.gauge), limits);
    let service = service_fn({
        let (router, tap, gauge) = (shared.router.clone(), Arc::clone(&tap), Arc::clone(&place.gauge));
        move |mut request: Request<HyperBody>| -> Answering {
            let wire = Wire::pair(&request, remote, &tap, &gauge);
            request.extensions_mut().insert(wire);
            Box::pin(router.clone().call(request))
        }
    });
    let mut connection = http1::Builder::new()
        .half_close(true)
        .max_headers(limits.max_headers)
        .max_header_size(limits.max_head)
        .max_buf_size(limits.max_head.max(READ_BUFFER))
        .serve_connection(TokioIo::new(io), service.clone());
    let mut order = Order::None;
    let end = loop {
        tokio::select! {
            biased;
            done = poll_fn(|cx| connection.poll_without_shutdown(cx)) => break End::Done(done),
            next = place.gauge.ordered(order) => {
                order = next;
                match next {
                    Order::Evict => break End::Evicted,
                    Order::Abort => break End::Aborted,
                    Order::Finish | Order::None => Pin::new(&mut connection).graceful_shutdown(),
                }
            }
        }
    };
    // Taking the connection apart drops a request under way, which is then kept as aborted.
    let parts = connection.into_parts();
    let io = parts.io.into_inner();
    if let End::Done(Err(error)) = &end
        && error.is_parse_version_h2()
    {
        // Boxed: the rare case must not make every connection larger.
        Box::pin(serve_http2(io, parts.read_buf, service, remote, &shared, &place, &tap)).await;
        return;
    }
    finish(io.into_inner(), end, remote, &shared, &place, &tap).await;
}

async fn serve_http2<S>(
    io: Tapped<TcpStream>,
    begun: Bytes,
    service: S,
    remote: SocketAddr,
    shared: &Shared,
    place: &Place,
    tap: &Tap,
) where
    S: hyper::service::Service<
            Request<HyperBody>,
            Response = Response,
            Error = std::convert::Infallible,
            Future = Answering,
        > + Unpin,
{
    let limits = &shared.app.limits;
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(100)
        .max_header_list_size(u32::try_from(limits.max_head).unwrap_or(u32::MAX))
        // Flow control is what bounds the bytes of bodies that nobody has read yet.
        .initial_stream_window_size(256 << 10)
        .initial_connection_window_size(1 << 20);
    let connection = builder.serve_connection(TokioIo::new(io.into_http2(begun)), service);
    tokio::pin!(connection);
    let mut order = Order::None;
    let failed = loop {
        tokio::select! {
            biased;
            done = connection.as_mut() => break done.err(),
            next = place.gauge.ordered(order) => {
                order = next;
                match next {
                    Order::Evict | Order::Abort => return,
                    Order::Finish | Order::None => connection.as_mut().graceful_shutdown(),
                }
            }
        }
    };
    // Once a request was taken from this connection, nothing is left here.
    let raw = tap.leftover();
    let Some(error) = failed.filter(|_| !raw.is_empty()) else { return };
    let broke = error.source().is_some_and(|source| source.is::<io::Error>());
    let (cut, refusal) = if broke {
        (Cut::Aborted, "The HTTP/2 connection ended before a request was complete.".into())
    } else {
        (Cut::Refused, diagnose(&raw, limits))
    };
    refuse(shared, remote, raw, cut, refusal, 0);
}

/// Reports what became no request, answers it where hyper did not, and closes the connection so that
/// the answer arrives.
async fn finish(
    mut stream: TcpStream,
    end: End,
    remote: SocketAddr,
    shared: &Shared,
    place: &Place,
    tap: &Tap,
) {
    let limits = &shared.app.limits;
    let phase = tap.phase();
    match end {
        End::Done(Err(error)) if error.is_parse() => {
            let raw = tap.leftover();
            if !raw.is_empty() {
                let refusal = diagnose(&raw, limits);
                let mut status = tap.status();
                if status == 0 {
                    // hyper knows no answer to these; the sender gets one all the same.
                    status = answer(&mut stream, 400, &refusal).await;
                }
                refuse(shared, remote, raw, Cut::Refused, refusal, status);
            }
        }
        End::Done(Err(_)) if tap.expired() == Some(Phase::Head) => {
            let refusal = format!("The head was not complete after {} s.", limits.head.as_secs_f64());
            let status = answer(&mut stream, 408, &refusal).await;
            refuse(shared, remote, tap.leftover(), Cut::Timeout, refusal, status);
        }
        End::Done(_) if phase == Phase::Head && tap.ended() => {
            let refusal = "The sender closed the connection before the head was complete.";
            refuse(shared, remote, tap.leftover(), Cut::Aborted, refusal.into(), 0);
        }
        End::Done(Err(_)) if phase == Phase::Head => {
            let refusal = "The connection broke before the head was complete.";
            refuse(shared, remote, tap.leftover(), Cut::Aborted, refusal.into(), 0);
        }
        End::Evicted if phase == Phase::Head => {
            let refusal = format!(
                "Closed to make room before the head was complete: all {} connections were in use.",
                limits.max_connections
            );
            refuse(shared, remote, tap.leftover(), Cut::Timeout, refusal, 0);
            return;
        }
        End::Evicted | End::Aborted => return,
        End::Done(_) => {}
    }
    // After the sender's own end, or between two requests, nothing is unread.
    if tap.ended() || (phase == Phase::Between && tap.leftover().is_empty()) {
        stream.shutdown().await.ok();
        return;
    }
    tokio::select! {
        () = linger(&mut stream) => {}
        _ = place.gauge.ordered(Order::Finish) => {}
    }
}

/// Ends the answering side, then reads on for a while.
async fn linger(stream: &mut TcpStream) {
    stream.shutdown().await.ok();
    let discard = async {
        let mut rest = stream.take(MOST_DISCARDED);
        let mut buffer = vec![0; 16 << 10];
        while rest.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
    };
    timeout(LINGER, discard).await.ok();
}

/// Answers what hyper has not answered. Returns the status, or 0 if it could not be sent.
async fn answer(stream: &mut TcpStream, status: u16, text: &str) -> u16 {
    let reason = if status == 408 { "Request Timeout" } else { "Bad Request" };
    let answer = format!(
        "HTTP/1.1 {status} {reason}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}\n",
        text.len() + 1
    );
    let written: Result<io::Result<()>, _> =
        timeout(Duration::from_secs(1), stream.write_all(answer.as_bytes())).await;
    if matches!(written, Ok(Ok(()))) { status } else { 0 }
}

fn refuse(shared: &Shared, remote: SocketAddr, raw: Vec<u8>, cut: Cut, refusal: String, status: u16) {
    if raw.is_empty() {
        return;
    }
    let incoming = Incoming {
        received_at: shared.app.now(),
        remote,
        version: version_in(&raw),
        head: raw,
        body: Vec::new(),
        trailers: Vec::new(),
        cut: Some(cut),
        announced: None,
        refusal: Some(refusal),
    };
    shared.app.keep_refused(incoming, status);
}
