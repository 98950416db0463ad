//! What is JSON and what is not, and that the view changes white space alone.

use super::{Invalid, index};
use crate::domain::{
    decode::span::{Role, Span, Window},
    text::Marks,
};

/// Texts that RFC 8259 allows, in the manner of JSONTestSuite's `y_` files.
const VALID: &[&str] = &[
    "null",
    " true ",
    "\"\"",
    "-0",
    "0e+1",
    "1E22",
    "-123.456e-789",
    "12345678901234567890123456789012345678901234567890.10",
    "[]",
    "{}",
    "[ ]",
    "{\n}\t",
    "[[]   ]",
    "[{}]",
    "{\"\":{}}",
    "{\"a\":1,\"a\":2,\"a\":1}",
    "{\"z\":[1,2,{\"y\":null}],\"a\":{\"b\":[],\"c\":\"d\"}}",
    "[\"\\u0060\\u012a\\u12AB\\\"\\\\\\/\\b\\f\\n\\r\\t\"]",
    "[\"\\ud83d\\ude00\",\"\\uD800\",\"\\udead x\"]",
    "[\"é界\u{2070e}\u{1f600}\"]",
    "[\"a/*b*/c//d, e: [f] {g}\"]",
    "{\"a\\\"b\" : \"c\\\\\" , \"d\":\"\\\\\\\"\"}",
    "\r\n[1\n,\t2 ,3]\r\n",
    "[1.0,1.00,1e0,10E-01,100000000000000000000]",
    "[\"0123456789abcde\\\"0123456789abcdef0123456789abcdef\"]",
];

/// Texts that it does not allow, with the offset at which that is seen.
const INVALID: &[(&[u8], usize)] = &[
    (b"", 0),
    (b"   ", 3),
    (b"[", 1),
    (b"{", 1),
    (b"[1", 2),
    (b"[1,", 3),
    (b"[1,]", 3),
    (b"[,1]", 1),
    (b"[1,,2]", 3),
    (b"[1 2]", 3),
    (b"]", 0),
    (b"[1]]", 3),
    (b"[1}", 2),
    (b"{]", 1),
    (b"{\"a\"}", 4),
    (b"{\"a\":}", 5),
    (b"{\"a\" 1}", 5),
    (b"{\"a\":1,}", 7),
    (b"{a:1}", 1),
    (b"{'a':1}", 1),
    (b"{1:1}", 1),
    (b"{\"a\":1 \"b\":2}", 7),
    (b"[01]", 2),
    (b"[+1]", 1),
    (b"[-]", 2),
    (b"[1.]", 3),
    (b"[.5]", 1),
    (b"[1e]", 3),
    (b"[1e+]", 4),
    (b"[0x1]", 2),
    (b"[NaN]", 1),
    (b"[Infinity]", 1),
    (b"[tru]", 1),
    (b"[nul", 1),
    (b"[TRUE]", 1),
    (b"[\"a]", 4),
    (b"[\"\t\"]", 2),
    (b"[\"0123456789abcdef\n\"]", 18),
    (b"[\"\\x\"]", 3),
    (b"[\"\\u12\"]", 6),
    (b"[\"\\\xe5\"]", 3),
    (b"[\"\\", 3),
    (b"['a']", 1),
    (b"[1] x", 4),
    (b"{} {}", 3),
    (b"[1]//c", 3),
    (b"\xff", 0),
    (b"\xc2\xa0[]", 0),
    (b"[\x0c1]", 1),
    (b"\xef\xbb\xbf{}", 0),
];

fn spans(body: &[u8]) -> Vec<Vec<Span<'_>>> {
    let (index, complete) = index(body, 0, usize::MAX).expect("valid JSON");
    assert!(complete);
    let line = |at| {
        let mut window = Window::new(0, usize::MAX, Marks::Unicode);
        index.line(body, at, &mut window);
        window.finish()
    };
    (0..index.lines()).map(line).collect()
}

fn lines(body: &[u8]) -> Vec<String> {
    spans(body).iter().map(|line| line.iter().map(|span| &*span.text).collect()).collect()
}

