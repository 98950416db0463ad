//! Captures as texts for other programs.

pub mod curl;
pub(crate) mod escape;
pub mod line;
