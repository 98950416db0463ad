//! A capture as a Rust program that uses reqwest.

use crate::domain::export::{
    Format, One, Options, REDACTED, literal,
    parts::{Parts, parts},
    script::{comment, title},
};

/// The row of the table.
pub(super) const FORMAT: Format =
    Format { name: "reqwest", ending: "rs", about: "a Rust program with reqwest", begin, one, end };

const HEAD: &str = "\
// [dependencies]
// reqwest = { version = \"0.12\", features = [\"blocking\"] }
// reqwest writes header names in lower case, and adds Accept where there is none.
use reqwest::{Method, blocking::Client, header::HeaderValue, redirect::Policy};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::builder().redirect(Policy::none()).no_proxy().http1_only().build()?;
";

fn begin(options: &Options, out: &mut Vec<u8>) {
    if options.redaction.is_on() {
        comment("//", REDACTED, out);
    }
    out.extend_from_slice(HEAD.as_bytes());
}

fn one(one: &One<'_>, out: &mut Vec<u8>) -> Result<Vec<String>, String> {
    let Parts { method, url, headers, body, notes, .. } = parts(one)?;
    out.push(b'\n');
    comment("    //", &title(one), out);
    notes.iter().for_each(|note| comment("    //", note, out));
    let mut text = format!(
        "    let response = client\n        .request(Method::from_bytes({})?, {})\n",
        literal::bytes(method.as_bytes()),
        literal::rust(&url)
    );
    for (name, value) in &headers {
        text.push_str(&format!(
            "        .header({}, HeaderValue::from_bytes({})?)\n",
            literal::rust(name),
            literal::bytes(value)
        ));
    }
    if !body.is_empty() {
        let literal = match std::str::from_utf8(body) {
            Ok(text) if !text.is_ascii() => format!("{}.as_bytes().to_vec()", literal::rust(text)),
            _ => format!("{}.to_vec()", literal::bytes(body)),
        };
        text.push_str(&format!("        .body({literal})\n"));
    }
    text.push_str("        .send()?;\n    println!(\"{}\", response.status());\n    println!(\"{}\", response.text()?);\n");
    out.extend_from_slice(text.as_bytes());
    Ok(notes)
}

fn end(_: &Options, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\n    Ok(())\n}\n");
}
