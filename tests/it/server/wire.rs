//! What is kept is what was sent.

use std::{io::Write, sync::Arc};

use axum::body::Body;
use hookglass::{
    domain::{
        capture::{Cut, HttpVersion},
        endpoint::Endpoints,
        sink::Sink,
        time::Timestamp,
    },
    server::{App, LiveEndpoints, router},
};
use http::{Request, Version};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tower_service::Service;

use super::{Recorder, Server, head, rest, status};

#[test]
fn heads_are_kept_byte_for_byte() {
    let server = Server::start();
    let heads: [&[u8]; 6] = [
        b"POST /a?b=1&b=2 HTTP/1.1\r\nHost: h\r\nX-GitHub-Event: push\r\nX-Dup: 1\r\nAccept: */*\r\nx-dup:2\r\nX-DUP:   3 \t\r\nuser-AGENT: \xe9\xff\r\nEmpty:\r\n\r\n",
        b"hook /%2e%2e//a/./b?\xc3\xa9#frag HTTP/1.1\r\nhost: h\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET http://other.example:1/x?y HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n",
        b"M-SEARCH / HTTP/1.0\r\n\r\n",
    ];
    for raw in heads {
        assert_eq!(status(&server.exchange(raw)), 200, "{}", raw.escape_ascii());
    }
    server.settled(heads.len(), |seen| {
        for (seen, raw) in seen.iter().zip(heads) {
            assert_eq!(seen.incoming.head.escape_ascii().to_string(), raw.escape_ascii().to_string());
            assert_eq!(seen.incoming.cut, None);
        }
        assert_eq!(seen[5].incoming.version, HttpVersion::Http10);
        assert_eq!(seen[0].incoming.received_at.as_secs(), 1_700_000_000);
    });
}

#[test]
fn a_tunnel_is_not_opened_but_the_request_is_kept() {
    let server = Server::start();
    let answer = server.exchange(b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n");
    assert_eq!(status(&answer), 200);
    server.settled(1, |seen| assert!(seen[0].incoming.head.starts_with(b"CONNECT example.com:443 ")));
}

#[test]
fn pipelined_requests_keep_their_own_heads_bodies_and_trailers() {
    let server = Server::start();
    let wire = b"POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello\
        POST /2 HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: Chunked\r\n\r\n5;ext=1\r\nworld\r\n1 ;x\r\n!\r\n0\r\nX-Sum: 1\r\nx-SUM:2 \r\n\r\n\
        HEAD /3 HTTP/1.1\r\nHost: c\r\n\r\n\
        PUT /4 HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    for piece in [1, 11, 37, wire.len()] {
        let mut stream = server.connect();
        for bytes in wire.chunks(piece) {
            stream.write_all(bytes).unwrap();
        }
        let answers = rest(&mut stream);
        assert_eq!(answers.matches("HTTP/1.1 200 OK\r\n").count(), 4, "{answers}");
    }
    server.settled(16, |seen| {
        for four in seen.chunks(4) {
            let parts: Vec<_> = four
                .iter()
                .map(|s| {
                    let line = s.incoming.head.split(|&b| b == b'\r').next().unwrap();
                    (line, s.incoming.body.as_slice(), s.incoming.trailers.as_slice())
                })
                .collect();
            let expected: [(&[u8], &[u8], &[u8]); 4] = [
                (b"POST /1 HTTP/1.1", b"hello", b""),
                (b"POST /2 HTTP/1.1", b"world!", b"X-Sum: 1\r\nx-SUM:2 \r\n"),
                (b"HEAD /3 HTTP/1.1", b"", b""),
                (b"PUT /4 HTTP/1.1", b"", b""),
            ];
            assert_eq!(parts, expected);
            assert!(four[1].incoming.head.ends_with(b"Transfer-Encoding: Chunked\r\n\r\n"));
        }
    });
}

