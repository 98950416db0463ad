//! Responses as they come: framing, interim responses, and headers as they stood on the wire.

use std::time::Duration;

use hookglass::client::{Client, Options};
use tokio::{io::AsyncWriteExt as _, time::sleep};

use super::{
    outgoing,
    recorder::{answering, listen, read_request},
    send, url,
};

#[tokio::test]
async fn bodies_are_read_in_every_framing() {
    for (name, method, answer, status, body) in [
        ("a length", "POST", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", 200, "abc"),
        (
            "chunks",
            "POST",
            "HTTP/1.1 201 C\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\nT: 1\r\n\r\n",
            201,
            "abc",
        ),
        ("to the end of the connection", "GET", "HTTP/1.1 500 E\r\n\r\nabc", 500, "abc"),
        ("HTTP/1.0", "GET", "HTTP/1.0 404 N\r\n\r\nabc", 404, "abc"),
        ("none", "POST", "HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
        ("not modified", "GET", "HTTP/1.1 304 N\r\nContent-Length: 3\r\n\r\n", 304, ""),
        ("HEAD", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n", 200, ""),
        ("no reason", "GET", "HTTP/1.1 299\r\nContent-Length: 0\r\n\r\n", 299, ""),
        (
            "interim ones first",
            "POST",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 202 A\r\nContent-Length: 1\r\n\r\nx",
            202,
            "x",
        ),
    ] {
        let address = answering(answer).await;
        let outcome = Client::new(Options::default()).send(outgoing(method, &url(address))).await;
        let reply = outcome.result.expect(name);
        assert_eq!((reply.status, &*reply.body), (status, body.as_bytes()), "{name}");
        assert_eq!(reply.cut_from, None, "{name}");
    }
}

#[tokio::test]
async fn an_answer_is_over_with_its_last_byte_though_the_connection_stays_open() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 204 N\r\nConnection: keep-alive\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    ] {
        let address = listen(move |mut stream| async move {
            read_request(&mut stream).await;
            stream.write_all(answer.as_bytes()).await.unwrap();
            sleep(Duration::from_secs(60)).await;
        })
        .await;
        let outcome = send(address, Options::default()).await;
        assert!(outcome.result.is_ok(), "{answer}: {:?}", outcome.result);
        assert!(outcome.took < Duration::from_secs(20), "{answer}");
    }
}

#[tokio::test]
async fn headers_and_reason_are_those_on_the_wire() {
    let address = answering(
        &b"HTTP/1.1 100 Continue\r\nX-Not: this\r\n\r\n\
           HTTP/1.1 201 All Good Here\r\nX-Dup: 1\r\nACCEPT-x: \xe9\r\nx-dup:  2 \r\nEmpty:\r\nContent-LENGTH: 2\r\n\r\nok"[..],
    )
    .await;
    let reply = send(address, Options::default()).await.result.unwrap();
    assert_eq!(&*reply.reason, "All Good Here");
    let headers: Vec<_> = reply.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    let expected: [(&[u8], &[u8]); 5] = [
        (b"X-Dup", b"1"),
        (b"ACCEPT-x", b"\xe9"),
        (b"x-dup", b"2"),
        (b"Empty", b""),
        (b"Content-LENGTH", b"2"),
    ];
    assert_eq!(headers, expected);
}

#[tokio::test]
async fn the_body_is_kept_up_to_its_limit_and_the_true_size_is_said() {
    let chunked = |size: usize| {
        format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{size:x}\r\n{}\r\n0\r\n\r\n",
            "x".repeat(size)
        )
    };
    let fixed =
        |size: usize| format!("HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n{}", "x".repeat(size));
    let options = Options { keep: 1000, ..Options::default() };
    for (answer, kept, cut_from) in [
        (fixed(1000), 1000, None),
        (fixed(1001), 1000, Some(1001)),
        (chunked(1000), 1000, None),
        (chunked(500_000), 1000, Some(500_000)),
    ] {
        let reply = send(answering(answer).await, options.clone()).await.result.unwrap();
        assert_eq!((reply.body.len(), reply.cut_from), (kept, cut_from));
    }
}
