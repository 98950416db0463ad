//! Where the signatures of a scheme stand, and in what form.

use std::borrow::Cow;

use crate::domain::signature::{encoding::Encoding, request::Facts, source::Source};

/// Where the signatures of a scheme stand, and in what form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) at: Vec<At>,
    /// What separates several parts of one value.
    pub(super) sep: Option<u8>,
    /// What separates a part's label from its value; the first one counts.
    pub(super) kv: Option<u8>,
    /// The label of the parts that are signatures.
    pub(super) label: Option<Label>,
    pub(super) encoding: Encoding,
}

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
    /// The values that stand there, as sent. Empty when the request carries none.
    pub(super) fn values<'a>(&self, facts: &Facts<'a, '_>) -> Vec<Cow<'a, [u8]>> {
        let mut values = Vec::new();
        for at in &self.at {
            match at {
                At::Header(name) => values.extend(facts.head.get_all(name).map(Cow::Borrowed)),
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
        values
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
