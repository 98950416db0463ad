//! Text that came over the wire, made visible.
//!
//! Nothing a stranger sends may act on the terminal, hide, or shift a border. This is the one place
//! that sees to it, for the screen, text output, titles, logs and errors:
//!
//! | in the bytes | shown as | in ASCII |
//! |---|---|---|
//! | C0 controls and DEL | `␛` `␀` `␊` `␡` | `<ESC>` `<NUL>` `<LF>` `<DEL>` |
//! | C1, bidi, zero-width, tags, variation selectors, unusual spaces, private use, unassigned | `‹U+202E›` | `<U+202E>` |
//! | what changes the width of its neighbours (ZWJ, skin tones, the Khmer coeng) | `‹U+200D›` | `<U+200D>` |
//! | combining marks without a base, or beyond [`MOST_COMBINING`] on one | `‹U+0301›` | `<U+0301>` |
//! | bytes that are not UTF-8 | `‹x9F›` | `<x9F>` |
//! | other characters | themselves | `<U+00E9>` |
//!
//! What comes out holds printable characters alone, and its width is the sum of the widths of its
//! characters ([`width`]), whatever the terminal joins or does not join.

mod marks;
mod pieces;
mod special;
mod visible;
mod width;

pub use marks::Marks;
pub use pieces::{MOST_COMBINING, Piece, Pieces, pieces, pieces_with};
pub use special::is_special;
pub use visible::{push_visible, push_visible_with, visible, visible_with};
pub use width::{fit, fit_with, width};
