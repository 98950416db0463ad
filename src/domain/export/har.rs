//! HTTP archive (HAR 1.2, <http://www.softwareishard.com/blog/har-12-spec/>), for browsers, proxies and
//! API clients.
//!
//! One log with an entry each. Header names keep their case, order and duplicates. What a HAR has no
//! place for stands in `_hookglass`: our own import reads it back, others pass it over. A body that is
//! no UTF-8 text is Base64 with `encoding` beside it, as responses have it; a header value that is none
//! stands in `_base64` as well.

use std::fmt::Write as _;

use data_encoding::BASE64;
use percent_encoding::percent_decode;

use crate::domain::{
    capture::{Capture, HttpVersion},
    export::{
        Format, One, Options, REDACTED,
        escape::{push_display, push_string},
        line::{delivery_line, name, push_facts},
    },
    headers::Field,
    public_url,
    replay::is_token,
    target::Target,
};

/// The row of the table.
pub(super) const FORMAT: Format = Format {
    name: "har",
    ending: "har",
    about: "an HTTP archive (HAR 1.2) for browsers and proxies",
    begin,
    one,
    end,
};

fn begin(options: &Options, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"hookglass\",\"version\":");
    push_string(out, options.version);
    out.push(b'}');
    if options.redaction.is_on() {
        name(out, "comment");
        push_string(out, REDACTED);
    }
    out.extend_from_slice(b",\"entries\":[");
}

fn end(_: &Options, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\n]}}\n");
}

fn one(one: &One<'_>, out: &mut Vec<u8>) -> Result<Vec<String>, String> {
    let record = one.record;
    let capture = &record.capture;
    let head = capture.head();
    if !is_token(head.method()) {
        return Err(format!("Capture {} is no HTTP request: a HAR has no place for it.", capture.id()));
    }
    out.extend_from_slice(if one.index == 0 { b"\n" } else { b",\n" });
    push_display(
        out,
        format_args!("{{\"startedDateTime\":\"{}\",\"time\":0,\"request\":", capture.summary.received_at),
    );
    let url = url(capture, one.base);
    request(capture, &url, out);
    name(out, "response");
    response(one, out);
    out.extend_from_slice(b",\"cache\":{},\"timings\":{\"send\":0,\"wait\":0,\"receive\":0}");
    if !one.explanation.is_empty() {
        name(out, "comment");
        push_string(out, one.explanation);
    }
    name(out, "_hookglass");
    push_facts(record, one.explanation, out);
    out.truncate(out.len() - 1);
    // The URL may say it in another way.
    name(out, "target");
    bytes(head.target(), out);
    if !record.deliveries.is_empty() {
        name(out, "deliveries");
        out.push(b'[');
        for (index, delivery) in record.deliveries.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            delivery_line(delivery, out);
            out.truncate(out.len() - 1);
        }
        out.push(b']');
    }
    out.extend_from_slice(b"}}");
    Ok(Vec::new())
}

fn request(capture: &Capture, url: &str, out: &mut Vec<u8>) {
    let head = capture.head();
    out.extend_from_slice(b"{\"method\":");
    push_string(out, &String::from_utf8_lossy(head.method()));
    name(out, "url");
    push_string(out, url);
    name(out, "httpVersion");
    push_string(out, &version(capture.summary.version));
    name(out, "cookies");
    let cookies: Vec<(String, String)> = head.get_all("cookie").flat_map(cookies).collect();
    pairs(&cookies, out);
    name(out, "headers");
    headers(head.fields().filter(|field| !field.name.is_empty()), out);
    name(out, "queryString");
    pairs(&query(url), out);
    let body = capture.body();
    if !body.is_empty() {
        let kind = head.get("content-type").map(String::from_utf8_lossy).unwrap_or_default();
        out.extend_from_slice(b",\"postData\":{\"mimeType\":");
        push_string(out, &kind);
        out.extend_from_slice(b",\"params\":[]");
        text(body, out);
        out.push(b'}');
    }
    let body_size = body.len();
    push_display(out, format_args!(",\"headersSize\":{},\"bodySize\":{body_size}}}", head.raw().len()));
}

