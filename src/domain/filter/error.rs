//! What is wrong with a filter, and where.

use crate::domain::text;

/// Why a text is not a filter: one sentence that says what to do, and the place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {message}")]
pub struct FilterError {
    /// The character at which it goes wrong, from 1.
    pub column: usize,
    /// One sentence.
    pub message: String,
    /// The same place in bytes.
    at: usize,
}

impl FilterError {
    /// An error at a byte of a text.
    pub(in crate::domain) fn new(text: &str, at: usize, message: impl Into<String>) -> Self {
        let at = at.min(text.len());
        let before = text.get(..at).unwrap_or(text);
        Self { column: before.chars().count() + 1, message: message.into(), at }
    }

    /// A line with a caret that stands under the place when it is written below the text.
    #[must_use]
    pub fn caret(&self, text: &str) -> String {
        let before = text.get(..self.at).unwrap_or(text);
        format!("{}^", " ".repeat(text::width(&text::visible(before.as_bytes()))))
    }
}
