//! Takes the signatures out of what was received.

use std::{borrow::Cow, collections::BTreeMap};

use smallvec::SmallVec;

use crate::domain::signature::{
    described::each,
    encoding::Bytes,
    fault::Fault,
    place::{Again, At, Label, Place, Several, Values},
    provider::Scheme,
    request::{Facts, Part},
    strict::Rule,
};

/// The most signatures of one request that are compared; more than any sender needs, and a bound for
/// a hostile one.
const MOST: usize = 32;

/// What a request carries for a scheme.
#[derive(Default)]
pub(super) struct Signatures<'a> {
    /// The values as sent.
    pub(super) raw: Values<'a>,
    /// Label and value of every part.
    pub(super) parts: Vec<Part<'a>>,
    /// The signatures that are of the scheme's form.
    pub(super) candidates: SmallVec<[Candidate<'a>; 1]>,
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
    pub(super) bytes: Bytes,
}

impl Signatures<'_> {
    /// Whether all that was found has other labels than the scheme's.
    pub(super) const fn is_unsupported(&self) -> bool {
        matches!(self.fault, Some(Fault::Unsupported(_)))
    }
}

/// Puts the signatures of a scheme where there are none yet: that is cheaper than to hand them on. Returns
/// whether the request carries anything at the scheme's place.
#[inline(always)]
pub(super) fn extract<'a>(scheme: &Scheme, facts: &Facts<'a, '_>, found: &mut Signatures<'a>) -> bool {
    let place = &scheme.place;
    match &scheme.each {
        Some(array) => found.raw = each::values(scheme, array, facts),
        None => place.values(facts, &mut found.raw),
    }
    if found.raw.is_empty() {
        return false;
    }
    match label(place, facts.params) {
        Ok(label) => found.read(scheme, label),
        Err(fault) => found.fault = Some(fault),
    }
    // Of a header that stands there twice, one value may well have been right.
    let twice = |at: &At| matches!(at, At::Header(name) if facts.head.get_all(name).nth(1).is_some());
    if matches!(found.fault, Some(Fault::Malformed(_) | Fault::Strict(_)))
        && !place.repeat
        && place.at.iter().any(twice)
    {
        found.fault = Some(Fault::Strict(Rule::Repeated));
    }
    true
}

/// What stands at the scheme's place, while it is read.
#[derive(Default)]
struct Reading {
    malformed: Option<Fault>,
    unknown: Option<Box<str>>,
    /// A rule about parts that was broken, whatever the signatures are.
    broken: bool,
    /// Whether there are parts that the scheme does not have, and must not.
    foreign: bool,
    /// How many parts there were.
    count: usize,
    /// Whether the first signature could be read.
    first: Option<bool>,
    /// Whether the last one could.
    last: Option<bool>,
}

impl Reading {
    fn saw(&mut self, readable: bool) {
        self.first = self.first.or(Some(readable));
        self.last = Some(readable);
    }
}

impl<'a> Signatures<'a> {
    #[inline(always)]
    fn read(&mut self, scheme: &Scheme, label: Option<&str>) {
        let place = &scheme.place;
        let mut reading = Reading::default();
        for index in 0..self.raw.len() {
            let value = self.raw[index].clone();
            let whole = pieces(&value, place.sep.as_deref(), place.trim)
                .all(|(start, end)| self.part(scheme, label, &value, (start, end), &mut reading));
            if !whole {
                break;
            }
        }
        let signatures = self.candidates.len() + self.unread.len();
        match place.several {
            Several::Any => {}
            Several::First if reading.first != Some(true) => self.candidates.clear(),
            Several::Last if reading.last != Some(true) => self.candidates.clear(),
            Several::First => self.candidates.truncate(1),
            Several::Last => drop(self.candidates.drain(..self.candidates.len().saturating_sub(1))),
            Several::One => {
                let differ = self.candidates.windows(2).any(|pair| pair[0].text != pair[1].text);
                reading.broken |= differ || (signatures > 1 && !self.unread.is_empty());
            }
            Several::Filled => reading.broken |= self.unread.iter().any(|text| text.is_empty()),
        }
        let ordered = place.order.is_empty() || reading.count == place.order.len();
        self.fault = if reading.broken || ((!ordered || reading.foreign) && signatures > 0) {
            Some(Fault::Strict(Rule::Parts))
        } else if self.candidates.is_empty() {
            Some(match (reading.malformed, reading.unknown) {
                (Some(fault), _) => fault,
                (None, Some(label)) => Fault::Unsupported(label),
                (None, None) if self.parts.is_empty() => Fault::Malformed("it is empty"),
                (None, None) => Fault::Malformed("it has no signature part"),
            })
        } else {
            None
        };
    }

