//! What is fetched: nothing by default; published keys when asked, from where the catalogue says; the
//! address of a subscription when somebody confirms it.

use std::{
    net::SocketAddr,
    sync::{Arc, RwLock},
    time::Duration,
};

use hookglass::{
    client::{Client, Options},
    domain::{
        capture::{Capture, CaptureId, HttpVersion, Incoming},
        endpoint::Endpoints,
        signature::{Catalog, Verdict},
        sink::Sink,
        store::{Limits, Store},
        target::Target,
        time::Timestamp,
    },
    engine::{
        diagnoser::Diagnoser, ears::now, extra::Extra, feed::Feed, fetch::Fetcher, forward::Forwarder,
        page::signature, rules::Rules, secrets::Keyring,
    },
};
use tokio::sync::mpsc;

use crate::client::{tls_answering, tls_roots};

/// A message that SNS signed, with the certificate that signed it, out of the vectors.
struct Sns {
    body: Vec<u8>,
    certificate: String,
}

fn sns() -> Sns {
    let vectors = include_str!("../vectors/aws-sns.jsonl");
    for line in vectors.lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let valid = value["id"] == "valid";
        let body = value["body"].as_str();
        let secrets = value["secrets"].as_array().and_then(|list| list[0].as_str());
        let secret = value["secret"].as_str().or(secrets);
        if let (true, Some(body), Some(secret)) = (valid, body, secret) {
            return Sns { body: body.as_bytes().to_vec(), certificate: secret.to_owned() };
        }
    }
    panic!("there is no valid SNS vector with a text body");
}

struct World {
    store: Arc<Store>,
    rules: Arc<RwLock<Arc<Rules>>>,
    fetcher: Fetcher,
    feed: Feed,
}

/// The path of a request behind a switch, with all names leading to one local port.
fn world(fetch_keys: bool, port: u16) -> World {
    let rules = Rules {
        endpoints: Arc::new(Endpoints::default()),
        keyring: Keyring::default(),
        catalog: Arc::new(Catalog::builtin().clone()),
        public_url: None,
        trusted: Vec::new(),
        forward_to: Vec::new(),
        fetch_keys,
        extra: Extra::default(),
    };
    let rules = Arc::new(RwLock::new(Arc::new(rules)));
    let store = Arc::new(Store::new(Limits { bytes: 1 << 30, count: 1_000 }, || ()));
    let client = Client::trusting(Fetcher::options(Vec::new()), tls_roots());
    let fetcher = Fetcher::new(client, Arc::clone(&store), Arc::clone(&rules), now).routed(move |target| {
        assert!(target.tls && target.port == 443, "{target:?}");
        Target::parse(&format!("https://localhost:{port}")).unwrap()
    });
    let forwarder = Forwarder::start(Arc::clone(&store), Arc::new(Client::new(Options::default())), now);
    let diagnoser = Diagnoser::new(Arc::clone(&store), Arc::clone(&rules));
    let feed = Feed::new(Arc::clone(&store), Arc::clone(&rules), forwarder, diagnoser, fetcher.clone());
    World { store, rules, fetcher, feed }
}

fn incoming(body: &[u8]) -> Incoming {
    Incoming {
        received_at: Timestamp::from_micros(1_795_300_000_000_000),
        remote: ([127, 0, 0, 1], 1).into(),
        version: HttpVersion::Http11,
        head: b"POST /sns HTTP/1.1\r\nHost: h\r\nx-amz-sns-message-type: Notification\r\n\r\n".to_vec(),
        body: body.to_vec(),
        trailers: Vec::new(),
        cut: None,
        announced: None,
        refusal: None,
    }
}

/// A TLS server that gives one answer; each request that it gets is told.
async fn server(answer: String) -> (SocketAddr, mpsc::UnboundedReceiver<Vec<u8>>) {
    tls_answering(answer.into_bytes()).await
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

async fn until(what: impl Fn() -> bool) {
    let waiting = async {
        while !what() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), waiting).await.unwrap();
}

