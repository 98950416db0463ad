//! Why captured signatures fail, summed up.

use std::sync::Arc;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use hookglass::{
    domain::{
        delivery::{Delivery, DeliveryKind, Outcome, Reply},
        endpoint::Endpoints,
        signature::{Catalog, Secret},
        store::{Limits, Store},
        time::Timestamp,
    },
    engine::{
        extra::Extra,
        lab::{
            autopsy::{autopsy, read},
            doctor::{Item, Level},
        },
        rules::Rules,
        secrets::Keyring,
    },
};
use sha2::Sha256;

fn rules() -> Rules {
    let secrets = vec![Secret::new("NEW", *b"CANARY-new"), Secret::new("OLD", *b"CANARY-old")];
    Rules {
        endpoints: Arc::new(Endpoints::default()),
        keyring: Keyring::of_provider("github", secrets),
        catalog: Arc::new(Catalog::builtin().clone()),
        public_url: None,
        trusted: Vec::new(),
        forward_to: Vec::new(),
        fetch_keys: false,
        extra: Extra::default(),
    }
}

fn line(id: usize, key: &str, more: &str, headers: &str) -> String {
    let body = format!("{{\"number\":{id}}}");
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let signature = HEXLOWER.encode(&mac.finalize().into_bytes());
    let text = serde_json::Value::String(format!("{body}{more}"));
    format!(
        r#"{{"type":"capture","id":{id},"received_at":"2026-11-21T22:{:02}:00Z","method":"POST","target":"/hook","headers":[["X-GitHub-Event","push"],["X-Hub-Signature-256","sha256={signature}"]{headers}],"body":{{"size":1,"text":{text}}},"complete":true,"provider":"github"}}"#,
        id % 60
    )
}

fn texts(items: &[Item]) -> String {
    items.iter().map(|item| format!("{} {} {}\n", item.level.as_str(), item.topic, item.text)).collect()
}

#[test]
fn captures_are_grouped_counted_and_explained() {
    let mut lines = vec![r#"{"type":"listening","url":"http://127.0.0.1:7878"}"#.to_owned()];
    lines.extend((1..=3).map(|id| line(id, "CANARY-old", "", "")));
    lines.extend((4..=5).map(|id| line(id, "CANARY-new", "", "")));
    lines.extend((6..=8).map(|id| line(id, "CANARY-new", "\n", "")));
    lines.push(line(9, "somebody else's", "", ""));
    lines.push(r#"{"type":"capture","id":10,"method":"GET","target":"/","headers":[]}"#.to_owned());
    lines.push(r#"{"type":"capture","id":11,"method":"GET","target":"/?hub.mode=subscribe","headers":[],"response":{"status":200,"by":"handshake","handshake":"meta hub.challenge"}}"#.to_owned());
    let records = read(&rules(), lines.join("\n").as_bytes()).unwrap();
    assert_eq!(records.len(), 11);
    let items = autopsy(&rules(), records);
    let text = texts(&items);
    let expected = [
        "warning signature nobody known: 1 unknown, the newest #10. No provider was recognised",
        "problem signature github: 3 invalid: body_modified, the newest #8. The secret NEW is right.",
        "problem signature github: 1 invalid: mismatch, the newest #9\n",
        "ok signature github: 5 valid, the newest #5\n",
        "NEW signed 2, from 2026-11-21T22:04:00Z to 2026-11-21T22:05:00Z; OLD signed 3",
        "4 that none of them signed, the newest #9",
        "not signed like deliveries: 1",
    ];
    for part in expected {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(!text.contains("CANARY"), "{text}");
}

#[test]
fn what_is_no_capture_is_told_without_its_text() {
    for (text, part) in [
        ("{\"type\":\"capture\",\"CANARY\":1}", "line 1: the JSON cannot be read: method or target"),
        ("{\"type\":\"listening\"}\nCANARY", "line 2 cannot be read as JSON"),
        ("CANARY", "none of the forms"),
        ("", "the input is empty"),
    ] {
        let why = read(&rules(), text.as_bytes()).unwrap_err();
        assert!(why.contains(part) && !why.contains("CANARY"), "{why}");
    }
    assert_eq!(read(&rules(), b"POST / HTTP/1.1\r\nHost: h\r\n\r\n").unwrap().len(), 1);
    assert!(texts(&autopsy(&rules(), Vec::new())).contains("there is no capture"));
}

#[test]
fn clocks_that_disagree_are_told() {
    let dated = |date: &str| format!(r#",["Date","{date}"]"#);
    for (date, level, part) in [
        ("Sat, 21 Nov 2026 22:01:02 GMT", Level::Good, "agree with this computer's clock"),
        ("Sat, 21 Nov 2026 22:11:00 GMT", Level::Bad, "was 600 s behind theirs"),
        ("Sat, 21 Nov 2026 21:51:00 GMT", Level::Bad, "was 600 s ahead of theirs"),
    ] {
        let lines = line(1, "CANARY-new", "", &dated(date));
        let items = autopsy(&rules(), read(&rules(), lines.as_bytes()).unwrap());
        let clock = items.iter().find(|item| item.topic == "clock").unwrap();
        assert!(clock.level == level && clock.text.contains(part), "{clock:?}");
    }
    let items = autopsy(&rules(), read(&rules(), line(1, "x", "", &dated("soon")).as_bytes()).unwrap());
    assert!(items.iter().all(|item| item.topic != "clock"));
}

#[test]
fn responses_of_targets_tell_the_time_too() {
    let store = Store::new(Limits { bytes: 1 << 20, count: 10 }, || ());
    let mut records = read(&rules(), line(1, "CANARY-new", "", "").as_bytes()).unwrap();
    let capture = Arc::into_inner(records.remove(0).capture).unwrap();
    let id = store.push(capture, None).id();
    let reply = Reply {
        status: 200,
        reason: "OK".into(),
        headers: vec![(Box::from(&b"date"[..]), Box::from(&b"Sat, 21 Nov 2026 23:26:40 GMT"[..]))],
        body: Arc::from(&b""[..]),
        cut_from: None,
    };
    store.deliver(Delivery {
        capture: id,
        attempt: 0,
        kind: DeliveryKind::Forward,
        url: "http://localhost/".into(),
        started_at: Timestamp::from_micros(1_795_300_000_000_000),
        outcome: Some(Outcome { took: std::time::Duration::from_millis(3), result: Ok(reply) }),
    });
    let text = texts(&autopsy(&rules(), store.get(id)));
    assert!(text.contains("was 3600 s behind theirs"), "{text}");
}
