//! What senders are answered.

use std::{sync::Arc, time::Duration};

use hookglass::{
    domain::{
        delivery::Reply,
        endpoint::{Endpoint, Endpoints, RateLimit, Respond},
        handshake::{Handshake, Name},
        signature::{Code, Verdict},
        sink::{AnsweredBy, TargetReply},
        target::Target,
    },
    server::Limits,
};

use super::{Server, status};

const POST: &[u8] =
    b"POST /hook?x HTTP/1.1\r\nHost: h\r\nOrigin: http://evil.test\r\nContent-Length: 6\r\n\r\n<echo>";

fn server(shape: impl FnOnce(&mut Endpoint)) -> Server {
    let mut endpoint = Endpoint::new("/hook");
    shape(&mut endpoint);
    Server::with(Limits::default(), Endpoints { list: vec![endpoint] })
}

fn by(server: &Server, count: usize) -> Vec<(u16, AnsweredBy)> {
    server.settled(count, |seen| seen.iter().map(|s| s.answered.map(|a| (a.status, a.by)).unwrap()).collect())
}

#[test]
fn the_default_answer_is_empty_and_invites_nobody() {
    let server = Server::start();
    let answer = server.exchange(POST);
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(answer.contains("x-hookglass-capture: 1\r\n") && answer.contains("content-length: 0\r\n"));
    assert!(!answer.contains("access-control-") && !answer.contains("echo") && answer.ends_with("\r\n\r\n"));
    assert_eq!(by(&server, 1), [(200, AnsweredBy::Default)]);
}

#[test]
fn a_sequence_is_answered_step_by_step() {
    let server = server(|endpoint| {
        let headers = vec![("x-test".into(), "1".into()), ("Content-Type".into(), "text/xml".into())];
        let delay = Duration::from_millis(1);
        endpoint.respond = vec![
            Respond { status: 500, times: 2, ..Respond::default() },
            Respond { status: 201, headers, body: "<ok/>".into(), delay, times: 1 },
        ];
    });
    let statuses = [(); 4].map(|()| status(&server.exchange(POST)));
    assert_eq!(statuses, [500, 500, 201, 201]);
    let answer = server.exchange(POST);
    assert!(answer.contains("x-test: 1\r\n") && answer.contains("content-type: text/xml\r\n"));
    assert!(answer.ends_with("\r\n\r\n<ok/>"));
    let head = String::from_utf8(POST.to_vec()).unwrap().replace("POST", "HEAD");
    assert!(server.exchange(head.as_bytes()).ends_with("\r\n\r\n"));
    assert_eq!(by(&server, 6)[5], (201, AnsweredBy::Endpoint));
}

#[test]
fn a_limit_answers_429_and_still_captures() {
    let server = server(|endpoint| {
        endpoint.rate_limit = Some(RateLimit { count: 2, per: Duration::from_secs(3_600) });
    });
    let answers = [(); 3].map(|()| server.exchange(POST));
    assert_eq!(answers.each_ref().map(|answer| status(answer)), [200, 200, 429]);
    assert!(answers[2].contains("retry-after: 1800\r\n"), "{}", answers[2]);
    assert_eq!(by(&server, 3)[2], (429, AnsweredBy::Rejected));
}

#[test]
fn a_signature_that_does_not_hold_is_rejected_where_that_is_asked_for() {
    for (verdict, expected) in [
        (Some(Verdict::Valid), 200),
        (Some(Verdict::Invalid(Code::TimestampTooOld)), 401),
        (Some(Verdict::Unsigned), 401),
        (Some(Verdict::Unchecked), 401),
        (None, 200),
    ] {
        let server = server(|endpoint| endpoint.on_invalid = Some(401));
        *server.sink.verdict.lock().unwrap() = verdict;
        let answer = server.exchange(POST);
        assert_eq!(status(&answer), expected, "{verdict:?}");
        if let Some(code) = verdict.and_then(Verdict::code) {
            assert!(answer.contains(code.as_str()));
        }
    }
}

#[test]
fn the_targets_response_goes_back_to_the_sender() {
    let server = server(|endpoint| {
        endpoint.forward_response = true;
        endpoint.forward_to = vec![Target::parse("http://127.0.0.1:1/").unwrap()];
    });
    *server.sink.reply.lock().unwrap() = Some(TargetReply::Answered(Arc::new(Reply {
        status: 403,
        reason: "Forbidden".into(),
        headers: vec![(Box::from(&b"X-App"[..]), Box::from(&b"1"[..]))],
        body: Arc::from(&b"no"[..]),
        cut_from: None,
    })));
    let answer = server.exchange(POST);
    assert!(status(&answer) == 403 && answer.contains("x-app: 1\r\n") && answer.ends_with("\r\n\r\nno"));
    *server.sink.reply.lock().unwrap() = Some(TargetReply::Failed("Nothing listens on port 1.".into()));
    let answer = server.exchange(POST);
    assert!(status(&answer) == 502 && answer.contains("Nothing listens on port 1."));
    assert_eq!(by(&server, 2), [(403, AnsweredBy::Forward), (502, AnsweredBy::Forward)]);
}

