//! The integration tests: one binary, one module for each part.

mod cli;
mod config;
mod secrets;
