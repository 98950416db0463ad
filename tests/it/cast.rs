//! Who appears on the stage: a few captures of every kind.

#![expect(clippy::unwrap_used, reason = "a sample that cannot be built fails its test")]

use hookglass::{
    app::content::{LimitFrom, SignatureView},
    domain::{
        capture::{Capture, Cut},
        delivery::DeliveryKind,
        handshake::Name,
        signature::{Catalog, Keys, Request, Secret, Surroundings},
        sink::AnsweredBy,
    },
};

use crate::stage::{Sample, Stage};

/// The body of the sample captures.
pub(crate) const STRIPE: &str = "{\n  \"id\": \"evt_1PqX2LkdIwHu7ix\",\n  \"object\": \"event\",\n  \"type\": \"invoice.paid\",\n  \"created\": 1795300000,\n  \"livemode\": false,\n  \"data\": {\n    \"object\": {\n      \"id\": \"in_1PqX2J\",\n      \"amount_paid\": 4200,\n      \"currency\": \"eur\",\n      \"customer_email\": \"ada@example.com\"\n    }\n  }\n}";

/// HMAC-SHA256 of `1795300003.` and [`STRIPE`] with the key `whsec_sample`.
pub(crate) const STRIPE_SIGNATURE: &str = "dfa82f650ce1869344b21e6c8d0d04012429b03ef65f993ce684cd385692d071";
/// HMAC-SHA256 of the body of the GitHub sample with the key `sample`.
const GITHUB_SIGNATURE: &str = "7527f2c9b285c2f4e37ff5076329b8b0f0015c2cde54beac5eb1624594057be5";

impl Stage {
    /// A day's worth of different captures.
    pub(crate) fn cast(&mut self) {
        let github = Sample::post("/github", "{\"action\": \"opened\"}").by("github", "pull_request");
        let id = self.checked(github.with("X-Hub-Signature-256", &format!("sha256={GITHUB_SIGNATURE}")));
        self.answer(id, 200, AnsweredBy::Default);
        self.deliver(id, DeliveryKind::Forward, Ok((200, "{\"ok\":true,\"queued\":[1,2]}")), 12);
        let id = self.checked(Sample::post("/health?probe=1", ""));
        self.answer(id, 200, AnsweredBy::Default);
        let discord = Sample::post("/discord/interactions", "{\"type\": 1}").by("discord", "PING");
        let discord = discord.with("X-Signature-Ed25519", &"5c".repeat(64));
        let id = self.checked(discord.with("X-Signature-Timestamp", "1795300002"));
        self.answer(id, 200, AnsweredBy::Handshake(Name::find("discord ping").unwrap()));
        let mut refused = Sample::post("/", "");
        refused.head = "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{fc}".into();
        refused.cut = Some(Cut::Refused);
        refused.refusal =
            Some("this is the beginning of a TLS connection: use http:// with this port".into());
        let id = self.checked(refused);
        self.answer(id, 400, AnsweredBy::Refused);
        let mut aborted = Sample::post("/slack/events", "{\"token\": \"ab").by("slack", "event_callback");
        aborted.cut = Some(Cut::Aborted);
        let id = self.checked(aborted);
        self.answer(id, 0, AnsweredBy::Refused);
        // Signed without the line end that it came with.
        let mut stripe =
            Sample::post("/stripe/webhooks", &format!("{STRIPE}\n")).by("stripe", "invoice.paid");
        stripe.delivery_id = Some("evt_1PqX2LkdIwHu7ix".into());
        let stripe = stripe.with("Stripe-Signature", &format!("t=1795300003,v1={STRIPE_SIGNATURE}"));
        let id = self.checked(stripe.with("X-Dup", "1").with("x-dup", "2"));
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
        // What captures cost in memory depends on the machine; a picture must not.
        self.model.list.totals.bytes = 12_345;
        self.draw();
    }
}

/// What the check of a capture finds with the secrets of this day.
pub(crate) fn report(capture: &Capture) -> SignatureView {
    let provider = capture.summary.provider.as_deref();
    let secrets = match provider {
        Some("stripe") => vec![Secret::new("STRIPE_WEBHOOK_SECRET", *b"whsec_sample")],
        Some("twilio") => vec![Secret::new("TWILIO_AUTH_TOKEN", *b"12345")],
        Some("github") => vec![Secret::new("GITHUB_WEBHOOK_SECRET", *b"sample")],
        _ => Vec::new(),
    };
    let request = Request {
        head: capture.head(),
        body: capture.body(),
        provider,
        urls: &[],
        arrived: capture.summary.received_at,
        complete: capture.summary.cut.is_none(),
    };
    let catalog = Catalog::builtin();
    let names =
        provider.and_then(|id| catalog.provider(id)).map(|provider| provider.env().map(str::to_owned));
    SignatureView {
        report: catalog.report_with_cause(&request, &Keys::of(&secrets), &Surroundings::default()),
        secret_names: names.map(Iterator::collect).unwrap_or_default(),
        key_address: None,
        key_note: None,
        limit_from: LimitFrom::Provider,
        now: capture.summary.received_at,
    }
}
