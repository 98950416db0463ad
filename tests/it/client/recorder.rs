//! Targets on raw sockets: one that records what arrives, and any that a test describes.

use std::{future::Future, net::SocketAddr};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// A plain answer that ends the connection.
pub(super) const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

/// Listens on a free port of 127.0.0.1 and hands every connection to `serve`.
pub(super) async fn listen<F, Fut>(serve: F) -> SocketAddr
where
    F: Fn(TcpStream) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    address
}

/// A target that reads one request, answers these bytes and closes.
pub(super) async fn answering(answer: impl Into<Vec<u8>>) -> SocketAddr {
    let answer = answer.into();
    listen(move |mut stream| {
        let answer = answer.clone();
        async move {
            read_request(&mut stream).await;
            // A client that has seen enough closes first.
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
        }
    })
    .await
}

/// A target that records each request, byte for byte.
pub(crate) struct Recorder {
    pub(crate) address: SocketAddr,
    requests: mpsc::UnboundedReceiver<Vec<u8>>,
}

impl Recorder {
    pub(crate) async fn start() -> Self {
        let (sender, requests) = mpsc::unbounded_channel();
        let address = listen(move |stream| {
            let sender = sender.clone();
            async move {
                let _ = sender.send(record(stream).await);
            }
        })
        .await;
        Self { address, requests }
    }

    /// The next request, with whatever came after it on its connection.
    pub(crate) async fn next(&mut self) -> Vec<u8> {
        self.requests.recv().await.unwrap()
    }

    /// Whether nothing has come.
    pub(super) fn is_empty(&mut self) -> bool {
        self.requests.try_recv().is_err()
    }
}

/// Reads a request, answers [`OK`], and reads on to the end of the connection: bytes too many are found.
pub(super) async fn record<T: AsyncRead + AsyncWrite + Unpin>(mut stream: T) -> Vec<u8> {
    let mut request = read_request(&mut stream).await;
    let _ = stream.write_all(OK).await;
    let _ = stream.shutdown().await;
    let _ = stream.read_to_end(&mut request).await;
    request
}

/// Reads a head and as much body as it announces.
pub(super) async fn read_request<T: AsyncRead + Unpin>(stream: &mut T) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        if let Some((head, body)) = split(&bytes)
            && body.len() >= announced(head)
        {
            return bytes;
        }
        if !matches!(stream.read_buf(&mut bytes).await, Ok(1..)) {
            return bytes;
        }
    }
}

/// Head, with its empty line, and body.
pub(crate) fn split(request: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = request.windows(4).position(|window| window == b"\r\n\r\n")?;
    Some(request.split_at(end + 4))
}

fn announced(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    length.map_or(0, |length| length.trim().parse().unwrap())
}
