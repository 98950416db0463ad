//! The engine: opens the doors, connects them, and runs the loop. The only module that knows all others.
//!
//! ```text
//! run ─► setup ─► rules, secrets        ears: server ─► feed ─► store ─► Notify
//!  ├─► tui + screen ─► app, ui                              └─► forward ─► client
//!  │        └─► effects, jobs, page             └─► diagnoser (failed checks)
//!  └─► headless ─► lines ─► output
//! lab: one question at a time, without a listener
//! ```

pub mod diagnoser;
pub mod ears;
pub mod effects;
pub mod exports;
pub mod extra;
pub mod feed;
pub mod fetch;
pub mod forward;
pub mod headless;
pub mod jobs;
pub mod keeper;
pub mod lab;
pub mod library;
pub mod lines;
pub mod outfile;
pub mod output;
pub mod page;
pub mod reload;
pub mod rules;
pub mod run;
pub mod screen;
pub mod script;
pub mod secrets;
pub mod seen;
pub mod setup;
mod shell;
pub mod sieve;
pub mod signals;
pub mod talk;
pub mod tui;
pub mod whatif;
