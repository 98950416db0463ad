//! Bodies as people read them: JSON indented, forms as a table, text, or a hex dump.
//!
//! A [`Document`] is an index over a body that it does not copy. It knows where each line begins;
//! the text of a line, or of the part of it that is visible, is made when it is asked for. So a body
//! of 25 MB opens as fast as a small one, and nothing in the view differs from what was sent: JSON
//! keeps its number texts, key order, duplicate keys and escapes, because only the white space
//! between its tokens is replaced.
//!
//! To add a view: a variant of [`Kind`], a file with an index and a `line` function, arms in
//! `document.rs` and `choose.rs`, and a row in `media.rs` for the content types it is for.

mod choose;
mod document;
mod form;
mod hex;
mod json;
mod kind;
mod media;
mod plain;
mod span;

pub use document::{Document, MOST_LINES};
pub use kind::Kind;
pub use span::{Role, Span};

#[cfg(test)]
mod tests;
