//! The Signature pane as somebody sees it who has never seen a signature, and its two clocks.

use hookglass::{
    app::{Effect, Msg, content::LimitFrom, detail::Slot, tolerance::Tolerances, whatif::Tally},
    domain::{
        capture::{Capture, CaptureId, HttpVersion, Incoming},
        endpoint::{Endpoint, Endpoints},
        signature::{Catalog, Code, NO_LIMIT, Secret, Verdict},
        store::{Limits, Store},
        summary::Origin,
        time::Timestamp,
    },
    engine::{extra::Extra, library::Library, rules::Rules, secrets::Keyring, whatif::check_again},
};

use std::{sync::Arc, time::Duration};

use crate::{
    cast::{STRIPE, STRIPE_SIGNATURE},
    screen::snapshot,
    stage::{Sample, Stage},
};

fn stripe(body: &str, signature: &str) -> Sample {
    let sample = Sample::post("/stripe/webhooks", body).by("stripe", "invoice.paid");
    sample.with("Stripe-Signature", signature)
}

/// Seconds since 1970 at which the sample was signed.
const SIGNED: i64 = 1_795_300_003;

fn right() -> String {
    format!("t={SIGNED},v1={STRIPE_SIGNATURE}")
}

fn verdict(stage: &Stage) -> Verdict {
    stage.model.detail.report.get().unwrap().report.check.verdict
}

fn at(secs: i64) -> Timestamp {
    Timestamp::from_micros(secs * 1_000_000)
}

fn twilio() -> Sample {
    // Signed for http://hooks.example.com/sms/ with the key 12345.
    let sample = Sample::post("/sms", "").by("twilio", "");
    sample.with("X-Twilio-Signature", "sp8tuECdl3BHUJ5Dksh19jPwabU=")
}

#[test]
fn each_verdict_is_readable_at_three_sizes() {
    let other = "5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd";
    let github = Sample::post("/github", "{}").by("github", "push").with("X-Hub-Signature-256", "sha256=00");
    for (name, sample, expected) in [
        ("valid", stripe(STRIPE, &right()), Verdict::Valid),
        ("wrong_secret", stripe(STRIPE, &format!("t={SIGNED},v1={other}")), Verdict::Invalid(Code::Mismatch)),
        ("body_changed", stripe(&format!("{STRIPE}\n"), &right()), Verdict::Invalid(Code::BodyModified)),
        ("stale", stripe(STRIPE, &right()), Verdict::Invalid(Code::TimestampTooOld)),
        ("url", twilio(), Verdict::Invalid(Code::WrongUrl)),
        (
            "no_secret",
            Sample::post("/slack", "{}")
                .by("slack", "event_callback")
                .with(
                    "X-Slack-Signature",
                    "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
                )
                .with("X-Slack-Request-Timestamp", "1795300000"),
            Verdict::Unchecked,
        ),
        ("malformed", github, Verdict::Invalid(Code::MalformedHeader)),
        ("unknown", Sample::post("/somewhere", "{}"), Verdict::Unknown),
    ] {
        for (width, height) in [(80, 24), (120, 36), (200, 50)] {
            let mut stage = Stage::new(width, height);
            if name == "stale" {
                stage.skip(724);
            }
            stage.checked(Sample { ..sample.clone() });
            stage.pull();
            stage.press("4<enter>");
            assert_eq!(verdict(&stage), expected, "{name}: {}", stage.text());
            snapshot(&format!("pane_{name}_{width}x{height}"), &stage.text());
        }
    }
}

#[test]
fn the_second_clock_goes_on_and_wakes_once() {
    let mut stage = Stage::new(120, 36);
    stage.checked(stripe(STRIPE, &right()));
    stage.pull();
    assert_eq!(stage.model.wake(), Some(at(SIGNED + 301)), "the overview tells it too");
    stage.press("4");
    let text = stage.text();
    assert!(text.contains("valid (3 s in the future)") && text.contains("valid until 22:31:44"), "{text}");
    for pane in ["5", "2"] {
        stage.press(pane);
        assert_eq!(stage.model.wake(), None, "nothing of it is on the screen");
    }
    stage.press("4");
    let mut woken = 0;
    while let Some(next) = stage.model.wake() {
        let before = stage.text();
        stage.tell(Msg::Clock(next));
        stage.draw();
        assert_ne!(stage.text(), before, "a wake-up that changes nothing");
        woken += 1;
        if woken == 1 {
            let text = stage.text();
            assert!(
                text.contains("no longer valid since 22:31:44: more than 5 min old, limit 5 min"),
                "{text}"
            );
        }
    }
    assert!(woken < 12, "{woken}");
    assert!(stage.text().contains("more than 30 d old"), "{}", stage.text());
    assert!(stage.text().contains("valid (3 s in the future)"), "what was true on arrival stays true");
    stage.press("1");
    assert!(stage.text().contains("now: no longer valid"), "{}", stage.text());
}

