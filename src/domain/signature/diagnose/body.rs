//! Other bodies that may have been signed: what tools, frameworks and proxies make of bodies.

use std::{borrow::Cow, io::Read};

use flate2::read::{DeflateDecoder, GzDecoder, ZlibDecoder};

use crate::domain::signature::{
    diagnose::{budget::Budget, json, styles::HABITS},
    form,
    request::Facts,
};

/// The most bytes that a compressed body may become.
const MOST_UNPACKED: u64 = 1 << 20;
/// What printing JSON costs a byte, against hashing it.
const PRINT: u64 = 3;
/// What copying all edited bodies costs a byte.
const EDITS: u64 = 4;

/// Another body.
pub(super) struct Body {
    /// Follows "the signed body is ".
    pub(super) how: &'static str,
    pub(super) what: Habit,
    pub(super) bytes: Vec<u8>,
}

/// What kind of habit makes such a body; decides the advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Habit {
    /// Line ends and white space.
    Edited,
    /// JSON printed again.
    Json,
    /// A form written again.
    Form,
    /// Compression.
    Packed,
    /// A part of the body, or none.
    Part,
}

/// The other bodies, each made when it is asked for, the likeliest first: those that cost next to
/// nothing, then JSON in other styles, then forms.
pub(super) fn others<'a>(
    facts: &Facts<'a, '_>,
    budget: &'a std::cell::RefCell<Budget>,
) -> impl Iterator<Item = Body> + 'a {
    let body = facts.body;
    let is_form = !body.is_empty() && form::is_form(facts.head, body);
    let affordable = budget.borrow_mut().take(body.len(), EDITS);
    let edited = if affordable { edits(body) } else { Vec::new() };
    let packed = unpacked(body).into_iter();
    let text = std::str::from_utf8(body).ok();
    let looks_like_json = matches!(body.trim_ascii_start().first(), Some(b'{' | b'['));
    let json = text.filter(|_| looks_like_json && budget.borrow_mut().take(body.len(), PRINT));
    let json = json.and_then(|text| json::parse(text.trim_start_matches('\u{feff}')));
    let printed = json.into_iter().flat_map(move |value| {
        HABITS.iter().filter_map(move |habit| {
            budget.borrow_mut().take(body.len(), PRINT).then_some(())?;
            let bytes = json::print(&value, habit.style, body.len())?.into_bytes();
            (bytes != body).then_some(Body { how: habit.how, what: Habit::Json, bytes })
        })
    });
    let forms = text.filter(|_| is_form && budget.borrow_mut().take(body.len(), 4 * PRINT));
    let forms = forms.into_iter().flat_map(form_texts);
    edited.into_iter().chain(packed).chain(printed).chain(forms)
}

fn edits(body: &[u8]) -> Vec<Body> {
    let mut found: Vec<Body> = Vec::new();
    let mut add = |how, what, bytes: Cow<'_, [u8]>| {
        if *bytes != *body {
            found.push(Body { how, what, bytes: bytes.into_owned() });
        }
    };
    if let Some(cut) = body.strip_suffix(b"\r\n").or_else(|| body.strip_suffix(b"\n")) {
        add("without the line end at its end", Habit::Edited, cut.into());
    }
    add("with a line feed at its end", Habit::Edited, [body, b"\n"].concat().into());
    add("with a carriage return and line feed at its end", Habit::Edited, [body, b"\r\n"].concat().into());
    add("without the white space around it", Habit::Edited, body.trim_ascii().into());
    if let Some(cut) = body.strip_prefix(b"\xef\xbb\xbf") {
        add("without the byte order mark at its beginning", Habit::Edited, cut.into());
    } else {
        let marked = [b"\xef\xbb\xbf", body].concat();
        add("with a byte order mark at its beginning", Habit::Edited, marked.into());
    }
    if memchr::memchr(b'\n', body).is_some() {
        let unix = replaced(body, b"\r\n", b"\n");
        let dos = replaced(&unix, b"\n", b"\r\n");
        add("with line feeds where CRLF stands now", Habit::Edited, unix.into());
        add("with CRLF where line feeds stand now", Habit::Edited, dos.into());
    }
    add("empty", Habit::Part, (&b""[..]).into());
    found
}

