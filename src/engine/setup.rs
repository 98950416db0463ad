//! From settings to what runs: rules, limits, looks, and the facts that the screen shows.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use etcetera::BaseStrategy;

use crate::{
    app::{Look, Session},
    archive::OpenError,
    config::{Problem, Settings, dotenv::Dotenv, keymap::Keymap, theme::Theme},
    domain::{
        handshake,
        signature::{Catalog, ProviderSpec},
    },
    engine::{
        ears::{Ears, Plan, url_of},
        extra::Extra,
        keeper::{self, SessionFile},
        lab::export,
        rules::Rules,
        secrets::{self, Outside},
    },
    server,
};

/// What the settings amount to.
pub struct Loaded {
    /// The rules.
    pub rules: Rules,
    /// The secrets that were found, by name.
    pub secrets: Vec<String>,
    /// What is worth a warning.
    pub problems: Vec<String>,
}

/// What was read from outside: the files of the configuration and `.env`.
#[derive(Debug)]
pub struct Inputs {
    /// The settings, checked.
    pub settings: Settings,
    /// The variables of `.env`.
    pub dotenv: Dotenv,
    /// Where `.env` is or would be.
    pub dotenv_file: PathBuf,
    /// The working directory.
    pub dir: PathBuf,
    /// What is worth saying about all of it.
    pub warnings: Vec<String>,
}

/// Builds the rules: the catalogue with the user's own schemes, and all secrets. May take seconds where
/// secrets come from commands.
///
/// # Errors
/// Everything that is wrong, each in a sentence.
pub fn load(inputs: &Inputs) -> Result<Loaded, Vec<String>> {
    let settings = &inputs.settings;
    let catalog = catalog(settings)?;
    let mut ids: Vec<&str> = catalog.providers().map(|provider| provider.id()).collect();
    handshake::providers().for_each(|id| ids.push(id));
    let mut problems = settings.check_providers(ids);
    let env = |name: &str| std::env::var(name).ok();
    let well_known: BTreeMap<String, Vec<String>> = catalog
        .providers()
        .map(|provider| (provider.id().to_owned(), provider.env().map(str::to_owned).collect()))
        .collect();
    let outside = Outside {
        env: &env,
        dotenv: &inputs.dotenv,
        dotenv_file: &inputs.dotenv_file,
        dir: &inputs.dir,
        well_known: &well_known,
    };
    let (keyring, mut found) = secrets::resolve(settings, &outside);
    problems.append(&mut found);
    if problems.iter().any(Problem::is_error) {
        return Err(problems.iter().map(ToString::to_string).collect());
    }
    let secrets = keyring.labels();
    let rules = Rules {
        endpoints: Arc::new(settings.endpoints.clone()),
        keyring,
        catalog: Arc::new(catalog),
        public_url: settings.listen.public_url.as_ref().map(|url| url.as_str().to_owned()),
        trusted: settings.listen.trusted_proxies.clone(),
        forward_to: settings.forward_to.clone(),
        fetch_keys: settings.fetch_keys,
        extra: Extra::default(),
    };
    let told = inputs.warnings.iter().cloned().chain(problems.iter().map(ToString::to_string));
    Ok(Loaded { rules, secrets, problems: told.collect() })
}

/// The providers as shipped and the user's own.
///
/// # Errors
/// Everything that is wrong with the user's own.
pub fn catalog(settings: &Settings) -> Result<Catalog, Vec<String>> {
    if settings.providers.is_empty() {
        return Ok(Catalog::builtin().clone());
    }
    let (mut specs, mut errors) = (Vec::new(), Vec::new());
    for fragment in &settings.providers {
        match fragment.read::<ProviderSpec>() {
            Ok(spec) => specs.push(spec),
            Err(problem) => errors.push(problem.to_string()),
        }
    }
    match Catalog::with_user(specs) {
        Ok(catalog) if errors.is_empty() => Ok(catalog),
        Ok(_) => Err(errors),
        Err(found) => {
            errors.extend(found.iter().map(ToString::to_string));
            Err(errors)
        }
    }
}

/// The session file, if there is to be one. Where nobody named a file and the usual one cannot be used,
/// captures are kept in memory alone, and the notices say so.
///
/// # Errors
/// When the file that somebody named cannot be used; the message says why.
pub fn session_file(settings: &Settings) -> Result<(Option<SessionFile>, Vec<String>), OpenError> {
    let session = &settings.session;
    if session.ephemeral {
        return Ok((None, Vec::new()));
    }
    let alone = |why: &str| vec![format!("Captures of this run are kept in memory alone: {why}.")];
    let Some(path) = session_path(settings) else {
        return Ok((None, alone("there is no home directory for a session file; name one with --session")));
    };
    match keeper::open(&path, session) {
        Ok(file) => {
            let notices = file.notices.clone();
            Ok((Some(file), notices))
        }
        Err(error) if session.file.is_some() => Err(error),
        Err(error) => Ok((None, alone(&error.to_string()))),
    }
}

