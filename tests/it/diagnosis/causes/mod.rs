//! The table of causes: what went wrong, the code it must get, and words that the explanation must have.

mod bodies;
mod contents;
mod secrets;
mod spellings;
mod urls;

use hookglass::domain::signature::Code;

use super::request::Made;

/// Name, request, code, words.
type Row = (&'static str, Made, Code, &'static str);

const KEY: &str = "0123456789abcdef0123456789abcdef";
const WHSEC: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZg==";
const RAW: &[u8] = b"0123456789abcdef";
const COMPACT: &str = r#"{"b":"café/<x>&y","a":[1.0,2,{"é":null}],"c":"1'2"}"#;
const SPACED: &str = "{\"b\": \"caf\u{e9}/<x>&y\",\n \"a\": [1.0, 2, {\"\u{e9}\": null}], \"c\": \"1'2\"}";
const URL: &str = "https://hooks.example.test/in?b=2&a=x%20y";
const FORM: &str = "payload=%7B%22a%22%3A%201%7D&b=x+y&c=%2f";
const FORM_TYPE: &str = "application/x-www-form-urlencoded";

#[test]
fn every_cause_is_named_rightly() {
    let table = [
        secrets::secrets(),
        bodies::bodies(),
        contents::contents(),
        contents::times(),
        spellings::spellings(),
        urls::urls(),
        urls::pairs(),
    ]
    .concat();
    let mut wrong = Vec::new();
    for (name, made, code, words) in &table {
        match made.diagnose() {
            None => wrong.push(format!("{name}: nothing is wrong")),
            Some(found) if found.code == *code && found.explanation.contains(words) => {}
            Some(found) => wrong.push(format!("{name}: {:?}: {}", found.code, found.explanation)),
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), table.len(), wrong.join("\n"));
    assert!(table.len() >= 40);
}
