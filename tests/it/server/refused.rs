//! What is no request is listed all the same, with its bytes and the reason.

use std::io::{Read, Write};

use hookglass::domain::capture::Cut;

use super::{Server, rest, status};

#[test]
fn malformed_requests_are_refused_and_listed() {
    let long = format!("GET / HTTP/1.1\r\nHost: h\r\nA: {}\r\n\r\n", "b".repeat(100_000));
    let path = format!("GET /{} HTTP/1.1\r\nHost: h\r\n\r\n", "b".repeat(100_000));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(150));
    let cases: &[(&[u8], &[u16], &str)] = &[
        (b"\x00\x01\x02 garbage\r\n\r\n", &[400], "not HTTP"),
        (b"BROKEN\x01 /\r\nA b: c\r\n\r\n", &[400], "not HTTP"),
        (b"GET / HTTP/9.9\r\n\r\n", &[400], "HTTP/9.9"),
        (b"GET /\r\n\r\n", &[400], "HTTP/0.9"),
        (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: abc\r\n\r\n", &[400], "not a number"),
        (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", &[400], "not a number"),
        (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +2\r\n\r\nab", &[400], "not a number"),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", &[400], "two different"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\nab", &[400], "not chunked"),
        (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", &[400], "HTTP/1.0"),
        (b"POST / HTTP/1.1\r\nHost : h\r\n\r\n", &[400], "white space before its colon"),
        (b"POST / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", &[400], "continues the line"),
        (b"POST / HTTP/1.1\r\nA: b\x00c\r\n\r\n", &[400], "NUL"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\xaa\xbb\n\ncc", &[400], "TLS handshake"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nthis is no frame at all", &[0], "HTTP/2"),
        (long.as_bytes(), &[431], "longer than the limit of 65536 bytes"),
        (path.as_bytes(), &[414, 431], "target is longer"),
        (many.as_bytes(), &[431], "150 headers; the limit is 128"),
    ];
    for (raw, statuses, reason) in cases {
        let server = Server::start();
        let mut stream = server.connect();
        stream.write_all(raw).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok();
        let shown = raw[..raw.len().min(60)].escape_ascii().to_string();
        let (cut, answered, refusal) = server.only();
        assert_eq!(cut, Some(Cut::Refused), "{shown}");
        assert!(refusal.contains(reason), "{shown}: {refusal}");
        assert!(statuses.contains(&answered), "{shown}: {answered}");
        if answered != 0 {
            assert_eq!(status(&String::from_utf8(answer).unwrap()), answered, "{shown}");
        }
        server.settled(1, |seen| {
            let head = &seen[0].incoming.head;
            assert!(!head.is_empty() && raw.starts_with(&head[..head.len().min(4_096)]), "{shown}");
        });
    }
}

#[test]
fn a_malformed_chunk_is_refused_with_what_arrived() {
    for chunks in ["zz\r\n", "11111111111111111\r\n", "1\r\nab\r\n", "1;a\nb\r\n"] {
        let server = Server::start();
        let request =
            format!("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n{chunks}");
        let mut stream = server.connect();
        stream.write_all(request.as_bytes()).unwrap();
        assert_eq!(status(&rest(&mut stream)), 400, "{chunks:?}");
        let (cut, answered, refusal) = server.only();
        assert_eq!((cut, answered), (Some(Cut::Refused), 400), "{chunks:?}");
        assert!(refusal.starts_with("The chunked body is malformed"), "{refusal}");
        server.settled(1, |seen| assert!(seen[0].incoming.body.starts_with(b"abc")));
    }
}

#[test]
fn a_refusal_after_a_good_request_is_listed_by_itself() {
    let server = Server::start();
    let answer = server.exchange(b"GET /good HTTP/1.1\r\nHost: h\r\n\r\nBAD\x01 / HTTP/1.1\r\n\r\n");
    assert_eq!(answer.matches("HTTP/1.1 200").count(), 1);
    assert_eq!(answer.matches("HTTP/1.1 400").count(), 1);
    server.settled(2, |seen| {
        assert_eq!(seen[1].incoming.head, b"BAD\x01 / HTTP/1.1\r\n\r\n");
        assert_eq!(seen[1].answered.unwrap().status, 400);
    });
}

#[test]
fn the_limits_of_a_head_are_exact() {
    let server = Server::start();
    for (headers, expected) in [(127, 200), (128, 200), (129, 431)] {
        let head = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(headers));
        assert_eq!(status(&server.exchange(head.as_bytes())), expected, "{headers} headers");
    }
    for (length, expected) in [(65_535, 200), (65_536, 200), (65_537, 431)] {
        let frame = "GET / HTTP/1.1\r\nA: \r\n\r\n".len();
        let head = format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", "b".repeat(length - frame));
        assert_eq!(status(&server.exchange(head.as_bytes())), expected, "{length} bytes");
    }
}

#[test]
fn an_ambiguous_request_is_never_two() {
    let smuggled = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
    let length = smuggled.len();
    for request in [
        format!(
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}"
        ),
        format!(
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: {length}\r\n\r\n0\r\n\r\n{smuggled}"
        ),
        format!("POST / HTTP/1.1\n\n{smuggled}"),
        format!("POST / HTTP/1.1\r\nHost: h\n\n{smuggled}"),
        format!(
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n{smuggled}"
        ),
        format!(
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\x0bchunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n{smuggled}"
        ),
        format!(
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nContent-Length: {length}\r\n\r\n{smuggled}"
        ),
        format!("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0, {length}\r\n\r\n{smuggled}"),
        format!("POST / HTTP/1.1\r\nHost: h\r\nX: a\rTransfer-Encoding: chunked\r\n\r\n{smuggled}"),
    ] {
        let server = Server::start();
        let answers = server.exchange(request.as_bytes());
        assert!(answers.matches("HTTP/1.1 2").count() <= 1, "{request:?}: {answers}");
        server.at_least(1, |seen| assert!(seen[0].incoming.head.starts_with(b"POST / ")));
    }
}
