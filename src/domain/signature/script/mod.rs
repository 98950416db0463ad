//! What JavaScript reads and writes where it matters: packages of several providers sign a number or a
//! JSON text not as it was sent, but as their language writes it.

mod json;
mod number;
mod read;

pub(super) use json::is_written;
pub(super) use number::write;
pub(super) use read::{number, parse_int};
