//! A HAR is one: the fields and kinds that its specification requires.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use hookglass::domain::redact::Redaction;
use serde_json::Value;

use crate::batch::{export, record};

/// What the specification of HAR 1.2 requires of an object: names with their kinds.
fn check(value: &Value, place: &str, fields: &[(&str, &str)]) {
    for (name, kind) in fields {
        let field = value.get(name).unwrap_or_else(|| panic!("{place}.{name} is missing"));
        let fits = match *kind {
            "text" => field.is_string(),
            "number" => field.is_number(),
            "list" => field.is_array(),
            _ => field.is_object(),
        };
        assert!(fits, "{place}.{name} is no {kind}: {field}");
    }
}

/// <http://www.softwareishard.com/blog/har-12-spec/>
fn is_har(text: &[u8]) {
    let har: Value = serde_json::from_slice(text).unwrap();
    check(&har, "", &[("log", "object")]);
    check(&har["log"], "log", &[("version", "text"), ("creator", "object"), ("entries", "list")]);
    assert_eq!(har["log"]["version"], "1.2");
    check(&har["log"]["creator"], "creator", &[("name", "text"), ("version", "text")]);
    let pairs = |list: &Value, place: &str| {
        list.as_array()
            .unwrap()
            .iter()
            .for_each(|pair| check(pair, place, &[("name", "text"), ("value", "text")]));
    };
    for entry in har["log"]["entries"].as_array().unwrap() {
        check(
            entry,
            "entry",
            &[
                ("startedDateTime", "text"),
                ("time", "number"),
                ("request", "object"),
                ("response", "object"),
                ("cache", "object"),
                ("timings", "object"),
            ],
        );
        assert!(entry["startedDateTime"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
        let request = &entry["request"];
        let shared = [
            ("httpVersion", "text"),
            ("cookies", "list"),
            ("headers", "list"),
            ("headersSize", "number"),
            ("bodySize", "number"),
        ];
        check(request, "request", &shared);
        check(request, "request", &[("method", "text"), ("url", "text"), ("queryString", "list")]);
        assert!(request["url"].as_str().unwrap().starts_with("http"));
        for name in ["headers", "cookies", "queryString"] {
            pairs(&request[name], name);
        }
        if let Some(data) = request.get("postData") {
            check(data, "postData", &[("mimeType", "text"), ("params", "list"), ("text", "text")]);
        }
        let response = &entry["response"];
        check(response, "response", &shared);
        check(
            response,
            "response",
            &[("status", "number"), ("statusText", "text"), ("content", "object"), ("redirectURL", "text")],
        );
        check(&response["content"], "content", &[("size", "number"), ("mimeType", "text")]);
        check(&entry["timings"], "timings", &[("send", "number"), ("wait", "number"), ("receive", "number")]);
        for part in ["send", "wait", "receive"] {
            assert!(entry["timings"][part].as_f64().unwrap() >= 0.0);
        }
        // What is not of the specification begins with an underscore.
        let known = ["startedDateTime", "time", "request", "response", "cache", "timings", "comment"];
        assert!(
            entry
                .as_object()
                .unwrap()
                .keys()
                .all(|key| known.contains(&key.as_str()) || key.starts_with('_'))
        );
    }
}

#[test]
fn a_har_is_one() {
    let headers = [("X-Odd".to_owned(), b"\xff\x1b".to_vec()), ("Cookie".to_owned(), b"a=b; c=d".to_vec())];
    let records: Vec<_> = [
        ("/a?b=c&d=%20&e", &b"{}"[..]),
        ("*", b""),
        ("http://x.test/y", b"\0\xff"),
        ("/\u{e9}\"<>", "\u{202e}\n".as_bytes()),
    ]
    .iter()
    .enumerate()
    .map(|(index, (target, body))| (record(index as u64 + 1, target, &headers, body, 0), "Why.".to_owned()))
    .collect();
    for redaction in [Redaction::none(), Redaction::secrets()] {
        for count in [0, 1, 4] {
            let (text, summary) = export("har", &records[..count], redaction.clone());
            assert_eq!(summary.count, count);
            is_har(&text);
            // Safe to print.
            let text = String::from_utf8(text).unwrap();
            assert!(!text.contains(['\u{1b}', '\u{202e}']));
        }
    }
}