#[test]
fn a_connection_stays_open_after_an_answer() {
    let server = Server::start();
    let mut stream = server.connect();
    for body in ["one", "two", "three"] {
        let request =
            format!("POST /{body} HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all(request.as_bytes()).unwrap();
        let answer = head(&mut stream);
        assert_eq!(status(&answer), 200);
        assert!(!answer.contains("connection: close"));
    }
    server.settled(3, |seen| {
        let bodies: Vec<_> = seen.iter().map(|s| s.incoming.body.as_slice()).collect();
        assert_eq!(bodies, [&b"one"[..], b"two", b"three"]);
    });
}

#[test]
fn who_asks_before_sending_is_told_to_go_on() {
    let server = Server::start();
    let ask = b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    let (answer, mut stream) = server.ask(ask);
    assert_eq!(status(&answer), 100);
    stream.write_all(b"abc").unwrap();
    assert_eq!(status(&head(&mut stream)), 200);
    server.settled(1, |seen| assert_eq!(seen[0].incoming.body, b"abc"));
}

#[test]
fn senders_that_half_close_are_answered_every_time() {
    let server = Server::start();
    for index in 0..500 {
        let request = format!("POST /{index} HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
        assert_eq!(status(&server.exchange(request.as_bytes())), 200);
    }
    server.settled(500, |seen| assert!(seen.iter().all(|s| s.incoming.body == b"hello")));
}

#[test]
fn large_bodies_are_exact() {
    let server = Server::start();
    let body: Vec<u8> = (0..20_000_000_u32).map(|i| (i % 251) as u8).collect();
    let mut request =
        format!("POST /cl HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
    request.extend_from_slice(&body);
    let mut stream = server.connect();
    stream.write_all(&request).unwrap();
    assert_eq!(status(&head(&mut stream)), 200);
    stream.write_all(b"POST /te HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
    for chunk in body.chunks(77_777) {
        stream.write_all(format!("{:X}\r\n", chunk.len()).as_bytes()).unwrap();
        stream.write_all(chunk).unwrap();
        stream.write_all(b"\r\n").unwrap();
    }
    stream.write_all(b"0\r\n\r\n").unwrap();
    assert_eq!(status(&head(&mut stream)), 200);
    server.settled(2, |seen| {
        assert!(seen.iter().all(|s| s.incoming.body == body && s.incoming.cut.is_none()));
        assert_eq!(seen[0].incoming.announced, Some(20_000_000));
        assert_eq!(seen[1].incoming.announced, None);
    });
}

#[test]
fn http2_is_taken_by_prior_knowledge() {
    let server = Server::start();
    server.runtime.block_on(async {
        let stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        for path in ["/a?b", "/c"] {
            let request = Request::post(format!("http://hooks.test{path}"))
                .version(Version::HTTP_2)
                .header("x-dup", "1")
                .header("x-dup", "2")
                .body(Full::new(bytes::Bytes::from_static(b"hello")))
                .unwrap();
            let response = sender.send_request(request).await.unwrap();
            assert_eq!(response.status(), 200);
            response.into_body().collect().await.unwrap();
        }
    });
    server.settled(2, |seen| {
        let incoming = &seen[0].incoming;
        let text = String::from_utf8(incoming.head.clone()).unwrap();
        assert!(
            text.starts_with("POST /a?b HTTP/2\r\nhost: hooks.test\r\nx-dup: 1\r\nx-dup: 2\r\n"),
            "{text}"
        );
        assert!(text.ends_with("\r\n\r\n"));
        assert_eq!((incoming.version, incoming.body.as_slice()), (HttpVersion::Http2, &b"hello"[..]));
        assert_eq!(incoming.cut, None::<Cut>);
    });
}

#[tokio::test]
async fn the_router_needs_no_socket() {
    let sink = Arc::new(Recorder::default());
    let endpoints = Arc::new(LiveEndpoints::new(Endpoints::default()));
    let app = App::new(Arc::clone(&sink) as Arc<dyn Sink>, endpoints, Timestamp::default);
    let request = Request::put("/a?b").header("X-A", "1").body(Body::from("hello")).unwrap();
    let response = router(app).call(request).await.unwrap();
    assert_eq!(response.status(), 200);
    let seen = sink.seen.lock().unwrap();
    assert_eq!(seen[0].incoming.head, b"PUT /a?b HTTP/1.1\r\nx-a: 1\r\n\r\n");
    assert_eq!(seen[0].incoming.body, b"hello");
}

#[test]
fn every_request_becomes_exactly_one_capture() {
    const SENDERS: usize = 8;
    const EACH: usize = 250;
    let server = Server::start();
    std::thread::scope(|scope| {
        for sender in 0..SENDERS {
            let server = &server;
            scope.spawn(move || {
                let mut stream = server.connect();
                for index in 0..EACH {
                    let body = format!("{sender}-{index}-{}", "x".repeat(index * 7 % 5_000));
                    let closing = index % 10 == 9;
                    let close = if closing { "Connection: close\r\n" } else { "" };
                    let request = if index % 3 == 0 {
                        let (a, b) = body.split_at(body.len() / 2);
                        format!(
                            "POST /{sender}/{index} HTTP/1.1\r\n{close}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{a}\r\n{:X};x\r\n{b}\r\n0\r\n\r\n",
                            a.len(),
                            b.len()
                        )
                    } else {
                        let length = body.len();
                        format!("POST /{sender}/{index} HTTP/1.1\r\n{close}Content-Length: {length}\r\n\r\n{body}")
                    };
                    stream.write_all(request.as_bytes()).unwrap();
                    assert_eq!(status(&head(&mut stream)), 200);
                    if closing {
                        stream = server.connect();
                    }
                }
            });
        }
    });
    server.settled(SENDERS * EACH, |seen| {
        let mut next = [0; SENDERS];
        for seen in seen {
            let body = std::str::from_utf8(&seen.incoming.body).unwrap();
            let mut parts = body.split('-');
            let sender: usize = parts.next().unwrap().parse().unwrap();
            assert_eq!(parts.next().unwrap().parse::<usize>().unwrap(), next[sender], "in order, once");
            let line = format!("POST /{sender}/{} HTTP/1.1\r\n", next[sender]);
            assert!(seen.incoming.head.starts_with(line.as_bytes()));
            next[sender] += 1;
        }
        assert_eq!(next, [EACH; SENDERS]);
    });
}
