//! Values as people write them: `10kb`, `5m`, `1-5,9`, `5xx`, `invalid`.

use crate::domain::{
    filter::field::{Field, Kind, Unit},
    signature::Code,
};

/// What a value may be one of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// A number from the first to the last.
    Range(u64, u64),
    /// There is none.
    None,
    /// It failed.
    Error,
    /// It is under way.
    Pending,
    /// A verdict or a code.
    Word(&'static str),
}

/// What a value is compared with, and how that was written.
#[derive(Clone, Debug)]
pub(super) struct Limit {
    text: Box<str>,
    pub(super) whole: u64,
    pub(super) real: f64,
}

impl Limit {
    /// A number in a unit.
    pub(super) fn of(text: &str, unit: Unit) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let whole = number(&text, unit)?;
        Some(Self { whole, real: whole as f64, text: text.into() })
    }

    /// Any number, to compare with what stands in a header or in JSON.
    pub(super) fn real(text: &str) -> Option<Self> {
        let real: f64 = text.parse().ok().filter(|real: &f64| real.is_finite())?;
        Some(Self { text: text.into(), whole: 0, real })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Limit {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// The verdicts, and what stands for a check that is under way.
const VERDICTS: [&str; 6] = ["valid", "invalid", "unsigned", "unchecked", "unknown", "pending"];

/// A list of values, as it is written and as it is meant.
///
/// # Errors
/// Where it goes wrong, in bytes, and a sentence.
pub(super) fn items(field: Field, kind: Kind, text: &str) -> Result<(String, Vec<Item>), (usize, String)> {
    let text = text.to_ascii_lowercase();
    let text = if kind == Kind::Verdict { text.replace('-', "_") } else { text };
    let mut at = 0;
    let mut items = Vec::new();
    for part in text.split(',') {
        let item = match kind {
            Kind::Verdict => verdict(part),
            Kind::Status => status(field, part),
            Kind::Number(unit) => range(part, unit).map(|(low, high)| Item::Range(low, high)),
            Kind::Text | Kind::Value | Kind::Flag => None,
        };
        items.push(item.ok_or_else(|| (at, wanted(field, kind)))?);
        at += part.len() + 1;
    }
    Ok((text, items))
}

/// The sentence for a value that is none of its kind.
pub(super) fn wanted(field: Field, kind: Kind) -> String {
    match kind {
        Kind::Verdict => {
            let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
            format!("write {} or a code: {}", VERDICTS.join(", "), codes.join(", "))
        }
        Kind::Status if field == Field::Fwd => {
            "write a status such as 404, 5xx or 200-299, or error, pending, none".into()
        }
        Kind::Status => "write a status such as 404, 5xx or 200-299, or none".into(),
        Kind::Number(Unit::Bytes) => "write a size such as 500, 10kb or 1MiB".into(),
        Kind::Number(Unit::Seconds) => "write a time such as 30s, 5m, 2h or 1d".into(),
        Kind::Number(Unit::Millis) => "write milliseconds such as 500, or a time such as 2s".into(),
        Kind::Number(Unit::Count) => "write numbers and ranges such as 3, 1-5 or 9-".into(),
        Kind::Value => "write a number to compare with".into(),
        Kind::Text | Kind::Flag => "write a text".into(),
    }
}

fn verdict(part: &str) -> Option<Item> {
    let code = Code::find(part).map(Code::as_str);
    VERDICTS.into_iter().find(|word| *word == part).or(code).map(Item::Word)
}

fn status(field: Field, part: &str) -> Option<Item> {
    match (part, field) {
        ("none", _) => return Some(Item::None),
        ("error", Field::Fwd) => return Some(Item::Error),
        ("pending", Field::Fwd) => return Some(Item::Pending),
        _ => {}
    }
    if let Some(hundreds) = part.strip_suffix("xx") {
        let hundreds: u64 = hundreds.parse().ok().filter(|n| (1..=9).contains(n))?;
        return Some(Item::Range(hundreds * 100, hundreds * 100 + 99));
    }
    range(part, Unit::Count).map(|(low, high)| Item::Range(low, high))
}

/// The first and the last number of `3`, `1-5`, `9-` or `-5`.
pub(super) fn range(part: &str, unit: Unit) -> Option<(u64, u64)> {
    let (low, high) = match part.split_once('-') {
        Some(("", "")) => return None,
        Some((low, high)) => (low, high),
        None => return number(part, unit).map(|n| (n, n)),
    };
    let low = if low.is_empty() { 0 } else { number(low, unit)? };
    let high = if high.is_empty() { u64::MAX } else { number(high, unit)? };
    (low <= high).then_some((low, high))
}

/// A number in the least part of its unit: bytes, microseconds, pieces.
fn number(text: &str, unit: Unit) -> Option<u64> {
    let mut total: u128 = 0;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_').unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (word, after) = after.split_at(letters);
        total = total.checked_add(scaled(number, factor(unit, word)?)?)?;
        rest = after;
        if !rest.is_empty() && matches!(unit, Unit::Count | Unit::Bytes) {
            return None;
        }
    }
    u64::try_from(total).ok()
}

fn factor(unit: Unit, word: &str) -> Option<u128> {
    const SECOND: u128 = 1_000_000;
    Some(match (unit, word) {
        (Unit::Count, "") | (Unit::Bytes, "" | "b") => 1,
        (Unit::Bytes, "k" | "kb") => 1_000,
        (Unit::Bytes, "kib") => 1 << 10,
        (Unit::Bytes, "m" | "mb") => 1_000_000,
        (Unit::Bytes, "mib") => 1 << 20,
        (Unit::Bytes, "g" | "gb") => 1_000_000_000,
        (Unit::Bytes, "gib") => 1 << 30,
        (Unit::Millis, "") | (Unit::Seconds | Unit::Millis, "ms") => 1_000,
        (Unit::Seconds, "") | (Unit::Seconds | Unit::Millis, "s" | "sec") => SECOND,
        (Unit::Seconds | Unit::Millis, "m" | "min") => 60 * SECOND,
        (Unit::Seconds | Unit::Millis, "h") => 3_600 * SECOND,
        (Unit::Seconds | Unit::Millis, "d") => 86_400 * SECOND,
        _ => return None,
    })
}

/// A decimal number times a factor, rounded down.
fn scaled(number: &str, factor: u128) -> Option<u128> {
    let number = number.replace('_', "");
    let (whole, part) = number.split_once('.').unwrap_or((&number, "0"));
    if part.is_empty() || part.len() > 9 || !part.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let parts = 10_u128.pow(u32::try_from(part.len()).ok()?);
    let whole = u128::from(whole.parse::<u64>().ok()?).checked_mul(factor)?;
    whole.checked_add(part.parse::<u128>().ok()?.checked_mul(factor)? / parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_units() {
        for (text, unit, expected) in [
            ("12", Unit::Count, Some(12)),
            ("1_000", Unit::Count, Some(1_000)),
            ("12b", Unit::Count, None),
            ("10kb", Unit::Bytes, Some(10_000)),
            ("1.5kib", Unit::Bytes, Some(1_536)),
            ("1k1k", Unit::Bytes, None),
            ("5m", Unit::Seconds, Some(300_000_000)),
            ("1m30s", Unit::Seconds, Some(90_000_000)),
            ("30", Unit::Seconds, Some(30_000_000)),
            ("30", Unit::Millis, Some(30_000)),
            ("2s", Unit::Millis, Some(2_000_000)),
            ("", Unit::Count, None),
            ("1.", Unit::Count, None),
            ("99999999999999999999", Unit::Count, None),
            ("9999999999999999999d", Unit::Seconds, None),
            ("5 m", Unit::Seconds, None),
        ] {
            assert_eq!(number(text, unit), expected, "{text}");
        }
        for (text, expected) in [
            ("3", Some((3, 3))),
            ("3-5", Some((3, 5))),
            ("9-", Some((9, u64::MAX))),
            ("-5", Some((0, 5))),
            ("5-3", None),
            ("-", None),
            ("1-2-3", None),
        ] {
            assert_eq!(range(text, Unit::Count), expected, "{text}");
        }
    }

    #[test]
    fn every_code_is_known() {
        assert_eq!(Code::Mismatch as usize + 1, Code::ALL.len());
        for (number, code) in Code::ALL.into_iter().enumerate() {
            assert_eq!(code as usize, number);
        }
    }
}
