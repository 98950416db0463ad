#![doc = include_str!("README.md")]

pub mod app;
pub mod archive;
pub mod cli;
pub mod client;
pub mod config;
pub mod domain;
pub mod engine;
pub mod server;
pub mod term;
pub mod ui;
