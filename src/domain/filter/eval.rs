//! Whether a record matches. What costs little is looked at first, bodies last.

use std::borrow::Cow;

use crate::domain::{
    delivery::DeliveryKind,
    filter::{
        field::Field,
        needle::Needle,
        tree::{Argument, Node, Op, Term, Test},
        value::{Item, Limit},
    },
    record::{LatestDelivery, Record, Remark, Row},
    signature::Check,
    sink::Answered,
    summary::{LONGEST_TEXT, Summary},
    time::Timestamp,
};

/// What is known of a capture, borrowed: nothing is counted up or down for each of a million records.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    summary: &'a Summary,
    check: Option<&'a Check>,
    answered: Option<Answered>,
    latest: Option<LatestDelivery>,
    remark: Option<&'a Remark>,
    /// Everything, where it is at hand.
    record: Option<&'a Record>,
}

impl<'a> Known<'a> {
    pub(super) fn of(record: &'a Record) -> Self {
        Self {
            summary: &record.capture.summary,
            check: record.check.as_deref(),
            answered: record.answered,
            latest: record.latest(),
            remark: record.remark.as_deref(),
            record: Some(record),
        }
    }

    pub(super) fn of_row(row: &'a Row) -> Self {
        Self {
            summary: &row.summary,
            check: row.check.as_deref(),
            answered: row.answered,
            latest: row.latest,
            remark: row.remark.as_deref(),
            record: None,
        }
    }
}

/// Whether it matches; `None` where that cannot be told from the row alone.
pub(super) fn holds(node: &Node, known: &Known<'_>, now: Timestamp) -> Option<bool> {
    match node {
        Node::All => Some(true),
        Node::Not(inner) => holds(inner, known, now).map(|held| !held),
        Node::And(nodes) => all(nodes, known, now, false),
        Node::Or(nodes) => all(nodes, known, now, true),
        Node::Term(term) => test(term, known, now),
    }
}

/// Whether `decides` is the result of one of the nodes: the cheap ones are asked first.
fn all(nodes: &[Node], known: &Known<'_>, now: Timestamp, decides: bool) -> Option<bool> {
    let mut unknown = false;
    for dear in [false, true] {
        for node in nodes.iter().filter(|node| node.any(&reads_bytes) == dear) {
            match holds(node, known, now) {
                Some(held) if held == decides => return Some(decides),
                Some(_) => {}
                None => unknown = true,
            }
        }
    }
    if unknown { None } else { Some(!decides) }
}

/// Whether a term looks at head or body.
pub(super) const fn reads_bytes(term: &Term) -> bool {
    matches!(term.field, Field::Any | Field::Header | Field::Body | Field::Json)
}

fn test(term: &Term, known: &Known<'_>, now: Timestamp) -> Option<bool> {
    let summary = known.summary;
    let record = known.record;
    let number = |value: Option<u64>| Some(value.is_some_and(|value| count(&term.test, value)));
    match term.field {
        Field::Method => {
            cut_text(&term.test, record.map(|r| r.capture.head().method()), summary.method(), |all| all)
        }
        Field::Target => {
            cut_text(&term.test, record.map(|r| r.capture.head().target()), summary.target(), |all| all)
        }
        Field::Path => {
            cut_text(&term.test, record.map(|r| r.capture.head().target()), summary.target(), path)
        }
        Field::Query => {
            cut_text(&term.test, record.map(|r| r.capture.head().target()), summary.target(), query)
        }
        Field::Provider => Some(text(&term.test, summary.provider.as_deref().map(str::as_bytes))),
        Field::Event => Some(text(&term.test, summary.event().map(str::as_bytes))),
        Field::Delivery => Some(text(&term.test, summary.delivery_id().map(str::as_bytes))),
        Field::Endpoint => Some(text(&term.test, summary.endpoint.as_deref().map(str::as_bytes))),
        Field::Ip => Some(text(&term.test, Some(summary.remote.ip().to_canonical().to_string().as_bytes()))),
        Field::Note => Some(text(&term.test, note(known).map(str::as_bytes))),
        Field::Mark => Some(known.remark.is_some_and(|remark| remark.marked)),
        Field::Id => number(Some(summary.id.0)),
        Field::Size => number(Some(summary.size)),
        Field::Attempt => number(summary.attempt().map(u64::from)),
        Field::Age => {
            let age = now.as_micros().saturating_sub(summary.received_at.as_micros());
            number(Some(u64::try_from(age).unwrap_or(0)))
        }
        Field::Ms => {
            let ended = known.latest.filter(|latest| latest.status.is_some());
            number(ended.map(|latest| u64::try_from(latest.took.as_micros()).unwrap_or(u64::MAX)))
        }
        Field::Sig => Some(verdict(&term.test, known)),
        Field::Status => {
            let answered = known.answered.map(|answered| answered.status).filter(|&status| status > 0);
            Some(status(&term.test, answered.map(|status| Some(Ok(status)))))
        }
        Field::Fwd => Some(status(&term.test, known.latest.map(|latest| latest.status))),
        Field::Replay => replays(&term.test, known),
        Field::Header => record.map(|record| header(term, record)),
        Field::Body => record.map(|record| text(&term.test, Some(record.capture.body()))),
        Field::Json => record.map(|record| json(term, record)),
        Field::Any => anywhere(&term.test, known),
    }
}