/// Where the session file is or will be: the one that somebody named, else the usual one.
#[must_use]
pub fn session_path(settings: &Settings) -> Option<PathBuf> {
    settings.session.file.clone().or_else(usual_session_file)
}

/// The session file in the user's state directory (XDG Base Directory Specification; where a system has
/// none, its directory of data).
fn usual_session_file() -> Option<PathBuf> {
    let strategy = etcetera::choose_base_strategy().ok()?;
    let folder = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
    Some(folder.join("hookglass").join("session.sqlite"))
}

/// What is listened for.
#[must_use]
pub fn plan(settings: &Settings) -> Plan {
    let listen = &settings.listen;
    Plan {
        address: listen.socket(),
        // Who names an address means that one.
        also_v6: !listen.explicit_bind,
        limits: server::Limits {
            max_body: listen.max_body,
            max_head: listen.max_head,
            max_headers: listen.max_headers,
            max_connections: listen.max_connections,
            first_byte: listen.first_byte_timeout,
            head: listen.head_timeout,
            body_idle: listen.body_timeout,
            keep_alive: listen.idle_timeout,
            ..server::Limits::default()
        },
        memory: settings.memory,
    }
}

/// The facts that the screen shows. Times are in UTC until the zone is set.
#[must_use]
pub fn session(settings: &Settings, ears: &Ears, secrets: Vec<String>, problems: Vec<String>) -> Session {
    let first = ears.addresses.first().copied();
    let wide = first.filter(|address| server::is_wide(*address));
    Session {
        listening: ears.addresses.iter().map(|address| url_of(*address)).collect(),
        port: first.map_or(0, |address| address.port()),
        wide_bind: wide.map(|address| {
            let place = match address.ip() {
                ip if ip.is_unspecified() => "this one on any network".to_owned(),
                ip => ip.to_string(),
            };
            format!("Every machine that reaches {place} can send requests here and fill memory.")
        }),
        forward_to: settings.forward_to.clone(),
        endpoints: Arc::new(settings.endpoints.clone()),
        secrets,
        problems,
        clipboard: if is_remote() { "the terminal (OSC 52)" } else { "the system clipboard" }.to_owned(),
        redaction: Arc::new(export::redaction(settings, &Rules::current(&ears.rules).catalog)),
        hiding: Arc::new(export::hiding(settings, &Rules::current(&ears.rules).catalog)),
        memory_limit: settings.memory.bytes,
        ..Session::default()
    }
}

/// The colours and symbols that settings, `NO_COLOR` and the locale ask for.
#[must_use]
pub fn look(settings: &Settings) -> Look {
    let colour = settings.interface.color.unwrap_or_else(|| !no_color());
    let named = settings.interface.theme.as_deref().unwrap_or("dark");
    let theme = if colour { Theme::named(named).unwrap_or_default() } else { Theme::mono() };
    Look { theme, ascii: settings.interface.ascii.unwrap_or_else(|| !locale_is_utf8()) }
}

/// The keys in force.
///
/// # Errors
/// Everything that is wrong with the user's table.
pub fn keymap(settings: &Settings) -> Result<Keymap, Vec<String>> {
    let Some(fragment) = &settings.keys else { return Ok(Keymap::builtin()) };
    let table = fragment.table().map_err(|problem| vec![problem.to_string()])?;
    Keymap::patched(&table).map_err(|errors| {
        errors
            .into_iter()
            .map(|error| Problem::error(fragment.place(), error.to_string()).to_string())
            .collect()
    })
}

/// What is said at the start where there is no screen.
#[must_use]
pub fn greeting(session: &Session) -> Vec<String> {
    let mut lines =
        vec![format!("hookglass {} listens at {}", session.version, session.listening.join(" and "))];
    lines.extend(session.forward_to.iter().map(|target| format!("sends each request on to {target}")));
    lines.extend(session.try_curl().map(|curl| format!("try: {curl}")));
    lines
}

/// Whether the terminal is on another machine.
#[must_use]
pub fn is_remote() -> bool {
    ["SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"].iter().any(|name| std::env::var_os(name).is_some())
}

/// Whether text on this output is coloured.
#[must_use]
pub fn colours(out: &impl std::io::IsTerminal) -> bool {
    out.is_terminal() && !no_color()
}

/// <https://no-color.org>: any value but an empty one counts. A dumb terminal has no colours.
fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// The first of LC_ALL, LC_CTYPE and LANG that is set decides (POSIX); where none is, UTF-8 is usual.
fn locale_is_utf8() -> bool {
    let value = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    value.is_none_or(|value| {
        let value = value.to_ascii_lowercase();
        value.contains("utf-8") || value.contains("utf8")
    })
}
