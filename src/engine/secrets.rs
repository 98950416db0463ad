//! Secrets: from where they are to a keyring. The only place that reads the environment, files and
//! commands for them.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{ErrorKind, Read},
    path::Path,
    time::Duration,
};

use zeroize::Zeroizing;

use crate::{
    config::{Located, Place, Problem, PublicKey, SecretSource, Settings, dotenv::Dotenv},
    domain::signature::Secret,
    engine::shell,
};

/// How long a `command:` may take.
const COMMAND_LIMIT: Duration = Duration::from_secs(10);
/// The longest secret in bytes; a certificate chain is the longest there is.
const LONGEST: usize = 64 << 10;
/// How many commands run side by side: password managers take a second each.
const SIDE_BY_SIDE: usize = 8;

/// Where secrets may come from. Everything outside the program stands here, so that tests can say it.
#[derive(Clone, Copy)]
pub struct Outside<'a> {
    /// The environment.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// The variables of `.env`, which never come before the environment's.
    pub dotenv: &'a Dotenv,
    /// The file that `.env` was read from.
    pub dotenv_file: &'a Path,
    /// The directory that commands run in and that relative paths of flags begin at.
    pub dir: &'a Path,
    /// The environment names that people use for each provider's secret, by the provider's id.
    pub well_known: &'a BTreeMap<String, Vec<String>>,
}

/// The secrets that were found, by endpoint and by provider.
#[derive(Clone, Debug, Default)]
pub struct Keyring {
    endpoints: Vec<Held>,
    public_keys: Vec<Held>,
    providers: BTreeMap<String, Held>,
}

/// Whose a secret is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner<'a> {
    /// That of the endpoint at this place.
    Endpoint(usize),
    /// That of the provider with this id.
    Provider(&'a str),
}

/// What was found for one owner.
#[derive(Clone, Debug, Default)]
struct Held {
    found: Vec<Secret>,
    /// How many sources were configured and gave nothing.
    missing: usize,
}

impl Keyring {
    /// The secrets to check a request with, in order: the endpoint's own where it names any; else those
    /// of the provider from `--secret` and `[secrets]`; else those under the provider's usual names.
    #[must_use]
    pub fn secrets(&self, endpoint: Option<usize>, provider: Option<&str>) -> &[Secret] {
        self.held(endpoint, provider).map_or(&[], |held| &held.found)
    }

    /// The public keys of an endpoint.
    #[must_use]
    pub fn public_keys(&self, endpoint: Option<usize>) -> &[Secret] {
        endpoint.and_then(|index| self.public_keys.get(index)).map_or(&[], |held| &held.found)
    }

    /// Whether a secret or public key is configured for a request but none of them could be read, so
    /// that it cannot be checked although somebody wanted it to be.
    #[must_use]
    pub fn is_unavailable(&self, endpoint: Option<usize>, provider: Option<&str>) -> bool {
        let lost = |held: &Held| held.found.is_empty() && held.missing > 0;
        self.held(endpoint, provider).is_some_and(lost)
            || endpoint.and_then(|index| self.public_keys.get(index)).is_some_and(lost)
    }

    /// A keyring with the secrets of one provider, for who needs no configuration.
    #[must_use]
    pub fn of_provider(id: &str, found: Vec<Secret>) -> Self {
        let providers = BTreeMap::from([(id.to_owned(), Held { found, missing: 0 })]);
        Self { providers, ..Self::default() }
    }

    /// What was found, by name and with its provider: `STRIPE_WEBHOOK_SECRET (stripe)`. Endpoints' own
    /// secrets come first.
    #[must_use]
    pub fn labels(&self) -> Vec<String> {
        let own = self.endpoints.iter().flat_map(|held| &held.found).map(|secret| secret.label.to_string());
        let providers = self
            .providers
            .iter()
            .flat_map(|(id, held)| held.found.iter().map(move |secret| format!("{} ({id})", secret.label)));
        let mut labels: Vec<String> = own.chain(providers).collect();
        let mut seen = std::collections::BTreeSet::new();
        labels.retain(|label| seen.insert(label.clone()));
        labels
    }

