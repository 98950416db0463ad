//! The lines of the indented view: where they stand, and how one is drawn.

use crate::domain::decode::span::{Role, Window};

/// Columns for each level of nesting.
const INDENT: usize = 2;

/// Deepest level that is indented further: a line of a body nested 100,000 deep is still found at the
/// left of the screen.
const DEEPEST: usize = 40;

/// Where the lines of the indented view stand in the source.
#[derive(Debug)]
pub(in crate::domain::decode) struct Index {
    pub(super) lines: Vec<Line>,
}

/// One line of the view: from the first byte of its first token to the last byte of its last one, a
/// comma after it not included. 12 bytes, because a body of 25 MB can have a million of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) start: u32,
    pub(super) end: u32,
    /// [`KEY`], [`COMMA`], and the depth in the bits below.
    pub(super) shape: u32,
}

/// The line begins with the name of a member.
pub(super) const KEY: u32 = 1 << 31;
/// A comma follows.
pub(super) const COMMA: u32 = 1 << 30;
const DEPTH: u32 = COMMA - 1;

impl Index {
    pub(in crate::domain::decode) const fn lines(&self) -> usize {
        self.lines.len()
    }

    /// One line of the view: `    "name": value,`.
    pub(in crate::domain::decode) fn line<'b>(&self, body: &'b [u8], index: usize, window: &mut Window<'b>) {
        let Some(line) = self.lines.get(index) else { return };
        let mut rest = body.get(line.start as usize..line.end as usize).unwrap_or_default();
        window.push_spaces(((line.shape & DEPTH) as usize).min(DEEPEST) * INDENT);
        if line.shape & KEY != 0 {
            let (key, after) = rest.split_at(string_len(rest));
            window.push(Role::Key, key);
            window.push_own(Role::Punct, ": ");
            rest = after.trim_ascii_start().strip_prefix(b":").unwrap_or(after).trim_ascii_start();
        }
        match rest {
            [b'"', ..] => window.push(Role::Str, rest),
            // More than the bracket: an empty container, maybe with white space in it.
            [b'{', _, ..] => window.push_own(Role::Punct, "{}"),
            [b'[', _, ..] => window.push_own(Role::Punct, "[]"),
            [b'{' | b'[' | b'}' | b']'] => window.push(Role::Punct, rest),
            [b't' | b'f', ..] => window.push(Role::Bool, rest),
            [b'n', ..] => window.push(Role::Null, rest),
            _ => window.push(Role::Number, rest),
        }
        if line.shape & COMMA != 0 {
            window.push_own(Role::Punct, ",");
        }
    }
}

/// Length of the string that a valid text begins with, its quotes included.
fn string_len(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(step) = text.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += step;
        if text[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    text.len()
}