fn verdict(world: &World, id: CaptureId) -> Option<Verdict> {
    world.store.get(id).and_then(|record| record.check).map(|check| check.verdict)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_fetched_once_and_the_captures_are_checked_again() {
    let sns = sns();
    let (address, mut requests) = server(ok(&sns.certificate)).await;
    let world = world(true, address.port());
    let first = world.feed.accept(incoming(&sns.body)).await;
    assert_eq!(first.verdict, Some(Verdict::Unchecked), "the answer does not wait for the key");
    until(|| verdict(&world, first.id) == Some(Verdict::Valid)).await;
    let request = String::from_utf8(requests.recv().await.unwrap()).unwrap();
    assert!(request.starts_with("GET /") && request.contains(".pem HTTP/1.1\r\n"), "{request}");
    let second = world.feed.accept(incoming(&sns.body)).await;
    assert_eq!(second.verdict, Some(Verdict::Valid), "and it is kept for the run");
    let check = world.store.get(first.id).unwrap().check.unwrap();
    assert!(check.secret.as_ref().unwrap().starts_with("the key at https://sns."), "{check:?}");
    assert!(requests.try_recv().is_err(), "one fetch for one address");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_default_nothing_is_fetched() {
    let sns = sns();
    let (address, mut requests) = server(ok(&sns.certificate)).await;
    let world = world(false, address.port());
    let receipt = world.feed.accept(incoming(&sns.body)).await;
    assert_eq!(receipt.verdict, Some(Verdict::Unchecked));
    let capture = world.store.get(receipt.id).unwrap().capture;
    let view = signature(&Rules::current(&world.rules), &capture);
    assert!(view.report.explanation.contains("--fetch-keys"), "{}", view.report.explanation);
    // A notification asks for no confirmation.
    world.fetcher.confirm(&capture);
    // One that is allowed to fetch comes later to the same server: its request is the only one.
    let other = self::world(true, address.port());
    let allowed = other.feed.accept(incoming(&sns.body)).await;
    until(|| verdict(&other, allowed.id) == Some(Verdict::Valid)).await;
    assert!(requests.recv().await.is_some());
    assert!(requests.try_recv().is_err(), "nothing else was asked for");
    assert_eq!(verdict(&world, receipt.id), Some(Verdict::Unchecked));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_key_is_told_and_never_used() {
    let sns = sns();
    let large = "a".repeat(300 << 10);
    for (answer, expected) in [
        (ok("<html>"), "is no public key"),
        (ok(&large), "larger than 256 KiB"),
        (
            "HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n".to_owned(),
            "redirects are not followed",
        ),
        ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned(), "answered 404"),
    ] {
        let (address, mut requests) = server(answer).await;
        let world = world(true, address.port());
        let receipt = world.feed.accept(incoming(&sns.body)).await;
        let rules = Rules::current(&world.rules);
        until(|| rules.extra.key_note("aws-sns").is_some()).await;
        let note = rules.extra.key_note("aws-sns").unwrap();
        assert!(note.contains(expected), "{note}");
        assert_eq!(verdict(&world, receipt.id), Some(Verdict::Unchecked));
        let capture = world.store.get(receipt.id).unwrap().capture;
        assert_eq!(signature(&rules, &capture).key_note, Some(note));
        requests.recv().await.unwrap();
        assert!(requests.try_recv().is_err(), "no second request");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_of_the_senders_own_is_never_called() {
    let sns = sns();
    let (address, mut requests) = server(ok(&sns.certificate)).await;
    let world = world(true, address.port());
    let body = String::from_utf8(sns.body.clone()).unwrap();
    for (from, to) in [
        ("https://sns.", "https://evil.example/https://sns."),
        ("https://sns.", "http://sns."),
        (".amazonaws.com/", ".amazonaws.com.evil.example/"),
    ] {
        assert!(body.contains(from));
        world.feed.accept(incoming(body.replace(from, to).as_bytes())).await;
    }
    // The right one last: it is the only one that arrives.
    let right = world.feed.accept(incoming(&sns.body)).await;
    until(|| verdict(&world, right.id) == Some(Verdict::Valid)).await;
    requests.recv().await.unwrap();
    assert!(requests.try_recv().is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_confirmation_is_one_get_and_is_noted() {
    let (address, mut requests) = server(ok("<ConfirmSubscriptionResponse/>")).await;
    let world = world(false, address.port());
    let ask = |url: &str| {
        let body =
            serde_json::json!({ "Type": "SubscriptionConfirmation", "TopicArn": "t", "SubscribeURL": url });
        let mut incoming = incoming(body.to_string().as_bytes());
        incoming.head =
            b"POST /sns HTTP/1.1\r\nHost: h\r\nx-amz-sns-message-type: SubscriptionConfirmation\r\n\r\n"
                .to_vec();
        incoming
    };
    let evil = Arc::new(Capture::new(ask("https://evil.example/?Token=1"), None, Default::default()));
    world.fetcher.confirm(&evil);
    let receipt = world
        .feed
        .accept(ask("https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=23"))
        .await;
    assert!(requests.try_recv().is_err(), "nothing is opened by itself");
    let capture = world.store.get(receipt.id).unwrap().capture;
    world.fetcher.confirm(&capture);
    until(|| !world.store.get(receipt.id).unwrap().deliveries.is_empty()).await;
    let delivery = Arc::clone(&world.store.get(receipt.id).unwrap().deliveries[0]);
    assert_eq!(delivery.outcome.as_ref().unwrap().result.as_ref().unwrap().status, 200);
    assert!(delivery.url.starts_with("https://sns.eu-west-1.amazonaws.com/"), "{}", delivery.url);
    let request = String::from_utf8(requests.recv().await.unwrap()).unwrap();
    assert!(request.starts_with("GET /?Action=ConfirmSubscription&Token=23 HTTP/1.1\r\n"), "{request}");
    assert!(requests.try_recv().is_err());
}