#[test]
fn a_pane_that_is_hidden_wakes_nobody() {
    let mut stage = Stage::new(50, 11);
    stage.checked(stripe(STRIPE, &right()));
    stage.pull();
    stage.press("4");
    assert_eq!(stage.model.wake(), None, "{}", stage.text());
    stage.press("<enter>");
    assert!(stage.model.wake().is_some(), "{}", stage.text());
    let mut stage = Stage::new(120, 36);
    stage.cast();
    stage.press("4");
    assert_eq!(stage.model.wake(), None, "a wrong signature does not get more wrong");
}

#[test]
fn sending_says_that_it_will_be_refused() {
    let mut stage = Stage::new(120, 36);
    stage.checked(stripe(STRIPE, &right()));
    stage.pull();
    stage.press("3R");
    assert!(!stage.text().contains("will refuse"), "{}", stage.text());
    let next = stage.model.wake().unwrap();
    stage.tell(Msg::Clock(Timestamp::from_micros(next.as_micros() + 400_000_000)));
    stage.draw();
    let text = stage.text();
    assert!(text.contains("will refuse it") && text.contains("10 min ago, and the limit is 5 min"), "{text}");
    stage.press("<esc>r");
    assert!(stage.text().contains("too old"), "{}", stage.text());
}

fn known() -> Tolerances {
    Tolerances {
        provider: "stripe".into(),
        name: "Stripe".into(),
        documented: Some(Duration::from_secs(300)),
        endpoint: None,
        run: None,
        signs_time: true,
    }
}

#[test]
fn a_tolerance_is_typed_set_and_told() {
    let mut stage = Stage::new(120, 36);
    stage.checked(stripe(STRIPE, &right()));
    stage.pull();
    stage.press("t");
    assert!(matches!(stage.asked[..], [Effect::AskTolerance { .. }]));
    stage.asked.clear();
    stage.tell(Msg::Tolerances(known()));
    stage.press("soon<enter>");
    assert!(stage.text().contains("a tolerance is a duration") && stage.asked.is_empty(), "{}", stage.text());
    stage.press("<ctrl-u>30s<enter>");
    let set = |stage: &Stage| match &stage.asked[..] {
        [Effect::SetTolerance { provider, tolerance }] if **provider == *"stripe" => *tolerance,
        other => panic!("{other:?}"),
    };
    assert_eq!(set(&stage), Some(Duration::from_secs(30)));
    stage.tell(Msg::Tried(Tally { provider: "github".into(), ..Tally::default() }));
    stage.tell(Msg::Tried(Tally {
        provider: "stripe".into(),
        valid: 12,
        invalid: 3,
        signed: 2,
        ..Tally::default()
    }));
    stage.draw();
    snapshot("tolerance_120x36", &stage.text());
    for part in ["12 valid, 3 not", "2 signed rightly, but not in time", "30 s, set for this run"] {
        assert!(stage.text().contains(part), "{part}: {}", stage.text());
    }
    stage.asked.clear();
    stage.press("<ctrl-u>off<enter>");
    assert_eq!(set(&stage), Some(NO_LIMIT));
    stage.asked.clear();
    stage.press("<ctrl-u><enter>");
    assert_eq!(set(&stage), None);
    stage.tell(Msg::Tried(Tally { provider: "stripe".into(), ..Tally::default() }));
    stage.press("<enter>");
    assert!(stage.model.overlay.is_none());
    stage.tell(Msg::Tolerances(Tolerances { signs_time: false, ..known() }));
    stage.draw();
    assert!(stage.model.overlay.is_none() && stage.text().contains("nothing can be too old"));
}

#[test]
fn the_pane_says_whose_limit_is_in_force() {
    let mut stage = Stage::new(120, 36);
    stage.checked(stripe(STRIPE, &right()));
    stage.pull();
    stage.press("4");
    let Slot::Ready(ticket, view) = stage.model.detail.report.clone() else { panic!("no report") };
    for (from, words) in [
        (LimitFrom::Run, "5 min, as you set it for this run (documented: 5 min)"),
        (LimitFrom::Endpoint, "as the endpoint's configuration says"),
    ] {
        let mut other = (*view).clone();
        other.limit_from = from;
        stage.model.detail.report = Slot::Ready(ticket, Arc::new(other));
        stage.draw();
        assert!(stage.text().contains(words), "{}", stage.text());
    }
}

