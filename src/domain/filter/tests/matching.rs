//! What matches.

use std::{sync::Arc, time::Duration};

use crate::domain::{
    capture::{Capture, CaptureId, HttpVersion, Incoming},
    delivery::{Delivery, DeliveryKind, Outcome, Reply},
    filter::Filter,
    record::{Record, Remark},
    signature::{Check, Code, Verdict},
    sink::{Answered, AnsweredBy},
    store::{Limits, Store},
    summary::Origin,
    time::Timestamp,
};

const NOW: Timestamp = Timestamp::from_micros(1_795_300_600_000_000);

/// Four captures: a Stripe event with a wrong secret, a GitHub push that was replayed, a form that was
/// marked, and one that is still being answered.
fn records() -> Vec<Record> {
    let store = Store::new(Limits { bytes: 1 << 30, count: 100 }, || ());
    let add = |age: i64, head: &str, body: &[u8], origin: Origin, check: Option<Check>| {
        let incoming = Incoming {
            received_at: Timestamp::from_micros(NOW.as_micros() - age * 1_000_000),
            remote: ([127, 0, 0, 1], 50_000).into(),
            version: HttpVersion::Http11,
            head: head.replace('\n', "\r\n").into_bytes(),
            body: body.to_vec(),
            trailers: b"X-Trailer: last\r\n".to_vec(),
            cut: None,
            announced: None,
            refusal: None,
        };
        store.push(Capture::new(incoming, Some("hooks".into()), origin), check).id()
    };
    let stripe = add(
        30,
        "POST /stripe/webhooks?tenant=7 HTTP/1.1\nHost: hooks.example.com\nStripe-Signature: t=1,v1=ab\nContent-Type: application/json\nContent-Length: 79\n\n",
        br#"{"id":"evt_1","data":{"amount":4200,"big":12345678901234567890123,"items":[{"name":"Apple"},{"name":"b\u00e9"}]}}"#,
        Origin {
            provider: Some("stripe".into()),
            event: Some("invoice.paid".into()),
            delivery_id: Some("evt_1".into()),
            attempt: Some(2),
        },
        Some(Check::bare(Verdict::Invalid(Code::WrongSecret))),
    );
    let github = add(
        400,
        "POST /github HTTP/1.1\nX-GitHub-Event: push\nX-Dup: 1\nx-dup: two\n\n",
        b"{\"ref\":\"refs/heads/main\",\"ok\":true,\"none\":null",
        Origin { provider: Some("github".into()), event: Some("push".into()), ..Origin::default() },
        Some(Check::bare(Verdict::Valid)),
    );
    let form = add(
        90_000,
        &format!("PUT /{} HTTP/1.1\nX-Hostile: \u{1b}[31m\n\n", "long".repeat(200)),
        &[b"text=\xff\xfe", &b"x".repeat(20_000)[..]].concat(),
        Origin::default(),
        Some(Check::bare(Verdict::Unknown)),
    );
    add(0, "GET / HTTP/1.1\n\n", b"", Origin::default(), None);
    let deliver = |capture: CaptureId, kind, result: Option<Result<u16, &str>>, ms| {
        let reply = |status| Reply {
            status,
            reason: "".into(),
            headers: vec![(Box::from(&b"X-Handler"[..]), Box::from(&b"app7"[..]))],
            body: Arc::from(&b"NullPointerException"[..]),
            cut_from: None,
        };
        store.deliver(Delivery {
            capture,
            attempt: 0,
            kind,
            url: "http://localhost:3000/x".into(),
            started_at: NOW,
            outcome: result.map(|result| Outcome {
                took: Duration::from_millis(ms),
                result: result.map(reply).map_err(str::to_owned),
            }),
        });
    };
    store.answered(stripe, Answered { status: 200, by: AnsweredBy::Default });
    store.answered(github, Answered { status: 401, by: AnsweredBy::Rejected });
    store.answered(form, Answered { status: 0, by: AnsweredBy::Refused });
    deliver(stripe, DeliveryKind::Forward, Some(Ok(500)), 740);
    deliver(github, DeliveryKind::Replay, Some(Ok(200)), 5);
    deliver(github, DeliveryKind::Forward, Some(Err("connection refused")), 2);
    deliver(form, DeliveryKind::Forward, None, 0);
    store.remark(form, Remark { marked: true, note: "look later".into() });
    (1..=4).map(|id| store.get(CaptureId(id)).unwrap()).collect()
}