/// The text without the white space between its tokens.
fn packed(text: &str) -> String {
    let (mut out, mut quoted, mut escaped) = (String::new(), false, false);
    for c in text.chars() {
        if quoted {
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else {
            quoted = c == '"';
        }
        if quoted || !matches!(c, ' ' | '\n' | '\r' | '\t') {
            out.push(c);
        }
    }
    out
}

#[test]
fn valid_texts_keep_every_token() {
    let deep = format!("{}1{}", "[{\"a\":".repeat(5_000), "}]".repeat(5_000));
    let mixed = format!("[{}0]", "{\"k\": [1, {}, [ ] ]} , \"s\" ,".repeat(200));
    for text in VALID.iter().copied().chain([&*deep, &*mixed]) {
        assert_eq!(packed(&lines(text.as_bytes()).join("\n")), packed(text), "{text}");
    }
}

#[test]
fn invalid_texts_are_refused_where_they_break() {
    for &(text, at) in INVALID {
        let refused = index(text, 0, usize::MAX).map(|_| ()).map_err(|Invalid { at, .. }| at);
        assert_eq!(refused, Err(at), "{}", text.escape_ascii());
    }
}

#[test]
fn the_view_is_indented_as_usual() {
    let body = b"{\"id\":1,\"a\":[],\"b\":[true,{\"c\":null}],\n \"e\" : { } }";
    let expected = [
        "{",
        "  \"id\": 1,",
        "  \"a\": [],",
        "  \"b\": [",
        "    true,",
        "    {",
        "      \"c\": null",
        "    }",
        "  ],",
        "  \"e\": {}",
        "}",
    ];
    assert_eq!(lines(body), expected);
}

#[test]
fn parts_have_their_roles() {
    let body = "{\"k\":\"a\u{202e}b\",\"n\":-1e5,\"t\":false,\"z\":null}".as_bytes();
    let roles: Vec<Vec<_>> = spans(body)
        .iter()
        .map(|line| line.iter().filter(|s| !s.text.trim().is_empty()).map(|s| (s.role, &*s.text)).collect())
        .map(|line: Vec<_>| line.into_iter().map(|(role, text)| (role, text.to_owned())).collect())
        .collect();
    let expected = [
        (Role::Key, "\"k\""),
        (Role::Punct, ": "),
        (Role::Str, "\"a"),
        (Role::Mark, "‹U+202E›"),
        (Role::Str, "b\""),
        (Role::Punct, ","),
    ];
    assert_eq!(roles[1], expected.map(|(role, text)| (role, text.to_owned())));
    assert_eq!(roles[2][2].0, Role::Number);
    assert_eq!(roles[3][2].0, Role::Bool);
    assert_eq!(roles[4][2].0, Role::Null);
}

#[test]
fn depth_has_no_limit() {
    let depth = 100_000;
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let text = format!("{}[]{}", open.repeat(depth), close.repeat(depth));
        let (index, complete) = index(text.as_bytes(), 0, usize::MAX).expect("valid");
        assert_eq!((index.lines(), complete), (2 * depth + 1, true));
        let mut window = Window::new(0, 200, Marks::Unicode);
        index.line(text.as_bytes(), depth, &mut window);
        let line: String = window.finish().iter().map(|span| &*span.text).collect();
        assert!(line.ends_with("[]") && line.len() < 100, "{line}");
    }
    assert!(index("[".repeat(depth).as_bytes(), 0, usize::MAX).is_err());
}

#[test]
fn bytes_that_are_not_utf8_are_shown() {
    assert_eq!(lines(b"[\"caf\xe9\"]")[1], "  \"caf‹xE9›\"");
}

#[test]
fn a_limit_gives_the_first_lines_as_they_will_be() {
    let body = b"{\"a\": [1, 2, 3], \"b\": {}, \"c\": 4}";
    let whole = lines(body);
    for limit in 1..whole.len() {
        let (part, complete) = index(body, 0, limit).expect("valid so far");
        assert_eq!((part.lines(), complete), (limit, false));
        for (at, expected) in whole.iter().take(limit).enumerate() {
            let mut window = Window::new(0, 100, Marks::Unicode);
            part.line(body, at, &mut window);
            let line: String = window.finish().iter().map(|span| &*span.text).collect();
            assert_eq!(&line, expected);
        }
    }
    assert!(index(body, 0, whole.len()).expect("valid").1);
}

/// Every valid text with one byte taken out, doubled or replaced: another parser must agree.
#[test]
fn near_misses_are_judged_as_another_parser_does() {
    let mut valid = 0;
    for text in VALID.iter().filter(|text| text.is_ascii() && !text.contains("\\u")) {
        let text = text.as_bytes();
        for at in 0..text.len() {
            let (before, after) = (&text[..at], &text[at + 1..]);
            let replaced = b"{}[]:,\"\\0-.eE+tn \t/\x01\x7f".iter().map(|&b| [before, &[b], after].concat());
            let others = [[before, after].concat(), [before, &[text[at]], &text[at..]].concat()];
            for changed in replaced.chain(others) {
                let ours = index(&changed, 0, usize::MAX).is_ok();
                let theirs = serde_json::from_slice::<serde::de::IgnoredAny>(&changed).is_ok();
                assert_eq!(ours, theirs, "{}", changed.escape_ascii());
                valid += usize::from(ours);
            }
        }
    }
    assert!(valid > 500, "{valid}");
}
