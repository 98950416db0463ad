//! Sending captures to targets that are well-behaved, broken or hostile. Nothing leaves loopback.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod curl;
mod destination;
mod dice;
mod exact;
mod hostile;
mod recorder;
mod response;
mod snippets;
mod tls;

pub(crate) use self::{
    dice::Dice,
    recorder::{Recorder, split},
};
pub(crate) use tls::{answering as tls_answering, roots as tls_roots};

use std::{net::SocketAddr, sync::Arc};

use hookglass::{
    client::{Client, Options},
    domain::{
        capture::{Capture, HttpVersion, Incoming},
        delivery::{DeliveryKind, Outcome},
        replay::{Outgoing, plan},
        summary::Origin,
        target::Target,
        time::Timestamp,
    },
};

/// A complete capture of these bytes.
fn capture(head: &[u8], body: &[u8]) -> Arc<Capture> {
    let incoming = Incoming {
        received_at: Timestamp::from_micros(0),
        remote: ([127, 0, 0, 1], 1).into(),
        version: HttpVersion::Http11,
        head: head.to_vec(),
        body: body.to_vec(),
        trailers: Vec::new(),
        cut: None,
        announced: None,
        refusal: None,
    };
    Arc::new(Capture::new(incoming, None, Origin::default()))
}

/// A small request to a target, unmarked.
fn outgoing(method: &str, target: &str) -> Outgoing {
    let head = format!("{method} /hook HTTP/1.1\r\nHost: captured.test\r\n\r\n");
    let target = Target::parse(target).unwrap();
    plan(&capture(head.as_bytes(), b""), &target, "", DeliveryKind::Test).unwrap()
}

/// The base URL of a listener.
fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}

/// Sends a small request to a listener.
async fn send(address: SocketAddr, options: Options) -> Outcome {
    Client::new(options).send(outgoing("GET", &url(address))).await
}
