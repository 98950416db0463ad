//! JSON, re-indented without being understood more than needed: every token stays as it was sent.

mod scan;
mod view;

pub(super) use scan::{Invalid, index};
pub(super) use view::Index;

#[cfg(test)]
mod tests;
