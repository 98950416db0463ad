//! TLS: verified always, exact above it, and clear about what is wrong.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use hookglass::{
    client::{Client, Options},
    domain::{delivery::DeliveryKind, replay::plan, target::Target},
};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio::{io::AsyncWriteExt as _, net::TcpStream, sync::mpsc, time::sleep};
use tokio_rustls::TlsAcceptor;

use super::{
    capture, outgoing,
    recorder::{listen, read_request, record, split},
};

const AUTHORITY: &[u8] = include_bytes!("../../fixtures/tls/ca.der");
const CERTIFICATE: &[u8] = include_bytes!("../../fixtures/tls/localhost.der");
const KEY: &[u8] = include_bytes!("../../fixtures/tls/localhost.key.der");

fn acceptor() -> TlsAcceptor {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(KEY));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(CERTIFICATE)], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// A TLS target for the name `localhost` that records what arrives.
async fn target() -> (SocketAddr, mpsc::UnboundedReceiver<Vec<u8>>) {
    let (sender, requests) = mpsc::unbounded_channel();
    let acceptor = acceptor();
    let address = listen(move |stream: TcpStream| {
        let (acceptor, sender) = (acceptor.clone(), sender.clone());
        async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                let _ = sender.send(record(stream).await);
            }
        }
    })
    .await;
    (address, requests)
}

/// A TLS target for the name `localhost` that gives every request this answer.
pub(crate) async fn answering(answer: Vec<u8>) -> (SocketAddr, mpsc::UnboundedReceiver<Vec<u8>>) {
    let (sender, requests) = mpsc::unbounded_channel();
    let acceptor = acceptor();
    let address = listen(move |stream: TcpStream| {
        let (acceptor, sender, answer) = (acceptor.clone(), sender.clone(), answer.clone());
        async move {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let request = read_request(&mut stream).await;
                let _ = sender.send(request);
                let _ = stream.write_all(&answer).await;
                let _ = stream.shutdown().await;
            }
        }
    })
    .await;
    (address, requests)
}

pub(crate) fn roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(AUTHORITY)).unwrap();
    roots
}

#[tokio::test]
async fn a_request_is_exact_over_tls() {
    let (address, mut requests) = target().await;
    let body: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let head =
        format!("POST /a?b HTTP/1.1\r\nx-A: 1\r\nhOST: x\r\nX-a:2\r\ncontent-length: {}\r\n\r\n", body.len());
    let target = Target::parse(&format!("https://localhost:{}", address.port())).unwrap();
    let planned = plan(&capture(head.as_bytes(), &body), &target, "", DeliveryKind::Test).unwrap();
    let outcome = Client::trusting(Options::default(), roots()).send(planned).await;
    assert_eq!(outcome.result.unwrap().status, 200);
    let arrived = requests.recv().await.unwrap();
    let (arrived_head, arrived_body) = split(&arrived).unwrap();
    let expected = head.replace("hOST: x", &format!("hOST: localhost:{}", address.port()));
    assert_eq!(String::from_utf8_lossy(arrived_head), expected);
    assert!(arrived_body == body);
}

#[tokio::test]
async fn a_certificate_that_does_not_hold_is_refused_before_anything_is_sent() {
    let (address, mut requests) = target().await;
    let port = address.port();
    let nobody = Client::trusting(Options::default(), RootCertStore::empty());
    let ours = Client::trusting(Options::default(), roots());
    let system = Client::new(Options::default());
    for (name, client, host, expected) in [
        ("unknown authority", &nobody, "localhost", "no authority that is trusted here issued it"),
        ("another name", &ours, "127.0.0.1", "it is for another name"),
        // On a machine without any trusted certificates that is what is said.
        ("the system's authorities", &system, "localhost", "certificate"),
    ] {
        let error =
            client.send(outgoing("POST", &format!("https://{host}:{port}"))).await.result.expect_err(name);
        assert!(error.contains(expected), "{name}: {error}");
        assert!(
            error.contains(&format!("{host}:{port}")) || error.contains("CA certificates"),
            "{name}: {error}"
        );
    }
    assert!(requests.try_recv().is_err());
}

#[tokio::test]
async fn what_is_not_tls_is_said() {
    let quick = Options { connect: Duration::from_secs(2), ..Options::default() };
    let plain = listen(|mut stream| async move {
        // As servers answer a TLS greeting on their plain port.
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        sleep(Duration::from_secs(60)).await;
    })
    .await;
    let shut = listen(|_| async {}).await;
    let hung = listen(|stream| async move {
        sleep(Duration::from_secs(60)).await;
        drop(stream);
    })
    .await;
    for (name, address, expected) in [
        ("plain HTTP", plain, ["does not speak TLS", "closed the connection in the TLS handshake"]),
        ("closing", shut, ["closed the connection in the TLS handshake", "closed the connection"]),
        ("hanging", hung, ["took no connection within 2 s", "took no connection"]),
    ] {
        let client = Client::trusting(quick.clone(), roots());
        let error = client.send(outgoing("GET", &format!("https://{address}"))).await.result.expect_err(name);
        assert!(expected.iter().any(|text| error.contains(text)), "{name}: {error}");
    }
}

#[tokio::test]
async fn http_to_a_tls_port_is_not_an_answer() {
    let (address, _requests) = target().await;
    let error = Client::new(Options::default())
        .send(outgoing("GET", &format!("http://{address}")))
        .await
        .result
        .unwrap_err();
    assert!(error.contains("something that is not HTTP") || error.contains("without an answer"), "{error}");
}
