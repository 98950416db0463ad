//! The one door through which text of others reaches a cell.
//!
//! Everything that a terminal would act on or not show becomes a visible mark (see
//! [`crate::domain::text`]). Nothing else in `ui` turns bytes of a request, a response or an error
//! into text.

use std::borrow::Cow;

use crate::domain::text::{self, Marks};

pub(in crate::ui) use crate::domain::text::width;

/// A piece of visible text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ui) struct Piece {
    /// The text, safe for a cell.
    pub text: String,
    /// Whether it stands for something that could not be shown.
    pub mark: bool,
}

/// Bytes as text of one line.
pub(in crate::ui) fn text(bytes: &[u8], ascii: bool) -> Cow<'_, str> {
    text::visible_with(bytes, marks(ascii))
}

/// Bytes as text of one line, with the marks told apart.
pub(in crate::ui) fn pieces(bytes: &[u8], ascii: bool) -> Vec<Piece> {
    text::pieces_with(bytes, marks(ascii))
        .map(|piece| Piece { text: piece.text.into_owned(), mark: piece.special })
        .collect()
}

/// A text cut to some columns, with a sign where it was cut. No grapheme is split.
pub(in crate::ui) fn fit(text: &str, columns: usize, ascii: bool) -> Cow<'_, str> {
    text::fit_with(text, columns, marks(ascii))
}

const fn marks(ascii: bool) -> Marks {
    if ascii { Marks::Ascii } else { Marks::Unicode }
}
