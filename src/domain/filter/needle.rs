//! What is searched for in bytes: a text without regard to case, or an expression.
//!
//! Both are linear in what is searched, whatever is searched for. A text without letters is found by
//! `memmem`; one with letters by the regex engine, whose vector search knows both cases of each.

use std::fmt;

use memchr::memmem;
use regex::bytes::{Regex, RegexBuilder};

/// The largest compiled expression in bytes.
const LARGEST: usize = 1 << 20;
/// The deepest nesting in an expression.
const DEEPEST: u32 = 50;

/// A text to be found, or an expression.
#[derive(Clone)]
pub(super) struct Needle {
    text: Box<str>,
    how: How,
}

#[derive(Clone)]
enum How {
    Everything,
    Exact(Box<memmem::Finder<'static>>),
    Regex(Regex),
}

impl Needle {
    /// A text without regard to case. `None` where it is too long for that.
    pub(super) fn text(text: &str) -> Option<Self> {
        let cased = |c: char| c.is_lowercase() || c.is_uppercase() || !c.to_lowercase().eq([c]);
        let how = if text.is_empty() {
            How::Everything
        } else if text.chars().any(cased) {
            let mut builder = RegexBuilder::new(&regex::escape(text));
            // Among ASCII letters alone: with Unicode, `k` would also be the sign of Kelvin.
            builder.case_insensitive(true).unicode(!text.is_ascii()).size_limit(LARGEST);
            How::Regex(builder.build().ok()?)
        } else {
            How::Exact(Box::new(memmem::Finder::new(text).into_owned()))
        };
        Some(Self { text: text.into(), how })
    }

    /// An expression, without regard to case unless it says `(?-i)`.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence.
    pub(super) fn pattern(text: &str) -> Result<Self, String> {
        let mut builder = RegexBuilder::new(text);
        builder.case_insensitive(true).size_limit(LARGEST).dfa_size_limit(LARGEST).nest_limit(DEEPEST);
        match builder.build() {
            Ok(regex) => Ok(Self { text: text.into(), how: How::Regex(regex) }),
            Err(regex::Error::CompiledTooBig(_)) => {
                Err("the expression is too large: shorten its repetitions".to_owned())
            }
            Err(error) => {
                // The last line is the reason; the lines before it draw the expression.
                let error = error.to_string();
                let reason =
                    error.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                Err(format!("this is no regular expression: {reason}"))
            }
        }
    }

    /// As it was written.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is found.
    pub(super) fn is_in(&self, bytes: &[u8]) -> bool {
        match &self.how {
            How::Everything => true,
            How::Exact(finder) => finder.find(bytes).is_some(),
            How::Regex(regex) => regex.is_match(bytes),
        }
    }
}

impl PartialEq for Needle {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Debug for Needle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_without_regard_to_case() {
        for (needle, bytes, found) in [
            ("push", &b"a PuSh"[..], true),
            ("4200", b"x\xff4200", true),
            ("stra\u{df}e", "STRA\u{df}E".as_bytes(), true),
            ("\u{c9}t\u{e9}", "\u{e9}T\u{c9}".as_bytes(), true),
            ("k", "\u{212a}".as_bytes(), false),
            ("a.c", b"abc", false),
            ("", b"", true),
            ("x", b"", false),
        ] {
            assert_eq!(Needle::text(needle).unwrap().is_in(bytes), found, "{needle}");
        }
    }

    #[test]
    fn large_expressions_are_refused() {
        for text in ["(a{1000}){1000}", "(((a{100}){100}){100}){100}", "\\pL{1000}"] {
            assert!(Needle::pattern(text).unwrap_err().contains("too large"), "{text}");
        }
        assert!(Needle::pattern("(").unwrap_err().contains("no regular expression"));
        assert!(Needle::pattern("(x+x+)+y").unwrap().is_in(&[b"x".repeat(100_000), b"y".to_vec()].concat()));
    }
}
