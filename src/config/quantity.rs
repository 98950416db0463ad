//! Sizes, durations and rates as people write them: `32 MiB`, `1m30s`, `20/s`.
//!
//! The errors are whole sentences without the value, so that they can stand in a problem.

use std::time::Duration;

use crate::domain::{endpoint::RateLimit, signature::NO_LIMIT};

/// Why a text is not a size.
const SIZE: &str = "a size is a number with B, kB, KiB, MB, MiB, GB, GiB, TB or TiB, such as \"32 MiB\"";
/// Why a text is not a duration.
const DURATION: &str = "a duration is numbers with ms, s, m, h or d, such as \"5m\", \"1.5s\" or \"1m30s\"";
/// Why a text is not a rate.
const RATE: &str = "a rate is a number and a time, such as \"20/s\", \"100/m\" or \"5/10s\"";
/// Why a text is not a tolerance.
const TOLERANCE: &str = "a tolerance is a duration such as \"30s\", \"5m\" or \"1m30s\", or \"off\"";
/// The longest duration: ten years. Longer ones are slips, and they would overflow deadlines.
const LONGEST: Duration = Duration::from_secs(10 * 366 * 24 * 3600);

/// Bytes of a size such as `32 MiB`, `1.5GB` or `4096` (bytes).
///
/// # Errors
/// One sentence when the text is no size.
pub fn size(text: &str) -> Result<u64, &'static str> {
    let text = text.trim();
    let (number, unit) = text.split_at(number_length(text));
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1_000,
        "kib" => 1 << 10,
        "mb" => 1_000_000,
        "mib" => 1 << 20,
        "gb" => 1_000_000_000,
        "gib" => 1 << 30,
        "tb" => 1_000_000_000_000,
        "tib" => 1 << 40,
        _ => return Err(SIZE),
    };
    scaled(number, u128::from(factor)).and_then(|bytes| u64::try_from(bytes).ok()).ok_or(SIZE)
}

/// A duration such as `5m`, `1.5s` or `1m30s`; `0` needs no unit.
///
/// # Errors
/// One sentence when the text is no duration or longer than ten years.
pub fn duration(text: &str) -> Result<Duration, &'static str> {
    let mut rest = text.trim();
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    if rest.is_empty() {
        return Err(DURATION);
    }
    let mut nanos: u128 = 0;
    while !rest.is_empty() {
        let (number, after) = rest.split_at(number_length(rest));
        let after = after.trim_start();
        let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let factor: u128 = match unit {
            "ms" => 1_000_000,
            "s" | "sec" => 1_000_000_000,
            "m" | "min" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            "d" => 86_400_000_000_000,
            _ => return Err(DURATION),
        };
        nanos = scaled(number, factor).and_then(|part| nanos.checked_add(part)).ok_or(DURATION)?;
        rest = after.trim_start();
    }
    match u64::try_from(nanos) {
        Ok(nanos) if Duration::from_nanos(nanos) <= LONGEST => Ok(Duration::from_nanos(nanos)),
        _ => Err("a duration is at most ten years"),
    }
}

/// How old a signed time may be: a duration, or `off`. `0` means off as well, as it does in the libraries
/// of providers that take a tolerance (Stripe's): nobody means that only the same second counts.
///
/// # Errors
/// One sentence when the text is neither.
pub fn tolerance(text: &str) -> Result<Duration, &'static str> {
    if text.trim().eq_ignore_ascii_case("off") {
        return Ok(NO_LIMIT);
    }
    match duration(text) {
        Ok(Duration::ZERO) => Ok(NO_LIMIT),
        Ok(limit) => Ok(limit),
        Err(_) => Err(TOLERANCE),
    }
}

/// A rate such as `20/s`, `100/min` or `5/10s`.
///
/// # Errors
/// One sentence when the text is no rate or allows nothing.
pub fn rate(text: &str) -> Result<RateLimit, &'static str> {
    let (count, per) = text.split_once('/').ok_or(RATE)?;
    let count = count.trim();
    let count = count.parse().ok().filter(|_| count.bytes().all(|b| b.is_ascii_digit())).ok_or(RATE)?;
    let per = per.trim();
    let per = match per.starts_with(|c: char| c.is_ascii_digit()) {
        true => duration(per),
        false => duration(&format!("1{per}")),
    }
    .map_err(|_| RATE)?;
    if count == 0 || per.is_zero() {
        return Err("a rate allows at least one request in some time");
    }
    Ok(RateLimit { count, per })
}

fn number_length(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_').unwrap_or(text.len())
}

/// A decimal number times a factor, rounded down. Integers throughout: `0.1` of a float is not a tenth.
fn scaled(number: &str, factor: u128) -> Option<u128> {
    let number = number.replace('_', "");
    let (whole, part) = number.split_once('.').unwrap_or((&number, "0"));
    if part.is_empty() || part.len() > 12 || !part.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let parts = 10_u128.pow(u32::try_from(part.len()).ok()?);
    let whole = whole.parse::<u64>().ok().map(u128::from)?.checked_mul(factor)?;
    whole.checked_add(part.parse::<u128>().ok()?.checked_mul(factor)? / parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, expected) in [
            ("32 MiB", Ok(33_554_432)),
            ("32MiB", Ok(33_554_432)),
            ("1.5 GB", Ok(1_500_000_000)),
            ("0.1kB", Ok(100)),
            (" 4096 ", Ok(4_096)),
            ("1_000 b", Ok(1_000)),
            ("1 tib", Ok(1_099_511_627_776)),
            ("", Err(SIZE)),
            ("MiB", Err(SIZE)),
            ("32 M", Err(SIZE)),
            ("-1 B", Err(SIZE)),
            ("1. B", Err(SIZE)),
            ("1.2.3 B", Err(SIZE)),
            ("1e9", Err(SIZE)),
            ("99999999999 TiB", Err(SIZE)),
        ] {
            assert_eq!(size(text), expected, "{text}");
        }
    }

    #[test]
    fn durations() {
        let ms = |ms| Ok(Duration::from_millis(ms));
        for (text, expected) in [
            ("5m", ms(300_000)),
            ("1.5s", ms(1_500)),
            ("250ms", ms(250)),
            ("1m30s", ms(90_000)),
            ("1h 30 min", ms(5_400_000)),
            ("2d", ms(172_800_000)),
            ("0", ms(0)),
            ("0s", ms(0)),
            ("", Err(DURATION)),
            ("5", Err(DURATION)),
            ("m", Err(DURATION)),
            ("-5s", Err(DURATION)),
            ("5 parsecs", Err(DURATION)),
            ("5µs", Err(DURATION)),
            ("4000d", Err("a duration is at most ten years")),
            ("99999999999999999d", Err("a duration is at most ten years")),
            ("999999999999999999999d", Err(DURATION)),
        ] {
            assert_eq!(duration(text), expected, "{text}");
        }
    }

    #[test]
    fn rates() {
        let limit = |count, seconds| Ok(RateLimit { count, per: Duration::from_secs(seconds) });
        for (text, expected) in [
            ("20/s", limit(20, 1)),
            ("100 / min", limit(100, 60)),
            ("5/10s", limit(5, 10)),
            ("1/h", limit(1, 3600)),
            ("20", Err(RATE)),
            ("/s", Err(RATE)),
            ("+2/s", Err(RATE)),
            ("20/", Err(RATE)),
            ("1.5/s", Err(RATE)),
            ("0/s", Err("a rate allows at least one request in some time")),
            ("1/0s", Err("a rate allows at least one request in some time")),
        ] {
            assert_eq!(rate(text), expected, "{text}");
        }
    }
}
