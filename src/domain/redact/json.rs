//! JSON with the values of hidden fields replaced, and every other byte as it was.
//!
//! Works on tokens, without recursion, on texts that end in the middle as well. A string becomes
//! `"[redacted]"`, a number `0`: what was valid stays valid. Below a hidden name all strings and numbers
//! are hidden.

use std::collections::HashMap;

use crate::domain::{
    export::escape::push_string,
    redact::{Redaction, names::Place, shapes},
};

/// How deep JSON within strings of JSON is looked into.
const DEEPEST: usize = 3;

/// Most names that are remembered.
const MOST_NAMES: usize = 4_096;

#[derive(Default)]
struct Frame {
    object: bool,
    /// All values below are hidden.
    hidden: bool,
    /// The object is a payment card: its `number` is a secret.
    card: bool,
    /// The object is a pair whose name says that its value is hidden.
    pair: bool,
    /// The rules of the configuration that fit the path so far.
    paths: Vec<usize>,
    index: usize,
}

/// The text, where anything in it changes.
pub(super) fn redact(text: &[u8], rules: &Redaction, depth: usize) -> Option<Vec<u8>> {
    let mut walk = Walk {
        text,
        rules,
        depth,
        at: 0,
        kept: 0,
        out: None,
        frames: Vec::new(),
        key: None,
        names: HashMap::new(),
    };
    walk.run();
    walk.out.map(|mut out| {
        out.extend_from_slice(&text[walk.kept..]);
        out
    })
}

struct Walk<'a> {
    text: &'a [u8],
    rules: &'a Redaction,
    depth: usize,
    at: usize,
    /// Up to here the text is in `out`.
    kept: usize,
    out: Option<Vec<u8>>,
    frames: Vec<Frame>,
    /// The name of the member whose value comes next.
    key: Option<String>,
    /// Which names are hidden: bodies have few names, many times.
    names: HashMap<String, bool>,
}

impl Walk<'_> {
    fn run(&mut self) {
        let mut expects_key = false;
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b'"' => {
                    let end = string_end(self.text, self.at);
                    if expects_key {
                        self.name(decoded(&self.text[self.at..end]));
                        expects_key = false;
                    } else {
                        self.string(end);
                        self.key = None;
                    }
                    self.at = end;
                }
                b'{' | b'[' => {
                    let frame = self.child(byte == b'{');
                    self.frames.push(frame);
                    self.key = None;
                    expects_key = byte == b'{';
                    self.at += 1;
                }
                b'}' | b']' => {
                    self.frames.pop();
                    self.key = None;
                    expects_key = false;
                    self.at += 1;
                }
                b',' => {
                    if let Some(top) = self.frames.last_mut() {
                        top.index += 1;
                        expects_key = top.object;
                    }
                    self.key = None;
                    self.at += 1;
                }
                b':' | b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                _ => {
                    let rest = &self.text[self.at..];
                    let len = rest.iter().position(|b| b"{}[],:\" \t\r\n".contains(b)).unwrap_or(rest.len());
                    let end = self.at + len.max(1);
                    if matches!(byte, b'-' | b'0'..=b'9') && self.is_hidden() {
                        self.put(end, b"0");
                    }
                    self.at = end;
                }
            }
        }
    }

    /// The name of a member.
    fn name(&mut self, name: String) {
        if !self.names.contains_key(&name) && self.names.len() < MOST_NAMES {
            self.names.insert(name.clone(), self.rules.hides(&name, Place::Body));
        }
        self.key = Some(name);
    }

    /// A string as a value.
    fn string(&mut self, end: usize) {
        let whole = &self.text[self.at..end];
        let hidden = self.is_hidden();
        let named = matches!(self.key.as_deref(), Some("name" | "key" | "header" | "field" | "Name" | "Key"));
        if named {
            let pair = self.rules.hides_pair(&decoded(whole));
            self.frames.last_mut().into_iter().for_each(|top| top.pair = pair);
        }
        if hidden {
            if whole.len() > 2 {
                self.put(end, format!("\"{}\"", shapes::MARKER).as_bytes());
            }
            return;
        }
        let nested = self.depth < DEEPEST && matches!(whole.get(1), Some(b'{' | b'['));
        if whole.len() <= 10 || !(nested || shapes_may_be(whole)) {
            return;
        }
        let text = decoded(whole);
        let new = self.rules.json_text_at(text.as_bytes(), self.depth + 1).or_else(|| {
            match shapes::text(text.as_bytes(), self.rules) {
                std::borrow::Cow::Owned(new) => Some(new),
                std::borrow::Cow::Borrowed(_) => None,
            }
        });
        if let Some(new) = new {
            let mut string = Vec::new();
            push_string(&mut string, &String::from_utf8_lossy(&new));
            self.put(end, &string);
        }
    }

    fn is_hidden(&self) -> bool {
        let Some(top) = self.frames.last() else { return false };
        let key = self.key.as_deref();
        top.hidden
            || key.is_some_and(|key| {
                (top.card && key == "number")
                    || (top.pair && matches!(key, "value" | "Value" | "val" | "content"))
                    || self.names.get(key).copied().unwrap_or_else(|| self.rules.hides(key, Place::Body))
            })
            || self.steps(top).any(|(path, depth)| path.len() == depth)
    }

    /// The container that begins here.
    fn child(&self, object: bool) -> Frame {
        let hidden = self.is_hidden();
        let paths = match self.frames.last() {
            None => (0..self.rules.paths.len()).collect(),
            Some(top) => {
                let fits = |index: &&usize| {
                    self.rules.paths[**index]
                        .get(self.frames.len() - 1)
                        .is_some_and(|step| self.is_step(step, top))
                };
                top.paths.iter().filter(fits).copied().collect()
            }
        };
        let card = self.key.as_deref().is_some_and(|key| {
            ["card", "credit_card", "creditCard", "debit_card", "payment_card"].contains(&key)
        });
        Frame { object, hidden, card, pair: false, paths, index: 0 }
    }

    /// The rules that fit the value that comes next, with how many steps lead to it.
    fn steps<'s>(&'s self, top: &'s Frame) -> impl Iterator<Item = (&'s [String], usize)> {
        let depth = self.frames.len();
        top.paths.iter().map(|&index| &self.rules.paths[index][..]).filter_map(move |path| {
            let step = path.get(depth - 1)?;
            self.is_step(step, top).then_some((path, depth))
        })
    }

    fn is_step(&self, step: &str, top: &Frame) -> bool {
        match &self.key {
            _ if step == "*" => true,
            Some(key) => key == step,
            None => !top.object && step.parse() == Ok(top.index),
        }
    }

    /// Puts something in the place of what stands between here and `end`.
    fn put(&mut self, end: usize, new: &[u8]) {
        let out = self.out.get_or_insert_with(|| Vec::with_capacity(self.text.len()));
        out.extend_from_slice(&self.text[self.kept..self.at]);
        out.extend_from_slice(new);
        self.kept = end;
    }
}

