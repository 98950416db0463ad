//! Takes the signatures out of what was received.

use std::{borrow::Cow, collections::BTreeMap};

use crate::domain::signature::{
    described::each,
    fault::Fault,
    place::{Label, Place},
    provider::Scheme,
    request::{Facts, Part},
};

/// The most signatures of one request that are compared; more than any sender needs, and a bound for
/// a hostile one.
const MOST: usize = 32;

/// What a request carries for a scheme.
pub(super) struct Signatures<'a> {
    /// The values as sent.
    pub(super) raw: Vec<Cow<'a, [u8]>>,
    /// Label and value of every part.
    pub(super) parts: Vec<Part<'a>>,
    /// The signatures that are of the scheme's form.
    pub(super) candidates: Vec<Candidate<'a>>,
    /// Those that have the scheme's label but could not be read.
    pub(super) unread: Vec<Cow<'a, [u8]>>,
    /// Why there is no candidate.
    pub(super) fault: Option<Fault>,
}

/// One signature.
pub(super) struct Candidate<'a> {
    /// As sent, without its label.
    pub(super) text: Cow<'a, [u8]>,
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
}

impl Signatures<'_> {
    /// Whether all that was found has other labels than the scheme's.
    pub(super) const fn is_unsupported(&self) -> bool {
        matches!(self.fault, Some(Fault::Unsupported(_)))
    }
}

/// The signatures of a scheme; `None` when the request carries nothing at the scheme's place.
pub(super) fn extract<'a>(scheme: &Scheme, facts: &Facts<'a, '_>) -> Option<Signatures<'a>> {
    let place = &scheme.place;
    let raw = match &scheme.each {
        Some(array) => each::values(scheme, array, facts),
        None => place.values(facts),
    };
    if raw.is_empty() {
        return None;
    }
    let mut found =
        Signatures { raw, parts: Vec::new(), candidates: Vec::new(), unread: Vec::new(), fault: None };
    let label = match label(place, facts.params) {
        Ok(label) => label,
        Err(fault) => {
            found.fault = Some(fault);
            return Some(found);
        }
    };
    let mut malformed: Option<&'static str> = None;
    let mut unknown: Option<Box<str>> = None;
    for value in &found.raw {
        for (start, end) in parts(value, place.sep) {
            if start == end || found.candidates.len() == MOST {
                continue;
            }
            let bytes = &value[start..end];
            let split = place.kv.and_then(|kv| memchr::memchr(kv, bytes));
            let name = split.map(|at| &bytes[..at]);
            let text = slice(value, split.map_or(start, |at| start + at + 1), end);
            if label.is_some_and(|label| name != Some(label.as_bytes())) {
                match name {
                    Some(name) if !text.is_empty() => {
                        if !scheme.companions.iter().any(|companion| companion.as_bytes() == name) {
                            unknown = unknown.or_else(|| word(name));
                        }
                        found.parts.push((slice(value, start, start + name.len()), text));
                    }
                    _ => malformed = Some("a part of it is not label and value"),
                }
                continue;
            }
            let fits = |bytes: &Vec<u8>| scheme.algorithm.size().is_none_or(|size| size == bytes.len());
            match place.encoding.decode(&text).filter(|bytes| !bytes.is_empty()) {
                Some(bytes) if fits(&bytes) => found.candidates.push(Candidate { text, bytes }),
                other => {
                    malformed = Some(match other {
                        Some(_) => "the signature has the wrong length",
                        None if text.is_empty() => "the signature is empty",
                        None => "the signature is not written in the scheme's encoding",
                    });
                    if found.unread.len() < MOST {
                        found.unread.push(text);
                    }
                }
            }
        }
    }
    if found.candidates.is_empty() {
        found.fault = Some(match (malformed, unknown) {
            (Some(what), _) => Fault::Malformed(what),
            (None, Some(label)) => Fault::Unsupported(label),
            (None, None) if found.parts.is_empty() => Fault::Malformed("it is empty"),
            (None, None) => Fault::Malformed("it has no signature part"),
        });
    }
    Some(found)
}

fn label<'s>(place: &'s Place, params: &'s BTreeMap<String, String>) -> Result<Option<&'s str>, Fault> {
    match &place.label {
        None => Ok(None),
        Some(Label::Text(text)) => Ok(Some(text)),
        Some(Label::Param(name)) => params
            .get(&**name)
            .map(|value| Some(value.as_str()))
            .ok_or_else(|| Fault::MissingParam(name.clone())),
    }
}

/// The ranges of the parts of a value, white space around them left out.
fn parts(value: &[u8], sep: Option<u8>) -> impl Iterator<Item = (usize, usize)> {
    let mut at = Some(0);
    std::iter::from_fn(move || {
        let start = at?;
        let end = sep.and_then(|sep| memchr::memchr(sep, &value[start..])).map(|found| start + found);
        at = end.map(|end| end + 1);
        let part = &value[start..end.unwrap_or(value.len())];
        let lead = part.len() - part.trim_ascii_start().len();
        Some((start + lead, start + lead + part.trim_ascii().len()))
    })
}

fn slice<'a>(value: &Cow<'a, [u8]>, start: usize, end: usize) -> Cow<'a, [u8]> {
    match value {
        Cow::Borrowed(value) => Cow::Borrowed(&value[start..end]),
        Cow::Owned(value) => Cow::Owned(value[start..end].to_vec()),
    }
}

/// A label that could be the name of a version or algorithm.
fn word(name: &[u8]) -> Option<Box<str>> {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let text = std::str::from_utf8(name).ok()?;
    (name.len() <= 32 && name.first()?.is_ascii_alphabetic() && name.iter().all(plain)).then(|| text.into())
}
