//! What a run in a script is for: what counts, how many, how long, what must hold, what is run.

use std::{ffi::OsString, path::PathBuf, time::Duration};

use crate::domain::filter::Filter;

/// The flags for scripts and CI.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// `--filter`: what is shown, printed and counted.
    pub filter: Option<Expression>,
    /// `--count`: how many matches end the run.
    pub count: Option<u64>,
    /// `--timeout`: how long the run may take.
    pub timeout: Option<Duration>,
    /// `--expect`: what every match must fulfil.
    pub expect: Vec<Expression>,
    /// `--junit`: where the report is written.
    pub junit: Option<PathBuf>,
    /// `--exec`: the shell command that is run for each match.
    pub exec: Option<String>,
    /// The program after `--` and its arguments; empty where there is none.
    pub command: Vec<OsString>,
}

/// A filter together with what a person wrote.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// As it was written.
    pub text: String,
    /// What it means.
    pub filter: Filter,
}

impl Script {
    /// Whether the run is there to check something or to end by itself, so that a screen would be in
    /// the way.
    #[must_use]
    pub fn ends(&self) -> bool {
        self.count.is_some() || self.timeout.is_some() || !self.expect.is_empty() || self.junit.is_some()
    }

    /// Whether the run has something to say at its end.
    #[must_use]
    pub fn sums_up(&self) -> bool {
        self.ends() || self.exec.is_some() || !self.command.is_empty()
    }

    /// Whether captures have to be looked at one by one.
    #[must_use]
    pub fn watches(&self) -> bool {
        self.sums_up() || self.filter.is_some()
    }
}
