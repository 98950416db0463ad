//! The state machine of the interface: what is shown, and what a key does to it.
//!
//! Pure. [`update()`] takes one [`Msg`] and changes the [`Model`]; whatever has to happen outside comes
//! back as [`Effect`]s, plain data. Nothing here draws, reads a clock, or knows a terminal. The panes
//! are known by what the drawing side hands over ([`model::PaneInfo`]), so that a new pane touches
//! `ui` alone.

pub mod confirm;
pub mod content;
pub mod detail;
mod dialogs;
pub mod effect;
pub mod export;
pub mod find;
pub mod input;
pub mod layout;
pub mod list;
pub mod model;
mod motion;
pub mod msg;
pub mod overlay;
mod picked;
mod pointer;
mod remarks;
mod screen;
pub mod session;
pub mod sift;
pub mod tolerance;
mod update;
pub mod whatif;

pub use effect::{CopyWhat, Effect, View};
pub use layout::Layout;
pub use model::{Look, Model};
pub use msg::{Msg, Notice};
pub use session::Session;
pub use update::{hide, update};
