//! Who appears on the stage: a few captures of every kind.

use std::{sync::Arc, time::Duration};

use hookglass::{
    app::content::{Expected, Received, SignatureView, SignedBytes, SignedPiece},
    domain::{
        capture::{Capture, Cut},
        delivery::DeliveryKind,
        handshake::Name,
        signature::{Check, Code, Verdict},
        sink::AnsweredBy,
        time::Timestamp,
    },
};

use crate::stage::{Sample, Stage};

/// The body of the sample captures.
const STRIPE: &str = "{\n  \"id\": \"evt_1PqX2LkdIwHu7ix\",\n  \"object\": \"event\",\n  \"type\": \"invoice.paid\",\n  \"created\": 1795300000,\n  \"livemode\": false,\n  \"data\": {\n    \"object\": {\n      \"id\": \"in_1PqX2J\",\n      \"amount_paid\": 4200,\n      \"currency\": \"eur\",\n      \"customer_email\": \"ada@example.com\"\n    }\n  }\n}";

impl Stage {
    /// A day's worth of different captures.
    pub(crate) fn cast(&mut self) {
        let check = |verdict, scheme: &str, secret: Option<&str>| Check {
            scheme: Some(Arc::from(scheme)),
            secret: secret.map(Arc::from),
            age_s: Some(3),
            ..Check::bare(verdict)
        };
        let id = self.capture(
            Sample::post("/github", "{\"action\": \"opened\"}").by("github", "pull_request"),
            Some(check(Verdict::Valid, "github", Some("GITHUB_WEBHOOK_SECRET"))),
        );
        self.answer(id, 200, AnsweredBy::Default);
        self.deliver(id, DeliveryKind::Forward, Ok((200, "ok")), 12);
        let id = self.capture(Sample::post("/health?probe=1", ""), Some(Check::bare(Verdict::Unknown)));
        self.answer(id, 200, AnsweredBy::Default);
        let id = self.capture(
            Sample::post("/discord/interactions", "{\"type\": 1}").by("discord", "PING"),
            Some(check(Verdict::Unchecked, "discord", None)),
        );
        self.answer(id, 200, AnsweredBy::Handshake(Name::find("discord ping").unwrap()));
        let mut refused = Sample::post("/", "");
        refused.head = "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{fc}".into();
        refused.cut = Some(Cut::Refused);
        refused.refusal =
            Some("this is the beginning of a TLS connection: use http:// with this port".into());
        let id = self.capture(refused, Some(Check::bare(Verdict::Unknown)));
        self.answer(id, 400, AnsweredBy::Refused);
        let mut aborted = Sample::post("/slack/events", "{\"token\": \"ab").by("slack", "event_callback");
        aborted.cut = Some(Cut::Aborted);
        let id = self.capture(aborted, Some(check(Verdict::Unsigned, "slack", None)));
        self.answer(id, 0, AnsweredBy::Refused);
        let mut stripe = Sample::post("/stripe/webhooks", STRIPE).by("stripe", "invoice.paid");
        stripe.delivery_id = Some("evt_1PqX2LkdIwHu7ix".into());
        stripe.head = format!(
            "POST /stripe/webhooks HTTP/1.1\r\nHost: hooks.example.com\r\nUser-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)\r\nContent-Type: application/json; charset=utf-8\r\nStripe-Signature: t=1795300003,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd\r\nX-Dup: 1\r\nx-dup: 2\r\nContent-Length: {}\r\n\r\n",
            STRIPE.len()
        );
        let id = self.capture(
            stripe,
            Some(check(Verdict::Invalid(Code::BodyModified), "stripe", Some("STRIPE_WEBHOOK_SECRET"))),
        );
        self.answer(id, 200, AnsweredBy::Default);
        self.deliver(
            id,
            DeliveryKind::Forward,
            Ok((500, "Internal Server Error\nTraceback: no such table")),
            48,
        );
        self.deliver(
            id,
            DeliveryKind::Replay,
            Err("connection refused: is the app running on localhost:3000?"),
            1,
        );
        self.pull();
    }
}

/// What the check of a sample finds.
pub(crate) fn report(check: Check, capture: &Capture) -> SignatureView {
    let verdict = check.verdict;
    let view = SignatureView::bare(check, "There is nothing to check in this request.");
    match verdict {
        Verdict::Invalid(_) => SignatureView {
            explanation: "The signature does not match: it was made for the body without its final newline. Something between Stripe and here added one.".into(),
            provider: Some(("stripe".into(), "Stripe".into())),
            scheme: Some("HMAC over the timestamp, a dot and the raw body".into()),
            docs: Some("https://docs.stripe.com/webhooks#verify-manually".into()),
            algorithm: Some("HMAC-SHA256".into()),
            encoding: Some("hex".into()),
            place: Some("header Stripe-Signature".into()),
            content: vec![
                SignedPiece { label: "timestamp".into(), bytes: SignedBytes::Bytes(b"1795300003".to_vec()) },
                SignedPiece { label: "dot".into(), bytes: SignedBytes::Bytes(b".".to_vec()) },
                SignedPiece { label: "body".into(), bytes: SignedBytes::Body },
            ],
            received: vec![Received {
                text: capture.head().get("stripe-signature").map_or(Vec::new(), |v| v[16..].to_vec()),
                readable: true,
                matches: false,
                secret: false,
            }],
            expected: vec![Expected {
                secret: "STRIPE_WEBHOOK_SECRET".into(),
                value: Some("5257a8a2bd1b4bd2e3a1cd4f9d9a71dcb7f0ccf8a5d3bb2c1d2f4f6f04e0e5ab".into()),
                matches: false,
            }],
            timestamp: Some(Timestamp::from_micros(1_795_300_003_000_000)),
            tolerance: Some(Duration::from_secs(300)),
            ..view
        },
        Verdict::Unchecked => SignatureView {
            explanation: "The request is signed, but no public key for Discord is configured.".into(),
            provider: Some(("discord".into(), "Discord".into())),
            secret_names: vec!["DISCORD_PUBLIC_KEY".into(), "DISCORD_APP_PUBLIC_KEY".into()],
            ..view
        },
        _ => view,
    }
}
