//! While secrets are hidden, none of them ever reaches a cell of the screen.

use std::{sync::Arc, time::Duration};

use hookglass::{
    app::{Effect, Msg, effect::CopyWhat},
    domain::{
        capture::{CaptureId, Cut},
        delivery::{Delivery, DeliveryKind, Outcome, Reply},
        time::Timestamp,
    },
};

use crate::stage::{Sample, Stage};

/// What must never be seen: it stands in every place below.
const CANARY: &str = "kanarie";

fn stage(width: u16, height: u16) -> Stage {
    let mut stage = Stage::new(width, height);
    let json = format!(
        "{{\"password\": \"{CANARY}\", \"a\": {{\"email\": \"{CANARY}@x.test\"}}, \"name\": \"{CANARY}\", \"n\": 1, \
         \"url\": \"https://h.test/?token={CANARY}\", \"inner\": \"{{\\\"secret\\\": \\\"{CANARY}\\\"}}\", \
         \"headers\": [{{\"name\": \"Cookie\", \"value\": \"{CANARY}\"}}]}}"
    );
    let secret = |sample: Sample| {
        sample
            .with("Authorization", &format!("Bearer {CANARY}"))
            .with("Cookie", &format!("sid={CANARY}"))
            .with("X-Hub-Signature-256", &format!("sha256={CANARY}"))
            .with("X-Forwarded-For", CANARY)
            .with("Referer", &format!("https://h.test/?access_token={CANARY}"))
            .with("X-Api-Key", CANARY)
    };
    let target = format!("/hook?token={CANARY}&x=1");
    let id = stage.checked(secret(Sample::post(&target, &json)).by("github", "push"));
    deliver(&mut stage, id);
    let form = format!("user=1&password={CANARY}&payload=%7B%22token%22%3A%22{CANARY}%22%7D");
    let mut sample = secret(Sample::post(&target, &form));
    sample.head = sample.head.replace("application/json", "application/x-www-form-urlencoded");
    stage.checked(sample);
    let mut sample = secret(Sample::post(&target, &format!("password: {CANARY}\n<token>{CANARY}</token>\n")));
    sample.head = sample.head.replace("application/json", "text/plain");
    stage.checked(sample);
    let mut sample = secret(Sample::post(&target, ""));
    sample.body = [b"\0\x01\x02\xff", CANARY.as_bytes()].concat();
    stage.checked(sample);
    let large = format!("{{\"fill\": \"{}\", \"token\": \"{CANARY}\"}}", "x".repeat(200_000));
    stage.checked(secret(Sample::post(&target, &large)));
    let stripe = Sample::post("/stripe", &json).with("Stripe-Signature", &format!("t=1,v1={CANARY}"));
    stage.checked(stripe.by("stripe", "invoice.paid"));
    let mut refused = Sample::post("/", "");
    refused.head = format!("{CANARY} {CANARY}\r\nno colon {CANARY}\r\n\r\n");
    refused.cut = Some(Cut::Refused);
    refused.refusal = Some("the request line is malformed".into());
    stage.capture(refused, None);
    stage.model.hide = false;
    stage
}

fn deliver(stage: &mut Stage, id: CaptureId) {
    let header = |name: &str, value: &str| (Box::from(name.as_bytes()), Box::from(value.as_bytes()));
    let reply = Reply {
        status: 200,
        reason: "OK".into(),
        headers: vec![
            header("Set-Cookie", &format!("s={CANARY}")),
            header("Location", &format!("/next?token={CANARY}")),
            header("Content-Type", "application/json"),
        ],
        body: Arc::from(format!("{{\"access_token\": \"{CANARY}\"}}").as_bytes()),
        cut_from: None,
    };
    for result in [Ok(reply), Err(format!("no answer from https://h.test/?token={CANARY}"))] {
        stage.store.deliver(Delivery {
            capture: id,
            attempt: 0,
            kind: DeliveryKind::Forward,
            url: Arc::from(format!("http://localhost:3000/hook?token={CANARY}")),
            started_at: Timestamp::from_micros(0),
            outcome: Some(Outcome { took: Duration::from_millis(1), result }),
        });
    }
}