#[test]
fn a_subscription_is_confirmed_only_after_a_question() {
    let body = |host: &str| {
        format!(
            r#"{{"Type":"SubscriptionConfirmation","TopicArn":"arn:aws:sns:eu-west-1:1:orders","SubscribeURL":"https://{host}/?Action=ConfirmSubscription&Token=23"}}"#
        )
    };
    let sns = |host: &str| Sample::post("/sns", &body(host)).by("aws-sns", "SubscriptionConfirmation");
    let mut stage = Stage::new(120, 36);
    stage.checked(sns("sns.eu-west-1.amazonaws.com"));
    stage.pull();
    assert!(stage.text().contains("press C to confirm"), "{}", stage.text());
    stage.press("C");
    snapshot("confirm_120x36", &stage.text());
    stage.press("<esc>");
    assert!(stage.asked.is_empty() && stage.model.overlay.is_none());
    stage.press("C<enter>");
    assert!(stage.asked.is_empty() && stage.text().contains("once more"), "{}", stage.text());
    stage.press("<enter>");
    assert!(matches!(stage.asked[..], [Effect::Confirm(_)]) && stage.model.overlay.is_none());
    stage.asked.clear();
    stage.checked(sns("sns.eu-west-1.amazonaws.com.evil.example"));
    stage.pull();
    stage.press("C");
    assert!(
        stage.text().contains("does not lead to Amazon SNS") && stage.model.overlay.is_none(),
        "{}",
        stage.text()
    );
    stage.checked(stripe(STRIPE, &right()));
    stage.pull();
    stage.press("C");
    assert!(stage.text().contains("asks for no confirmation"), "{}", stage.text());
}

fn stripe_rules(tolerance: Option<Duration>) -> Rules {
    let mut endpoint = Endpoint::new("/**");
    endpoint.tolerance = tolerance;
    Rules {
        endpoints: Arc::new(Endpoints { list: vec![endpoint] }),
        keyring: Keyring::of_provider("stripe", vec![Secret::new("S", *b"whsec_sample")]),
        catalog: Arc::new(Catalog::builtin().clone()),
        public_url: None,
        trusted: Vec::new(),
        forward_to: Vec::new(),
        fetch_keys: false,
        extra: Extra::default(),
    }
}

#[test]
fn a_tolerance_of_the_person_comes_before_the_configuration_and_outlives_it() {
    let store = Arc::new(Store::new(Limits { bytes: 1 << 30, count: 100 }, || ()));
    let library = Library::new(Arc::clone(&store), None);
    let rules = stripe_rules(None);
    for late in [0, 45, 290, 310, 7_200] {
        let sample = stripe(STRIPE, &right());
        let incoming = Incoming {
            received_at: at(SIGNED + late),
            remote: ([127, 0, 0, 1], 1).into(),
            version: HttpVersion::Http11,
            head: sample.head.into_bytes(),
            body: sample.body,
            trailers: Vec::new(),
            cut: None,
            announced: None,
            refusal: None,
        };
        let origin = Origin { provider: Some("stripe".into()), ..Origin::default() };
        let capture = Capture::new(incoming, None, origin);
        let check = rules.check(&capture, Some(0));
        store.push(capture, Some(check));
    }
    let stripe: Arc<str> = "stripe".into();
    let valid = |rules: &Rules| {
        let tally = check_again(&library, rules, "stripe");
        assert_eq!((tally.valid + tally.signed, tally.invalid - tally.signed), (5, 0));
        tally.valid
    };
    assert_eq!(valid(&rules), 3);
    let minute = Some(Duration::from_secs(60));
    assert_eq!(valid(&stripe_rules(minute)), 2, "the endpoint's own");
    assert_eq!(valid(&stripe_rules(Some(NO_LIMIT))), 5, "off");
    rules.extra.set_tolerance(&stripe, Some(Duration::from_secs(3_600)));
    assert!(rules.extra.take_touched().contains(&stripe));
    assert_eq!(valid(&rules), 4);
    let again = Rules { extra: rules.extra.clone(), ..stripe_rules(minute) };
    assert_eq!(valid(&again), 4, "the configuration was read again");
    let capture = store.get(CaptureId(1)).unwrap().capture;
    let known = again.tolerances(&capture).unwrap();
    assert_eq!((known.documented, known.endpoint), (Some(Duration::from_secs(300)), minute));
    assert_eq!(known.in_force(), Some(Duration::from_secs(3_600)));
    again.extra.set_tolerance(&stripe, None);
    assert_eq!(valid(&again), 2);
}
