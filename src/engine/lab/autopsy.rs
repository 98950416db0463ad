//! Why do captured signatures fail? Sums up what the checks of many captures say, and what to do about the
//! most frequent cause.
//!
//! Takes any iterator of records: those of a file with JSON lines ([`read`]), those of a store, those of a
//! session file. All of them are checked anew, with the secrets that are known now, for the moment at which
//! they arrived.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde_json::Value;

use crate::{
    domain::{
        capture::{Capture, CaptureId, Cut, HttpVersion, Incoming},
        handshake::Name,
        headers::Head,
        import::{Imported, import},
        record::{Deliveries, Record},
        rotation::Rotation,
        signature::{Check, Verdict},
        sink::{Answered, AnsweredBy},
        time::Timestamp,
    },
    engine::{
        lab::doctor::{Item, Level},
        rules::Rules,
    },
};

/// How many failures are looked into, the newest first: each takes up to 20 ms.
const LOOKED_INTO: usize = 200;
/// How far apart two clocks may be: requests take a while, and `Date` counts whole seconds.
const APART: Duration = Duration::from_secs(30);
/// How many of the newest `Date` headers are compared with the local clock.
const DATES: usize = 101;

/// The captures in a text: JSON lines of `--output json` and `export --format jsonl`, or else one request
/// in any form that `verify` reads.
///
/// # Errors
/// A sentence without any of the text.
pub fn read(rules: &Rules, text: &[u8]) -> Result<Vec<Record>, String> {
    let mut records = Vec::new();
    let lines: Vec<&[u8]> =
        text.split(|&b| b == b'\n').filter(|line| !line.trim_ascii().is_empty()).collect();
    let json = lines.first().is_some_and(|line| serde_json::from_slice::<Value>(line).is_ok());
    if !json {
        let request = import(text, None).map_err(|error| error.to_string())?;
        return Ok(vec![record(rules, CaptureId(1), request)]);
    }
    for (index, line) in lines.iter().enumerate() {
        let number = index + 1;
        let value: Value =
            serde_json::from_slice(line).map_err(|_| format!("line {number} cannot be read as JSON"))?;
        if value.get("type").and_then(Value::as_str).is_some_and(|kind| kind != "capture") {
            continue;
        }
        let id = value.get("id").and_then(Value::as_u64).unwrap_or(number as u64);
        let request = import(line, None).map_err(|error| format!("line {number}: {error}"))?;
        let answered = value.get("response").and_then(handshake);
        records.push(Record { answered, ..record(rules, CaptureId(id), request) });
    }
    Ok(records)
}

