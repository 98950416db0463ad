//! Settings: everything that the listener, the engine and the interface are told.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use crate::{
    config::{Fragment, Located, Network, Problem, PublicKey, PublicUrl, Script, SecretSource, nearest},
    domain::{endpoint::Endpoints, store::Limits, target::Target},
};

/// What a run of the program is told, checked. The default is what runs without any configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `[listen]`: where and how requests are taken in.
    pub listen: Listen,
    /// `[memory]`: how much the in-memory store keeps.
    pub memory: Limits,
    /// `[session]`: the session file.
    pub session: Session,
    /// `[export]`: what is taken out of what is given away.
    pub export: Export,
    /// `[ui]`: the interface.
    pub interface: Interface,
    /// The flags for scripts and CI; the file has none of them.
    pub script: Script,
    /// What is written to stdout; `None` to choose by the terminal.
    pub output: Option<Output>,
    /// `listen.forward_to`: where captures are sent whose endpoint names no target of its own.
    pub forward_to: Vec<Target>,
    /// `[[endpoint]]`, in order.
    pub endpoints: Endpoints,
    /// Where the secrets of each endpoint are, by the endpoint's index.
    pub endpoint_secrets: Vec<Vec<Located<SecretSource>>>,
    /// The public keys of each endpoint, by the endpoint's index.
    pub endpoint_public_keys: Vec<Vec<Located<PublicKey>>>,
    /// `[secrets] fetch_keys` and `--fetch-keys`: whether keys that providers publish are fetched.
    pub fetch_keys: bool,
    /// `[secrets]` and `--secret`: where the secrets of a provider are, by its id.
    pub provider_secrets: BTreeMap<String, Vec<Located<SecretSource>>>,
    /// `[[provider]]`: schemes of one's own, read by the owner of the schemes.
    pub providers: Vec<Fragment>,
    /// `[keys]`: the user's keys, read by the keymap.
    pub keys: Option<Fragment>,
    /// The provider ids that are named anywhere, for [`Settings::check_providers`].
    pub mentions: Vec<Located<String>>,
}

/// `[listen]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    /// The address; loopback unless something else is asked for.
    pub address: IpAddr,
    /// The port; 0 picks a free one.
    pub port: u16,
    /// Whether a person named the address, in the file or on the command line.
    pub explicit_bind: bool,
    /// What providers that sign the URL have signed.
    pub public_url: Option<PublicUrl>,
    /// Whose `X-Forwarded-*` headers are believed.
    pub trusted_proxies: Vec<Network>,
    /// The largest body in bytes; a larger one is answered 413 and kept as far as it is wanted.
    pub max_body: u64,
    /// The largest request head in bytes.
    pub max_head: usize,
    /// The most header lines.
    pub max_headers: usize,
    /// The most connections at a time.
    pub max_connections: usize,
    /// How long a new connection may stay silent.
    pub first_byte_timeout: Duration,
    /// How long a request head may take.
    pub head_timeout: Duration,
    /// How long a body may pause.
    pub body_timeout: Duration,
    /// How long a connection is kept between two requests.
    pub idle_timeout: Duration,
}

/// `[session]`, for the session file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The file that somebody named; else the one in the user's state directory.
    pub file: Option<PathBuf>,
    /// Bytes beyond which the oldest captures that are not marked are pruned.
    pub keep: u64,
    /// Number of captures beyond which they are.
    pub keep_count: Option<u64>,
    /// Age beyond which they are.
    pub keep_age: Option<Duration>,
    /// Whether each commit waits for the disk, so that it survives the end of the machine
    /// (`--sync full`).
    pub sync_full: bool,
    /// Whether there is no session file at all (`--ephemeral`).
    pub ephemeral: bool,
}

/// `[export]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// Whether signatures are taken out as well.
    pub redact_signatures: bool,
    /// More names (`x-my-header`) and paths (`json:/customer/email`) that are taken out.
    pub redact: Vec<String>,
}

