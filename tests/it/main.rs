//! The integration tests: one binary, one module for each part.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that meets the unexpected has failed")]

mod cast;
mod cli;
mod client;
mod config;
mod diagnosis;
mod hostile;
mod keys;
mod screen;
mod secrets;
mod server;
mod stage;
mod tidy;
mod vectors;
