//! Which characters are not shown as they are.

/// Whether a character acts on a terminal, is invisible, looks like a plain space without being one,
/// has no agreed shape (private use, unassigned), or changes the width of its neighbours.
///
/// Printable characters of every script, emoji included, are not special.
#[must_use]
pub fn is_special(c: char) -> bool {
    match u32::from(c) {
        0x20..=0x7e => false,
        // C0, DEL, C1, no-break space, soft hyphen.
        0..=0x1f | 0x7f..=0xa0 | 0xad => true,
        // Whole ranges of visible characters that are frequent, so that long text is quick.
        0xa1..=0x2ff
        | 0x400..=0x482
        | 0x3041..=0x3096
        | 0x30a1..=0x30fa
        | 0x4e00..=0x9fff
        | 0xac00..=0xd7a3 => false,
        other => is_unseen(other) || reshapes(other) || !is_printable(c),
    }
}

/// Letters, marks and symbols by category that have no ink: the joiner and fillers, variation
/// selectors, the Braille blank, the musical null note head, and the plane of tags.
const fn is_unseen(c: u32) -> bool {
    matches!(
        c,
        0x34f
            | 0x115f..=0x1160
            | 0x17b4..=0x17b5
            | 0x180b..=0x180f
            | 0x2800
            | 0x3164
            | 0xfe00..=0xfe0f
            | 0xffa0
            | 0x1d159
            | 0xe0000..=0xe0fff
    )
}

/// Characters after which terminals and tables disagree about width, because some join what stands
/// around them and some do not: the Khmer coeng and two signs that are drawn wider than a cell, the
/// Tifinagh joiner, the Kirat Rai vowels that compose, and skin tones. (ZWJ is not printable anyway.)
const fn reshapes(c: u32) -> bool {
    matches!(c, 0x17a4 | 0x17d2 | 0x17d8 | 0x2d7f | 0x16d63 | 0x16d67 | 0x1f3fb..=0x1f3ff)
}

/// Whether the standard library's own table counts a character as printable: not a control, format,
/// surrogate, private or unassigned code point and not a separator.
///
/// `char::escape_debug` also escapes combining marks, and `str::escape_debug` only those at the
/// beginning: hence the letter before it.
fn is_printable(c: char) -> bool {
    let mut buffer = [b'a', 0, 0, 0, 0];
    let len = 1 + c.encode_utf8(&mut buffer[1..]).len();
    std::str::from_utf8(&buffer[..len]).is_ok_and(|text| text.escape_debug().nth(1) == Some(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printable_characters_of_all_kinds_are_plain() {
        for c in " ~é界한あアЖعאक\u{301}\u{1f44d}\u{1f1e9}∑┌⠁𝄞‘—€".chars() {
            assert!(!is_special(c), "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn what_acts_hides_or_has_no_shape_is_special() {
        for c in [
            0, 0x1b, 0x7f, 0x85, 0x9b, 0xa0, 0xad, 0x34f, 0x378, 0x600, 0x61c, 0x1160, 0x1680, 0x17d2,
            0x180e, 0x2000, 0x200b, 0x200d, 0x200e, 0x2028, 0x2029, 0x202e, 0x202f, 0x205f, 0x2060, 0x2065,
            0x2069, 0x206f, 0x2800, 0x3000, 0x3164, 0xe000, 0xfdd0, 0xfe0f, 0xfeff, 0xffa0, 0xfff9, 0xfffe,
            0xffff, 0x1d173, 0x1f3fd, 0x1ffff, 0xe0001, 0xe0041, 0xe0100, 0xf0000, 0x10_ffff,
        ] {
            let c = char::from_u32(c).expect("a scalar value");
            assert!(is_special(c), "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn the_quick_ranges_agree_with_the_table() {
        for c in (0..=0x10_ffff).filter_map(char::from_u32).filter(|&c| !is_special(c)) {
            assert!(is_printable(c) || matches!(c, '"' | '\'' | '\\'), "U+{:04X}", u32::from(c));
        }
    }
}
