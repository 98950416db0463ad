//! The integration tests: one binary, one module for each part.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected has failed")]

mod autopsy;
mod batch;
mod cast;
mod cli;
mod client;
mod config;
mod diagnosis;
mod export;
mod fetch;
mod filter;
mod forgery;
mod har;
mod hidden;
mod hostile;
mod import;
mod keys;
mod readme;
mod roundtrip;
mod screen;
mod secrets;
mod server;
mod sign;
mod signature;
mod stage;
mod tidy;
mod vectors;
mod whatif;
mod whole;
