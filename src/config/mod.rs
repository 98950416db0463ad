//! Settings, keys and themes: parsed and checked here, read from nowhere. No I/O.

pub mod action;
pub mod key;
pub mod keymap;
pub mod theme;
