//! The term module.
