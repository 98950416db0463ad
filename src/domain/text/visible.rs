//! A whole text made visible.

use std::borrow::Cow;

use crate::domain::text::{
    Marks,
    pieces::{all_plain, pieces_with},
};

/// The bytes as one line of visible text. Borrowed where nothing has to be replaced.
#[must_use]
pub fn visible(bytes: &[u8]) -> Cow<'_, str> {
    visible_with(bytes, Marks::Unicode)
}

/// As [`visible`], with marks of a kind.
#[must_use]
pub fn visible_with(bytes: &[u8], marks: Marks) -> Cow<'_, str> {
    if let Some(text) = all_plain(bytes, marks) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(bytes.len() + 16);
    push_visible_with(&mut out, bytes, marks);
    Cow::Owned(out)
}

/// Appends the bytes as visible text.
pub fn push_visible(out: &mut String, bytes: &[u8]) {
    push_visible_with(out, bytes, Marks::Unicode);
}

/// As [`push_visible`], with marks of a kind.
pub fn push_visible_with(out: &mut String, bytes: &[u8], marks: Marks) {
    pieces_with(bytes, marks).for_each(|piece| out.push_str(&piece.text));
}

#[cfg(test)]
mod tests {
    use unicode_segmentation::UnicodeSegmentation;
    use unicode_width::UnicodeWidthStr;

    use super::*;
    use crate::domain::text::width;

    const HOSTILE: &str = include_str!("../../../tests/fixtures/terminal_hostile.jsonl");

    /// Every case of the fixture: its id and its bytes, the generated ones spelled out.
    fn hostile() -> Vec<(String, Vec<u8>)> {
        HOSTILE
            .lines()
            .map(|line| {
                let case: serde_json::Value = serde_json::from_str(line).expect("JSON");
                let bytes = data_encoding::BASE64
                    .decode(case["bytes_b64"].as_str().expect("base64").as_bytes())
                    .expect("base64");
                let bytes = match &bytes[..] {
                    b"@GEN:a*1000000" => vec![b'a'; 100_000],
                    b"@GEN:\\n*1000000" => vec![b'\n'; 100_000],
                    _ => bytes,
                };
                (case["id"].as_str().expect("an id").to_owned(), bytes)
            })
            .collect()
    }

    /// What must not reach a terminal, written out independently of the code under test.
    fn acts_or_hides(c: char) -> bool {
        c.is_control()
            || (c.is_whitespace() && c != ' ')
            || matches!(u32::from(c),
                0xad | 0x34f | 0x61c | 0x115f | 0x1160 | 0x180b..=0x180f | 0x200b..=0x200f | 0x2028..=0x202f
                | 0x205f..=0x206f | 0x2800 | 0x3164 | 0xe000..=0xf8ff | 0xfe00..=0xfe0f | 0xfeff | 0xffa0
                | 0xfff9..=0xfffb | 0xfffe | 0xffff | 0xe0000..=0x10_ffff)
    }

    #[test]
    fn hostile_cases_lose_every_character_that_acts_or_hides_and_gain_a_mark_for_each() {
        let cases = hostile();
        assert_eq!(cases.len(), 137);
        for (id, bytes) in &cases {
            for marks in [Marks::Unicode, Marks::Ascii] {
                let shown = visible_with(bytes, marks);
                assert_eq!(shown.chars().find(|&c| acts_or_hides(c)), None, "{id}");
                assert!(marks == Marks::Unicode || shown.is_ascii(), "{id}");
                let specials: usize = bytes
                    .utf8_chunks()
                    .map(|c| c.valid().chars().filter(|&c| acts_or_hides(c)).count() + c.invalid().len())
                    .sum();
                let marked = pieces_with(bytes, marks).filter(|piece| piece.special).count();
                assert!(marked >= specials, "{id}: {marked} marks for {specials} specials");
            }
        }
    }

    #[test]
    fn the_width_is_the_same_however_graphemes_are_joined() {
        let hangul = "\u{1112}\u{1161}\u{11ab} a\u{11ab} \u{17d2}\u{1780} \u{a8fa}x".as_bytes().to_vec();
        for (id, bytes) in hostile().into_iter().chain([("joining".to_owned(), hangul)]) {
            let shown = visible(&bytes);
            let drawn: usize = shown.graphemes(true).map(UnicodeWidthStr::width).sum();
            assert_eq!(drawn, width(&shown), "{id}");
            // A zero-width cluster is dropped by the drawing library: it would be invisible.
            assert_eq!(shown.graphemes(true).find(|g| g.width() == 0), None, "{id}");
        }
    }

    #[test]
    fn every_character_is_drawn_wherever_it_stands() {
        let all =
            |end| (0..end).chain(0x1_f000..0x1_fb00).chain(0xe_0000..0xe_0200).filter_map(char::from_u32);
        for (base, end) in [("a", 0x1_e000), ("\u{1112}\u{1161}", 0x3000), ("\u{1f44d}", 0x3000)] {
            let text: String = all(end).flat_map(|c| base.chars().chain([c])).collect();
            let shown = visible(text.as_bytes());
            assert_eq!(shown.chars().find(|&c| acts_or_hides(c)), None, "{base}");
            for cluster in shown.graphemes(true) {
                assert_ne!(cluster.width(), 0, "{}", cluster.escape_unicode());
                assert_eq!(cluster.width(), width(cluster), "{}", cluster.escape_unicode());
            }
        }
    }

    #[test]
    fn marks_are_as_promised() {
        for (bytes, unicode, ascii) in [
            (&b"a\x1b[0m\x00\r\n\t\x7f"[..], "a␛[0m␀␍␊␉␡", "a<ESC>[0m<NUL><CR><LF><HT><DEL>"),
            ("user\u{202e}nimda".as_bytes(), "user‹U+202E›nimda", "user<U+202E>nimda"),
            (
                "\u{9b}2J\u{a0}\u{e0041}".as_bytes(),
                "‹U+009B›2J‹U+00A0›‹U+E0041›",
                "<U+009B>2J<U+00A0><U+E0041>",
            ),
            (b"caf\xe9 \xf0\x9f\x92", "caf‹xE9› ‹xF0›‹x9F›‹x92›", "caf<xE9> <xF0><x9F><x92>"),
            ("é 界 \u{1f44d}".as_bytes(), "é 界 \u{1f44d}", "<U+00E9> <U+754C> <U+1F44D>"),
            (
                "\u{301}e\u{301}\u{1b}\u{301}".as_bytes(),
                "‹U+0301›e\u{301}␛‹U+0301›",
                "<U+0301>e<U+0301><ESC><U+0301>",
            ),
            ("\u{1f44d}\u{1f3fd}".as_bytes(), "\u{1f44d}‹U+1F3FD›", "<U+1F44D><U+1F3FD>"),
        ] {
            assert_eq!(visible(bytes), unicode);
            assert_eq!(visible_with(bytes, Marks::Ascii), ascii);
        }
    }

    #[test]
    fn plain_text_is_borrowed() {
        assert!(matches!(visible("invoice.paid é 界".as_bytes()), Cow::Borrowed(_)));
        assert!(matches!(visible_with(b"invoice.paid", Marks::Ascii), Cow::Borrowed(_)));
        assert!(matches!(visible(b"a\x00"), Cow::Owned(_)));
        assert_eq!(visible(b""), "");
    }
}
