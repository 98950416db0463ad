//! The filter language: which captures are shown, printed, exported, sent again.
//!
//! Terms joined by a space must all hold; `|` is or, `!` is not, parentheses group. A term is
//! `field:value` (holds it), `field=value` (is it), `field~regex`, `field>n`, or a bare word, which is
//! searched for everywhere, full bodies included. Case never matters; quotes hold what has spaces.
//!
//! A filter never hangs: its length, depth, terms and compiled expressions are bounded, and the search
//! is linear in what is searched.
//!
//! | module | holds |
//! |---|---|
//! | `field` | the table of fields and aliases, that help, errors and README draw on |
//! | `parse` | the text to the tree |
//! | `tree` | the tree and its normal text |
//! | `value` | sizes, times, ranges, words |
//! | `needle`, `path` | what is searched for; a place in a JSON body |
//! | `eval` | whether a record matches |

mod error;
mod eval;
mod field;
mod needle;
mod parse;
mod path;
#[cfg(test)]
mod tests;
mod tree;
mod value;

use std::{fmt, sync::Arc};

pub use self::{
    error::FilterError,
    field::{FIELDS, Field, FieldInfo, markdown},
};
use self::{
    eval::{Known, holds, reads_bytes},
    tree::Node,
};
use crate::domain::{
    record::{Record, Row},
    time::Timestamp,
};

/// A condition on captures. Cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter(Arc<Node>);

impl Filter {
    /// Reads a filter; an empty one matches everything.
    ///
    /// # Errors
    /// What is wrong with it and where.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        parse::parse(text).map(|node| Self(Arc::new(node)))
    }

    /// Whether a capture matches. `now` is for its age.
    #[must_use]
    pub fn matches(&self, record: &Record, now: Timestamp) -> bool {
        holds(&self.0, &Known::of(record), now).unwrap_or(false)
    }

    /// Whether the capture of a row matches, as far as the row tells: `None` where the record is needed.
    #[must_use]
    pub fn matches_row(&self, row: &Row, now: Timestamp) -> Option<bool> {
        holds(&self.0, &Known::of_row(row), now)
    }

    /// Whether it looks at heads or bodies, so that the bytes of captures are needed.
    #[must_use]
    pub fn needs_body(&self) -> bool {
        self.0.any(&reads_bytes)
    }

    /// Whether everything matches.
    #[must_use]
    pub fn is_all(&self) -> bool {
        *self.0 == Node::All
    }
}

/// Numbers and ranges such as `1,3-5,9-`: the first and the last number of each.
///
/// # Errors
/// What is wrong with them and where.
pub(super) fn ranges(text: &str) -> Result<Vec<(u64, u64)>, FilterError> {
    let mut at = 0;
    let mut ranges = Vec::new();
    for part in text.split(',') {
        let wrong = || FilterError::new(text, at, "write numbers and ranges such as 3, 1-5 or 9-");
        ranges.push(value::range(part.trim(), field::Unit::Count).ok_or_else(wrong)?);
        at += part.len() + 1;
    }
    Ok(ranges)
}

impl Default for Filter {
    fn default() -> Self {
        Self(Arc::new(Node::All))
    }
}

/// The normal form, which reads back as the same filter.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_all() { Ok(()) } else { self.0.fmt(f) }
    }
}