fn text(test: &Test, value: Option<&[u8]>) -> bool {
    let Some(value) = value else { return false };
    match test {
        Test::Present => !value.is_empty(),
        Test::Holds(needle) | Test::Like(needle) => needle.is_in(value),
        Test::Equals(text) => same(value, text),
        Test::Compare(op, limit) => compared(*op, limit, value),
        Test::OneOf(..) => false,
    }
}

/// A text of which a list may have the beginning alone.
fn cut_text<'a>(
    test: &Test,
    whole: Option<&'a [u8]>,
    first: &'a [u8],
    part: fn(&'a [u8]) -> &'a [u8],
) -> Option<bool> {
    match whole {
        Some(whole) => Some(text(test, Some(part(whole)))),
        None if first.len() < LONGEST_TEXT => Some(text(test, Some(part(first)))),
        // What stands in the beginning stands in the whole; the rest is not known.
        None if matches!(test, Test::Holds(_)) && text(test, Some(part(first))) => Some(true),
        None => None,
    }
}

fn path(target: &[u8]) -> &[u8] {
    memchr::memchr(b'?', target).map_or(target, |at| &target[..at])
}

fn query(target: &[u8]) -> &[u8] {
    memchr::memchr(b'?', target).map_or(b"", |at| &target[at + 1..])
}

fn same(value: &[u8], text: &str) -> bool {
    if value.is_ascii() && text.is_ascii() {
        return value.eq_ignore_ascii_case(text.as_bytes());
    }
    std::str::from_utf8(value).is_ok_and(|value| value == text || value.to_lowercase() == text.to_lowercase())
}

fn compared(op: Op, limit: &Limit, value: &[u8]) -> bool {
    let value = std::str::from_utf8(value).ok().and_then(|value| value.trim().parse::<f64>().ok());
    value.is_some_and(|value| op.holds(value, limit.real))
}

fn count(test: &Test, value: u64) -> bool {
    match test {
        Test::Present => value > 0,
        Test::Compare(op, limit) => op.holds(value, limit.whole),
        Test::OneOf(_, items) => items.iter().any(|item| within(item, value)),
        Test::Holds(_) | Test::Equals(_) | Test::Like(_) => false,
    }
}

fn within(item: &Item, value: u64) -> bool {
    matches!(item, Item::Range(low, high) if (*low..=*high).contains(&value))
}

/// A status: `None` where there is none, `Some(None)` while it is under way.
fn status(test: &Test, value: Option<Option<Result<u16, ()>>>) -> bool {
    let number = match value {
        Some(Some(Ok(status))) => Some(u64::from(status)),
        _ => None,
    };
    match test {
        Test::Compare(op, limit) => number.is_some_and(|number| op.holds(number, limit.whole)),
        Test::OneOf(_, items) => items.iter().any(|item| match item {
            Item::None => value.is_none(),
            Item::Error => value == Some(Some(Err(()))),
            Item::Pending => value == Some(None),
            item => number.is_some_and(|number| within(item, number)),
        }),
        Test::Present => number.is_some(),
        Test::Holds(_) | Test::Equals(_) | Test::Like(_) => false,
    }
}

