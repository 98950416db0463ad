//! Records and deliveries for the tests of the output forms.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use crate::domain::{
    capture::{Capture, CaptureId, Cut, HttpVersion, Incoming},
    delivery::{Delivery, DeliveryKind, Outcome, Reply},
    record::Record,
    signature::{Check, Code, Verdict},
    sink::{Answered, AnsweredBy},
    store::{Limits, Store},
    summary::Origin,
    time::Timestamp,
};

/// A request of Stripe whose body was changed.
pub(super) fn stripe() -> Record {
    let incoming = Incoming {
        received_at: Timestamp::from_micros(1_795_300_000_123_456),
        remote: SocketAddr::from(([127, 0, 0, 1], 50512)),
        version: HttpVersion::Http11,
        head: b"POST /stripe?x=1 HTTP/1.1\r\nHost: h\r\nStripe-Signature: t=1,v1=ab\r\nstripe-signature: 2\r\n\r\n"
            .to_vec(),
        body: b"{\"a\":1}\n".to_vec(),
        trailers: Vec::new(),
        cut: None,
        announced: None,
        refusal: None,
    };
    let origin = Origin {
        provider: Some("stripe".into()),
        event: Some("invoice.paid".into()),
        delivery_id: Some("evt_1".into()),
        attempt: Some(2),
    };
    let mut record = numbered(Capture::new(incoming, Some("stripe".into()), origin));
    let mut check = Check::bare(Verdict::Invalid(Code::BodyModified));
    check.scheme = Some("stripe".into());
    check.secret = Some("STRIPE_WEBHOOK_SECRET".into());
    check.age_s = Some(3);
    record.check = Some(Arc::new(check));
    record.answered = Some(Answered { status: 200, by: AnsweredBy::Default });
    record
}

/// A request about which nothing is known.
pub(super) fn odd(method: &[u8], target: &str, body: &[u8], cut: Option<Cut>) -> Record {
    let head = [method, b" ", target.as_bytes(), b" HTTP/1.0\r\nX: \xff\r\n:\r\n\r\n"].concat();
    let incoming = Incoming {
        received_at: Timestamp::default(),
        remote: SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], 9)),
        version: HttpVersion::Http10,
        head,
        body: body.to_vec(),
        trailers: Vec::new(),
        cut,
        announced: None,
        refusal: cut.map(|_| "a \0 in a header".to_owned()),
    };
    numbered(Capture::new(incoming, None, Origin::default()))
}

/// A delivery that was answered, one that failed, and one that is under way.
pub(super) fn deliveries() -> (Delivery, Delivery, Delivery) {
    let under_way = Delivery {
        capture: CaptureId(1),
        attempt: 2,
        kind: DeliveryKind::Forward,
        url: "http://localhost:3000/w".into(),
        started_at: Timestamp::from_micros(1_795_300_000_123_456),
        outcome: None,
    };
    let header = |name: &str, value: &str| (name.as_bytes().into(), value.as_bytes().into());
    let reply = Reply {
        status: 500,
        reason: "No".into(),
        headers: vec![header("X-A", "1"), header("x-a", "\u{9b}")],
        body: b"no"[..].into(),
        cut_from: Some(99),
    };
    let ended = |took, result| Delivery {
        outcome: Some(Outcome { took: Duration::from_micros(took), result }),
        ..under_way.clone()
    };
    (ended(12_345, Ok(reply)), ended(1_003_000, Err("refused \u{1b}".to_owned())), under_way)
}

/// The record of a capture with the number 1.
fn numbered(capture: Capture) -> Record {
    let store = Store::new(Limits { bytes: u64::MAX, count: 1 }, || ());
    let capture = store.push(capture, None);
    store.get(capture.id()).expect("the capture is kept")
}
