//! Numbers as people read them.

use std::time::Duration;

/// A count with separators: `1,204,033`.
pub(in crate::ui) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A size in at most eight columns: `9,999 B`, `12.3 KiB`, `256 MiB`. Powers of 1024, as limits are
/// given in the configuration.
pub(in crate::ui) fn size(bytes: u64) -> String {
    if bytes < 10_000 {
        return format!("{} B", count(bytes));
    }
    let mut value = bytes as f64;
    for unit in ["KiB", "MiB", "GiB"] {
        value /= 1024.0;
        if value < 99.95 {
            return format!("{value:.1} {unit}");
        }
        if value < 1023.5 {
            return format!("{value:.0} {unit}");
        }
    }
    format!("{:.0} TiB", value / 1024.0)
}

/// A length of time in at most seven columns: `12 ms`, `1.5 s`, `2.0 min`.
pub(in crate::ui) fn took(time: Duration) -> String {
    let ms = time.as_millis();
    match ms {
        0 => "<1 ms".to_owned(),
        1..1000 => format!("{ms} ms"),
        1000..60_000 => format!("{:.1} s", time.as_secs_f64()),
        _ => format!("{:.1} min", time.as_secs_f64() / 60.0),
    }
}

/// An age or tolerance in words: `3 s`, `5 min`, `2 h 5 min`, `40 d`.
pub(in crate::ui) fn span(seconds: u64) -> String {
    let (d, h, m, s) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let two = |a: u64, unit: &str, b: u64, small: &str| {
        if b == 0 { format!("{a} {unit}") } else { format!("{a} {unit} {b} {small}") }
    };
    match (d, h, m) {
        (0, 0, 0) => format!("{s} s"),
        (0, 0, _) => two(m, "min", s, "s"),
        (0, _, _) => two(h, "h", m, "min"),
        _ => two(d, "d", h, "h"),
    }
}

/// A tolerance in words, parts of a second included.
pub(in crate::ui) fn limit(limit: Duration) -> String {
    match limit.subsec_millis() {
        0 => span(limit.as_secs()),
        millis if limit.as_secs() == 0 => format!("{millis} ms"),
        millis => format!("{}.{millis:03} s", limit.as_secs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!([0, 999, 1000, 1_204_033].map(count), ["0", "999", "1,000", "1,204,033"]);
        assert_eq!(
            [0, 9_999, 12_345, 102_400, 1 << 20, 256 << 20, (1 << 40) - 1].map(size),
            ["0 B", "9,999 B", "12.1 KiB", "100 KiB", "1.0 MiB", "256 MiB", "1 TiB"]
        );
        assert_eq!(
            [0, 12, 1500, 120_000].map(|ms| took(Duration::from_millis(ms))),
            ["<1 ms", "12 ms", "1.5 s", "2.0 min"]
        );
        assert_eq!(
            [3, 300, 301, 7500, 86_400 * 40].map(span),
            ["3 s", "5 min", "5 min 1 s", "2 h 5 min", "40 d"]
        );
        for bits in 0..50 {
            assert!(size(1 << bits).len() <= 8 && size((1 << bits) - 1).len() <= 8, "{bits}");
        }
    }
}