    /// Takes one part; false where nothing behind it counts.
    #[inline(always)]
    #[expect(clippy::ptr_arg, reason = "parts of a borrowed value are borrowed, too")]
    fn part(
        &mut self,
        scheme: &Scheme,
        label: Option<&str>,
        value: &Cow<'a, [u8]>,
        (start, end): (usize, usize),
        reading: &mut Reading,
    ) -> bool {
        let place = &scheme.place;
        if place.rest && reading.count == place.order.len() {
            return false;
        }
        let bytes = &value[start..end];
        let split = place.kv.and_then(|kv| memchr::memchr(kv, bytes));
        let name = split.map(|at| if place.trim { bytes[..at].trim_ascii() } else { &bytes[..at] });
        let same = |name: &[u8], label: &str| {
            name == label.as_bytes() || (place.trim && name.eq_ignore_ascii_case(label.as_bytes()))
        };
        if let Some(expected) = place.order.get(reading.count) {
            reading.broken |= !name.is_some_and(|name| same(name, expected));
        }
        reading.count += 1;
        if start == end || self.candidates.len() == MOST {
            // The last one is not known where not all are read.
            reading.broken |= start != end && place.several == Several::Last;
            return !place.whole;
        }
        let behind = split.map_or(start, |at| start + at + 1);
        let lead = if place.trim {
            value[behind..end].len() - value[behind..end].trim_ascii_start().len()
        } else {
            0
        };
        let more =
            || place.kv.filter(|_| split.is_some()).and_then(|kv| memchr::memchr(kv, &value[behind..end]));
        let cut = place.cut.then(more).flatten().map_or(end, |at| behind + at);
        let text = slice(value, behind + lead, cut);
        // The stricter of the packages wants one separator in each part.
        if place.whole && (split.is_none() || more().is_some()) {
            reading.malformed = Some(Fault::Strict(Rule::Parts));
            return false;
        }
        reading.foreign |= place.only && more().is_some();
        let is_signature = match (label, name) {
            (None, _) => true,
            (Some(label), Some(name)) => place.other || same(name, label),
            (Some(_), None) => place.bare,
        };
        if !is_signature {
            let companion =
                name.and_then(|name| scheme.companions.iter().find(|companion| same(name, companion)));
            let empty = companion.is_some() && place.again != Again::LastFilled;
            let Some(name) = name.filter(|_| !text.is_empty() || empty) else {
                // A label of signatures without any is one that is empty.
                reading.broken |=
                    place.several == Several::Filled && label.is_some_and(|label| label.as_bytes() == bytes);
                reading.foreign |= place.only && split.is_some();
                reading.malformed = Some(Fault::Malformed("a part of it is not label and value"));
                return true;
            };
            if companion.is_none() {
                reading.foreign |= place.only;
                reading.unknown = reading.unknown.take().or_else(|| word(name));
            }
            let name = companion.map_or_else(|| name.to_vec(), |companion| companion.as_bytes().to_vec());
            match self.parts.iter_mut().find(|(other, _)| companion.is_some() && **other == *name) {
                Some((_, old)) if place.again != Again::Refused => *old = text,
                Some((_, old)) => reading.broken |= *old != text,
                None => self.parts.push((Cow::Owned(name), text)),
            }
            return true;
        }
        let mut candidate = Candidate { text, bytes: Bytes::new() };
        let readable =
            place.encoding.read(&candidate.text, &mut candidate.bytes) && !candidate.bytes.is_empty();
        if readable && scheme.algorithm.size().is_none_or(|size| size == candidate.bytes.len()) {
            reading.saw(true);
            self.candidates.push(candidate);
            return true;
        }
        let text = candidate.text;
        if !(text.is_empty() && place.several == Several::Last) {
            reading.saw(false);
        }
        let passed_over = text.is_empty() || readable;
        reading.malformed = Some(match readable {
            true => Fault::Malformed("the signature has the wrong length"),
            false if text.is_empty() => Fault::Malformed("the signature is empty"),
            false => Fault::Strict(Rule::Encoding),
        });
        if self.unread.len() < MOST {
            self.unread.push(text);
        }
        passed_over || !place.whole
    }
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

/// The ranges of the parts of a value, with or without the blanks around them.
pub(super) fn pieces(value: &[u8], sep: Option<&str>, trim: bool) -> impl Iterator<Item = (usize, usize)> {
    let mut at = Some(0);
    std::iter::from_fn(move || {
        let start = at?;
        let end = sep.and_then(|sep| find(&value[start..], sep.as_bytes())).map(|found| start + found);
        at = end.zip(sep).map(|(end, sep)| end + sep.len());
        let part = &value[start..end.unwrap_or(value.len())];
        if !trim {
            return Some((start, start + part.len()));
        }
        let lead = part.len() - part.trim_ascii_start().len();
        Some((start + lead, start + lead + part.trim_ascii().len()))
    })
}

fn find(value: &[u8], sep: &[u8]) -> Option<usize> {
    match sep {
        [one] => memchr::memchr(*one, value),
        _ => memchr::memmem::find(value, sep),
    }
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
