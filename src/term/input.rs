//! Input of the terminal.
