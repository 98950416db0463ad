//! The engine: opens the doors, connects them, and runs the loop. The only module that knows all others.

pub mod effects;
pub mod feed;
pub mod forward;
pub mod headless;
pub mod jobs;
pub mod page;
pub mod rules;
pub mod screen;
pub mod seen;
pub mod signals;