/// Whether a string may hold a secret that is known by its looks: cheap, because most do not.
fn shapes_may_be(text: &[u8]) -> bool {
    text.iter().any(|&b| matches!(b, b'_' | b'.' | b'-' | b':' | b'A' | b'B' | b'b'))
}

/// Where the string that begins at `start` ends.
fn string_end(text: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(step) = text.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += step;
        if text[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    text.len()
}

/// The text of a string token; of one that cannot be read its bytes.
fn decoded(token: &[u8]) -> String {
    let bare = token.strip_prefix(b"\"").unwrap_or(token);
    let bare = bare.strip_suffix(b"\"").unwrap_or(bare);
    if !bare.contains(&b'\\') {
        return String::from_utf8_lossy(bare).into_owned();
    }
    serde_json::from_slice(token).unwrap_or_else(|_| String::from_utf8_lossy(bare).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(text: &str, rules: &Redaction) -> String {
        super::redact(text.as_bytes(), rules, 0)
            .map_or_else(|| text.to_owned(), |new| String::from_utf8(new).unwrap())
    }

    #[test]
    fn only_the_tokens_of_hidden_fields_change() {
        for (text, expected) in [
            (
                r#"{ "a" : 1.10,"a":1, "password":"x\"y" , "n":[1,2]}"#,
                r#"{ "a" : 1.10,"a":1, "password":"[redacted]" , "n":[1,2]}"#,
            ),
            (
                r#"{"pin":1234,"token":null,"secret":true,"otp":""}"#,
                r#"{"pin":0,"token":null,"secret":true,"otp":""}"#,
            ),
            (
                r#"{"credentials":{"a":["x",{"b":-1.5e3}]},"b":"y"}"#,
                r#"{"credentials":{"a":["[redacted]",{"b":0}]},"b":"y"}"#,
            ),
            (
                r#"{"card":{"number":"4242","brand":"visa"},"number":"7"}"#,
                r#"{"card":{"number":"[redacted]","brand":"visa"},"number":"7"}"#,
            ),
            (
                r#"[{"name":"Authorization","value":"x"},{"name":"A","value":"y"}]"#,
                r#"[{"name":"Authorization","value":"[redacted]"},{"name":"A","value":"y"}]"#,
            ),
            (r#"{"m":"{\"token\":\"x\",\"b\":1}"}"#, r#"{"m":"{\"token\":\"[redacted]\",\"b\":1}"}"#),
            (r#"{"u":"https://h/?token=x"}"#, r#"{"u":"https://h/?token=[redacted]"}"#),
            (r#"{"\u0070assword":"x"}"#, r#"{"\u0070assword":"[redacted]"}"#),
            (r#"{"password":"cut he"#, r#"{"password":"[redacted]""#),
            (
                "{\"token\":\"a\"}\n{\"token\":\"b\"}\n",
                "{\"token\":\"[redacted]\"}\n{\"token\":\"[redacted]\"}\n",
            ),
        ] {
            assert_eq!(redacted(text, &Redaction::secrets()), expected);
        }
    }

    #[test]
    fn paths_of_the_configuration_count() {
        let rules = Redaction::secrets().with(&["json:/customer/note", "json:/list/*/x", "json:/list/1/y"]);
        assert_eq!(
            redacted(
                r#"{"customer":{"note":"a","b":"c"},"note":"d","list":[{"x":1,"y":2},{"x":3,"y":4}]}"#,
                &rules
            ),
            r#"{"customer":{"note":"[redacted]","b":"c"},"note":"d","list":[{"x":0,"y":2},{"x":0,"y":0}]}"#
        );
    }

    #[test]
    fn valid_stays_valid_and_nothing_panics() {
        let deep = format!("{}1{}", "[".repeat(200_000), "]".repeat(200_000));
        assert_eq!(redacted(&deep, &Redaction::everything()), deep);
        proptest::proptest!(|(text in r#"[\[\]{},:"\\ a-c0-9e.\-]{0,60}"#, name in "token|a|pin")| {
            let _ = super::redact(text.as_bytes(), &Redaction::everything(), 0);
            if let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) {
                let text = serde_json::to_string(&serde_json::json!({ name: value })).unwrap();
                let new = redacted(&text, &Redaction::everything());
                assert!(serde_json::from_str::<serde_json::Value>(&new).is_ok(), "{text} {new}");
            }
        });
    }
}
