//! A capture as an HTTPie command line, exact and inert as far as HTTPie goes.
//!
//! Every header stands as one word `Name:value`. What HTTPie would add by itself is taken off. A value
//! that begins with `=` or `@` would mean something else and has that sign escaped; `--` keeps a name
//! that begins with a dash from being an option; a body always comes from a pipe, so that nothing in it
//! is taken for a file.

use crate::domain::{
    export::{
        Format, One, nothing,
        parts::{Parts, has_duplicates, parts},
        script,
    },
    shell,
};

/// The row of the table.
pub(super) const FORMAT: Format = Format {
    name: "httpie",
    ending: "sh",
    about: "HTTPie commands in a shell script",
    begin: script::begin,
    one,
    end: nothing,
};

/// What HTTPie adds unless it is told not to.
const ADDED: [&str; 5] = ["Accept", "Accept-Encoding", "Connection", "User-Agent", "Content-Type"];

fn one(one: &One<'_>, out: &mut Vec<u8>) -> Result<Vec<String>, String> {
    let (text, notes) = command(one)?;
    script::before(one, &notes, out);
    out.extend_from_slice(text.as_bytes());
    if !one.options.bare {
        out.push(b'\n');
    }
    Ok(notes)
}

/// The command line and what it cannot do.
///
/// # Errors
/// When the capture is not a complete, sound request, or HTTPie cannot express one of its headers.
pub fn command(one: &One<'_>) -> Result<(String, Vec<String>), String> {
    let Parts { method, url, headers, body, mut notes, .. } = parts(one)?;
    if has_duplicates(&headers) {
        notes.push("HTTPie sends lines of the same name together.".into());
    }
    let id = one.record.capture.id();
    // Anything else is taken for the URL.
    if !method.bytes().all(|b| b.is_ascii_alphabetic()) {
        return Err(format!("Capture {id} has a method that HTTPie cannot send: it takes letters only."));
    }
    let mut out = String::new();
    if body.is_empty() {
        out.push_str("http --ignore-stdin");
    } else {
        out.push_str(&shell::print(body));
        out.push_str(" | http");
    }
    out.push_str(" --ignore-netrc --path-as-is -- ");
    out.push_str(&shell::word(method.as_bytes()));
    out.push(' ');
    out.push_str(&shell::word(url.as_bytes()));
    if method.bytes().any(|b| b.is_ascii_lowercase()) {
        notes.push("HTTPie writes methods in capitals.".into());
    }
    for (name, value) in &headers {
        if std::str::from_utf8(value).is_err() {
            return Err(format!(
                "Capture {id} has a header value that is no UTF-8 text, which HTTPie cannot send."
            ));
        }
        let word = if value.is_empty() {
            format!("{name};").into_bytes()
        } else {
            [name.as_bytes(), b":", &escaped(value).ok_or_else(|| unsendable(id))?].concat()
        };
        out.push(' ');
        out.push_str(&shell::word(&word));
    }
    for name in ADDED {
        let wanted = body.is_empty() && name == "Content-Type";
        if !wanted && !headers.iter().any(|(sent, _)| sent.eq_ignore_ascii_case(name)) {
            out.push_str(&format!(" {name}:"));
        }
    }
    if headers.iter().any(|(_, value)| !value.is_ascii()) {
        notes.push("HTTPie may write a header value beyond ASCII in another encoding.".into());
    }
    Ok((out, notes))
}

fn unsendable(id: impl std::fmt::Display) -> String {
    format!("Capture {id} has a header that HTTPie cannot send: a backslash before one of = : @ ;.")
}

/// A value for HTTPie: a sign that would make another kind of word of it is escaped.
fn escaped(value: &[u8]) -> Option<Vec<u8>> {
    // HTTPie takes a backslash off before a sign that separates names from values.
    let special = |b: &u8| b"=:@;".contains(b);
    let mut rest = value;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        let after = rest.get(at + 1);
        if after.is_some_and(special) {
            return None;
        }
        // Two of them are one word for HTTPie.
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    let mut out = value.to_vec();
    if value.first().is_some_and(special) {
        out.insert(0, b'\\');
    }
    Some(out)
}