#[test]
fn matching() {
    let records = records();
    for (text, expected) in [
        ("", &[1, 2, 3, 4][..]),
        ("evt_1", &[1]),
        ("EVT_1", &[1]),
        ("stripe", &[1]),
        ("hooks", &[1, 2, 3, 4]),
        ("look", &[3]),
        ("nullpointer", &[1, 2]),
        ("refused", &[2]),
        ("x-trailer", &[1, 2, 3, 4]),
        ("app7", &[1, 2]),
        ("wrong_secret", &[1]),
        ("any~\"refs/[a-z]+/main\"", &[2]),
        ("method:post", &[1, 2]),
        ("method=put", &[3]),
        ("method:o", &[1, 2]),
        ("path:/stripe", &[1]),
        ("path=/github", &[2]),
        ("path:tenant", &[]),
        ("path~longlong$", &[3]),
        ("query:tenant=7", &[1]),
        ("query~.", &[1]),
        ("target:?", &[1]),
        ("target=\"/stripe/webhooks?tenant=7\"", &[1]),
        ("header(x-github-event):push", &[2]),
        ("header(x-dup)=two", &[2]),
        ("header(x-dup)>0", &[2]),
        ("header(stripe-signature)", &[1]),
        ("!header(stripe-signature)", &[2, 3, 4]),
        ("header(content-length)<80", &[1]),
        ("header(x-trailer)=last", &[1, 2, 3, 4]),
        ("header:\"X-Dup: two\"", &[2]),
        ("header~^x-h", &[3]),
        ("header(x-hostile)~\"\\x1b\"", &[3]),
        ("body:\"refs/heads\"", &[2]),
        ("body:4200", &[1]),
        ("body~(?-i)Apple", &[1]),
        ("body~(?-i)apple", &[]),
        ("body~(?-u)\\xff", &[3]),
        ("json(.data.amount)>100", &[1]),
        ("json(.data.amount)>4200", &[]),
        ("json(.data.amount)=4200.0", &[1]),
        ("json(.data.amount):42", &[1]),
        ("json(.data.big)=12345678901234567890123", &[1]),
        ("json(.data.big)=12345678901234567890124", &[]),
        ("json(.data.items[0].name)~^a", &[1]),
        ("json(.data.items[].name)=b\u{c9}", &[1]),
        ("json(.data.items[2].name)", &[]),
        ("json(.ok)=true", &[2]),
        ("json(.none)=null", &[2]),
        ("json(.data)", &[1]),
        ("json(.data):x", &[]),
        ("provider:git", &[2]),
        ("provider=git", &[]),
        ("event:paid", &[1]),
        ("event~.", &[1, 2]),
        ("delivery=evt_1", &[1]),
        ("endpoint:hooks", &[1, 2, 3, 4]),
        ("id:1,3-", &[1, 3, 4]),
        ("id>2", &[3, 4]),
        ("sig:valid", &[2]),
        ("sig:invalid", &[1]),
        ("sig:wrong_secret", &[1]),
        ("sig:body_modified", &[]),
        ("sig:pending", &[4]),
        ("sig:unknown,valid", &[2, 3]),
        ("!sig:valid", &[1, 3, 4]),
        ("status:2xx", &[1]),
        ("status>=400", &[2]),
        ("status:none", &[3, 4]),
        ("fwd:5xx", &[1]),
        ("fwd:error", &[2]),
        ("fwd:pending", &[3]),
        ("fwd:none", &[4]),
        ("fwd<600", &[1]),
        ("size>10kb", &[3]),
        ("size:0", &[4]),
        ("age<5m", &[1, 4]),
        ("age>1d", &[3]),
        ("ms>500", &[1]),
        ("ms<10", &[2]),
        ("ip:127", &[1, 2, 3, 4]),
        ("ip=10.0.0.1", &[]),
        ("mark", &[3]),
        ("!mark", &[1, 2, 4]),
        ("note", &[3]),
        ("note:later", &[3]),
        ("note=later", &[]),
        ("replay", &[2]),
        ("replay>1", &[]),
        ("replay:0", &[1, 3, 4]),
        ("attempt>1", &[1]),
        ("provider:stripe | provider:github", &[1, 2]),
        ("(provider:stripe | provider:github) sig:valid", &[2]),
        ("!(provider:stripe | mark)", &[2, 4]),
        ("~m post ~t json", &[1]),
        ("~u tenant", &[1]),
        ("~c 401", &[2]),
        ("~marked | ~replay", &[2, 3]),
        ("~d example", &[1]),
        ("~e", &[2]),
    ] {
        let filter = Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let matched: Vec<u64> =
            records.iter().filter(|r| filter.matches(r, NOW)).map(|r| r.capture.id().0).collect();
        assert_eq!(matched, expected, "{text}");
        for record in &records {
            let by_row = filter.matches_row(&record.row(), NOW);
            assert!(by_row.is_none_or(|held| held == filter.matches(record, NOW)), "{text}: {by_row:?}");
        }
        // Of record 3 a row has the beginning of its target alone.
        let told = [0, 1, 3].into_iter().all(|at| filter.matches_row(&records[at].row(), NOW).is_some());
        assert!(told || filter.needs_body() || text.contains("replay"), "{text}");
    }
}

#[test]
fn small_filters_need_no_bodies() {
    for (text, needs) in
        [("provider:x mark", false), ("x", true), ("!(mark | body:x)", true), ("path:x", false)]
    {
        assert_eq!(Filter::parse(text).unwrap().needs_body(), needs, "{text}");
    }
}