/// The answer. Its headers and body are not kept, as hookglass itself has made them.
fn response(one: &One<'_>, out: &mut Vec<u8>) {
    let answered = one.record.answered;
    let status = answered.map_or(0, |answered| answered.status);
    push_display(out, format_args!("{{\"status\":{status},\"statusText\":\"\",\"httpVersion\":"));
    push_string(out, &version(one.record.capture.summary.version));
    out.extend_from_slice(
        b",\"cookies\":[],\"headers\":[],\"content\":{\"size\":0,\"mimeType\":\"x-unknown\"},\
          \"redirectURL\":\"\",\"headersSize\":-1,\"bodySize\":-1",
    );
    if let Some(answered) = answered {
        name(out, "comment");
        push_string(out, &format!("answered by hookglass: {}", answered.by.as_str()));
    }
    out.push(b'}');
}

/// The URL that was called, as far as the request tells.
fn url(capture: &Capture, base: &Target) -> String {
    let head = capture.head();
    let local = capture.summary.remote.ip().to_canonical().is_loopback();
    let sound = |url: &String| {
        let authority =
            url.split_once("://").map_or("", |(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or(""));
        Target::parse(authority).is_ok()
    };
    let found = public_url::candidates(None, head, local).into_iter().next().filter(sound);
    let url = found.unwrap_or_else(|| {
        let target = String::from_utf8_lossy(head.target()).into_owned();
        let path = if target.starts_with('/') { target } else { "/".to_owned() };
        format!("{}{path}", base.origin())
    });
    let mut out = String::with_capacity(url.len());
    for byte in url.bytes() {
        if byte.is_ascii_graphic() && !b"\"<>\\^`{|}#".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn version(version: HttpVersion) -> String {
    format!("HTTP/{}", version.as_str())
}

fn headers<'a>(fields: impl Iterator<Item = Field<'a>>, out: &mut Vec<u8>) {
    out.push(b'[');
    for (index, field) in fields.enumerate() {
        out.extend_from_slice(if index == 0 { b"{\"name\":" } else { b",{\"name\":" });
        push_string(out, &String::from_utf8_lossy(field.name));
        name(out, "value");
        push_string(out, &String::from_utf8_lossy(field.value));
        if std::str::from_utf8(field.value).is_err() {
            name(out, "_base64");
            push_string(out, &BASE64.encode(field.value));
        }
        out.push(b'}');
    }
    out.push(b']');
}

fn text(body: &[u8], out: &mut Vec<u8>) {
    name(out, "text");
    match std::str::from_utf8(body) {
        Ok(text) => push_string(out, text),
        Err(_) => {
            push_string(out, &BASE64.encode(body));
            out.extend_from_slice(b",\"encoding\":\"base64\"");
        }
    }
}

/// A text, or `{"base64":"…"}`.
fn bytes(bytes: &[u8], out: &mut Vec<u8>) {
    crate::domain::export::escape::push_text_or_base64(out, bytes);
}

fn pairs(pairs: &[(String, String)], out: &mut Vec<u8>) {
    out.push(b'[');
    for (index, (key, value)) in pairs.iter().enumerate() {
        out.extend_from_slice(if index == 0 { b"{\"name\":" } else { b",{\"name\":" });
        push_string(out, key);
        name(out, "value");
        push_string(out, value);
        out.push(b'}');
    }
    out.push(b']');
}

fn cookies(value: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(value);
    let pair =
        |text: &str| text.trim().split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    text.split(';').filter_map(pair).collect()
}

fn query(url: &str) -> Vec<(String, String)> {
    let Some((_, query)) = url.split_once('?') else { return Vec::new() };
    let decoded =
        |text: &str| percent_decode(text.replace('+', " ").as_bytes()).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(n, v)| (decoded(n), decoded(v)))
        .collect()
}
