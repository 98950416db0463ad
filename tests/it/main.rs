//! Integration tests, one fast binary of modules.

mod cast;
mod hostile;
mod keys;
mod screen;
mod stage;
