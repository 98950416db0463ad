//! The program in scripts and CI: what counts, what must hold, what is run, how it ended.
//!
//! | module | holds |
//! |---|---|
//! | `watch` | looks at each capture once all about it is known, and counts |
//! | `verdict` | how the run ended: summary and exit code |
//! | `junit` | the report |
//! | `exec` | a shell command for each match |
//! | `child` | the program after `--` |
//! | `pass` | the run from listening to its end |

pub mod child;
pub mod exec;
pub mod junit;
pub mod pass;
pub mod verdict;
pub mod watch;

pub use self::watch::Watch;