#[test]
fn what_could_not_be_saved_is_never_answered_2xx() {
    let server = server(|endpoint| endpoint.respond = vec![Respond::default()]);
    *server.sink.unsaved.lock().unwrap() = true;
    let answer = server.exchange(POST);
    assert!(status(&answer) == 503 && answer.contains("retry-after: "));
    assert_eq!(by(&server, 1), [(503, AnsweredBy::Refused)]);
}

#[test]
fn endpoints_are_exchanged_while_running() {
    let server = Server::start();
    assert_eq!(status(&server.exchange(POST)), 200);
    let mut endpoint = Endpoint::new("/**");
    endpoint.respond = vec![Respond { status: 418, ..Respond::default() }];
    server.endpoints.replace(Endpoints { list: vec![endpoint] });
    assert_eq!(status(&server.exchange(POST)), 418);
}

fn handshake(receipt: bool) -> Option<Handshake> {
    let reply = Respond { body: "challenge".into(), ..Respond::default() };
    Some(Handshake { name: Name::find("x crc").unwrap(), reply, receipt, learned: None })
}

#[test]
fn handshakes_come_before_rejections_and_fixed_answers() {
    let met = AnsweredBy::Handshake(Name::find("x crc").unwrap());
    let fixed = |endpoint: &mut Endpoint| {
        endpoint.on_invalid = Some(403);
        endpoint.respond = vec![Respond { status: 500, ..Respond::default() }];
    };
    let limited = |endpoint: &mut Endpoint| {
        endpoint.rate_limit = Some(RateLimit { count: 0, per: Duration::from_secs(1) });
    };
    let elsewhere = |endpoint: &mut Endpoint| endpoint.path = "/elsewhere".into();
    type Shape<'a> = &'a dyn Fn(&mut Endpoint);
    for (receipt, verdict, shape, expected) in [
        (false, Some(Verdict::Unsigned), &fixed as Shape<'_>, (200, met)),
        (true, Some(Verdict::Unsigned), &fixed, (403, AnsweredBy::Rejected)),
        (true, Some(Verdict::Valid), &fixed, (500, AnsweredBy::Endpoint)),
        (true, Some(Verdict::Valid), &|_| (), (200, met)),
        (false, None, &limited, (429, AnsweredBy::Rejected)),
        (false, None, &elsewhere, (200, met)),
    ] {
        let server = server(|endpoint| shape(endpoint));
        *server.sink.verdict.lock().unwrap() = verdict;
        *server.sink.handshake.lock().unwrap() = handshake(receipt);
        let answer = server.exchange(POST);
        assert_eq!(answer.ends_with("\r\n\r\nchallenge"), expected.1 == met, "{answer}");
        assert_eq!(by(&server, 1), [expected]);
    }
    let server = server(|_| ());
    *server.sink.unsaved.lock().unwrap() = true;
    *server.sink.handshake.lock().unwrap() = handshake(false);
    assert_eq!(status(&server.exchange(POST)), 503);
}

#[test]
fn a_target_whose_response_goes_back_answers_its_own_handshakes() {
    let own = TargetReply::Answered(Arc::new(Reply {
        status: 202,
        reason: "".into(),
        headers: Vec::new(),
        body: Arc::from(&b"own"[..]),
        cut_from: None,
    }));
    let met = AnsweredBy::Handshake(Name::find("x crc").unwrap());
    for (handshakes, reply, expected) in [
        (None, own.clone(), (202, AnsweredBy::Forward)),
        (Some(true), own, (200, met)),
        (None, TargetReply::Failed("Nothing listens.".into()), (200, met)),
    ] {
        let server = server(|endpoint| {
            endpoint.forward_response = true;
            endpoint.on_invalid = Some(401);
            endpoint.handshakes = handshakes;
            endpoint.forward_to = vec![Target::parse("http://127.0.0.1:1/").unwrap()];
        });
        *server.sink.verdict.lock().unwrap() = Some(Verdict::Unsigned);
        *server.sink.reply.lock().unwrap() = Some(reply);
        *server.sink.handshake.lock().unwrap() = handshake(false);
        server.exchange(POST);
        assert_eq!(by(&server, 1), [expected]);
    }
}