/// A compressed body, expanded. What does not expand within the limit is not tried.
fn unpacked(body: &[u8]) -> Vec<Body> {
    fn all(reader: impl Read) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let read = reader.take(MOST_UNPACKED + 1).read_to_end(&mut bytes).ok()?;
        (read > 0 && read as u64 <= MOST_UNPACKED).then_some(bytes)
    }
    let gzip = body.starts_with(b"\x1f\x8b").then(|| all(GzDecoder::new(body))).flatten();
    let binary = body.len() > 2 && std::str::from_utf8(body).is_err();
    let deflate = (gzip.is_none() && binary)
        .then(|| all(ZlibDecoder::new(body)).or_else(|| all(DeflateDecoder::new(body))))
        .flatten();
    let body = |how, bytes| Body { how, what: Habit::Packed, bytes };
    gzip.map(|bytes| body("the one that was compressed with gzip", bytes))
        .into_iter()
        .chain(deflate.map(|bytes| body("the one that was compressed with deflate", bytes)))
        .collect()
}

fn form_texts(text: &str) -> Vec<Body> {
    let mut found: Vec<Body> = Vec::new();
    let mut add = |how, what, new: String| {
        if new != text && !new.is_empty() {
            found.push(Body { how, what, bytes: new.into_bytes() });
        }
    };
    if let Some(json) = form::field(text.as_bytes(), "payload") {
        add("the JSON in the form field payload alone", Habit::Part, json.into_owned());
    }
    let pairs = || form_urlencoded::parse(text.as_bytes());
    if let Some((_, json)) = pairs().find(|(_, value)| value.starts_with(['{', '['])) {
        add("the JSON in one of the form's fields alone", Habit::Part, json.into_owned());
    }
    let again = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs()).finish();
    add("the same form with %20 for each blank", Habit::Form, text.replace('+', "%20"));
    add("the same form with + for each blank", Habit::Form, text.replace("%20", "+"));
    add("the same form, encoded again with %20", Habit::Form, again.replace('+', "%20"));
    let mut fields: Vec<&str> = text.split('&').collect();
    fields.sort_unstable();
    add("the same form with its fields sorted", Habit::Form, fields.join("&"));
    let mut sorted: Vec<_> = pairs().collect();
    sorted.sort();
    let sorted = form_urlencoded::Serializer::new(String::new()).extend_pairs(sorted).finish();
    add("the same form, encoded again", Habit::Form, again);
    add("the same form with its fields sorted, encoded again", Habit::Form, sorted);
    add("the same form with its escapes in lower case", Habit::Form, cased(text, false));
    add("the same form with its escapes in capitals", Habit::Form, cased(text, true));
    let plain = percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    add("the same form, decoded", Habit::Form, plain.clone());
    add("the same form, decoded with blanks", Habit::Form, plain.replace('+', " "));
    let mut object = serde_json::Map::new();
    for (name, value) in pairs() {
        object.insert(name.into_owned(), value.into_owned().into());
    }
    add("the form's fields as JSON", Habit::Form, serde_json::Value::Object(object).to_string());
    found
}

/// A text with its escapes in one case.
fn cased(text: &str, upper: bool) -> String {
    let mut left = 0;
    let change = |c: char| {
        if c == '%' {
            left = 2;
            return c;
        }
        if left == 0 {
            return c;
        }
        left -= 1;
        if upper { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }
    };
    text.chars().map(change).collect()
}

fn replaced(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    for found in memchr::memmem::find_iter(text, from) {
        out.extend_from_slice(&text[at..found]);
        out.extend_from_slice(to);
        at = found + from.len();
    }
    out.extend_from_slice(&text[at..]);
    out
}
