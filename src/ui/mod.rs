//! The ui module.
