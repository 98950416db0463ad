//! Limits: bodies that are too large, senders that are too slow, and connections that are too many.

use std::{
    io::{Read, Write},
    time::Duration,
};

use hookglass::{
    domain::{
        capture::Cut,
        endpoint::{Endpoint, Endpoints, Respond},
        sink::AnsweredBy,
    },
    server::Limits,
};

use super::{Server, head, rest, status};

const MOMENT: Duration = Duration::from_millis(150);

fn limited(limits: Limits) -> Server {
    Server::with(limits, Endpoints::default())
}

#[test]
fn a_body_that_is_too_large_is_kept_in_part() {
    let limits = Limits { max_body: 1_000, kept_of_too_large: 100, ..Limits::default() };
    let server = limited(limits);
    let body = "x".repeat(200_000);
    let by_length = format!("POST /cl HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let by_chunks = format!(
        "POST /te HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    );
    for request in [by_length, by_chunks] {
        let mut stream = server.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let answer = rest(&mut stream);
        assert_eq!(status(&answer), 413);
        assert!(answer.contains("larger than the limit of 1000 bytes"));
    }
    // The limit itself still passes.
    let fits = format!("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n{}", "y".repeat(1_000));
    assert_eq!(status(&server.exchange(fits.as_bytes())), 200);
    server.settled(3, |seen| {
        for (seen, announced) in seen.iter().zip([Some(200_000), None]) {
            assert_eq!(seen.incoming.cut, Some(Cut::TooLarge));
            assert_eq!(seen.incoming.body, "x".repeat(100).into_bytes());
            assert_eq!(seen.incoming.announced, announced);
            assert_eq!(seen.answered.unwrap().by, AnsweredBy::Refused);
        }
        assert_eq!(seen[2].incoming.cut, None);
    });
}

#[test]
fn who_asks_with_a_body_that_is_too_large_is_refused_before_sending() {
    let server = limited(Limits { max_body: 10, ..Limits::default() });
    let ask = b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n";
    let (answer, _stream) = server.ask(ask);
    assert_eq!(status(&answer), 413);
    assert_eq!(server.only().0, Some(Cut::TooLarge));
}

#[test]
fn large_bodies_together_are_limited_too() {
    let server = limited(Limits { max_under_way: 100_000, ..Limits::default() });
    for (size, expected) in [(300_000, 503), (150_000, 200), (150_000, 200), (60_000, 200)] {
        let body = "x".repeat(size);
        let request = format!("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {size}\r\n\r\n{body}");
        assert_eq!(status(&server.exchange(request.as_bytes())), expected, "{size}");
    }
    server.settled(4, |seen| {
        assert_eq!(seen[0].incoming.cut, Some(Cut::Refused));
        assert_eq!(seen[0].incoming.body.len(), 64 << 10);
    });
}

#[test]
fn a_body_that_stalls_or_trickles_is_answered_408() {
    let server = limited(Limits { body_idle: MOMENT, ..Limits::default() });
    let (answer, _stalled) = server.ask(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc");
    assert_eq!(status(&answer), 408);
    let mut trickle = server.connect();
    trickle.write_all(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 999\r\n\r\n").unwrap();
    trickle.set_read_timeout(Some(MOMENT / 5)).unwrap();
    let (mut sent, mut answer) = (0, [0; 12]);
    while trickle.read(&mut answer).is_err() {
        assert!(sent < 500, "a trickle is never cut");
        sent += trickle.write(b"z").unwrap_or(0);
    }
    assert_eq!(&answer, b"HTTP/1.1 408");
    server.settled(2, |seen| {
        assert!(seen.iter().all(|s| s.incoming.cut == Some(Cut::Timeout)));
        assert_eq!(seen[0].incoming.body, b"abc");
        assert!(seen[1].incoming.body.iter().all(|&b| b == b'z'));
    });
}

#[test]
fn a_head_that_stalls_is_answered_408_and_silence_is_no_request() {
    let server = limited(Limits { head: MOMENT, first_byte: MOMENT, ..Limits::default() });
    assert_eq!(rest(&mut server.connect()), "");
    let mut blank = server.connect();
    blank.write_all(b"\r\n\r\n").unwrap();
    blank.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(rest(&mut blank), "");
    let mut slow = server.connect();
    slow.write_all(b"POST /slow HTTP/1.1\r\nHost: h\r\nX-Part: ").unwrap();
    assert_eq!(status(&rest(&mut slow)), 408);
    server.settled(1, |seen| {
        assert_eq!(seen[0].incoming.head, b"POST /slow HTTP/1.1\r\nHost: h\r\nX-Part: ");
        assert_eq!(seen[0].incoming.cut, Some(Cut::Timeout));
        assert_eq!(seen[0].answered.unwrap().status, 408);
    });
}

#[test]
fn an_idle_connection_is_closed_and_is_no_request() {
    let server = limited(Limits { keep_alive: MOMENT, ..Limits::default() });
    let (answer, mut stream) = server.ask(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_eq!(status(&answer), 200);
    assert_eq!(rest(&mut stream), "");
    server.settled(1, |_| ());
}

#[test]
fn a_sender_that_hangs_up_is_kept_as_aborted() {
    let server = Server::start();
    let mut within_body = server.connect();
    within_body.write_all(b"POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc").unwrap();
    drop(within_body);
    server.settled(1, |seen| {
        assert_eq!(
            (seen[0].incoming.cut, seen[0].incoming.body.as_slice()),
            (Some(Cut::Aborted), &b"abc"[..])
        );
        assert_eq!(seen[0].incoming.announced, Some(9));
        assert_eq!(seen[0].answered.unwrap().status, 0);
    });
    let mut within_head = server.connect();
    within_head.write_all(b"POST /head HTTP/1.1\r\nHo").unwrap();
    drop(within_head);
    server.settled(2, |seen| {
        assert_eq!(seen[1].incoming.cut, Some(Cut::Aborted));
        assert_eq!(seen[1].incoming.head, b"POST /head HTTP/1.1\r\nHo");
    });
}

#[test]
fn the_oldest_incomplete_connection_makes_room() {
    let server = limited(Limits { max_connections: 3, ..Limits::default() });
    let (_, mut served) = server.ask(b"GET /kept HTTP/1.1\r\nHost: h\r\n\r\n");
    let mut slow: Vec<_> = (0..2)
        .map(|index| {
            let mut stream = server.connect();
            stream.write_all(format!("POST /slow{index} HTTP/1.1\r\nA: ").as_bytes()).unwrap();
            stream
        })
        .collect();
    // Twenty senders beyond the limit are all served, on new connections.
    for _ in 0..20 {
        let (answer, _) = server.ask(b"GET /new HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        assert_eq!(status(&answer), 200);
    }
    assert_eq!(rest(&mut slow[0]), "");
    // The one that was served before is between two requests, and goes on.
    served.write_all(b"GET /again HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").unwrap();
    assert_eq!(status(&head(&mut served)), 200);
    drop(slow);
}

#[test]
fn a_shutdown_answers_what_is_under_way_and_cuts_the_rest() {
    let mut slow = Endpoint::new("/slow");
    slow.respond = vec![Respond { delay: MOMENT, ..Respond::default() }];
    let endpoints = Endpoints { list: vec![slow] };
    let limits = Limits { drain: MOMENT * 4, ..Limits::default() };
    let mut server = Server::with(limits, endpoints);
    let (_, mut idle) = server.ask(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    let mut answered = server.connect();
    answered.write_all(b"GET /slow HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
    let mut stalled = server.connect();
    stalled
        .write_all(b"POST /stalled HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
        .unwrap();
    assert_eq!(status(&head(&mut stalled)), 100);
    stalled.write_all(b"abc").unwrap();
    let until = std::time::Instant::now() + super::PATIENCE;
    while server.sink.seen.lock().unwrap().len() < 2 {
        assert!(std::time::Instant::now() < until);
        std::thread::yield_now();
    }
    server.shutdown.cancel();
    assert_eq!(rest(&mut idle), "");
    let answer = rest(&mut answered);
    assert_eq!(status(&answer), 200);
    assert_eq!(rest(&mut stalled), "");
    let done = &mut server.done;
    server.runtime.block_on(async { tokio::time::timeout(super::PATIENCE, done).await.unwrap().unwrap() });
    server.settled(3, |seen| {
        assert_eq!(seen[2].incoming.cut, Some(Cut::Aborted));
        assert_eq!(seen[2].incoming.body, b"abc");
    });
    assert!(std::net::TcpStream::connect(server.address).is_err());
}
