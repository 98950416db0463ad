//! The executable: everything testable is in the library.
fn main() {}
