//! The engine module.

pub mod secrets;
mod shell;
