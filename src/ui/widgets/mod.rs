//! The small parts that panes and overlays are made of.

pub(super) mod compare;
pub(super) mod kit;
pub(super) mod number;
pub(super) mod page;
pub(super) mod safe;
pub(super) mod wrap;
