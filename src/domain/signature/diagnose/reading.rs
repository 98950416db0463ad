//! The received signatures, read in every way in which they may have been written.

use std::borrow::Cow;

use data_encoding::{HEXLOWER_PERMISSIVE, HEXUPPER};
use percent_encoding::percent_decode;

use crate::domain::signature::{
    Algorithm, Encoding, place,
    provider::Scheme,
    received::{Signatures, pieces},
};

/// The shortest beginning of a signature that proves anything: 64 bits.
pub(super) const SHORTEST: usize = 8;
/// The longest text that is read.
const LONGEST: usize = 2048;
/// The most readings that are compared.
const MOST: usize = 48;

/// A received signature in one reading.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) bytes: Vec<u8>,
    pub(super) how: Spelling,
}

/// How a text must be read to become these bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spelling {
    pub(super) label: Label,
    pub(super) form: Form,
}

/// What stands before the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// What the scheme writes there.
    Right,
    /// Nothing, where the scheme writes something.
    Missing,
    /// What the scheme writes there, with a blank.
    Blank,
    /// Another label than the scheme's.
    Other,
}

/// How the signature itself is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As the scheme writes it.
    Right,
    /// In another encoding.
    Encoded(Encoding),
    /// In hex of upper case.
    UpperCase,
    /// In Base64 without its padding.
    Unpadded,
    /// In hex of mixed case.
    MixedCase,
    /// In hex, and that text in Base64.
    HexInBase64,
    /// In quotes.
    Quoted,
    /// With a `0x` before it.
    Prefixed,
    /// With escapes of URLs.
    Escaped,
    /// Base64 whose plus signs became blanks.
    Blanks,
}

impl Spelling {
    /// Whether it is as the scheme has it.
    pub(super) const fn is_right(self) -> bool {
        matches!((self.label, self.form), (Label::Right, Form::Right))
    }
}

/// All readings, those that the scheme knows first.
pub(super) fn all(scheme: &Scheme, signatures: &Signatures<'_>) -> Vec<Reading> {
    let place = &scheme.place;
    let mut texts: Vec<(Label, Cow<'_, [u8]>)> = Vec::new();
    texts.extend(signatures.candidates.iter().map(|candidate| (Label::Right, candidate.text.clone())));
    texts.extend(signatures.unread.iter().map(|text| (Label::Right, text.clone())));
    if signatures.candidates.is_empty() && place.label.is_some() {
        for value in &signatures.raw {
            texts.push((Label::Missing, Cow::Borrowed(value.trim_ascii())));
            if place.sep.is_some() {
                let parts = pieces(value, place.sep.as_deref(), true);
                texts.extend(parts.map(|(start, end)| (Label::Missing, Cow::Borrowed(&value[start..end]))));
            }
        }
    }
    let own = match &place.label {
        Some(place::Label::Text(label)) => label.as_bytes(),
        _ => b"",
    };
    texts.extend(signatures.parts.iter().map(|(name, text)| {
        let label = if name.trim_ascii() == own { Label::Blank } else { Label::Other };
        (label, Cow::Borrowed(text.trim_ascii()))
    }));
    let mut found: Vec<Reading> = Vec::new();
    for (label, text) in texts {
        if text.is_empty() || text.len() > LONGEST {
            continue;
        }
        for (form, bytes) in forms(place.encoding, &text) {
            let fits = match scheme.algorithm {
                Algorithm::Token => true,
                algorithm if algorithm.is_public_key() => bytes.len() >= 32,
                _ => (SHORTEST..=64).contains(&bytes.len()),
            };
            if fits && found.len() < MOST && !found.iter().any(|other| other.bytes == bytes) {
                found.push(Reading { bytes, how: Spelling { label, form } });
            }
        }
    }
    found
}

fn forms(own: Encoding, text: &[u8]) -> Vec<(Form, Vec<u8>)> {
    let mut all: Vec<(Form, Option<Vec<u8>>)> = vec![(Form::Right, own.decode(text))];
    if own == Encoding::Raw {
        all.push((Form::Quoted, unquoted(text).map(<[u8]>::to_vec)));
        all.push((Form::Escaped, unescaped(text)));
        all.push((Form::Encoded(Encoding::Base64), Encoding::Base64Any.decode(text)));
    } else {
        if matches!(own, Encoding::Hex | Encoding::HexAny) {
            let upper = HEXUPPER.decode(text).ok().filter(|_| own == Encoding::Hex);
            all.push((Form::UpperCase, upper));
            all.push((Form::MixedCase, HEXLOWER_PERMISSIVE.decode(text).ok()));
        }
        if matches!(own, Encoding::Base64 | Encoding::Base64Bits) {
            all.push((Form::Unpadded, Encoding::Base64Any.decode(text)));
        }
        for other in [Encoding::HexAny, Encoding::Base64Any, Encoding::Base64Url] {
            if other.as_str() != own.as_str() {
                all.push((Form::Encoded(other), other.decode(text)));
            }
        }
        let hex = Encoding::Base64Any.decode(text).and_then(|inner| HEXLOWER_PERMISSIVE.decode(&inner).ok());
        all.push((Form::HexInBase64, hex));
        all.push((Form::Quoted, unquoted(text).and_then(|inner| own.decode(inner))));
        let bare = text.strip_prefix(b"0x").or_else(|| text.strip_prefix(b"0X"));
        all.push((Form::Prefixed, bare.and_then(|bare| Encoding::HexAny.decode(bare))));
        all.push((Form::Escaped, unescaped(text).and_then(|inner| own.decode(&inner))));
        if text.contains(&b' ') {
            let plus: Vec<u8> = text.iter().map(|&b| if b == b' ' { b'+' } else { b }).collect();
            all.push((Form::Blanks, own.decode(&plus)));
        }
    }
    all.into_iter().filter_map(|(form, bytes)| Some((form, bytes?))).collect()
}

/// What stands between quotes.
pub(super) fn unquoted(text: &[u8]) -> Option<&[u8]> {
    let (&first, rest) = text.split_first()?;
    let (&last, inner) = rest.split_last()?;
    (first == last && matches!(first, b'"' | b'\'' | b'`')).then_some(inner)
}

/// A text without its escapes, if it has any.
pub(super) fn unescaped(text: &[u8]) -> Option<Vec<u8>> {
    text.contains(&b'%').then(|| percent_decode(text).collect()).filter(|plain| plain != text)
}
