//! The integration tests: one binary, one module for each part.
#![expect(clippy::unwrap_used, reason = "in a test, what cannot go on has failed")]

mod cli;
mod config;
mod secrets;
