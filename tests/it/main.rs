//! The integration tests: one binary, one module for each part.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that meets the unexpected has failed")]

mod cli;
mod client;
mod config;
mod screen;
mod secrets;
mod server;
mod stage;
mod tidy;
