//! A capture as a Python program that uses requests.

use crate::domain::export::{
    Format, One, Options, REDACTED, literal, nothing,
    parts::{Parts, has_duplicates, joined, parts},
    script::{comment, title},
};

/// The row of the table.
pub(super) const FORMAT: Format = Format {
    name: "python",
    ending: "py",
    about: "a Python program with requests",
    begin,
    one,
    end: nothing,
};

const HEAD: &str = "\
import requests
from urllib3.util import SKIP_HEADER

session = requests.Session()
session.trust_env = False  # no proxy, no .netrc
session.headers.clear()
";

fn begin(options: &Options, out: &mut Vec<u8>) {
    if options.redaction.is_on() {
        comment("#", REDACTED, out);
    }
    out.extend_from_slice(HEAD.as_bytes());
}

fn one(one: &One<'_>, out: &mut Vec<u8>) -> Result<Vec<String>, String> {
    let Parts { method, url, headers, body, mut notes, .. } = parts(one)?;
    if has_duplicates(&headers) {
        notes.push("requests sends a name once: values of the same name are joined.".into());
    }
    out.push(b'\n');
    comment("#", &title(one), out);
    notes.iter().for_each(|note| comment("#", note, out));
    let mut text = String::from("headers = {\n");
    for (name, value) in joined(&headers) {
        text.push_str(&format!("    {}: {},\n", literal::python(name), value_of(&value)));
    }
    for name in ["User-Agent", "Accept-Encoding"] {
        if !headers.iter().any(|(sent, _)| sent.eq_ignore_ascii_case(name)) {
            text.push_str(&format!("    \"{name}\": SKIP_HEADER,\n"));
        }
    }
    text.push_str("}\n");
    if !body.is_empty() {
        text.push_str(&format!("body = {}\n", body_of(body)));
    }
    let data = if body.is_empty() { "" } else { ", data=body" };
    text.push_str(&format!(
        "request = session.prepare_request(requests.Request({}, {}, headers=headers{data}))\n",
        literal::python(method),
        literal::python(&url),
    ));
    if method.bytes().any(|b| b.is_ascii_lowercase()) {
        text.push_str(&format!("request.method = {}\n", literal::python(method)));
    }
    text.push_str("response = session.send(request, allow_redirects=False)\n");
    text.push_str("print(response.status_code, response.reason)\nprint(response.text)\n");
    out.extend_from_slice(text.as_bytes());
    Ok(notes)
}

fn value_of(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) if text.is_ascii() => literal::python(text),
        _ => literal::bytes(value),
    }
}

fn body_of(body: &[u8]) -> String {
    match std::str::from_utf8(body) {
        Ok(text) if text.is_ascii() => literal::bytes(body),
        Ok(text) => format!("{}.encode()", literal::python(text)),
        Err(_) => literal::bytes(body),
    }
}