    /// All secrets, each with whose it is. Endpoints' own come first.
    pub fn all(&self) -> impl Iterator<Item = (Owner<'_>, &Secret)> {
        let own = self.endpoints.iter().chain(&self.public_keys).enumerate().flat_map(|(index, held)| {
            // Both lists have a place for each endpoint.
            let owner = Owner::Endpoint(index % self.endpoints.len().max(1));
            held.found.iter().map(move |secret| (owner, secret))
        });
        let providers = self.providers.iter();
        own.chain(
            providers
                .flat_map(|(id, held)| held.found.iter().map(move |secret| (Owner::Provider(id), secret))),
        )
    }

    fn held(&self, endpoint: Option<usize>, provider: Option<&str>) -> Option<&Held> {
        endpoint
            .and_then(|index| self.endpoints.get(index))
            .filter(|held| !held.found.is_empty() || held.missing > 0)
            .or_else(|| provider.and_then(|id| self.providers.get(id)))
    }
}

/// Finds all secrets that the settings name, and those under the providers' usual names.
///
/// A source of the configuration file that gives nothing is a warning, because the file is shared
/// and the secrets are not; one of a flag is an error. No problem holds a secret.
#[must_use]
pub fn resolve(settings: &Settings, outside: &Outside<'_>) -> (Keyring, Vec<Problem>) {
    let mut finder = Finder { outside, read: Vec::new(), problems: Vec::new(), dotenv_used: false };
    finder.run_commands(settings);
    let mut keyring = Keyring {
        endpoints: settings.endpoint_secrets.iter().map(|sources| finder.find(sources)).collect(),
        public_keys: settings.endpoint_public_keys.iter().map(|keys| finder.find_keys(keys)).collect(),
        providers: settings
            .provider_secrets
            .iter()
            .map(|(id, sources)| (id.clone(), finder.find(sources)))
            .collect(),
    };
    for (id, names) in outside.well_known {
        if !keyring.providers.contains_key(id) {
            let found: Vec<Secret> = names.iter().filter_map(|name| finder.variable(name)).collect();
            keyring.providers.insert(id.clone(), Held { found, missing: 0 });
        }
    }
    if finder.dotenv_used {
        finder.warn_if_open(outside.dotenv_file, &Place::outside(outside.dotenv_file.display().to_string()));
    }
    (keyring, finder.problems)
}

/// The bytes of a source, or why there are none.
type Bytes = Result<Zeroizing<Vec<u8>>, String>;

struct Finder<'a> {
    outside: &'a Outside<'a>,
    /// Commands that ran already: the same one may stand in several places.
    read: Vec<(SecretSource, Bytes)>,
    problems: Vec<Problem>,
    dotenv_used: bool,
}

