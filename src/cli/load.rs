//! Finds and reads the configuration and `.env`.

use std::{
    fs::File,
    io::{ErrorKind, Read},
    path::{Path, PathBuf},
};

use etcetera::BaseStrategy;

use crate::{
    cli::{Flags, Terminal, given::Given, overlay::overlay},
    config::{
        Place, Problem, Settings,
        dotenv::{self, Dotenv},
        parse,
    },
};

/// The name of the configuration file.
const NAME: &str = "hookglass.toml";
/// The longest file that is read.
const LONGEST: u64 = 4 << 20;

/// What lies outside of the program, so that tests can say it.
pub struct World<'a> {
    /// The environment.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// The working directory.
    pub dir: PathBuf,
    /// The user's own configuration file, whether it exists or not.
    pub user_config: Option<PathBuf>,
    /// The standard streams.
    pub terminal: Terminal,
}

/// Everything that a run begins with.
#[derive(Debug)]
pub struct Loaded {
    /// The settings, checked, with `output` chosen.
    pub settings: Settings,
    /// The variables of `.env`.
    pub dotenv: Dotenv,
    /// Where `.env` is or would be.
    pub dotenv_file: PathBuf,
    /// The working directory.
    pub dir: PathBuf,
    /// The configuration file that was read.
    pub config_file: Option<PathBuf>,
    /// What a person should know though it stops nothing.
    pub warnings: Vec<Problem>,
}

/// Reads the configuration and `.env`, and puts flags and variables over them.
///
/// # Errors
/// All problems, warnings included, if any of them is an error.
pub fn load(flags: &Flags, world: &World<'_>) -> Result<Loaded, Vec<Problem>> {
    let mut problems = Vec::new();
    let (mut settings, config_file) = settings(flags, world, &mut problems);
    problems.extend(overlay(&mut settings, flags, world.env, world.terminal));

    let dotenv_file = world.dir.join(".env");
    let dotenv = match read(&dotenv_file) {
        Ok(bytes) => {
            let (dotenv, found) = dotenv::parse(".env", &bytes, world.env);
            problems.extend(found);
            dotenv
        }
        Err(Unread::Missing) => Dotenv::default(),
        Err(unread) => {
            problems.push(Problem::warning(Place::outside(".env"), unread.message()));
            Dotenv::default()
        }
    };
    if problems.iter().any(Problem::is_error) {
        return Err(problems);
    }
    Ok(Loaded { settings, dotenv, dotenv_file, dir: world.dir.clone(), config_file, warnings: problems })
}

/// Where the user's own configuration file would be.
pub(super) fn user_config() -> Option<PathBuf> {
    let strategy = etcetera::choose_base_strategy().ok()?;
    Some(strategy.config_dir().join("hookglass").join(NAME))
}

/// The files that are looked for when none is named.
pub(super) fn candidates(world: &World<'_>) -> Vec<PathBuf> {
    [Some(world.dir.join(NAME)), world.user_config.clone()].into_iter().flatten().collect()
}

/// The settings of the first file there is: the one that was named, the working directory's, the user's.
fn settings(flags: &Flags, world: &World<'_>, problems: &mut Vec<Problem>) -> (Settings, Option<PathBuf>) {
    if let Some(named) = Given(world.env).text("config", flags.config.as_ref()) {
        let path = world.dir.join(&named.value);
        return match read(&path) {
            Ok(bytes) => (checked(&named.value, &path, &bytes, problems), Some(path)),
            Err(unread) => {
                let message = format!("{}: {path:?}", unread.message());
                problems.push(Problem::error(named.place, message));
                (Settings::default(), None)
            }
        };
    }
    let found = [Some(world.dir.join(NAME)), world.user_config.clone()];
    for (index, path) in found.into_iter().enumerate().filter_map(|(index, path)| Some((index, path?))) {
        let shown = if index == 0 { NAME.to_owned() } else { path.display().to_string() };
        match read(&path) {
            Ok(bytes) => return (checked(&shown, &path, &bytes, problems), Some(path)),
            Err(Unread::Missing) => {}
            Err(unread) => {
                problems.push(Problem::error(Place::outside(shown), unread.message()));
                break;
            }
        }
    }
    (Settings::default(), None)
}

fn checked(shown: &str, path: &Path, bytes: &[u8], problems: &mut Vec<Problem>) -> Settings {
    let (settings, found) = parse(shown, path.parent().unwrap_or(Path::new("")), bytes);
    problems.extend(found);
    settings
}

/// Why a file was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unread {
    Missing,
    Forbidden,
    NotAFile,
    Long,
    Other,
}

impl Unread {
    fn message(self) -> &'static str {
        match self {
            Self::Missing => "there is no such file",
            Self::Forbidden => "the file may not be read",
            Self::NotAFile => "this is not a file",
            Self::Long => "the file is longer than 4 MiB",
            Self::Other => "the file cannot be read",
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Unread> {
    let reason = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Unread::Missing,
        ErrorKind::PermissionDenied => Unread::Forbidden,
        ErrorKind::IsADirectory => Unread::NotAFile,
        _ => Unread::Other,
    };
    // Some people have a directory `.env` (a Python environment); for them nothing is amiss.
    if path.is_dir() {
        return Err(if path.ends_with(".env") { Unread::Missing } else { Unread::NotAFile });
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(reason)?;
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(reason)?;
    if bytes.len() as u64 > LONGEST { Err(Unread::Long) } else { Ok(bytes) }
}
