//! A capture as JavaScript that uses fetch.

use data_encoding::BASE64;

use crate::domain::export::{
    Format, One, Options, REDACTED, literal, nothing,
    parts::{Parts, has_duplicates, parts},
    script::{comment, title},
};

/// The row of the table.
pub(super) const FORMAT: Format = Format {
    name: "fetch",
    ending: "mjs",
    about: "JavaScript with fetch, for Node and browsers",
    begin,
    one,
    end: nothing,
};

/// Headers that fetch does not let a program set.
const FORBIDDEN: [&str; 5] = ["connection", "keep-alive", "te", "upgrade", "trailer"];

fn begin(options: &Options, out: &mut Vec<u8>) {
    if options.redaction.is_on() {
        comment("//", REDACTED, out);
    }
    comment("//", "fetch adds headers of its own (Accept, User-Agent, Sec-Fetch-Mode), and writes", out);
    comment("//", "names in lower case in some versions. A page in a browser cannot set all of these.", out);
}

fn one(one: &One<'_>, out: &mut Vec<u8>) -> Result<Vec<String>, String> {
    let Parts { method, url, headers, body, mut notes, .. } = parts(one)?;
    let id = one.record.capture.id();
    if matches!(method, "TRACE" | "TRACK") {
        return Err(format!("Capture {id} has a method that fetch refuses to send."));
    }
    let bodyless = method.eq_ignore_ascii_case("GET") || method.eq_ignore_ascii_case("HEAD");
    if bodyless && !body.is_empty() {
        return Err(format!("Capture {id} has a body that fetch refuses to send with {method}."));
    }
    if has_duplicates(&headers) {
        notes.push("fetch sends a name once: values of the same name are joined.".into());
    }
    if ["get", "post", "put", "delete", "head", "options"].contains(&method.to_ascii_lowercase().as_str())
        && method.bytes().any(|b| b.is_ascii_lowercase())
    {
        notes.push("fetch writes this method in capitals.".into());
    }
    out.push(b'\n');
    comment("//", &title(one), out);
    notes.iter().for_each(|note| comment("//", note, out));
    let mut text = format!("{{\n  const response = await fetch({}, {{\n", literal::javascript(&url));
    text.push_str(&format!(
        "    method: {},\n    redirect: \"manual\",\n    headers: [\n",
        literal::javascript(method)
    ));
    for (name, value) in &headers {
        if FORBIDDEN.iter().any(|forbidden| name.eq_ignore_ascii_case(forbidden)) {
            continue;
        }
        // A header value is a string of bytes for fetch: each is the character of that number.
        let value: String = value.iter().map(|&b| char::from(b)).collect();
        text.push_str(&format!("      [{}, {}],\n", literal::javascript(name), literal::javascript(&value)));
    }
    text.push_str("    ],\n");
    if !body.is_empty() {
        text.push_str(&format!("    body: {},\n", body_of(body)));
    }
    text.push_str("  });\n  console.log(response.status, response.statusText);\n  console.log(await response.text());\n}\n");
    out.extend_from_slice(text.as_bytes());
    Ok(notes)
}

/// Bytes: of a text fetch would add a content type.
fn body_of(body: &[u8]) -> String {
    match std::str::from_utf8(body) {
        Ok(text) => format!("new TextEncoder().encode({})", literal::javascript(text)),
        Err(_) => {
            format!("Uint8Array.from(atob(\"{}\"), (c) => c.charCodeAt(0))", BASE64.encode(body))
        }
    }
}
