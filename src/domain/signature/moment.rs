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

    /// The moment that a text stands for. Numbers are digits alone: no sign, blank or fraction.
    pub(super) fn parse(self, text: &[u8]) -> Option<Timestamp> {
        let text = std::str::from_utf8(text).ok()?;
        let number = || {
            let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            text.parse::<i64>().ok().filter(|_| digits)
        };
        let micros = match self {
            Self::Seconds => number()?.checked_mul(1_000_000)?,
            Self::Millis => number()?.checked_mul(1_000)?,
            Self::Iso => text.parse::<jiff::Timestamp>().ok()?.as_microsecond(),
            Self::Http => jiff::fmt::rfc2822::parse(text).ok()?.timestamp().as_microsecond(),
        };
        Some(Timestamp::from_micros(micros))
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
/// both directions.
pub(super) fn judge(age: i64, tolerance: Option<Duration>, past_only: bool) -> Age {
    let Some(tolerance) = tolerance else { return Age::Fresh };
    let tolerance = i64::try_from(tolerance.as_micros()).unwrap_or(i64::MAX);
    if age > tolerance {
        Age::TooOld
    } else if !past_only && age < -tolerance {
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
            (Unit::Seconds, "9223372036854775807", None),
            (Unit::Millis, "1531420618001", Some(1_531_420_618_001_000)),
            (Unit::Iso, "2020-01-01T00:00:00-07:00", Some(1_577_862_000_000_000)),
            (Unit::Iso, "2022-07-13T20:30:59.037339943Z", Some(1_657_744_259_037_339)),
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
        for (age, past_only, expected) in [
            (300, false, Age::Fresh),
            (301, false, Age::TooOld),
            (-300, false, Age::Fresh),
            (-301, false, Age::InFuture),
            (-301, true, Age::Fresh),
            (301, true, Age::TooOld),
        ] {
            assert_eq!(judge(age * 1_000_000, five, past_only), expected, "{age}");
        }
        assert_eq!(judge(i64::MAX, None, false), Age::Fresh);
        assert_eq!(judge(i64::MIN, five, false), Age::InFuture);
    }

    #[test]
    fn parts_of_a_second_do_not_make_a_request_stale() {
        let age = Unit::Seconds.age(Timestamp::from_micros(0), Timestamp::from_micros(300_900_000));
        assert_eq!(age, 300_000_000);
    }
}
