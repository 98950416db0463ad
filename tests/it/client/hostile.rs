//! Targets that hang, drip, flood, lie or break off: each ends by a limit, with a clear sentence.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use hookglass::{
    client::{Client, Options},
    domain::{delivery::DeliveryKind, replay::plan, target::Target},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Notify,
    time::{sleep, timeout},
};

use super::{
    capture, outgoing,
    recorder::{OK, answering, listen, read_request},
    send, url,
};

/// Far more than any of these should take, and far less than a test run may hang.
const PATIENCE: Duration = Duration::from_secs(20);

/// A limit that is soon reached, and long enough for a busy machine to do what has to come before.
const LIMIT: Duration = Duration::from_secs(2);

fn hurried() -> Options {
    Options { total: LIMIT, ..Options::default() }
}

/// Writes an opening, then the same piece again and again until nobody listens.
async fn drip(mut stream: TcpStream, opening: &'static [u8], piece: &'static [u8], pause: Duration) {
    read_request(&mut stream).await;
    let mut wrote = stream.write_all(opening).await;
    while wrote.is_ok() {
        wrote = stream.write_all(piece).await;
        if !pause.is_zero() {
            sleep(pause).await;
        }
    }
}

#[tokio::test]
async fn a_target_that_never_finishes_ends_at_the_limit() {
    const SLOW: Duration = Duration::from_millis(10);
    const CASES: [(&str, &[u8], &[u8], &str); 5] = [
        ("silent", b"", b"", "did not answer within 2 s"),
        ("head drips", b"HTTP/1.1 200 OK\r\nX: ", b"x", "did not answer within 2 s"),
        ("head never begins", b"", b"HTTP/1.1 102 P\r\n\r\n", "did not answer within 2 s"),
        ("body drips", b"HTTP/1.1 201 OK\r\n\r\n", b"x", "answered 201, but its response did not end"),
        (
            "chunks drip",
            b"HTTP/1.1 500 E\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"1\r\nx\r\n",
            "answered 500, but its response did not end",
        ),
    ];
    let cases = CASES.map(|(name, opening, piece, expected)| async move {
        let address = listen(move |stream| drip(stream, opening, piece, SLOW)).await;
        let outcome = timeout(PATIENCE, send(address, hurried())).await.expect(name);
        let error = outcome.result.expect_err(name);
        assert!(error.starts_with(&address.to_string()) && error.contains(expected), "{name}: {error}");
        assert!(outcome.took >= LIMIT, "{name}");
    });
    futures_util::future::join_all(cases).await;
}

#[tokio::test]
async fn a_flood_is_read_only_so_far() {
    static PIECE: [u8; 65_536] = [b'x'; 65_536];
    let keep = 10_000;
    let options = Options { keep, read: 3_000_000, ..Options::default() };
    let whole = 1_u64 << 30;

    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n";
    let address = listen(move |stream| drip(stream, head, &PIECE, Duration::ZERO)).await;
    let reply = timeout(PATIENCE, send(address, options.clone())).await.unwrap().result.unwrap();
    assert_eq!((reply.body.len(), reply.cut_from), (keep, Some(whole)));

    let address = listen(|stream| drip(stream, b"HTTP/1.1 200 OK\r\n\r\n", &PIECE, Duration::ZERO)).await;
    let reply = timeout(PATIENCE, send(address, options)).await.unwrap().result.unwrap();
    assert_eq!(reply.body.len(), keep);
    assert!(reply.cut_from.unwrap() >= 3_000_000);
}

#[tokio::test]
async fn what_is_kept_is_returned_when_only_the_rest_is_late() {
    let options = Options { keep: 100, ..hurried() };
    let address =
        listen(|stream| drip(stream, b"HTTP/1.1 200 OK\r\n\r\n", &[b'x'; 300], Duration::from_millis(20)))
            .await;
    let reply = timeout(PATIENCE, send(address, options)).await.unwrap().result.unwrap();
    assert_eq!(reply.body.len(), 100);
    assert!(reply.cut_from.unwrap() > 100);
}

#[tokio::test]
async fn answers_that_are_not_http_are_said_to_be() {
    let many = [b"HTTP/1.1 200 OK\r\n".to_vec(), b"X-Bomb: 1\r\n".repeat(100_000), b"\r\n".to_vec()].concat();
    let long = [&b"HTTP/1.1 200 OK\r\nX: "[..], &[b'x'; 2_000_000], b"\r\n\r\n"].concat();
    for (name, answer, expected) in [
        ("another protocol", b"SSH-2.0-OpenSSH_9.2\r\n".to_vec(), "something that is not HTTP"),
        ("TLS", b"\x15\x03\x01\x00\x02\x02\x46".to_vec(), "something that is not HTTP"),
        (
            "an escape in a header",
            b"HTTP/1.1 200 OK\r\nX: \x1b[2J\r\n\r\n".to_vec(),
            "something that is not HTTP",
        ),
        (
            "two lengths",
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx".to_vec(),
            "something that is not HTTP",
        ),
        ("a bomb of headers", many, "more headers than are read"),
        ("an endless header", long, "more headers than are read"),
        ("nothing", Vec::new(), "closed the connection without an answer"),
        ("half a head", b"HTTP/1.1 200 OK\r\nX:".to_vec(), "closed the connection without an answer"),
        (
            "half a body",
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf".to_vec(),
            "answered 200, but its response broke off after 4 bytes",
        ),
        (
            "half a chunk",
            b"HTTP/1.1 502 E\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf".to_vec(),
            "answered 502, but its response broke off after 4 bytes",
        ),
        (
            "a bad chunk",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".to_vec(),
            "answered 200, but its response broke off after 0 bytes",
        ),
    ] {
        let address = answering(answer).await;
        let outcome = timeout(PATIENCE, send(address, Options::default())).await.expect(name);
        let error = outcome.result.expect_err(name);
        assert!(error.contains(expected), "{name}: {error}");
        assert!(!error.contains(|c: char| c.is_control()), "{name}: {error}");
    }
}

