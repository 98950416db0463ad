//! Numbers as JavaScript reads them (ECMA-262 sections 7.1.4.1 and 19.2.5).

/// White space that JavaScript passes over, as far as it is ASCII.
const BLANK: [char; 6] = ['\t', '\n', '\u{b}', '\u{c}', '\r', ' '];

/// What `Number(text)` gives; `None` for what is not a number, and for an empty text, which is 0 there.
pub(in crate::domain::signature) fn number(text: &str) -> Option<f64> {
    let text = text.trim_matches(BLANK);
    for (mark, radix) in [("0x", 16), ("0X", 16), ("0o", 8), ("0O", 8), ("0b", 2), ("0B", 2)] {
        if let Some(digits) = text.strip_prefix(mark) {
            return if digits.starts_with('+') { None } else { whole(digits, radix) };
        }
    }
    let bare = text.strip_prefix(['+', '-']).unwrap_or(text);
    let infinite = bare == "Infinity";
    // Rust knows more words than these (`inf`, `nan`), and no more digits.
    let plain = bare.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    (infinite || plain).then(|| text.parse().ok())?
}

/// What `parseInt(text)` gives, or, where `hex` is false, `parseInt(text, 10)`: `NaN` where no digit is.
pub(in crate::domain::signature) fn parse_int(text: &str, hex: bool) -> f64 {
    let text = text.trim_start_matches(BLANK);
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let sixteen = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X")).filter(|_| hex);
    let (digits, radix) = sixteen.map_or((rest, 10), |digits| (digits, 16));
    let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    whole(&digits[..end], radix).map_or(f64::NAN, |value| sign * value)
}

/// A whole number; `None` where it has no digits, others than the radix has, or more than a `u128` holds
/// of a radix other than ten.
fn whole(digits: &str, radix: u32) -> Option<f64> {
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    match radix {
        10 => digits.parse().ok(),
        #[expect(clippy::cast_precision_loss, reason = "numbers are rounded so there, too")]
        _ => u128::from_str_radix(digits, radix).ok().map(|value| value as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::signature::script::write;

    // Each expected value is what Node 20 prints.
    #[test]
    fn numbers_are_read_as_there() {
        for (text, expected) in [
            ("1700000000", "1700000000"),
            (" +017\t", "17"),
            ("-5", "-5"),
            ("1.7e9", "1700000000"),
            ("1700000000.50", "1700000000.5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("0x6553f100", "1700000000"),
            ("0b11", "3"),
            ("0O17", "15"),
            ("Infinity", "Infinity"),
            ("-Infinity", "-Infinity"),
            ("99999999999999999999", "100000000000000000000"),
        ] {
            assert_eq!(number(text).map(write).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "", " ", ".", "x", "1x", "1_0", "inf", "NaN", "nan", "infinity", "-0x1", "0x", "0x+1", "1e",
            "+-1", "1 2", "\u{661}", "0b2", "e5", "+", "-.",
        ] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn whole_numbers_are_read_as_there() {
        for (text, hex, expected) in [
            ("1700000000.9", true, "1700000000"),
            (" -12x", false, "-12"),
            ("+012", false, "12"),
            ("0x10", true, "16"),
            ("0x10", false, "0"),
            ("0X", true, "NaN"),
            ("-0x1f", true, "-31"),
            ("x", true, "NaN"),
            ("", true, "NaN"),
            ("1e3", true, "1"),
            ("-0", true, "0"),
            ("99999999999999999999", true, "100000000000000000000"),
        ] {
            assert_eq!(write(parse_int(text, hex)), expected, "{text}");
        }
    }
}
