//! Captures as texts for other programs.
//!
//! A format is one file and one row of [`FORMATS`]. It writes a beginning, each capture, and an end, so
//! that any number of captures can be written piece by piece. What is written is inert: whatever the
//! sender put into a request, no shell, interpreter or terminal does anything with it but send it.
//!
//! Secrets are [redacted](crate::domain::redact) before a format sees them, unless somebody asks for
//! them, and what is written says so.

pub mod curl;
pub(crate) mod escape;
pub mod fetch;
pub mod har;
pub mod http;
pub mod httpie;
pub mod jsonl;
pub mod line;
mod literal;
pub mod name;
pub mod parts;
pub mod python;
pub mod reqwest;
mod script;

use std::collections::BTreeSet;

use crate::domain::{
    record::Record,
    redact::{self, Redaction},
    target::Target,
};

/// One format.
#[derive(Debug)]
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// The ending of its files.
    pub ending: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    begin: fn(&Options, &mut Vec<u8>),
    one: fn(&One<'_>, &mut Vec<u8>) -> Result<Vec<String>, String>,
    end: fn(&Options, &mut Vec<u8>),
}

/// All formats, in the order of the menu.
pub static FORMATS: &[Format] = &[
    curl::FORMAT,
    httpie::FORMAT,
    http::FORMAT,
    har::FORMAT,
    jsonl::FORMAT,
    python::FORMAT,
    fetch::FORMAT,
    reqwest::FORMAT,
];

/// The sentence that a redacted export carries.
pub const REDACTED: &str = "Secrets are redacted here and the signature no longer fits: --raw keeps them.";

/// What is said about a redacted export with a body that cannot be looked into.
const BLIND: &str = "A binary body is written as it is: nothing in it was redacted.";

/// How captures are written.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where commands and snippets send to, for a capture that brings no base URL along.
    pub base: Target,
    /// What is taken out.
    pub redaction: Redaction,
    /// Whether there is more than one capture.
    pub many: bool,
    /// Whether a command stands alone, without what makes a script of it: for the clipboard.
    pub bare: bool,
    /// The version of this program, for formats that name their creator.
    pub version: &'static str,
}

/// One capture on its way out.
#[derive(Debug)]
pub struct One<'a> {
    /// The capture, redacted already.
    pub record: &'a Record,
    /// Why its signature check came out as it did; empty while there is none.
    pub explanation: &'a str,
    /// Where commands and snippets send it to.
    pub base: &'a Target,
    /// The options of the whole.
    pub options: &'a Options,
    /// How many came before it.
    pub index: usize,
}

/// Writes captures, one after the other.
#[derive(Debug)]
pub struct Exporter {
    format: &'static Format,
    options: Options,
    begun: bool,
    count: usize,
    skipped: Vec<String>,
    notes: BTreeSet<String>,
}

/// What became of an export.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many captures were written.
    pub count: usize,
    /// Why others were not, a sentence each.
    pub skipped: Vec<String>,
    /// What the format cannot do, a sentence each.
    pub notes: Vec<String>,
}

impl Format {
    /// The format of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.name == name)
    }
}

impl Exporter {
    /// An export that has not begun.
    #[must_use]
    pub fn new(format: &'static Format, options: Options) -> Self {
        Self { format, options, begun: false, count: 0, skipped: Vec::new(), notes: BTreeSet::new() }
    }

    /// Appends a capture. One that the format cannot write is left out, and the summary says why.
    pub fn push(&mut self, record: &Record, base: Option<&Target>, explanation: &str, out: &mut Vec<u8>) {
        self.begin(out);
        let rules = &self.options.redaction;
        let redacted = redact::record(record, rules);
        let explanation = rules.sentence(explanation);
        if rules.is_on() && Redaction::is_blind(record.capture.body()) {
            self.notes.insert(BLIND.to_owned());
        }
        let one = One {
            record: &redacted,
            explanation: &explanation,
            base: base.unwrap_or(&self.options.base),
            options: &self.options,
            index: self.count,
        };
        let before = out.len();
        match (self.format.one)(&one, out) {
            Ok(notes) => {
                self.count += 1;
                self.notes.extend(notes);
            }
            Err(why) => {
                out.truncate(before);
                self.skipped.push(why);
            }
        }
    }

    /// Appends the end.
    #[must_use]
    pub fn finish(mut self, out: &mut Vec<u8>) -> Summary {
        self.begin(out);
        (self.format.end)(&self.options, out);
        Summary { count: self.count, skipped: self.skipped, notes: self.notes.into_iter().collect() }
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.begun, true) {
            (self.format.begin)(&self.options, out);
        }
    }
}

/// A format that needs nothing at its beginning or end.
const fn nothing(_: &Options, _: &mut Vec<u8>) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_its_own_name_and_says_what_it_is() {
        let names: BTreeSet<_> = FORMATS.iter().map(|format| format.name).collect();
        assert_eq!(names.len(), FORMATS.len());
        assert!(FORMATS.iter().all(|format| !format.about.is_empty() && Format::find(format.name).is_some()));
        assert!(FORMATS.len() <= 9, "each has a digit as its key");
    }
}