#[tokio::test]
async fn a_reset_before_the_answer_is_said() {
    let address = listen(|stream| async move {
        stream.set_zero_linger().unwrap();
        drop(stream);
    })
    .await;
    let error = send(address, Options::default()).await.result.unwrap_err();
    assert!(error.contains("closed the connection without an answer"), "{error}");
}

#[tokio::test]
async fn an_early_answer_counts_although_the_body_was_not_read() {
    let body = vec![b'b'; 32 << 20];
    let head = format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", body.len());
    let capture = capture(head.as_bytes(), &body);
    for (reads, stays) in [(0, true), (1, true), (5_000_000, true), (5_000_000, false)] {
        let address = listen(move |mut stream| async move {
            let mut some = vec![0; reads];
            stream.read_exact(&mut some).await.unwrap();
            stream.write_all(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig").await.unwrap();
            // Reads nothing more. Where it stays, the answer must not wait for the body; where it closes,
            // the system resets the connection, and the answer must not be lost over that.
            if stays {
                sleep(PATIENCE).await;
            }
        })
        .await;
        let target = Target::parse(&url(address)).unwrap();
        let planned = plan(&capture, &target, "", DeliveryKind::Test).unwrap();
        let outcome = timeout(PATIENCE, Client::new(Options::default()).send(planned)).await.unwrap();
        let reply = outcome.result.unwrap();
        assert_eq!((reply.status, &reply.body[..]), (413, &b"big"[..]), "after {reads} bytes, {stays}");
    }
}

#[tokio::test]
async fn a_redirect_is_shown_and_not_followed() {
    let other = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&other);
    let elsewhere = listen(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        async {}
    })
    .await;
    for status in [301, 302, 303, 307, 308] {
        let answer =
            format!("HTTP/1.1 {status} Moved\r\nLocation: http://{elsewhere}/\r\nContent-Length: 0\r\n\r\n");
        let reply = send(answering(answer).await, Options::default()).await.result.unwrap();
        assert_eq!(reply.status, status);
        assert!(reply.headers.iter().any(|(name, _)| &**name == b"Location"));
    }
    assert_eq!(other.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn only_so_many_are_under_way_at_once() {
    let (open, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let full = Arc::new(Notify::new());
    let counts = (Arc::clone(&open), Arc::clone(&most), Arc::clone(&full));
    let address = listen(move |mut stream| {
        let (open, most, full) = counts.clone();
        async move {
            read_request(&mut stream).await;
            let now = open.fetch_add(1, Ordering::SeqCst) + 1;
            most.fetch_max(now, Ordering::SeqCst);
            // The first ones wait for each other, so that the limit is reached in every run.
            if now == 16 {
                full.notify_waiters();
            } else if most.load(Ordering::SeqCst) < 16 {
                full.notified().await;
            }
            sleep(Duration::from_millis(5)).await;
            open.fetch_sub(1, Ordering::SeqCst);
            let _ = stream.write_all(OK).await;
        }
    })
    .await;
    let client = Client::new(Options::default());
    let sendings: Vec<_> = (0..80)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.send(outgoing("GET", &url(address))).await })
        })
        .collect();
    for sending in sendings {
        assert!(timeout(PATIENCE, sending).await.unwrap().unwrap().result.is_ok());
    }
    assert_eq!(most.load(Ordering::SeqCst), 16);
}

#[tokio::test]
async fn a_sending_that_is_given_up_ends_its_connection() {
    let body = vec![b'b'; 32 << 20];
    let head = format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", body.len());
    let capture = capture(head.as_bytes(), &body);
    let (began, given_up) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (report, mut arrived) = tokio::sync::mpsc::unbounded_channel();
    let marks = (Arc::clone(&began), Arc::clone(&given_up), report);
    let address = listen(move |mut stream| {
        let (began, given_up, report) = marks.clone();
        async move {
            stream.read_exact(&mut [0; 100]).await.unwrap();
            began.notify_one();
            given_up.notified().await;
            let mut rest = Vec::new();
            let _ = stream.read_to_end(&mut rest).await;
            report.send(rest.len()).unwrap();
        }
    })
    .await;
    let planned = plan(&capture, &Target::parse(&url(address)).unwrap(), "", DeliveryKind::Test).unwrap();
    let sending = tokio::spawn(async move { Client::new(Options::default()).send(planned).await });
    timeout(PATIENCE, began.notified()).await.unwrap();
    sending.abort();
    assert!(sending.await.unwrap_err().is_cancelled());
    given_up.notify_one();
    let arrived = timeout(PATIENCE, arrived.recv()).await.unwrap().unwrap();
    assert!(arrived < body.len(), "all {arrived} bytes were still sent");
}
