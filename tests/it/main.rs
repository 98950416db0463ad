//! Integration tests, one fast binary of modules.

mod screen;
mod stage;
