//! Signatures over something else than the scheme says, and of another time.

use hookglass::domain::signature::Code::{MissingHeader, TimestampInFuture, TimestampTooOld, WrongAlgorithm};
use sha2::{Digest, Sha256};

use super::{KEY, RAW, Row, URL, WHSEC};
use crate::diagnosis::request::{AT, github, hex, slack, square, standard, stripe};

pub(super) fn contents() -> Vec<Row> {
    let body = "{\"a\":1}";
    let sl = |content: String| slack(KEY, content, body).secret(KEY);
    let sw = |content: String| standard(RAW, content, body).secret(WHSEC);
    let st = |content: String| stripe(WHSEC, content, body).secret(WHSEC);
    let moved = slack(KEY, format!("v0:{AT}:{body}"), body).lacking("X-Slack-Request-Timestamp");
    vec![
        ("Stripe: the body alone", st(body.to_owned()), WrongAlgorithm, "the body alone"),
        ("Slack: no timestamp", sl(format!("v0:{body}")), WrongAlgorithm, "but the timestamp"),
        ("Standard Webhooks: no id", sw(format!("{AT}.{body}")), WrongAlgorithm, "but the id"),
        ("the timestamp in milliseconds", st(format!("{AT}000.{body}")), WrongAlgorithm, "in milliseconds"),
        ("the timestamp in ISO 8601", st(format!("2023-11-14T22:13:20Z.{body}")), WrongAlgorithm, "ISO 8601"),
        (
            "the timestamp is missing",
            slack(KEY, format!("v0:{AT}:{body}"), body).lacking("X-Slack-Request-Timestamp").secret(KEY),
            MissingHeader,
            "X-Slack-Request-Timestamp",
        ),
        (
            "the timestamp in another header",
            moved.with("X-Timestamp", AT.to_string()).secret(KEY),
            MissingHeader,
            "in the header X-Timestamp",
        ),
        (
            "another header's timestamp",
            sl(format!("v0:1700000009:{body}")).with("X-Sent-At", "1700000009"),
            WrongAlgorithm,
            "X-Sent-At",
        ),
        ("body and timestamp exchanged", st(format!("{body}.{AT}")), WrongAlgorithm, "another order"),
        ("another separator", st(format!("{AT}:{body}")), WrongAlgorithm, "colons"),
        ("no separator", sw(format!("msg_1{AT}{body}")), WrongAlgorithm, "nothing between"),
        ("no fixed text", sl(format!("{AT}:{body}")), WrongAlgorithm, "without the fixed text"),
        (
            "a timestamp where none belongs",
            github(KEY, format!("{AT}.{body}"), body).with("X-Timestamp", AT.to_string()).secret(KEY),
            WrongAlgorithm,
            "the body alone",
        ),
        (
            "the digest of the body",
            github(KEY, hex(Sha256::digest(body)), body).secret(KEY),
            WrongAlgorithm,
            "SHA-256 digest of the body",
        ),
        ("Square without its URL", square(KEY, "", URL, body), WrongAlgorithm, "the body alone"),
    ]
}

pub(super) fn times() -> Vec<Row> {
    let body = "{}";
    let st = || stripe(WHSEC, format!("{AT}.{body}"), body).secret(WHSEC);
    let mut again = st().late(720);
    again.attempt = Some(2);
    let future = slack(KEY, format!("v0:{AT}:{body}"), body).secret(KEY).late(-900);
    vec![
        ("old", st().late(720), TimestampTooOld, "valid when it was sent; it was 12 min old"),
        ("a delivery again", again, TimestampTooOld, "delivery id arrived before"),
        (
            "kept back",
            st().with("Date", "Tue, 14 Nov 2023 22:25:20 GMT").late(721),
            TimestampTooOld,
            "12 min after it was signed",
        ),
        (
            "clocks differ",
            st().with("Date", "Tue, 14 Nov 2023 22:13:20 GMT").late(720),
            TimestampTooOld,
            "Date header agrees",
        ),
        ("a time zone", st().late(7201), TimestampTooOld, "time zone"),
        (
            "packages differ",
            future.clone(),
            TimestampInFuture,
            "stricter one decides: the JavaScript packages accept",
        ),
        ("in the future", future, TimestampInFuture, "15 min in the future"),
    ]
}
