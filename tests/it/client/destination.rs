//! Where a request goes: to the target, and never to ourselves, to a cloud's metadata, or where the
//! request itself would like to go.

use std::net::SocketAddr;

use hookglass::{
    client::{Client, Options},
    domain::{delivery::DeliveryKind, replay::plan, target::Target},
};

use super::{
    capture, outgoing,
    recorder::{Recorder, split},
};

fn owning(own: SocketAddr) -> Client {
    Client::new(Options { own: vec![own], ..Options::default() })
}

#[tokio::test]
async fn nothing_is_sent_to_our_own_listener_however_it_is_written() {
    let mut recorder = Recorder::start().await;
    let port = recorder.address.port();
    let wide = SocketAddr::from(([0, 0, 0, 0], port));
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0",
        "0.0.0.0",
        "[::]",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "localhost",
        "LOCALHOST",
    ] {
        for own in [recorder.address, wide] {
            let planned = outgoing("POST", &format!("http://{host}:{port}/x"));
            let error = owning(own).send(planned).await.result.expect_err(host);
            // A resolver may not know the odd spellings; where it does, they lead home.
            let home = error.contains("is where hookglass itself listens");
            assert!(home || error.starts_with("No address was found"), "{host}: {error}");
        }
    }
    assert!(recorder.is_empty());
}

#[tokio::test]
async fn another_port_of_this_machine_is_a_target_like_any_other() {
    let mut recorder = Recorder::start().await;
    let own = SocketAddr::from(([0, 0, 0, 0], recorder.address.port().wrapping_add(1)));
    let planned = outgoing("POST", &format!("localhost:{}", recorder.address.port()));
    assert!(owning(own).send(planned).await.result.is_ok());
    assert!(!recorder.next().await.is_empty());
}

#[tokio::test]
async fn nothing_is_sent_to_the_metadata_service_of_a_cloud() {
    for host in [
        "169.254.169.254",
        "[::ffff:169.254.169.254]",
        "[fd00:ec2::254]",
        "[64:ff9b::a9fe:a9fe]",
        "0xa9fea9fe",
        "2852039166",
    ] {
        let planned = outgoing("GET", &format!("http://{host}/latest/meta-data/"));
        let error = Client::new(Options::default()).send(planned).await.result.expect_err(host);
        let refused = error.contains("is the metadata service of a cloud");
        assert!(refused || error.starts_with("No address was found"), "{host}: {error}");
    }
}

#[tokio::test]
async fn a_request_has_no_say_in_where_it_goes() {
    let mut named = Recorder::start().await;
    let mut evil = Recorder::start().await;
    let target = Target::parse(&named.address.to_string()).unwrap();
    for line in [
        format!("GET http://{}/x HTTP/1.1\r\nHost: {0}", evil.address),
        format!("GET //{}/x HTTP/1.1\r\nHost: {0}", evil.address),
        format!("GET {} HTTP/1.1\r\nHost: x", evil.address),
        format!("GET @{}/x HTTP/1.1\r\nHost: x", evil.address),
        format!("GET / HTTP/1.1\r\nhost: {}\r\nX-Forwarded-Host: {0}\r\nForwarded: host={0}", evil.address),
        format!("GET / HTTP/1.1\r\nHost: x\r\nHost: {}", evil.address),
    ] {
        let planned =
            plan(&capture(format!("{line}\r\n\r\n").as_bytes(), b""), &target, "", DeliveryKind::Test)
                .unwrap();
        Client::new(Options::default()).send(planned).await.result.expect(&line);
        let arrived = named.next().await;
        let head = String::from_utf8_lossy(split(&arrived).unwrap().0).to_lowercase();
        assert_eq!(head.matches("\r\nhost: ").count(), 1, "{line}");
        assert!(head.contains(&format!("\r\nhost: {}\r\n", named.address)), "{line}");
    }
    assert!(evil.is_empty());
}

#[tokio::test]
async fn a_closed_port_and_an_unknown_name_are_said_in_a_sentence() {
    let closed = {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        listener.local_addr().unwrap()
    };
    let client = Client::new(Options::default());
    let outcome = client.send(outgoing("GET", &format!("localhost:{}", closed.port()))).await;
    assert_eq!(
        outcome.result.unwrap_err(),
        format!("Nothing listens on localhost:{}: start your app, or choose another target.", closed.port())
    );
}
