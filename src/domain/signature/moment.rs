//! Timestamps that senders sign, and how old they are.

use std::time::Duration;

use crate::domain::time::Timestamp;

/// How a timestamp is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Seconds since the Unix epoch.
    Seconds,
    /// Milliseconds since the Unix epoch.
    Millis,
    /// RFC 3339.
    Iso,
    /// The form of the HTTP Date header (RFC 9110 section 5.6.7).
    Http,
}

/// What an age may be beside the tolerance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bounds {
    /// Whether a timestamp in the future is accepted, however far.
    pub(super) past_only: bool,
    /// How far it may lie in the future, when not as far as in the past.
    pub(super) ahead: Option<Duration>,
    /// Whether an age of exactly the tolerance is too old.
    pub(super) below: bool,
}

/// What the age of a request comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// Within the tolerance, or there is none.
    Fresh,
    /// Older than the tolerance.
    TooOld,
    /// Further in the future than the tolerance.
    InFuture,
}

impl Unit {
    /// The words of the catalogue.
    pub(super) const WORDS: [(&'static str, Self); 4] =
        [("s", Self::Seconds), ("ms", Self::Millis), ("iso", Self::Iso), ("http", Self::Http)];

    /// The moment that a text stands for. Numbers are digits alone: no sign, blank or fraction. One that is
    /// too great to be a moment is the last there is.
    pub(super) fn parse(self, text: &[u8]) -> Option<Timestamp> {
        let text = std::str::from_utf8(text).ok()?;
        let number = || {
            let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| text.parse::<i64>().unwrap_or(i64::MAX))
        };
        let micros = match self {
            Self::Seconds => number()?.saturating_mul(1_000_000),
            Self::Millis => number()?.saturating_mul(1_000),
            Self::Iso => text.parse::<jiff::Timestamp>().ok()?.as_microsecond(),
            Self::Http => jiff::fmt::rfc2822::parse(text).ok()?.timestamp().as_microsecond(),
        };
        Some(Timestamp::from_micros(micros))
    }

    /// The moment that a number stands for, the nearest there is; `None` where it is none, or the unit has no
    /// numbers.
    #[expect(clippy::cast_possible_truncation, reason = "what is too great becomes the last moment")]
    pub(super) fn of(self, number: f64) -> Option<Timestamp> {
        let scale = match self {
            Self::Seconds => 1e6,
            Self::Millis => 1e3,
            Self::Iso | Self::Http => return None,
        };
        (!number.is_nan()).then(|| Timestamp::from_micros((number * scale) as i64))
    }

    /// Microseconds between a timestamp and the arrival. Where the sender counts whole seconds, so
    /// does the arrival: this is what the providers' own libraries do.
    pub(super) fn age(self, stamp: Timestamp, arrived: Timestamp) -> i64 {
        match self {
            Self::Seconds | Self::Http => {
                arrived.as_secs().saturating_sub(stamp.as_secs()).saturating_mul(1_000_000)
            }
            Self::Millis | Self::Iso => arrived.as_micros().saturating_sub(stamp.as_micros()),
        }
    }
}

/// Compares an age in microseconds with a tolerance. An age of exactly the tolerance is fresh, in
/// both directions, but where the bounds say otherwise.
pub(super) fn judge(age: i64, tolerance: Option<Duration>, bounds: Bounds) -> Age {
    let Some(tolerance) = tolerance else { return Age::Fresh };
    let micros = |span: Duration| i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
    let ahead = bounds.ahead.map_or_else(|| micros(tolerance), micros);
    let tolerance = micros(tolerance);
    if age > tolerance || (bounds.below && age == tolerance) {
        Age::TooOld
    } else if !bounds.past_only && age < -ahead {
        Age::InFuture
    } else {
        Age::Fresh
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_each_unit_strictly() {
        for (unit, text, expected) in [
            (Unit::Seconds, "1531420618", Some(1_531_420_618_000_000)),
            (Unit::Seconds, "+1", None),
            (Unit::Seconds, "-1", None),
            (Unit::Seconds, "1.5", None),
            (Unit::Seconds, "", None),
            (Unit::Seconds, "9223372036854775807", Some(i64::MAX)),
            (Unit::Millis, "99999999999999999999", Some(i64::MAX)),
            (Unit::Millis, "1531420618001", Some(1_531_420_618_001_000)),
            (Unit::Iso, "2020-01-01T00:00:00-07:00", Some(1_577_862_000_000_000)),
            (Unit::Iso, "2022-07-13T20:30:59.037339943Z", Some(1_657_744_259_037_339)),
            (Unit::Iso, "2022-07-13t20:30:59z", Some(1_657_744_259_000_000)),
            (Unit::Iso, "yesterday", None),
            (Unit::Http, "Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777_000_000)),
        ] {
            assert_eq!(unit.parse(text.as_bytes()).map(Timestamp::as_micros), expected, "{unit:?} {text}");
        }
        assert_eq!(Unit::Seconds.parse(b"\xff"), None);
    }

    #[test]
    fn the_edge_is_fresh_in_both_directions() {
        let five = Some(Duration::from_secs(300));
        let bounds = |past_only| Bounds { past_only, ..Bounds::default() };
        for (age, past_only, expected) in [
            (300, false, Age::Fresh),
            (301, false, Age::TooOld),
            (-300, false, Age::Fresh),
            (-301, false, Age::InFuture),
            (-301, true, Age::Fresh),
            (301, true, Age::TooOld),
        ] {
            assert_eq!(judge(age * 1_000_000, five, bounds(past_only)), expected, "{age}");
        }
        assert_eq!(judge(i64::MAX, None, bounds(false)), Age::Fresh);
        assert_eq!(judge(i64::MIN, five, bounds(false)), Age::InFuture);
        let below = Bounds { below: true, ahead: Some(Duration::ZERO), past_only: false };
        assert_eq!(judge(300_000_000, five, below), Age::TooOld);
        assert_eq!(judge(-1, five, below), Age::InFuture);
    }

    #[test]
    fn numbers_are_moments_wherever_they_lie() {
        for (number, expected) in
            [(1.5, Some(1_500_000)), (-2.0, Some(-2_000_000)), (1e300, Some(i64::MAX)), (f64::NAN, None)]
        {
            assert_eq!(Unit::Seconds.of(number).map(Timestamp::as_micros), expected, "{number}");
        }
        assert_eq!((Unit::Millis.of(1.5), Unit::Iso.of(1.5)), (Some(Timestamp::from_micros(1_500)), None));
    }

    #[test]
    fn parts_of_a_second_do_not_make_a_request_stale() {
        let age = Unit::Seconds.age(Timestamp::from_micros(0), Timestamp::from_micros(300_900_000));
        assert_eq!(age, 300_000_000);
    }
}
