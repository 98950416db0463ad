//! Whatever a record holds comes back the same, in every byte and field.

use std::net::{IpAddr, SocketAddr};

use proptest::{collection::vec, option, prelude::*, sample::select};

use super::*;
use crate::domain::{
    capture::Cut,
    delivery::{Delivery, DeliveryKind, Outcome, Reply},
    handshake,
    record::Record,
    signature::Code,
    sink::AnsweredBy,
};

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..40),
        "[ -~\u{e9}\u{202e}]{0,40}".prop_map(String::into_bytes),
        vec(any::<u8>(), 9_000..9_002),
    ]
}

fn head() -> impl Strategy<Value = Vec<u8>> {
    let line = ("[A-Z]{0,5}", bytes(), vec(any::<u8>(), 0..20));
    prop_oneof![
        bytes(),
        line.prop_map(|(method, target, value)| {
            let kind = b" HTTP/1.1\r\nContent-Type: ";
            [method.as_bytes(), b" /", &target, kind, &value, b"\r\nX: \xff\r\n\r\n"].concat()
        }),
    ]
}

fn text() -> impl Strategy<Value = Option<Box<str>>> {
    option::of(prop_oneof!["\\PC{0,8}", "[a\0\u{e9}]{600}"].prop_map(Into::into))
}

fn label() -> impl Strategy<Value = Option<Arc<str>>> {
    text().prop_map(|text| text.map(Into::into))
}

fn incoming() -> impl Strategy<Value = Incoming> {
    let versions = vec![HttpVersion::Http09, HttpVersion::Http10, HttpVersion::Http11, HttpVersion::Http2];
    let cuts = vec![Cut::TooLarge, Cut::Aborted, Cut::Timeout, Cut::Refused];
    let remote = (any::<IpAddr>(), any::<u16>()).prop_map(|(ip, port)| SocketAddr::new(ip, port));
    let parts = (head(), bytes(), bytes(), option::of("\\PC{1,30}"));
    let facts = (any::<i64>(), remote, select(versions), option::of(select(cuts)), any::<Option<u64>>());
    (parts, facts).prop_map(|((head, body, trailers, refusal), (at, remote, version, cut, announced))| {
        let received_at = Timestamp::from_micros(at);
        Incoming { received_at, remote, version, head, body, trailers, cut, announced, refusal }
    })
}

fn check() -> impl Strategy<Value = Check> {
    let verdicts = vec![
        Verdict::Valid,
        Verdict::Unsigned,
        Verdict::Unchecked,
        Verdict::Unknown,
        Verdict::Invalid(Code::BodyModified),
        Verdict::Invalid(Code::TimestampTooOld),
    ];
    let texts = (label(), label(), label(), label());
    (select(verdicts), texts, any::<Option<i64>>(), any::<(bool, bool)>()).prop_map(
        |(verdict, (scheme, secret, weak, cause), age_s, (signed_ok, searching))| Check {
            verdict,
            scheme,
            secret,
            age_s,
            signed_ok,
            weak,
            cause,
            searching,
        },
    )
}

fn answered() -> impl Strategy<Value = Answered> {
    let by = vec![
        AnsweredBy::Default,
        AnsweredBy::Endpoint,
        AnsweredBy::Forward,
        AnsweredBy::Rejected,
        AnsweredBy::Refused,
        AnsweredBy::Handshake(handshake::Name::find("slack url_verification").unwrap()),
    ];
    (any::<u16>(), select(by)).prop_map(|(status, by)| Answered { status, by })
}

fn reply() -> impl Strategy<Value = Reply> {
    let field = (vec(any::<u8>(), 0..6), vec(any::<u8>(), 0..6));
    let fields = vec(field.prop_map(|(name, value)| (name.into(), value.into())), 0..4);
    (any::<u16>(), "\\PC{0,9}", fields, bytes(), any::<Option<u64>>()).prop_map(
        |(status, reason, headers, body, cut_from)| Reply {
            status,
            reason: reason.into(),
            headers,
            body: body.into(),
            cut_from,
        },
    )
}

fn delivery() -> impl Strategy<Value = (Option<Outcome>, DeliveryKind, String, i64)> {
    let kinds = vec![DeliveryKind::Forward, DeliveryKind::Replay, DeliveryKind::Test];
    let result = prop_oneof![reply().prop_map(Ok), "\\PC{0,30}".prop_map(Err)];
    let took = (0..u64::MAX / 2).prop_map(Duration::from_nanos);
    let outcome = option::of((took, result).prop_map(|(took, result)| Outcome { took, result }));
    (outcome, select(kinds), "\\PC{0,30}", NOW..i64::MAX)
}

/// All that there is to say about a record, one line a field, so that records can be compared.
fn told(record: &Record) -> String {
    let capture = &record.capture;
    format!(
        "{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}",
        capture.summary,
        capture.head().raw(),
        capture.body(),
        capture.trailers(),
        capture.refusal(),
        record.check,
        record.answered,
        record.deliveries,
        record.remark,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn what_is_saved_comes_back_the_same(
        records in vec(
            (incoming(), label(), label(), (text(), text(), any::<Option<u32>>()), option::of(check()),
             option::of(answered()), vec(delivery(), 0..3), option::of((any::<bool>(), "\\PC{0,9}"))),
            1..5,
        )
    ) {
        let folder = Folder::new();
        let opened = open_plain(&folder.file());
        let mut expected = Vec::new();
        for (id, record) in (1..).zip(records) {
            let (incoming, endpoint, provider, (event, delivery_id, attempt), check, answered, sent, remark) =
                record;
            let origin = Origin { provider, event, delivery_id, attempt };
            let capture = numbered(Capture::new(incoming, endpoint, origin), id);
            let id = capture.id();
            let check = check.map(Arc::new);
            let remark = remark.map(|(marked, note)| Arc::new(Remark { marked, note: note.into() }));
            let deliveries: Vec<_> = (1..).zip(sent).map(|(attempt, (outcome, kind, url, at))| {
                let started_at = Timestamp::from_micros(at);
                Arc::new(Delivery { capture: id, attempt, kind, url: url.into(), started_at, outcome })
            }).collect();
            block_on(opened.archive.keep(Arc::clone(&capture), check.clone(), remark.clone())).unwrap();
            if let Some(answered) = answered {
                opened.archive.update(id, Change::Answered(answered));
            }
            for delivery in &deliveries {
                opened.archive.update(id, Change::Delivery(Arc::clone(delivery)));
            }
            let deliveries = deliveries.into_iter().collect();
            expected.push(Record { capture, check, answered, deliveries, remark });
        }
        opened.archive.close().unwrap();
        let reader = Reader::open(&folder.file()).unwrap();
        let rows = reader.rows().unwrap();
        prop_assert_eq!(rows.len(), expected.len());
        for (row, expected) in rows.iter().zip(&expected) {
            let record = reader.record(expected.capture.id()).unwrap().unwrap();
            prop_assert_eq!(told(&record), told(expected));
            prop_assert_eq!(format!("{row:?}"), format!("{:?}", Row { keeping: Keeping::File, ..expected.row() }));
        }
        drop(reader);
        // Nothing about it looks damaged at the next start either.
        prop_assert_eq!(open_plain(&folder.file()).notices, Vec::<String>::new());
    }
}
