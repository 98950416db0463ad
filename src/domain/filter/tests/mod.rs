//! The language: what reads, what does not and where, what matches.

mod matching;
mod reading;
