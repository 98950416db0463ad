//! Files with many captures: what other programs write is read, what we write comes back.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{path::Path, sync::Arc, time::Duration};

use hookglass::domain::{
    capture::{Capture, CaptureId, Cut, HttpVersion, Incoming},
    delivery::{Delivery, DeliveryKind, Outcome, Reply},
    export::{Exporter, Format, Options, Summary},
    import::{Batch, Entry, ImportError, batch},
    record::{Record, Remark},
    redact::Redaction,
    signature::{Check, Code, Verdict},
    sink::{Answered, AnsweredBy},
    store::{Limits, Store},
    summary::Origin,
    target::Target,
    time::Timestamp,
};
use proptest::prelude::{Strategy, any, prop, proptest};

const NOW: Timestamp = Timestamp::from_micros(1_795_300_000_000_000);

fn fixture(name: &str) -> Result<Batch, ImportError> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/import").join(name);
    batch(&std::fs::read(path).unwrap(), NOW)
}

fn shown(entry: &Entry) -> String {
    let incoming = &entry.incoming;
    let head = String::from_utf8(incoming.head.clone()).unwrap().replace("\r\n", "|");
    format!("{head}{}", incoming.body.escape_ascii())
}

#[test]
fn files_of_other_programs_are_read() {
    for (name, expected, problems) in [
        (
            "browser.har",
            &[
                "GET /a?b=1 HTTP/2|accept: */*|Host: shop.test||",
                "POST /api/pay HTTP/2|content-type: application/json|content-length: 12|Host: shop.test||{\\\"a\\\": 1.10}\\n",
            ][..],
            1,
        ),
        ("bom.har", &["POST /x HTTP/1.1|Host: h.test|Content-Type: text/plain||caf\\xc3\\xa9"], 0),
        (
            "params.har",
            &[
                "POST /form HTTP/1.1|Content-Type: application/x-www-form-urlencoded|Content-Length: 17|Host: h.test||a+b=c%26d&e=",
            ],
            0,
        ),
        (
            "base64.har",
            &["PUT /b HTTP/1.1|Content-Type: application/octet-stream|Host: h.test||\\x00\\xff\\xfe"],
            0,
        ),
        ("bare.har", &["GET / HTTP/1.1|Host: h.test||", "POST /no-body HTTP/1.1|Host: h.test||"], 2),
        ("charles.json", &["DELETE /x/1 HTTP/1.1|Host: h.test:8080||"], 0),
        (
            "commands.sh",
            &[
                "POST /a HTTP/1.1|X-A: 1; 2|Content-Type: application/x-www-form-urlencoded|Host: h.test||it\\'s\\n",
                "PUT /b HTTP/1.1|Content-Type: application/x-www-form-urlencoded|Host: h.test||x # y",
                "POST /c HTTP/1.1|Content-Type: application/x-www-form-urlencoded|Host: h.test||@x\\n# no comment",
            ],
            1,
        ),
        ("several.http", &["POST /a HTTP/1.1|Host: h|Content-Length: 3||a\\nb", "GET /b HTTP/1.0||"], 0),
    ] {
        let found = fixture(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        let entries: Vec<String> = found.entries.iter().map(shown).collect();
        assert_eq!(entries, expected, "{name}");
        assert_eq!(found.problems.len(), problems, "{name}: {:?}", found.problems);
    }
    let found = fixture("browser.har").unwrap();
    assert_eq!(found.entries[0].incoming.received_at.to_string(), "2026-11-21T21:26:09.123000Z");
    assert_eq!(found.entries[0].incoming.version, HttpVersion::Http2);
    let found = fixture("bare.har").unwrap();
    assert_eq!(
        (found.entries[0].incoming.received_at, found.entries[1].incoming.cut),
        (NOW, Some(Cut::Aborted))
    );
    let found = fixture("several.http").unwrap();
    assert_eq!(found.entries[0].id, Some(CaptureId(7)));
    assert_eq!(found.entries[1].incoming.remote.to_string(), "[::1]:6");
}

#[test]
fn bounds_and_faults_are_told() {
    let deep =
        format!("{{\"log\":{{\"entries\":[{{\"request\":{}1{}}}]}}}}", "[".repeat(200), "]".repeat(200));
    for (text, expected) in [
        ("", "there is no request: the input is empty"),
        ("hello\nworld\n", "this is none of the forms"),
        ("{\"log\":{}}", "it has a log without entries"),
        ("{\"log\":{\"entries\":[]}}", "this is none of the forms"),
        ("{\"log\":", "the JSON cannot be read: it ends in the middle"),
        (
            "{\"log\":{\"entries\":[{\"request\":{\"method\":\"GET\",\"url\":\"ftp://h\"}}]}}",
            "nothing in it can be read: entry 1: the URL",
        ),
        ("### hookglass x\n", "does not say what follows"),
        ("### hookglass 1 2 3 99\r\nGET / HTTP/1.1\r\n\r\n", "ends before its last request does"),
        (&deep, "nested deeper than 127 levels"),
    ] {
        let error = batch(text.as_bytes(), NOW).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

/// A record with everything that one can have.
pub(crate) fn record(id: u64, target: &str, headers: &[(String, Vec<u8>)], body: &[u8], kind: u8) -> Record {
    let mut head = format!("POST {target} HTTP/1.1\r\nHost: localhost:3000\r\n").into_bytes();
    for (name, value) in headers {
        head.extend_from_slice(&[name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    head.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    let incoming = Incoming {
        received_at: Timestamp::from_micros(1_795_300_000_120_000),
        remote: ([10, 1, 2, 3], 4).into(),
        version: HttpVersion::Http11,
        head,
        body: body.to_vec(),
        trailers: Vec::new(),
        cut: (kind == 1).then_some(Cut::TooLarge),
        announced: (kind == 1).then_some(999),
        refusal: None,
    };
    let origin = Origin {
        provider: Some("stripe".into()),
        event: Some("a.b".into()),
        delivery_id: Some("evt_1".into()),
        attempt: Some(2),
    };
    let store = Store::new(Limits { bytes: 1 << 30, count: 1 << 20 }, || ());
    let mut check =
        Check::bare(if kind == 0 { Verdict::Valid } else { Verdict::Invalid(Code::BodyModified) });
    check.scheme = Some("stripe".into());
    check.secret = Some("STRIPE_WEBHOOK_SECRET".into());
    check.age_s = Some(-3);
    for _ in 1..id {
        store.push(Capture::new(empty(), None, Origin::default()), None);
    }
    let given = store.push(Capture::new(incoming, Some("stripe".into()), origin), Some(check)).id();
    store.answered(given, Answered { status: 200, by: AnsweredBy::Endpoint });
    store.remark(given, Remark { marked: true, note: "see \u{1b} this".into() });
    let reply = Reply {
        status: 500,
        reason: "".into(),
        headers: vec![(Box::from(&b"X-A"[..]), Box::from(&b"\xff"[..]))],
        body: Arc::from(body),
        cut_from: None,
    };
    for result in [Ok(reply), Err("refused".to_owned())] {
        store.deliver(Delivery {
            capture: given,
            attempt: 0,
            kind: DeliveryKind::Replay,
            url: "http://localhost:1/a".into(),
            started_at: Timestamp::from_micros(1_795_300_000_120_000),
            outcome: Some(Outcome { took: Duration::from_millis(7), result }),
        });
    }
    store.get(given).unwrap()
}

fn empty() -> Incoming {
    Incoming {
        received_at: NOW,
        remote: ([127, 0, 0, 1], 1).into(),
        version: HttpVersion::Http11,
        head: b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        body: Vec::new(),
        trailers: Vec::new(),
        cut: None,
        announced: None,
        refusal: None,
    }
}

pub(crate) fn export(format: &str, records: &[(Record, String)], redaction: Redaction) -> (Vec<u8>, Summary) {
    let options = Options {
        base: Target::parse("3000").unwrap(),
        redaction,
        many: records.len() > 1,
        bare: false,
        version: "0",
    };
    let mut exporter = Exporter::new(Format::find(format).unwrap(), options);
    let mut out = Vec::new();
    for (record, explanation) in records {
        exporter.push(record, None, explanation, &mut out);
    }
    let summary = exporter.finish(&mut out);
    (out, summary)
}

fn again(format: &str, text: &[u8]) -> Vec<u8> {
    let found = batch(text, NOW).unwrap_or_else(|error| panic!("{error}: {}", text.escape_ascii()));
    assert_eq!(found.problems, Vec::<String>::new(), "{}", text.escape_ascii());
    let records: Vec<_> = found
        .entries
        .into_iter()
        .enumerate()
        .map(|(index, entry)| {
            let explanation = entry.explanation.clone();
            let id = entry.id.unwrap_or(CaptureId(index as u64 + 1));
            (entry.into_record(id), explanation)
        })
        .collect();
    export(format, &records, Redaction::none()).0
}

fn headers() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    let value = prop::collection::vec(any::<u8>(), 0..30).prop_map(|bytes| {
        let sound = |b: &u8| !matches!(b, b'\r' | b'\n' | 0);
        bytes.into_iter().filter(sound).collect::<Vec<_>>().trim_ascii().to_vec()
    });
    prop::collection::vec(("X-[A-Za-z0-9]{1,8}", value), 0..5)
}

proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn what_is_exported_comes_back_and_is_exported_alike(
        path in "/[a-zA-Z0-9/%?&=._~'$!()*;-]{0,20}",
        headers in headers(),
        body: Vec<u8>,
        text: String,
        kind in 0_u8..2,
    ) {
        let records = [
            (record(1, &path, &headers, &body, kind), "Because.".to_owned()),
            (record(2, &path, &headers, text.as_bytes(), 0), String::new()),
        ];
        for format in ["jsonl", "har", "http"] {
            let (first, summary) = export(format, &records, Redaction::none());
            assert_eq!(summary.count, 2, "{format}");
            let second = again(format, &first);
            assert!(first == second, "{format}:\n{}\n{}", first.escape_ascii(), second.escape_ascii());
        }
        // What curl makes anew is made anew once; arrival and sender are not in it.
        let whole = [(records[1].0.clone(), String::new())];
        let bare = |text: &[u8]| {
            let text = String::from_utf8(text.to_vec()).unwrap();
            text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n")
        };
        let first = again("curl", &export("curl", &whole, Redaction::none()).0);
        assert_eq!(bare(&again("curl", &first)), bare(&first));
    }

    #[test]
    fn nothing_redacted_is_in_any_format(word in "[a-z]{12}", number in 10_000_000_u64..99_999_999) {
        let canary = format!("{word}{number}");
        let body = format!("{{\"a\":1,\"password\":\"{canary}\",\"card\":{{\"number\":\"{canary}\"}},\"u\":\"https://h/?token={canary}\"}}");
        let headers = [
            ("Authorization".to_owned(), format!("Bearer {canary}").into_bytes()),
            ("Stripe-Signature".to_owned(), format!("t=1,v1={canary}").into_bytes()),
            ("Cookie".to_owned(), format!("s={canary}").into_bytes()),
        ];
        let made = record(1, &format!("/a?token={canary}"), &headers, body.as_bytes(), 0);
        for format in hookglass::domain::export::FORMATS {
            let (text, summary) = export(format.name, &[(made.clone(), String::new())], Redaction::secrets());
            let text = String::from_utf8(text).unwrap();
            assert_eq!(summary.count, 1, "{}", format.name);
            assert!(!text.contains(&canary), "{}: {text}", format.name);
            assert!(text.to_lowercase().contains("redacted"), "{}", format.name);
            assert!(export(format.name, &[(made.clone(), String::new())], Redaction::none()).0.escape_ascii().to_string().contains(&canary));
        }
    }
}

#[test]
fn chunked_bodies_and_their_trailers_come_back() {
    let incoming = Incoming {
        head: b"POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n".to_vec(),
        body: b"a\r\n0\r\n\r\nb".to_vec(),
        trailers: b"X-Sum: 1\r\nx-other: 2\r\n".to_vec(),
        ..empty()
    };
    let store = Store::new(Limits { bytes: 1 << 20, count: 10 }, || ());
    let id = store.push(Capture::new(incoming, None, Origin::default()), None).id();
    let records = [(store.get(id).unwrap(), String::new())];
    for format in ["jsonl", "har", "http"] {
        let (first, _) = export(format, &records, Redaction::none());
        let found = batch(&first, NOW).unwrap();
        assert_eq!(found.entries[0].incoming.body, b"a\r\n0\r\n\r\nb", "{format}");
        assert_eq!(found.entries[0].incoming.trailers, b"X-Sum: 1\r\nx-other: 2\r\n", "{format}");
        assert!(again(format, &first) == first, "{format}");
    }
}
