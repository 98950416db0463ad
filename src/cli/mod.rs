//! The command line: arguments, variables and files to [`Loaded`] settings, and exit codes.
//!
//! | module | holds |
//! |---|---|
//! | `args` | the flags and their help |
//! | `given` | what a person gave: a flag, else its `HOOKGLASS_…` variable |
//! | `overlay` | what was given, over the settings of the file |
//! | `script` | the flags for scripts and CI |
//! | `load` | finds and reads the files |
//! | `report` | what goes to stderr, and data to stdout |
//! | `shared` | what the commands beside `listen` have in common |
//! | `verify`, `sign`, `send`, `export`, `import`, `providers`, `doctor` | one command each |
//! | `generate` | completions and the manual page |
//!
//! Exit codes: 0 done, 1 a check did not hold, 2 usage or configuration, 3 the listener, the session
//! or a target could not be used.

mod args;
mod doctor;
mod export;
mod generate;
mod given;
mod import;
mod load;
mod overlay;
mod providers;
mod report;
mod script;
mod send;
mod shared;
mod sign;
mod verify;

use std::{io::IsTerminal, path::PathBuf, process::ExitCode};

use clap::FromArgMatches;

pub use self::{
    args::{Cli, Command, Flags, command},
    doctor::Doctor,
    export::Export,
    generate::Completions,
    given::variable,
    import::Import,
    load::{Loaded, World, load},
    overlay::Terminal,
    providers::Providers,
    send::Send,
    shared::Shared,
    sign::Sign,
    verify::Verify,
};
use crate::{
    config::Problem,
    engine::{self, run::Start, setup::Inputs},
};

/// Exit code for faulty usage or configuration.
const USAGE: u8 = 2;

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
            report::line(&format!("error: {}", report::usage(&error, named().as_deref())));
            return ExitCode::from(USAGE);
        }
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => {
            report::line(&format!("error: {}", report::usage(&error, named().as_deref())));
            return ExitCode::from(USAGE);
        }
    };
    let flags = match cli.command {
        None | Some(Command::Listen(_)) => cli.flags(),
        Some(command) => return ExitCode::from(one(command, cli.flags).unwrap_or_else(|code| code)),
    };
    listen(flags)
}

/// Runs a command that ends by itself; its exit code either way.
fn one(command: Command, flags: Flags) -> Result<u8, u8> {
    match command {
        Command::Verify(verify) => verify.run(flags),
        Command::Sign(sign) => sign.run(flags),
        Command::Send(send) => send.run(flags),
        Command::Providers(providers) => providers.run(flags),
        Command::Export(export) => export.run(flags),
        Command::Import(import) => import.run(flags),
        Command::Doctor(doctor) => doctor.run(flags),
        Command::Completions(completions) => completions.run(),
        Command::Man => generate::man(),
        // Listening does not end by itself.
        Command::Listen(_) => Err(USAGE),
    }
}

/// The command that was typed, if any, for messages about arguments that could not be read.
fn named() -> Option<String> {
    let known = command();
    std::env::args().skip(1).find(|word| known.get_subcommands().any(|command| command.get_name() == *word))
}

fn listen(flags: Flags) -> ExitCode {
    let env = |name: &str| std::env::var(name).ok();
    let world = World { env: &env, ..outside() };
    let loaded = match load(&flags, &world) {
        Ok(loaded) => loaded,
        Err(problems) => {
            report::problems(&problems);
            return ExitCode::from(USAGE);
        }
    };
    let files = files(&loaded, &world);
    let reload = move || {
        let env = |name: &str| std::env::var(name).ok();
        let world = World { env: &env, ..outside() };
        load(&flags, &world).map(Inputs::from).map_err(|problems| told(&problems))
    };
    ExitCode::from(engine::run::run(Start { inputs: loaded.into(), files, reload: Box::new(reload) }))
}

/// The world as this process sees it, but for the environment.
fn outside() -> World<'static> {
    let term = std::env::var("TERM").ok();
    World {
        env: &|_| None,
        dir: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
        user_config: load::user_config(),
        terminal: Terminal {
            stdin: std::io::stdin().is_terminal(),
            stdout: std::io::stdout().is_terminal(),
            dumb: term.is_none_or(|term| term == "dumb") && cfg!(unix),
        },
    }
}

/// The files that settings come from, or would if they existed.
fn files(loaded: &Loaded, world: &World<'_>) -> Vec<PathBuf> {
    let config = match &loaded.config_file {
        Some(read) => vec![read.clone()],
        None => load::candidates(world),
    };
    config.into_iter().chain([loaded.dotenv_file.clone()]).collect()
}

fn told(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

impl From<Loaded> for Inputs {
    fn from(loaded: Loaded) -> Self {
        Self {
            settings: loaded.settings,
            dotenv: loaded.dotenv,
            dotenv_file: loaded.dotenv_file,
            dir: loaded.dir,
            warnings: told(&loaded.warnings),
        }
    }
}

/// The help of the whole command line, for documents and tests.
#[must_use]
pub fn help() -> String {
    command().term_width(100).render_long_help().to_string()
}
