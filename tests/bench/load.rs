//! A sender that keeps connections busy: the same bytes again and again, counting answers.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Connections that send at a time.
pub(crate) const CONNECTIONS: usize = 32;

/// Requests a second that a server answers with 200 over keep-alive connections, and how many it
/// answered in all, those of the first moments included.
pub(crate) fn throughput(to: SocketAddr, request: &[u8], time: Duration) -> (f64, u64) {
    let request: Arc<[u8]> = request.into();
    let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let (their_stop, their_count) = (Arc::clone(&stop), Arc::clone(&answered));
    let senders = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let tasks: Vec<_> = (0..CONNECTIONS)
                .map(|_| {
                    let (request, stop, count) =
                        (Arc::clone(&request), Arc::clone(&their_stop), Arc::clone(&their_count));
                    tokio::spawn(async move {
                        let mut stream = TcpStream::connect(to).await.expect("a connection");
                        stream.set_nodelay(true).expect("an option");
                        while !stop.load(Ordering::Relaxed) {
                            exchange(&mut stream, &request).await;
                            count.fetch_add(1, Ordering::Relaxed);
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.expect("a sender");
            }
        });
    });
    // Connections and caches settle before the clock starts.
    thread::sleep(time / 10);
    let (begun, before) = (Instant::now(), answered.load(Ordering::Relaxed));
    thread::sleep(time);
    let rate = (answered.load(Ordering::Relaxed) - before) as f64 / begun.elapsed().as_secs_f64();
    stop.store(true, Ordering::Relaxed);
    senders.join().expect("the senders");
    (rate, answered.load(Ordering::Relaxed))
}

/// Sends exactly `count` requests over the usual connections; all must be answered 200.
pub(crate) fn send_all(to: SocketAddr, request: &[u8], count: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let request: Arc<[u8]> = request.into();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..CONNECTIONS)
            .map(|index| {
                let request = Arc::clone(&request);
                let share = count / CONNECTIONS + usize::from(index < count % CONNECTIONS);
                tokio::spawn(async move {
                    let mut stream = TcpStream::connect(to).await.expect("a connection");
                    for _ in 0..share {
                        exchange(&mut stream, &request).await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("a sender");
        }
    });
}

/// One request and its answer, whose body is not longer than one read.
pub(crate) async fn exchange(stream: &mut TcpStream, request: &[u8]) {
    stream.write_all(request).await.expect("a request");
    let mut answer = Vec::with_capacity(1_024);
    loop {
        let read = stream.read_buf(&mut answer).await.expect("an answer");
        assert_ne!(read, 0, "the server closed the connection");
        if let Some(end) = memchr::memmem::find(&answer, b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
            let length: usize = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |value| value.parse().expect("a length"));
            if answer.len() >= end + 4 + length {
                break;
            }
        }
    }
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
}

/// A GitHub event of about `size` bytes with the headers that GitHub sends, rightly signed.
pub(crate) fn github_event(size: usize, secret: &[u8]) -> Vec<u8> {
    use hmac::{Hmac, KeyInit, Mac};
    let mut body = String::from("{\"ref\":\"refs/heads/main\",\"commits\":[");
    while body.len() + 110 < size {
        let id = body.len();
        body.push_str(&format!(
            "{{\"id\":\"{id:040}\",\"message\":\"Say why, not what\",\"distinct\":true}},"
        ));
    }
    body.pop();
    body.push_str("]}");
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret).expect("a key of any length");
    mac.update(body.as_bytes());
    let signature = data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes());
    format!(
        "POST /github HTTP/1.1\r\nHost: localhost:7878\r\nUser-Agent: GitHub-Hookshot/044aadd\r\nAccept: */*\r\n\
         Content-Type: application/json\r\nX-GitHub-Delivery: 72d3162e-cc78-11e3-81ab-4c9367dc0958\r\n\
         X-GitHub-Event: push\r\nX-GitHub-Hook-ID: 292430182\r\nX-Hub-Signature-256: sha256={signature}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The middle one of some figures.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
