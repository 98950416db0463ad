//! The executable as a person or a script runs it: in a pseudo-terminal, in a pipe.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected has failed")]
#![cfg(unix)]

mod commands;
mod ends;
mod filters;
mod headless;
mod killed;
mod program;
mod screen;
mod script;
mod sender;
mod session;
mod terminal;
