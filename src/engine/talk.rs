//! What is said to the person beside the data: on standard error, one line each.

use std::io::{self, Write};

use crate::domain::text::visible;

/// Says a line on standard error. Where nobody listens any more, nothing happens. Text of others may be
/// part of the line: it is made visible.
pub fn say(line: &str) {
    let mut err = io::stderr().lock();
    let _ = writeln!(err, "{}", visible(line.as_bytes()));
}
