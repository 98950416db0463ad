//! The terminal: raw mode and its undoing, input, clipboard, suspending.
//!
//! Together with [`crate::engine`] the only place with code that depends on the operating system.
//! Nothing here knows what is drawn.

pub mod clipboard;
pub mod guard;
pub mod input;
pub mod suspend;
