//! Numbers as JavaScript writes them (ECMA-262 section 6.1.6.1.20).

use std::borrow::Cow;

/// A number as `String(value)` writes it.
pub(in crate::domain::signature) fn write(value: f64) -> Cow<'static, str> {
    if value.is_nan() {
        return Cow::Borrowed("NaN");
    }
    if value.is_infinite() {
        return Cow::Borrowed(if value > 0.0 { "Infinity" } else { "-Infinity" });
    }
    if value == 0.0 {
        return Cow::Borrowed("0");
    }
    // The fewest digits that stand for this number and no other, as there; only where they stand differs.
    let shortest = format!("{value:e}");
    let Some((digits, exponent)) = shortest.split_once('e') else { return Cow::Owned(shortest) };
    Cow::Owned(match exponent.parse::<i32>().unwrap_or_default() {
        -6..=20 => format!("{value}"),
        exponent => format!("{digits}e{exponent:+}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // Each expected value is what Node 20 prints.
    #[test]
    fn numbers_are_written_as_there() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1e21, "1e+21"),
            (123_456_789_012_345_680_000.0, "123456789012345680000"),
            (1e-6, "0.000001"),
            (1.5e-6, "0.0000015"),
            (1e-7, "1e-7"),
            (-1.25e-9, "-1.25e-9"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (0.1, "0.1"),
            (9_007_199_254_740_993.0, "9007199254740992"),
        ] {
            assert_eq!(write(value), expected);
        }
    }
}
