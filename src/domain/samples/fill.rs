//! The values that no two deliveries share.

use data_encoding::{HEXLOWER, Specification};

use crate::domain::time::Timestamp;

/// The values of one delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unique {
    bytes: [u8; 16],
    at: Timestamp,
}

impl Unique {
    /// Values from random bytes and the time of sending.
    #[must_use]
    pub const fn of(bytes: [u8; 16], at: Timestamp) -> Self {
        Self { bytes, at }
    }

    /// An id of letters and digits.
    #[must_use]
    pub fn id(&self) -> String {
        let mut letters = Specification::new();
        letters.symbols.push_str("0123456789abcdefghjkmnpqrstvwxyz");
        letters.encoding().map_or_else(|_| self.hex(), |encoding| encoding.encode(&self.bytes[..15]))
    }

    /// A random UUID (RFC 9562, version 4).
    #[must_use]
    pub fn uuid(&self) -> String {
        let mut bytes = self.bytes;
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let hex = HEXLOWER.encode(&bytes);
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }

    /// A template with the values in their places.
    pub(super) fn fill(&self, template: &str) -> String {
        let secs = self.at.as_secs();
        let number = self.bytes.iter().fold(0_u64, |sum, &byte| (sum << 8) | u64::from(byte));
        let iso = self.at.format(&jiff::tz::TimeZone::UTC, "%Y-%m-%dT%H:%M:%SZ");
        [
            ("{{id}}", self.id()),
            ("{{uuid}}", self.uuid()),
            ("{{hex32}}", self.hex()),
            // Both have a fixed number of digits, and the longer one fits a double.
            ("{{number}}", (1_000_000_000_000 + number % 8_000_000_000_000).to_string()),
            ("{{number9}}", (100_000_000 + number % 800_000_000).to_string()),
            ("{{unix_ms}}", self.at.as_micros().div_euclid(1_000).to_string()),
            ("{{unix}}", secs.to_string()),
            ("{{iso}}", iso),
        ]
        .iter()
        .fold(template.to_owned(), |text, (place, value)| text.replace(place, value))
    }

    fn hex(&self) -> String {
        HEXLOWER.encode(&self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled() {
        let unique = Unique::of([0xff; 16], Timestamp::from_micros(1_700_000_000_123_456));
        let text = "{{id}} {{uuid}} {{hex32}} {{unix}} {{unix_ms}} {{iso}} {x} {{ y }}";
        assert_eq!(
            unique.fill(text),
            "zzzzzzzzzzzzzzzzzzzzzzzz ffffffff-ffff-4fff-bfff-ffffffffffff ffffffffffffffffffffffffffffffff \
             1700000000 1700000000123 2023-11-14T22:13:20Z {x} {{ y }}"
        );
        assert_eq!(unique.fill("{{number}}").len(), 13);
        assert_eq!(unique.fill("{{number9}}").len(), 9);
        assert_ne!(unique.id(), Unique::of([1; 16], Timestamp::default()).id());
    }
}