impl Finder<'_> {
    fn find(&mut self, sources: &[Located<SecretSource>]) -> Held {
        let mut held = Held::default();
        for source in sources {
            match self.secret(&source.value, &source.place) {
                Some(secret) => held.found.push(secret),
                None => held.missing += 1,
            }
        }
        held
    }

    fn find_keys(&mut self, keys: &[Located<PublicKey>]) -> Held {
        let mut held = Held::default();
        for key in keys {
            let found = match &key.value {
                PublicKey::Literal(key) => Some(key.clone()),
                PublicKey::Source(source) => self.secret(source, &key.place),
            };
            match found {
                Some(key) => held.found.push(key),
                None => held.missing += 1,
            }
        }
        held
    }

    fn secret(&mut self, source: &SecretSource, place: &Place) -> Option<Secret> {
        let bytes = match source {
            SecretSource::Env(name) => match self.lookup(name) {
                Some(value) => Ok(Zeroizing::new(value.as_bytes().to_vec())),
                None => Err(format!("the variable {name} is set neither in the environment nor in .env")),
            },
            SecretSource::File(path) => {
                let path = self.outside.dir.join(path);
                self.warn_if_open(&path, place);
                read_file(&path)
            }
            SecretSource::Command(_) => self
                .read
                .iter()
                .find(|(known, _)| known == source)
                .map_or_else(|| Err("the command was not run".into()), |(_, bytes)| bytes.clone()),
        };
        match bytes {
            Ok(bytes) if bytes.trim_ascii().is_empty() => self.missing(place, "the secret is empty"),
            Ok(bytes) => {
                // PEM ends in a line end by its own rules.
                if bytes.trim_ascii().len() != bytes.len() && !bytes.starts_with(b"-----BEGIN") {
                    self.problems.push(Problem::warning(
                        place.clone(),
                        "the secret begins or ends with white space, which counts as a part of it",
                    ));
                }
                Some(Secret::new(source.label(), bytes.to_vec()))
            }
            Err(message) => self.missing(place, &message),
        }
    }

    /// A secret under a usual name; an empty one is none.
    fn variable(&mut self, name: &str) -> Option<Secret> {
        self.lookup(name)
            .filter(|value| !value.trim().is_empty())
            .map(|value| Secret::new(name, value.as_bytes().to_vec()))
    }

    fn lookup(&mut self, name: &str) -> Option<Zeroizing<String>> {
        if let Some(value) = (self.outside.env)(name) {
            return Some(Zeroizing::new(value));
        }
        let value = self.outside.dotenv.get(name)?;
        self.dotenv_used = true;
        Some(Zeroizing::new(value.to_owned()))
    }

    fn missing(&mut self, place: &Place, message: &str) -> Option<Secret> {
        let problem = if place.at.is_some() { Problem::warning } else { Problem::error };
        self.problems.push(problem(place.clone(), message));
        None
    }

    /// Runs every command once, some side by side.
    fn run_commands(&mut self, settings: &Settings) {
        let keys = settings.endpoint_public_keys.iter().flatten().filter_map(|key| match &key.value {
            PublicKey::Source(source) => Some(source),
            PublicKey::Literal(_) => None,
        });
        let secrets = settings.endpoint_secrets.iter().chain(settings.provider_secrets.values());
        let mut commands: Vec<(&SecretSource, &str)> = Vec::new();
        for source in secrets.flatten().map(|located| &located.value).chain(keys) {
            if let SecretSource::Command(command) = source
                && !commands.iter().any(|(known, _)| *known == source)
            {
                commands.push((source, command));
            }
        }
        let dir = self.outside.dir;
        for group in commands.chunks(SIDE_BY_SIDE) {
            let outputs: Vec<Bytes> = std::thread::scope(|scope| {
                let running: Vec<_> =
                    group.iter().map(|(_, command)| scope.spawn(|| run(command, dir))).collect();
                running
                    .into_iter()
                    .map(|thread| thread.join().unwrap_or_else(|_| Err("the command was not run".into())))
                    .collect()
            });
            self.read.extend(group.iter().map(|(source, _)| (*source).clone()).zip(outputs));
        }
    }

    #[cfg(unix)]
    fn warn_if_open(&mut self, path: &Path, place: &Place) {
        use std::os::unix::fs::PermissionsExt;
        let open = std::fs::metadata(path)
            .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o004 != 0);
        if open {
            let message = "every user of this machine can read this file with a secret: chmod 600 helps";
            self.problems.push(Problem::warning(place.clone(), message));
        }
    }

    #[cfg(not(unix))]
    fn warn_if_open(&mut self, _: &Path, _: &Place) {}
}

fn run(command: &str, dir: &Path) -> Bytes {
    shell::output(command, dir, COMMAND_LIMIT, LONGEST)
        .map(without_line_end)
        .map_err(|error| error.to_string())
}

fn read_file(path: &Path) -> Bytes {
    let mut bytes = Zeroizing::new(Vec::new());
    File::open(path).and_then(|file| file.take(LONGEST as u64 + 1).read_to_end(&mut bytes)).map_err(
        |error| match error.kind() {
            ErrorKind::NotFound => format!("there is no file {path:?}"),
            ErrorKind::PermissionDenied => format!("the file {path:?} may not be read"),
            ErrorKind::IsADirectory => format!("{path:?} is a directory"),
            _ => format!("the file {path:?} cannot be read"),
        },
    )?;
    if bytes.len() > LONGEST {
        return Err(format!("the file {path:?} is longer than {} KiB: no secret is", LONGEST >> 10));
    }
    Ok(without_line_end(bytes))
}

/// One line end at the end is the editor's or the command's, not the secret's. A second one stays: it
/// may be meant, and is warned of.
fn without_line_end(mut bytes: Zeroizing<Vec<u8>>) -> Zeroizing<Vec<u8>> {
    let end = bytes.strip_suffix(b"\r\n").or_else(|| bytes.strip_suffix(b"\n")).map(<[u8]>::len);
    if let Some(end) = end {
        bytes.truncate(end);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_end_is_taken_off() {
        for (bytes, expected) in
            [("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), ("a", "a"), ("\n", ""), ("a \n", "a ")]
        {
            let bytes = without_line_end(Zeroizing::new(bytes.into()));
            assert_eq!(*bytes, expected.as_bytes());
        }
    }
}