/// What a line says about an answer to a handshake, the only one that matters here.
fn handshake(response: &Value) -> Option<Answered> {
    let name = Name::find(response.get("handshake")?.as_str()?)?;
    let status = response.get("status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
    Some(Answered { status: status?, by: AnsweredBy::Handshake(name) })
}

fn record(rules: &Rules, id: CaptureId, request: Imported) -> Record {
    let head = Head::new(&request.head);
    let endpoint = rules.endpoints.find(head.method(), head.target()).map(|(_, endpoint)| endpoint);
    let named = request.provider.as_deref().filter(|id| rules.catalog.provider(id).is_some());
    let forced = endpoint.and_then(|endpoint| endpoint.provider.as_deref()).or(named);
    let origin = rules.catalog.recognise(head, &request.body, forced);
    let name = endpoint.map(|endpoint| Arc::clone(&endpoint.name));
    let incoming = Incoming {
        received_at: request.received_at.unwrap_or_default(),
        remote: ([127, 0, 0, 1], 0).into(),
        version: HttpVersion::Http11,
        head: request.head,
        body: request.body,
        trailers: Vec::new(),
        cut: (!request.complete).then_some(Cut::Aborted),
        announced: None,
        refusal: None,
    };
    let capture = Capture::new(incoming, name, origin).numbered(id);
    Record {
        capture: Arc::new(capture),
        check: None,
        answered: None,
        deliveries: Deliveries::default(),
        remark: None,
    }
}

/// The groups of one provider, by verdict or code.
type Verdicts = BTreeMap<&'static str, (Verdict, Group)>;

/// What captures of one provider with the same verdict and code have in common.
#[derive(Default)]
struct Group {
    count: usize,
    newest: Option<Arc<Capture>>,
}

/// What the checks of all these captures say.
#[must_use]
pub fn autopsy(rules: &Rules, records: impl IntoIterator<Item = Record>) -> Vec<Item> {
    let mut checked: Vec<(Arc<Capture>, Check)> = Vec::new();
    let mut dates = Vec::new();
    let mut handshakes = 0;
    for record in records {
        dates.extend(skews(&record));
        // By its own kind unsigned, mostly: it says nothing about deliveries.
        if record.answered.is_some_and(|answered| matches!(answered.by, AnsweredBy::Handshake(_))) {
            handshakes += 1;
        } else if record.capture.refusal().is_none() {
            let check = rules.check(&record.capture, rules.endpoint_of(&record.capture));
            checked.push((record.capture, check));
        }
    }
    if checked.is_empty() && handshakes == 0 {
        return vec![Item::new("signature", Level::Odd, "there is no capture to look at")];
    }
    checked.sort_by_key(|(capture, _)| std::cmp::Reverse((capture.summary.received_at, capture.id())));
    let failed = |check: &Check| matches!(check.verdict, Verdict::Invalid(_));
    let mut left_out = 0;
    for (place, (capture, check)) in checked.iter_mut().filter(|(_, check)| failed(check)).enumerate() {
        if place >= LOOKED_INTO {
            left_out += 1;
        } else if let Some(found) = rules.diagnose(capture, rules.endpoint_of(capture)) {
            check.verdict = Verdict::Invalid(found.code);
        }
    }

    let mut groups: BTreeMap<Option<Arc<str>>, Verdicts> = BTreeMap::new();
    let mut rotations: BTreeMap<Arc<str>, Rotation> = BTreeMap::new();
    for (capture, check) in &checked {
        let provider = capture.summary.provider.clone().map(|id| Arc::<str>::from(&*id));
        let word = check.verdict.code().map_or(check.verdict.as_str(), |code| code.as_str());
        let (_, group) = groups
            .entry(provider.clone())
            .or_default()
            .entry(word)
            .or_insert_with(|| (check.verdict, Group::default()));
        group.count += 1;
        group.newest.get_or_insert_with(|| Arc::clone(capture));
        if let Some(provider) = provider {
            rotations
                .entry(Arc::clone(&provider))
                .or_insert_with(|| Rotation::new(&provider, rules.names_of(&provider)))
                .add(capture.id(), capture.summary.received_at, check);
        }
    }
    let mut items: Vec<Item> = clock(dates).into_iter().collect();
    for (provider, verdicts) in groups {
        let name = provider.as_deref().unwrap_or("nobody known");
        let mut verdicts: Vec<(Verdict, Group)> = verdicts.into_values().collect();
        verdicts
            .sort_by_key(|(verdict, group)| (level(*verdict) == Level::Good, std::cmp::Reverse(group.count)));
        for (place, (verdict, group)) in verdicts.iter().enumerate() {
            items.push(told(rules, name, *verdict, group, place == 0));
        }
        if let Some(rotation) = provider.and_then(|provider| rotations.remove(&provider)) {
            items.extend(used(&rotation.sorted()));
        }
    }
    if handshakes > 0 {
        let text = format!("handshakes of providers, which are not signed like deliveries: {handshakes}");
        items.push(Item::new("signature", Level::Good, text));
    }
    if left_out > 0 {
        let text = format!("{left_out} older failures were counted without a search for their cause");
        items.push(Item::new("signature", Level::Good, text));
    }
    items
}

const fn level(verdict: Verdict) -> Level {
    match verdict {
        Verdict::Valid => Level::Good,
        Verdict::Invalid(_) => Level::Bad,
        Verdict::Unsigned | Verdict::Unchecked | Verdict::Unknown => Level::Odd,
    }
}

/// A line for a group; for the most frequent cause with what is the case and what to do.
fn told(rules: &Rules, name: &str, verdict: Verdict, group: &Group, explained: bool) -> Item {
    let words = match verdict.code() {
        Some(code) => format!("invalid: {}", code.as_str()),
        None => verdict.as_str().to_owned(),
    };
    let newest =
        group.newest.as_ref().map_or_else(String::new, |capture| format!(", the newest #{}", capture.id()));
    let mut text = format!("{name}: {} {words}{newest}", group.count);
    if let Some(capture) = group.newest.as_ref().filter(|_| explained && level(verdict) != Level::Good) {
        let report = rules.report(capture, rules.endpoint_of(capture));
        text.push_str(". ");
        text.push_str(report.explanation.trim_end_matches('.'));
    }
    Item::new("signature", level(verdict), text)
}

/// Which secret signed what, where there is anything to tell.
fn used(rotation: &Rotation) -> Option<Item> {
    let parts: Vec<String> = rotation
        .secrets
        .iter()
        .map(|used| match used.span {
            Some((first, last)) => {
                format!("{} signed {}, from {} to {}", used.name, used.count, seconds(first), seconds(last))
            }
            None => format!("{} signed none", used.name),
        })
        .collect();
    if parts.is_empty() {
        return None;
    }
    let rest = match (rotation.unmatched, rotation.newest) {
        (0, _) | (_, None) => String::new(),
        (count, Some((id, _))) => format!("; {count} that none of them signed, the newest #{id}"),
    };
    let level = if rotation.secrets.iter().any(|used| used.count > 0) { Level::Good } else { Level::Odd };
    Some(Item::new("rotation", level, format!("{}: {}{rest}", rotation.provider, parts.join("; "))))
}

fn seconds(at: Timestamp) -> String {
    at.format(&jiff::tz::TimeZone::UTC, "%Y-%m-%dT%H:%M:%SZ")
}

/// By how many seconds the `Date` headers of a request and of responses to it are ahead of the local clock.
fn skews(record: &Record) -> Vec<(Timestamp, i64)> {
    let mut found = Vec::new();
    let mut note = |date: Option<&[u8]>, here: Timestamp| {
        let date = date.and_then(|text| std::str::from_utf8(text).ok());
        let date = date.and_then(|text| jiff::fmt::rfc2822::parse(text).ok());
        if let Some(date) = date.filter(|_| here != Timestamp::default()) {
            found.push((here, date.timestamp().as_second().saturating_sub(here.as_secs())));
        }
    };
    note(record.capture.head().get("date"), record.capture.summary.received_at);
    for delivery in record.deliveries.iter() {
        let Some(outcome) = &delivery.outcome else { continue };
        let Ok(reply) = &outcome.result else { continue };
        let took = i64::try_from(outcome.took.as_micros()).unwrap_or(0);
        let here = Timestamp::from_micros(delivery.started_at.as_micros().saturating_add(took));
        let date = reply.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(b"date"));
        note(date.map(|(_, value)| &**value), here);
    }
    found
}

/// What the newest `Date` headers say about the local clock; nothing where there is none. The middle one
/// counts: a request that waited on its way is late by itself.
fn clock(mut dates: Vec<(Timestamp, i64)>) -> Option<Item> {
    dates.sort_by_key(|&(at, _)| std::cmp::Reverse(at));
    dates.truncate(DATES);
    let count = dates.len();
    let mut skews: Vec<i64> = dates.into_iter().map(|(_, skew)| skew).collect();
    skews.sort_unstable();
    let middle = *skews.get(count / 2)?;
    let headers = if count == 1 { "1 Date header".to_owned() } else { format!("{count} Date headers") };
    if middle.unsigned_abs() <= APART.as_secs() {
        return Some(Item::new(
            "clock",
            Level::Good,
            format!("{headers} of others agree with this computer's clock"),
        ));
    }
    let way = if middle > 0 { "behind" } else { "ahead of" };
    let text = format!(
        "by {headers} of others, the clock of this computer was {} s {way} theirs: signed times are judged by it, \
         so let the system set it (timedatectl set-ntp true, or the date settings)",
        middle.unsigned_abs()
    );
    Some(Item::new("clock", Level::Bad, text))
}