fn verdict(test: &Test, known: &Known<'_>) -> bool {
    let Test::OneOf(_, items) = test else { return false };
    let verdict = known.check.map(|check| check.verdict);
    let words = [
        Some(verdict.map_or("pending", |verdict| verdict.as_str())),
        verdict.and_then(|verdict| verdict.code()).map(|code| code.as_str()),
    ];
    items.iter().any(|item| matches!(item, Item::Word(word) if words.contains(&Some(*word))))
}

/// How often it was sent again: a list knows the latest sending alone.
fn replays(test: &Test, known: &Known<'_>) -> Option<bool> {
    let number = match (known.record, known.latest) {
        (Some(record), _) => {
            record.deliveries.iter().filter(|delivery| delivery.kind == DeliveryKind::Replay).count() as u64
        }
        (None, None) => 0,
        (None, Some(latest)) if latest.count == 1 => u64::from(latest.kind == DeliveryKind::Replay),
        (None, Some(latest)) if *test == Test::Present && latest.kind == DeliveryKind::Replay => 1,
        (None, Some(_)) => return None,
    };
    Some(count(test, number))
}

fn note<'a>(known: &Known<'a>) -> Option<&'a str> {
    known.remark.map(|remark| &*remark.note).filter(|note| !note.is_empty())
}

fn header(term: &Term, record: &Record) -> bool {
    let (head, trailers) = (record.capture.head(), record.capture.trailer_fields());
    match &term.argument {
        Argument::Name(name) => {
            let trailers = trailers.filter(|field| field.name.eq_ignore_ascii_case(name.as_bytes()));
            let mut values = head.get_all(name).chain(trailers.map(|field| field.value));
            match &term.test {
                Test::Present => values.next().is_some(),
                test => values.any(|value| text(test, Some(value))),
            }
        }
        _ => head.fields().chain(trailers).any(|field| {
            let line: Cow<'_, [u8]> = [field.name, b": ", field.value].concat().into();
            text(&term.test, Some(&line))
        }),
    }
}

fn json(term: &Term, record: &Record) -> bool {
    let Argument::Path(path) = &term.argument else { return false };
    path.any(record.capture.body(), |value| match (&term.test, value) {
        (Test::Present, _) => true,
        (_, None) => false,
        (Test::Equals(wanted), Some(value)) => {
            // 100 and 100.0 are the same number; long ones are compared digit for digit.
            let number = |text: &str| text.parse::<f64>().ok().filter(|_| text.len() <= 15);
            same(value.as_bytes(), wanted)
                || number(value).zip(number(wanted)).is_some_and(|(value, wanted)| value == wanted)
        }
        (test, Some(value)) => text(test, Some(value.as_bytes())),
    })
}

/// Everything there is to read: what was sent, what is known of it, and what targets answered.
fn anywhere(test: &Test, known: &Known<'_>) -> Option<bool> {
    let summary = known.summary;
    let code = known.check.and_then(|check| check.verdict.code());
    let facts = [
        summary.provider.as_deref(),
        summary.event(),
        summary.delivery_id(),
        summary.endpoint.as_deref(),
        note(known),
        code.map(|code| code.as_str()),
    ];
    if facts.into_iter().flatten().any(|fact| text(test, Some(fact.as_bytes()))) {
        return Some(true);
    }
    let Some(record) = known.record else {
        let begins = matches!(test, Test::Holds(_)) && text(test, Some(summary.target()));
        return begins.then_some(true);
    };
    let capture = &record.capture;
    let needle = match test {
        Test::Holds(needle) | Test::Like(needle) => needle,
        _ => {
            return Some([capture.body(), capture.head().target()].iter().any(|part| text(test, Some(part))));
        }
    };
    let parts = [capture.head().raw(), capture.trailers(), capture.refusal().unwrap_or_default().as_bytes()];
    Some(
        parts.into_iter().any(|part| !part.is_empty() && needle.is_in(part))
            || answers(needle, record)
            || needle.is_in(capture.body()),
    )
}

fn answers(needle: &Needle, record: &Record) -> bool {
    record.deliveries.iter().any(|delivery| {
        needle.is_in(delivery.url.as_bytes())
            || delivery.outcome.as_ref().is_some_and(|outcome| match &outcome.result {
                Ok(reply) => {
                    needle.is_in(&reply.body)
                        || reply
                            .headers
                            .iter()
                            .any(|(name, value)| needle.is_in(&[name, &b": "[..], value].concat()))
                }
                Err(why) => needle.is_in(why.as_bytes()),
            })
    })
}
