//! What the program prints without a screen: one line for each event, as JSON or for people.
//!
//! These functions only form the lines; who calls them decides where they go and when. Every line is
//! safe for a terminal, whatever the sender wrote.

pub mod json;
pub mod text;

#[cfg(test)]
mod samples;
