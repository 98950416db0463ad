//! URLs that are not the signed ones, and two causes at once.

use hookglass::domain::signature::Code::{BodyModified, WrongSecret, WrongSecretForm, WrongUrl};

use super::{KEY, Row, URL, WHSEC};
use crate::diagnosis::request::{base64, github, sha256, square, standard, twilio};

pub(super) fn urls() -> Vec<Row> {
    let tw = |signed: &str| twilio(KEY, signed, URL);
    let sq = |signed: &str| square(KEY, signed, URL, "{}");
    vec![
        ("http signed", tw("http://hooks.example.test/in?b=2&a=x%20y"), WrongUrl, "with http, not https"),
        (
            "https signed",
            square(KEY, URL, "http://hooks.example.test/in?b=2&a=x%20y", "{}"),
            WrongUrl,
            "with https, not http",
        ),
        (
            "the forwarded host",
            sq("https://public.test/in?b=2&a=x%20y").with("X-Forwarded-Host", "public.test"),
            WrongUrl,
            "X-Forwarded-Host",
        ),
        (
            "the Host header",
            tw("https://local.test:8080/in?b=2&a=x%20y").with("Host", "local.test:8080"),
            WrongUrl,
            "Host header",
        ),
        ("the default port", sq("https://hooks.example.test:443/in?b=2&a=x%20y"), WrongUrl, "default port"),
        (
            "without the port",
            square(KEY, "https://h.test/in", "https://h.test:8443/in", "{}"),
            WrongUrl,
            "without the port",
        ),
        ("a slash at the end", tw("https://hooks.example.test/in/?b=2&a=x%20y"), WrongUrl, "with a slash"),
        (
            "no slash at the end",
            square(KEY, "https://h.test/in", "https://h.test/in/", "{}"),
            WrongUrl,
            "without the slash",
        ),
        ("the query dropped", sq("https://hooks.example.test/in"), WrongUrl, "without its query"),
        ("the query encoded again", tw("https://hooks.example.test/in?b=2&a=x+y"), WrongUrl, "encoded again"),
        ("the query decoded", sq("https://hooks.example.test/in?b=2&a=x y"), WrongUrl, "decoded"),
        ("the query sorted", sq("https://hooks.example.test/in?a=x%20y&b=2"), WrongUrl, "sorted"),
        ("path and query alone", sq("/in?b=2&a=x%20y"), WrongUrl, "only the path and query"),
        (
            "a path that was rewritten",
            sq("https://hooks.example.test/api/in?b=2").with("X-Original-URI", "/api/in?b=2"),
            WrongUrl,
            "a proxy says",
        ),
        (
            "scheme and slash",
            tw("http://hooks.example.test/in/?b=2&a=x%20y"),
            WrongUrl,
            "with http, not https and with a slash",
        ),
    ]
}

pub(super) fn pairs() -> Vec<Row> {
    let body = "{\"a\":1}";
    vec![
        (
            "another secret and a line end",
            github("theirs", "{}", "{}\n").secret("ours").knowing("github", "theirs"),
            WrongSecret,
            "without the line end",
        ),
        (
            "secret trimmed and JSON printed",
            github(KEY, body, "{\"a\": 1}").secret(format!("{KEY}\n")),
            WrongSecretForm,
            "without white space",
        ),
        (
            "URL and line end",
            square(KEY, "http://h.test/in", "https://h.test/in", "{}").arriving("{}\n"),
            BodyModified,
            "with http, not https",
        ),
        (
            "hex and another secret",
            github("theirs", body, body)
                .with("X-Hub-Signature-256", base64(sha256("theirs", body)))
                .secret("x")
                .knowing("github", "theirs"),
            WrongSecret,
            "written in Base64",
        ),
        (
            "decoded secret and no timestamp",
            standard(WHSEC, body, body).secret(WHSEC),
            WrongSecretForm,
            "the body alone",
        ),
    ]
}
