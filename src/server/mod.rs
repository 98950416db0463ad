//! The server module.
