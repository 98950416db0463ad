//! How many columns visible text takes, and cutting it to fit.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

use crate::domain::text::Marks;

/// Columns that a text takes on the terminal: the sum over its characters. Meant for text that was
/// made visible; a control character counts nothing.
#[must_use]
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.bytes().filter(|b| !b.is_ascii_control()).count();
    }
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// The text, or as much of it as fits before a `…`, in at most `columns` columns. Cuts between
/// grapheme clusters only.
#[must_use]
pub fn fit(text: &str, columns: usize) -> Cow<'_, str> {
    fit_with(text, columns, Marks::Unicode)
}

/// As [`fit`], with the ellipsis of a kind of marks.
#[must_use]
pub fn fit_with(text: &str, columns: usize, marks: Marks) -> Cow<'_, str> {
    let Some(room) = columns.checked_sub(1) else { return Cow::Borrowed("") };
    let (mut used, mut end) = (0, 0);
    for (at, cluster) in text.grapheme_indices(true) {
        let next = used + width(cluster);
        if next > columns {
            let mut cut = String::with_capacity(end + 3);
            cut.push_str(&text[..end]);
            cut.push_str(marks.ellipsis());
            return Cow::Owned(cut);
        }
        if next <= room {
            end = at + cluster.len();
        }
        used = next;
    }
    Cow::Borrowed(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_sums() {
        for (text, expected) in [("", 0), ("abc", 3), ("界", 2), ("e\u{301}", 1), ("‹U+202E›", 8), ("␛", 1)]
        {
            assert_eq!(width(text), expected, "{text}");
        }
    }

    #[test]
    fn cuts_between_clusters_and_never_overflows() {
        for (text, columns, expected) in [
            ("abc", 3, "abc"),
            ("abcd", 3, "ab…"),
            ("abcd", 1, "…"),
            ("abcd", 0, ""),
            ("", 0, ""),
            ("界界", 4, "界界"),
            ("界界", 3, "界…"),
            ("界界", 2, "…"),
            ("x界y", 3, "x…"),
            ("ae\u{301}bc", 3, "ae\u{301}…"),
            ("abe\u{301}", 3, "abe\u{301}"),
        ] {
            let cut = fit(text, columns);
            assert_eq!(cut, expected, "{text} in {columns}");
            assert!(width(&cut) <= columns);
        }
        assert_eq!(fit_with("abcd", 3, Marks::Ascii), "ab~");
        assert!(matches!(fit("abc", 3), Cow::Borrowed(_)));
    }
}
