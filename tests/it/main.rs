//! The integration tests: one binary, one module for each part.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected has failed")]

mod cast;
mod cli;
mod client;
mod config;
mod diagnosis;
mod forgery;
mod hostile;
mod import;
mod keys;
mod readme;
mod screen;
mod secrets;
mod server;
mod sign;
mod stage;
mod tidy;
mod vectors;
mod whatif;
mod whole;
