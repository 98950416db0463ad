//! Where the signatures of a scheme stand, and in what form.

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::domain::signature::{encoding::Encoding, request::Facts, source::Source};

/// Where the signatures of a scheme stand, and in what form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) at: Vec<At>,
    /// What separates several parts of one value.
    pub(super) sep: Option<Box<str>>,
    /// What separates a part's label from its value; the first one counts.
    pub(super) kv: Option<u8>,
    /// The label of the parts that are signatures.
    pub(super) label: Option<Label>,
    pub(super) encoding: Encoding,
    /// Which of several signatures count.
    pub(super) several: Several,
    /// What a part beside the signatures is that stands there twice.
    pub(super) again: Again,
    /// The labels of all parts, where nothing else may stand there.
    pub(super) order: Vec<Box<str>>,
    /// Whether more may stand behind these; it does not count.
    pub(super) rest: bool,
    /// Whether parts with other labels than the scheme's, and parts with several separators, are refused.
    pub(super) only: bool,
    /// Whether blanks around parts, labels and values do not count, nor the case of labels.
    pub(super) trim: bool,
    /// Whether nothing counts behind a part that cannot be read.
    pub(super) whole: bool,
    /// Whether a value ends at the next character that separates labels from values.
    pub(super) cut: bool,
    /// Whether a part without a label is a signature too.
    pub(super) bare: bool,
    /// Whether a part with another label is a signature too.
    pub(super) other: bool,
    /// Whether the header may stand in the request several times, each time with a signature.
    pub(super) repeat: bool,
}

/// Which of several signatures in one value count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Several {
    /// Any may match.
    #[default]
    Any,
    /// The first alone.
    First,
    /// The last alone that is not empty.
    Last,
    /// There must be one, however often.
    One,
    /// Any may match, and none may be empty.
    Filled,
}

/// What becomes of a label beside the signatures that stands there twice with different values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Again {
    /// The signature is refused.
    #[default]
    Refused,
    /// The last one counts.
    Last,
    /// The last one counts that is not empty.
    LastFilled,
}

impl Several {
    /// The words of the catalogue.
    pub(super) const WORDS: [(&'static str, Self); 5] = [
        ("any", Self::Any),
        ("first", Self::First),
        ("last", Self::Last),
        ("one", Self::One),
        ("filled", Self::Filled),
    ];
}

impl Again {
    /// The words of the catalogue.
    pub(super) const WORDS: [(&'static str, Self); 3] =
        [("refused", Self::Refused), ("last", Self::Last), ("last-filled", Self::LastFilled)];
}

/// The values that stand at the place of a scheme: mostly one.
pub(super) type Values<'a> = SmallVec<[Cow<'a, [u8]>; 1]>;

/// One place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// Every header with this name.
    Header(Box<str>),
    /// Every header whose name begins so.
    Prefix(Box<str>),
    /// A value of the body.
    Value(Source),
}

/// The label of the parts that are signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// This text.
    Text(Box<str>),
    /// What a parameter of the configuration says (`$public_key_id`).
    Param(Box<str>),
}

impl Place {
    /// Adds the values that stand there, as sent; none when the request carries none. A header that stands
    /// there several times is one value, joined as servers join it (RFC 9110 section 5.3).
    pub(super) fn values<'a>(&self, facts: &Facts<'a, '_>, values: &mut Values<'a>) {
        for at in &self.at {
            match at {
                At::Header(name) if self.repeat => {
                    values.extend(facts.head.get_all(name).map(Cow::Borrowed));
                }
                At::Header(name) => {
                    if let Some(value) = facts.head.joined(name) {
                        values.push(value);
                    }
                }
                At::Prefix(prefix) => {
                    let starts = |name: &[u8]| {
                        name.get(..prefix.len())
                            .is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
                    };
                    let found = facts.head.fields().filter(|field| starts(field.name));
                    values.extend(found.map(|field| Cow::Borrowed(field.value)));
                }
                At::Value(source) => values.extend(source.find(facts)),
            }
        }
    }

    /// The place in words: `header X-Hub-Signature-256`.
    pub(super) fn describe(&self) -> String {
        let names = self.at.iter().map(|at| match at {
            At::Header(name) => format!("header {name}"),
            At::Prefix(name) => format!("headers {name}*"),
            At::Value(source) => source.describe(),
        });
        names.collect::<Vec<_>>().join(", ")
    }
}
