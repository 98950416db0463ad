//! Rightly signed requests whose timestamp is too old or lies in the future: what the clocks tell.

use crate::domain::signature::{
    Code, Request,
    examine::Examined,
    explain::words,
    moment::{Age, Bounds, Unit, judge},
    request::Facts,
};

/// Seconds by which two clocks of one machine may differ when one of them is read a little later.
const NEAR: i64 = 60;

/// A sentence about a right signature of the wrong time.
pub(super) fn sentence(
    examined: &Examined<'_, '_>,
    request: &Request<'_>,
    facts: &Facts<'_, '_>,
    code: Code,
    attempt: Option<u32>,
) -> Option<String> {
    let age = examined.age?.div_euclid(1_000_000);
    let stamp = examined.stamp?;
    let allowed = examined.tolerance.map_or_else(String::new, |tolerance| {
        format!(" ({} allowed)", words(i64::try_from(tolerance.as_secs()).unwrap_or(i64::MAX)))
    });
    let mut text = if code == Code::TimestampTooOld {
        format!(
            "The signature is right, and it was valid when it was sent; it was {} old when it arrived{allowed}.",
            words(age)
        )
    } else {
        format!(
            "The signature is right, but its timestamp lies {} in the future{allowed}.",
            words(age.saturating_neg())
        )
    };
    if let Some(unit) = other_unit(examined, request, facts) {
        text.push_str(&format!(
            " Read in {unit} it is fresh: whatever signed it writes the timestamp in the wrong unit."
        ));
        return Some(text);
    }
    let date = facts.head.get("date").and_then(|date| Unit::Http.parse(date));
    let sent_at =
        date.map(|date| (date.as_secs() - stamp.as_secs(), request.arrived.as_secs() - date.as_secs()));
    let hours = age.abs() / 1800 * 1800;
    let zone = [hours, hours + 1800]
        .into_iter()
        .any(|span| (1800..=14 * 3600).contains(&span) && (age.abs() - span).abs() <= 5);
    if attempt.is_some_and(|attempt| attempt > 1) {
        text.push_str(
            " Its delivery id arrived before: this is the same delivery again, from the sender or from somebody \
             who replays it, and it was not signed anew.",
        );
    } else if let Some((before, _)) = sent_at.filter(|(before, _)| *before > NEAR) {
        text.push_str(&format!(
            " By its Date header it left {} after it was signed: it was kept back or sent again by somebody.",
            words(before)
        ));
    } else if sent_at.is_some_and(|(before, after)| before.abs() <= NEAR && after.abs() > NEAR) {
        text.push_str(
            " Its Date header agrees with the timestamp, so either it was long on its way, or the clock of the \
             sender or of this machine is wrong.",
        );
    } else if zone {
        text.push_str(" That is a round number of half hours, so a clock or its time zone may be wrong.");
    } else if code == Code::TimestampInFuture {
        text.push_str(" The clock of this machine or of the sender is wrong.");
    } else {
        text.push_str(" It was delayed or sent again by somebody, or a clock is wrong.");
    }
    text.push_str(&if attempt.is_some_and(|attempt| attempt > 1) || code == Code::TimestampTooOld {
        " To send a capture again on purpose, let it be signed anew.".to_owned()
    } else {
        " Compare both clocks with a time server.".to_owned()
    });
    Some(text)
}

/// The unit in which the timestamp would be fresh, when it is not in the scheme's.
fn other_unit(
    examined: &Examined<'_, '_>,
    request: &Request<'_>,
    facts: &Facts<'_, '_>,
) -> Option<&'static str> {
    let rule = examined.scheme?.time.as_ref()?;
    let text = rule.from.find(facts)?;
    let others = [(Unit::Seconds, "seconds"), (Unit::Millis, "milliseconds")];
    others.into_iter().find_map(|(unit, name)| {
        let stamp = unit.parse(&text).filter(|_| unit != rule.unit)?;
        let fresh =
            judge(unit.age(stamp, request.arrived), examined.tolerance, Bounds::default()) == Age::Fresh;
        fresh.then_some(name)
    })
}