fn assert_hidden(stage: &Stage, place: &str) {
    // A line may be wrapped within the word: a part of it is as bad.
    let text = stage.text();
    assert!(!text.contains("kanar") && !text.contains("narie"), "{place}:\n{text}");
}

#[test]
fn no_secret_reaches_the_screen_at_any_size() {
    for (width, height) in [(200, 50), (120, 36), (80, 24), (40, 12), (20, 8)] {
        let mut stage = stage(width, height);
        stage.press("*");
        stage.pull();
        assert_hidden(&stage, "after the key");
        let header = stage.text().lines().next().unwrap_or_default().to_owned();
        assert!(width < 80 || header.contains("HIDDEN"), "{header}");
        for row in 0..7 {
            for pane in 1..=6 {
                stage.press(&pane.to_string());
                assert_hidden(&stage, &format!("{width}: row {row} from the end, pane {pane}"));
                stage.press("<enter>");
                for _ in 0..4 {
                    stage.press("<pgdn>");
                    assert_hidden(&stage, &format!("{width}: row {row}, pane {pane}, further down"));
                }
                stage.press("<esc><esc>");
                if stage.model.list.place().is_none() {
                    break;
                }
            }
            for keys in ["R", "y", "x", "?"] {
                stage.press(keys);
                assert_hidden(&stage, &format!("{width}: row {row}, {keys}"));
                stage.press("<esc>");
            }
            stage.press("k");
            assert_hidden(&stage, "moving up");
        }
    }
}

#[test]
fn the_same_screens_show_everything_otherwise() {
    let mut stage = stage(120, 60);
    stage.pull();
    stage.press("gg");
    for pane in ["1", "2", "3", "5", "6"] {
        stage.press(pane);
        assert!(stage.text().contains(CANARY), "{pane}:\n{}", stage.text());
    }
    stage.press("*");
    assert_hidden(&stage, "hidden");
    stage.press("*");
    assert!(stage.text().contains(CANARY));
}

#[test]
fn news_of_a_hidden_capture_are_hidden_too() {
    let mut stage = stage(120, 60);
    stage.pull();
    stage.press("g5*");
    let id = stage.model.list.selected().unwrap();
    deliver(&mut stage, id);
    stage.pull();
    assert_hidden(&stage, "a further delivery");
    assert!(stage.text().contains("[redacted]"), "{}", stage.text());
    stage.tell(Msg::Noticed(hookglass::app::Notice::bad(format!("no way to http://h/?token={CANARY}"))));
    stage.draw();
    assert_hidden(&stage, "a notice");
}

#[test]
fn copies_are_redacted_while_hidden_and_whole_otherwise() {
    let mut stage = stage(120, 36);
    stage.pull();
    stage.press("g");
    let copied = |keys: &str, stage: &mut Stage| {
        stage.asked.clear();
        stage.press(keys);
        match stage.asked.pop() {
            Some(Effect::Copy { capture, redacted, what }) => {
                assert!(matches!(what, CopyWhat::Body | CopyWhat::Headers | CopyWhat::Url | CopyWhat::Curl));
                let all = [capture.head().raw(), capture.body()].concat();
                (String::from_utf8(all).unwrap().contains(CANARY), redacted)
            }
            Some(Effect::CopyAs { record, redacted, .. }) => {
                let all = [record.capture.head().raw(), record.capture.body()].concat();
                (String::from_utf8(all).unwrap().contains(CANARY), redacted)
            }
            other => panic!("{keys}: {other:?}"),
        }
    };
    for keys in ["yb", "yh", "yu", "yc", "yt", "yp", "yf"] {
        assert_eq!(copied(keys, &mut stage), (true, false), "{keys}");
    }
    stage.press("*");
    for keys in ["yb", "yh", "yu", "yc", "yt", "yp", "yf"] {
        assert_eq!(copied(keys, &mut stage), (false, true), "{keys}");
    }
}

#[test]
fn what_is_sent_while_hidden_is_the_real_thing() {
    let mut stage = stage(120, 36);
    stage.pull();
    stage.press("g*r");
    let sent = stage.asked.pop();
    let Some(Effect::Send { captures, .. }) = sent else { panic!("{sent:?}") };
    assert!(String::from_utf8(captures[0].body().to_vec()).unwrap().contains(CANARY));
    assert_hidden(&stage, "sending");
}
