//! The command line: arguments, variables and files to [`Loaded`] settings, and exit codes.
//!
//! | module | holds |
//! |---|---|
//! | `args` | the flags and their help |
//! | `given` | what a person gave: a flag, else its `HOOKGLASS_…` variable |
//! | `overlay` | what was given, over the settings of the file |
//! | `load` | finds and reads the files |
//! | `report` | what goes to stderr |
//!
//! Exit codes: 0 done, 1 a check did not hold, 2 usage or configuration, 3 the listener, the session
//! or a target could not be used.

mod args;
mod given;
mod load;
mod overlay;
mod report;

use std::{io::IsTerminal, path::PathBuf, process::ExitCode};

use clap::FromArgMatches;

pub use self::{
    args::{Cli, Command, Flags, command},
    given::variable,
    load::{Loaded, World, load},
    overlay::Terminal,
};
use crate::config::Output;

/// Exit code for faulty usage or configuration.
const USAGE: u8 = 2;
/// Exit code for a listener, session or target that could not be used.
const UNUSABLE: u8 = 3;

/// Runs the program with the arguments and the environment of the process.
#[must_use]
pub fn run() -> ExitCode {
    let matches = match command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) if !error.use_stderr() => {
            // Help and version. A reader that has gone away is no failure.
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            report::line(&format!("error: {}", report::usage(&error)));
            return ExitCode::from(USAGE);
        }
    };
    let flags = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli.flags(),
        Err(error) => {
            report::line(&format!("error: {}", report::usage(&error)));
            return ExitCode::from(USAGE);
        }
    };
    let env = |name: &str| std::env::var(name).ok();
    let world = World {
        env: &env,
        dir: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
        user_config: load::user_config(),
        terminal: Terminal {
            stdin: std::io::stdin().is_terminal(),
            stdout: std::io::stdout().is_terminal(),
            dumb: env("TERM").is_none_or(|term| term == "dumb") && cfg!(unix),
        },
    };
    let loaded = match load(&flags, &world) {
        Ok(loaded) => loaded,
        Err(problems) => {
            report::problems(&problems);
            return ExitCode::from(USAGE);
        }
    };
    if loaded.settings.output != Some(Output::Tui) {
        // On the screen they are notices of the interface.
        report::problems(&loaded.warnings);
    }
    match start(loaded) {
        Ok(code) => ExitCode::from(code),
        Err(message) => {
            report::line(&format!("error: {message}"));
            ExitCode::from(UNUSABLE)
        }
    }
}

// PLACEHOLDER: to be connected to `engine::run`, which takes the loaded settings and gives the exit
// code, or one sentence that says what could not be used.
fn start(loaded: Loaded) -> Result<u8, String> {
    Err(format!("nothing listens on {} yet: the engine is not connected", loaded.settings.listen.socket()))
}

/// The help of the whole command line, for documents and tests.
#[must_use]
pub fn help() -> String {
    command().term_width(100).render_long_help().to_string()
}
