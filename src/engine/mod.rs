//! The engine module.

pub mod output;