/// `[ui]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interface {
    /// The theme's name; chosen by the terminal when it is not set.
    pub theme: Option<String>,
    /// Whether the mouse is used. Then the terminal's own selection needs a modifier key.
    pub mouse: bool,
    /// Whether secrets and personal fields are hidden from the start.
    pub hide: bool,
    /// Whether lines and symbols are ASCII; chosen by the locale when it is not set.
    pub ascii: Option<bool>,
    /// Whether colours are used; chosen by `NO_COLOR` and the terminal when it is not set.
    pub color: Option<bool>,
}

/// What goes to stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// The interface.
    Tui,
    /// One line for each event, to read.
    Text,
    /// One JSON object on a line for each event.
    Json,
    /// Nothing.
    Quiet,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: Listen::default(),
            memory: Limits { bytes: 256 << 20, count: 1_000_000 },
            session: Session {
                file: None,
                keep: 1 << 30,
                keep_count: None,
                keep_age: None,
                sync_full: false,
                ephemeral: false,
            },
            export: Export { redact_signatures: true, redact: Vec::new() },
            interface: Interface::default(),
            script: Script::default(),
            output: None,
            forward_to: Vec::new(),
            endpoints: Endpoints::default(),
            endpoint_secrets: Vec::new(),
            endpoint_public_keys: Vec::new(),
            fetch_keys: false,
            provider_secrets: BTreeMap::new(),
            providers: Vec::new(),
            keys: None,
            mentions: Vec::new(),
        }
    }
}

impl Default for Listen {
    fn default() -> Self {
        Self {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 7878,
            explicit_bind: false,
            public_url: None,
            trusted_proxies: Vec::new(),
            max_body: 32 << 20,
            max_head: 64 << 10,
            max_headers: 128,
            max_connections: 16_384,
            first_byte_timeout: Duration::from_secs(10),
            head_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
        }
    }
}

impl Listen {
    /// Address and port together.
    #[must_use]
    pub fn socket(&self) -> SocketAddr {
        SocketAddr::new(self.address, self.port)
    }
}

impl Settings {
    /// The mentions of providers that do not exist, each with the nearest that does. `known` are the
    /// ids of the catalogue and of the user's own schemes.
    #[must_use]
    pub fn check_providers<'a>(&self, known: impl IntoIterator<Item = &'a str> + Clone) -> Vec<Problem> {
        let unknown = |mention: &&Located<String>| !known.clone().into_iter().any(|id| id == mention.value);
        self.mentions
            .iter()
            .filter(unknown)
            .map(|mention| {
                let message = match nearest(&mention.value, known.clone()) {
                    Some(meant) => format!("there is no provider of this name; did you mean `{meant}`?"),
                    None => {
                        "there is no provider of this name; a scheme of your own is a [[provider]]".into()
                    }
                };
                Problem::error(mention.place.clone(), message)
            })
            .collect()
    }
}

impl Output {
    /// Every output with its name.
    pub const ALL: [(&'static str, Self); 4] =
        [("tui", Self::Tui), ("text", Self::Text), ("json", Self::Json), ("quiet", Self::Quiet)];

    /// Reads a name.
    ///
    /// # Errors
    /// One sentence when there is no such output.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        Self::ALL
            .iter()
            .find(|(name, _)| *name == text)
            .map(|&(_, output)| output)
            .ok_or("the output is tui, text, json or quiet")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Place;

    #[test]
    fn an_unknown_provider_is_told_with_the_nearest() {
        let mention = |id: &str| Located { value: id.to_owned(), place: Place::outside("--secret") };
        let settings = Settings {
            mentions: vec![mention("stripe"), mention("stirpe"), mention("whoever")],
            ..Settings::default()
        };
        let told: Vec<String> =
            settings.check_providers(["github", "stripe"]).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "--secret: there is no provider of this name; did you mean `stripe`?",
                "--secret: there is no provider of this name; a scheme of your own is a [[provider]]"
            ]
        );
    }
}
