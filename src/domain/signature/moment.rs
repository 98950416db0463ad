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

/// In what form a number is accepted as a timestamp, and what of it is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Form {
    /// Digits alone; they are signed as they stand.
    #[default]
    Digits,
    /// The same, and a plus sign may stand before them.
    Plus,
    /// Digits without zeros before them.
    Plain,
    /// A whole number, with blanks, a plus sign and zeros before it. The number is signed.
    Integer,
    /// The same with a fraction, which does not count.
    Decimal,
    /// The same, and whatever follows the digits does not count.
    Prefix,
    /// It is signed whatever it is, and read where it can be.
    Any,
}

impl Form {
    /// The words of the catalogue.
    pub(super) const WORDS: [(&'static str, Self); 7] = [
        ("digits", Self::Digits),
        ("plus", Self::Plus),
        ("plain", Self::Plain),
        ("integer", Self::Integer),
        ("decimal", Self::Decimal),
        ("prefix", Self::Prefix),
        ("any", Self::Any),
    ];

    /// The number that a text stands for, as it is signed; `None` where the text itself is, or cannot be
    /// read.
    pub(super) fn number(self, text: &[u8]) -> Option<&str> {
        if matches!(self, Self::Digits | Self::Plus | Self::Any) {
            return None;
        }
        let text = std::str::from_utf8(text).ok()?;
        let text = match self {
            Self::Plain => text,
            _ => {
                let text = text.trim_ascii();
                text.strip_prefix('+').unwrap_or(text)
            }
        };
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (digits, rest) = text.split_at(end);
        let fraction = || rest.strip_prefix('.').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
        if self == Self::Plain && text.starts_with('0') && text.len() > 1 {
            return None;
        }
        let whole = rest.is_empty() || self == Self::Prefix || (self == Self::Decimal && fraction());
        (!digits.is_empty() && whole).then(|| {
            let plain = digits.trim_start_matches('0');
            if plain.is_empty() { "0" } else { plain }
        })
    }
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
            // RFC 3339 knows `t` and `z` in lower case; the stricter packages do not.
            Self::Iso if text.bytes().any(|b| b.is_ascii_lowercase()) => return None,
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
            (Unit::Seconds, "9223372036854775807", None),
            (Unit::Millis, "1531420618001", Some(1_531_420_618_001_000)),
            (Unit::Iso, "2020-01-01T00:00:00-07:00", Some(1_577_862_000_000_000)),
            (Unit::Iso, "2022-07-13T20:30:59.037339943Z", Some(1_657_744_259_037_339)),
            (Unit::Iso, "2022-07-13t20:30:59Z", None),
            (Unit::Iso, "2022-07-13T20:30:59z", None),
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
    fn numbers_are_signed_as_numbers_where_packages_parse_them() {
        for (form, text, expected) in [
            (Form::Digits, "017", None),
            (Form::Any, "17", None),
            (Form::Plus, "+17", None),
            (Form::Integer, " +017", Some("17")),
            (Form::Integer, "000", Some("0")),
            (Form::Integer, "17.5", None),
            (Form::Integer, "-17", None),
            (Form::Decimal, "17.5", Some("17")),
            (Form::Decimal, "17.x", None),
            (Form::Plain, "017", None),
            (Form::Plain, "17 ", None),
            (Form::Plain, "17", Some("17")),
            (Form::Prefix, "17x", Some("17")),
            (Form::Prefix, "x", None),
        ] {
            assert_eq!(form.number(text.as_bytes()), expected, "{form:?} {text}");
        }
    }

    #[test]
    fn parts_of_a_second_do_not_make_a_request_stale() {
        let age = Unit::Seconds.age(Timestamp::from_micros(0), Timestamp::from_micros(300_900_000));
        assert_eq!(age, 300_000_000);
    }
}
