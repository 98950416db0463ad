//! A moment, as a number: no clock is read here.

use std::fmt;

/// Microseconds since the Unix epoch, UTC, without leap seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// A moment from microseconds since the Unix epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the Unix epoch.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded towards the past.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// This moment in a time zone, in the given `strftime` form of the `jiff` crate.
    #[must_use]
    pub fn format(self, zone: &jiff::tz::TimeZone, form: &str) -> String {
        jiff::Timestamp::from_microsecond(self.0)
            .map(|moment| moment.to_zoned(zone.clone()).strftime(form).to_string())
            .unwrap_or_else(|_| format!("{} us", self.0))
    }
}

/// RFC 3339 in UTC with six digits of the second: `2026-11-21T22:26:09.123456Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.format(&jiff::tz::TimeZone::UTC, "%Y-%m-%dT%H:%M:%S%.6fZ"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn displays_rfc_3339_with_six_digits() {
        assert_eq!(Timestamp::from_micros(0).to_string(), "1970-01-01T00:00:00.000000Z");
        assert_eq!(Timestamp::from_micros(1_795_300_000_120_000).to_string(), "2026-11-21T22:26:40.120000Z");
    }

    #[test]
    fn a_moment_out_of_range_is_still_shown() {
        assert_eq!(Timestamp::from_micros(i64::MAX).to_string(), "9223372036854775807 us");
    }

    #[test]
    fn seconds_round_towards_the_past() {
        assert_eq!(Timestamp::from_micros(-1).as_secs(), -1);
        assert_eq!(Timestamp::from_micros(1_999_999).as_secs(), 1);
    }
}
