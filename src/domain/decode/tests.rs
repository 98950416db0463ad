//! Documents of all kinds, chosen and read through windows.

use crate::domain::{
    decode::{Document, Kind, MOST_LINES},
    text::{Marks, is_special, width},
};

fn all(document: &Document, body: &[u8], marks: Marks) -> Vec<String> {
    let text = |at| document.line(body, at, 0, usize::MAX, marks).iter().map(|s| &*s.text).collect();
    (0..document.lines()).map(text).collect()
}

#[test]
fn the_view_follows_the_type_and_the_bytes() {
    let gzip = b"\x1f\x8b\x08\x00\x00\x00\x00\x00";
    for (content_type, body, forced, kind, note) in [
        ("application/json", &b"{\"a\":1}"[..], None, Kind::Json, None),
        ("application/json", b"[1]", Some(Kind::Text), Kind::Text, None),
        ("application/json", b"[1]", Some(Kind::Hex), Kind::Hex, None),
        ("application/json", b"[1]", Some(Kind::Empty), Kind::Json, None),
        ("application/json", b"", None, Kind::Empty, None),
        (
            "application/json",
            b"{\n\"a\":,}",
            None,
            Kind::Text,
            Some("not valid JSON at byte 6, line 2: expected a value; shown as text"),
        ),
        (
            "application/json",
            gzip,
            None,
            Kind::Hex,
            Some("not valid JSON at byte 0, line 1: expected a value; shown as hex; looks like gzip data"),
        ),
        (
            "",
            b"a=1",
            Some(Kind::Json),
            Kind::Text,
            Some("not valid JSON at byte 0, line 1: expected a value; shown as text"),
        ),
        ("application/json", b"\xef\xbb\xbf{}", None, Kind::Json, Some("begins with a byte order mark")),
        ("text/plain", b" {\"sns\":true}", None, Kind::Json, None),
        ("text/plain", b"{hello", None, Kind::Text, None),
        ("text/plain", b"123", None, Kind::Text, None),
        ("", b"[1,2]", None, Kind::Json, None),
        ("", b"hello", None, Kind::Text, None),
        ("application/octet-stream", gzip, None, Kind::Hex, Some("looks like gzip data")),
        (
            "application/octet-stream",
            gzip,
            Some(Kind::Text),
            Kind::Text,
            Some("has bytes that are not UTF-8"),
        ),
        ("text/html", b"a\0b", None, Kind::Hex, Some("the content type says text, the bytes are binary")),
        ("application/x-www-form-urlencoded", b"a=1&b=2", None, Kind::Form, None),
        (
            "application/x-www-form-urlencoded",
            b"{\"a\":1}",
            None,
            Kind::Json,
            Some("the content type says form, the body is JSON"),
        ),
        ("application/x-www-form-urlencoded", b"{\"a\":1}", Some(Kind::Form), Kind::Form, None),
        (
            "text/plain; charset=iso-8859-1",
            b"caf\xe9 au lait",
            None,
            Kind::Text,
            Some("its charset is not decoded: bytes that are not UTF-8 stand as marks"),
        ),
    ] {
        let document = Document::of(Some(content_type.as_bytes()), body, forced, None);
        let seen = (document.kind(), document.note());
        assert_eq!(seen, (kind, note), "{content_type} {}", body.escape_ascii());
        assert!(document.complete());
    }
}

#[test]
fn no_view_lets_a_hostile_byte_through() {
    let attack = "\u{1b}]0;x\u{7}\u{9b}2J\u{202e}\u{200b}\u{2028}\u{e0041}\u{7f}\u{fe0f}é";
    let bodies = [
        format!("{{\"{}\":\"{0}\"}}", attack.replace(['\u{1b}', '\u{7}'], "")),
        attack.to_owned(),
        format!("{attack}={attack}&%1b%c2%9b=%e2%80%ae"),
    ];
    for body in &bodies {
        for kind in [Kind::Json, Kind::Form, Kind::Text, Kind::Hex] {
            for marks in [Marks::Unicode, Marks::Ascii] {
                let document = Document::of(None, body.as_bytes(), Some(kind), None);
                for line in all(&document, body.as_bytes(), marks) {
                    let bad = line.chars().find(|&c| c != 'é' && is_special(c));
                    assert_eq!(bad, None, "{kind:?} {line}");
                    assert!(marks == Marks::Unicode || line.is_ascii());
                }
            }
        }
    }
}

#[test]
fn one_long_line_is_seen_through_a_window() {
    let body = format!("{{\"a\":\"{}\",\"b\":1}}", "x".repeat(1_000_000));
    let document = Document::of(None, body.as_bytes(), None, None);
    assert_eq!(document.lines(), 4);
    let seen = |skip| -> String {
        let spans = document.line(body.as_bytes(), 1, skip, 10, Marks::Unicode);
        spans.iter().map(|span| &*span.text).collect()
    };
    assert_eq!(seen(0), "  \"a\": \"xx");
    assert_eq!(seen(1_000_003), "xxxxx\",");
    assert_eq!(seen(2_000_000), "");
}

#[test]
fn the_first_lines_come_without_the_rest() {
    let body = format!("[{}1]", "1,\n".repeat(10_000));
    for kind in [Kind::Json, Kind::Text] {
        let first = Document::of(None, body.as_bytes(), Some(kind), Some(50));
        assert_eq!((first.kind(), first.lines(), first.complete()), (kind, 50, false));
        let whole = Document::of(None, body.as_bytes(), Some(kind), None);
        assert!(whole.complete() && whole.lines() > 10_000);
        let (first, whole) =
            (all(&first, body.as_bytes(), Marks::Unicode), all(&whole, body.as_bytes(), Marks::Unicode));
        assert_eq!(first[..], whole[..50]);
    }
}

#[test]
fn a_body_of_separators_cannot_grow_the_index_without_bound() {
    let body = vec![b'\n'; MOST_LINES + 10];
    let document = Document::of(Some(b"text/plain"), &body, None, None);
    assert_eq!((document.lines(), document.complete()), (MOST_LINES, true));
    assert!(document.note().is_some_and(|note| note.contains("only the first 4000000 lines")));
}

#[test]
fn windows_never_overflow_and_never_begin_with_what_has_no_width() {
    let text =
        "a\u{301}界\u{1b}é\u{202e}\u{1f469}\u{200d}\u{1f467} \u{1112}\u{1161}\u{11ab}x\u{302}\u{303}\t";
    let body = format!("[{{\"{0}\":\"{0}{0}\"}}]", text.replace(['\t', '\u{1b}'], ""));
    let form = format!("{text}={text}{text}");
    for (body, kind) in [(&body, Kind::Json), (&form, Kind::Form), (&form, Kind::Text), (&form, Kind::Hex)] {
        let document = Document::of(None, body.as_bytes(), Some(kind), None);
        assert_eq!(document.kind(), kind);
        for (line, skip, columns) in (0..document.lines())
            .flat_map(|line| (0..90).flat_map(move |skip| (0..12).map(move |columns| (line, skip, columns))))
        {
            let spans = document.line(body.as_bytes(), line, skip, columns, Marks::Unicode);
            let total: usize = spans.iter().map(|span| width(&span.text)).sum();
            assert!(total <= columns, "{kind:?} {line} {skip}+{columns}: {spans:?}");
            // The drawing library drops such a character, or puts it on the border.
            let starts = spans.iter().filter_map(|span| span.text.chars().next());
            assert!(starts.map(|c| width(c.encode_utf8(&mut [0; 4]))).all(|w| w > 0), "{spans:?}");
        }
    }
}
