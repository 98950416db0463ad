//! The engine: opens the doors, connects them, and runs the loop. The only module that knows all others.

pub mod output;
