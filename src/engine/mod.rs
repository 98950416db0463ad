//! The engine module.
