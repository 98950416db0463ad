//! What is odd about clock, port, configuration and secrets? Only looks: nothing is sent or written,
//! and no secret comes out.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    time::SystemTime,
};

use crate::{
    config::Settings,
    domain::{
        signature::{Catalog, Provider, Secret, oddities},
        time::Timestamp,
    },
    engine::{rules::Rules, secrets::Keyring},
};

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// As it should be.
    Good,
    /// Worth a look.
    Odd,
    /// Something does not work.
    Bad,
}

impl Level {
    /// The word of text and JSON output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Odd => "warning",
            Self::Bad => "problem",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What: `clock`, `port`, `config`, `secret`, `signature`, `rotation`, `tunnel`.
    pub topic: &'static str,
    /// How it came out.
    pub level: Level,
    /// What was found, a sentence without a full stop.
    pub text: String,
}

impl Item {
    /// An item.
    #[must_use]
    pub fn new(topic: &'static str, level: Level, text: impl Into<String>) -> Self {
        Self { topic, level, text: text.into() }
    }

    /// Whether a word occurs in it, without regard to case.
    #[must_use]
    pub fn is_about(&self, word: &str) -> bool {
        let word = word.to_ascii_lowercase();
        self.topic.contains(&word) || self.text.to_ascii_lowercase().contains(&word)
    }
}

/// The clock: a computer that thinks it is another day finds every signed time stale. Nothing is asked
/// over the network, so the time is shown for a person to compare; that it lies before the program was
/// written cannot be right.
#[must_use]
pub fn clock(now: Timestamp, program: Option<SystemTime>) -> Item {
    let shown = now.format(&jiff::tz::TimeZone::UTC, "%Y-%m-%d %H:%M:%S UTC");
    let built = program
        .and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok())
        .and_then(|since| i64::try_from(since.as_micros()).ok());
    if built.is_some_and(|built| now.as_micros() < built) {
        let text = format!("it is {shown} by this computer, which is before this program was installed");
        return Item::new("clock", Level::Bad, text);
    }
    Item::new("clock", Level::Good, format!("it is {shown} by this computer"))
}

/// The port: whether it is free, by taking it for a moment.
#[must_use]
pub fn port(address: SocketAddr) -> Item {
    if address.port() == 0 {
        return Item::new("port", Level::Good, "a free one is picked at the start");
    }
    match TcpListener::bind(address) {
        Ok(_) => Item::new("port", Level::Good, format!("{address} is free")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            let text = format!("{address} is taken, perhaps by another hookglass; --port picks another one");
            Item::new("port", Level::Odd, text)
        }
        Err(error) => Item::new("port", Level::Bad, format!("{address} cannot be listened on: {error}")),
    }
}

/// What the configuration amounts to.
#[must_use]
pub fn configuration(settings: &Settings, file: Option<&Path>) -> Vec<Item> {
    let text = match file {
        Some(file) => format!(
            "{} is read: {} endpoints, {} schemes of your own",
            file.display(),
            settings.endpoints.list.len(),
            settings.providers.len()
        ),
        None => "there is no hookglass.toml, so everything has its default".to_owned(),
    };
    let mut items = vec![Item::new("config", Level::Good, text)];
    if !settings.listen.address.is_loopback() {
        let text = format!("{} can be reached by other machines", settings.listen.address);
        items.push(Item::new("config", Level::Odd, text));
    }
    items
}

/// The secrets that were found, each with its form.
#[must_use]
pub fn secrets(rules: &Rules) -> Vec<Item> {
    let catalog: &Catalog = &rules.catalog;
    let mut items = Vec::new();
    for (index, endpoint) in rules.endpoints.list.iter().enumerate() {
        let Some(provider) = endpoint.provider.as_deref().and_then(|id| catalog.provider(id)) else {
            continue;
        };
        if rules.keyring.is_unavailable(Some(index), Some(provider.id())) {
            let text = format!("none of the secrets of the endpoint {} can be read", endpoint.path);
            items.push(Item::new("secret", Level::Bad, text));
        }
        items.extend(shapes(provider, rules.keyring.secrets(Some(index), Some(provider.id()))));
    }
    for provider in catalog.providers() {
        items.extend(shapes(provider, of_provider(&rules.keyring, provider)));
    }
    let mut seen: Vec<Item> = Vec::new();
    for item in items {
        if !seen.contains(&item) {
            seen.push(item);
        }
    }
    if seen.is_empty() {
        let text = "none is known, so nothing can be checked; put one into .env under its usual name, such as \
                    STRIPE_WEBHOOK_SECRET";
        seen.push(Item::new("secret", Level::Odd, text));
    }
    seen
}

fn of_provider<'k>(keyring: &'k Keyring, provider: &Provider) -> &'k [Secret] {
    keyring.secrets(None, Some(provider.id()))
}

fn shapes(provider: &Provider, secrets: &[Secret]) -> Vec<Item> {
    let mut items = Vec::new();
    for secret in secrets {
        let name = format!("{} ({})", secret.label, provider.id());
        let odd = oddities(provider, secret.expose());
        if odd.is_empty() {
            let length = secret.expose().len();
            items.push(Item::new(
                "secret",
                Level::Good,
                format!("{name}: {length} characters of the right form"),
            ));
        }
        items.extend(odd.into_iter().map(|odd| {
            let level = if odd.fatal { Level::Bad } else { Level::Odd };
            Item::new("secret", level, format!("{name}: {}", odd.text))
        }));
    }
    items
}

/// How a provider reaches this computer: the programs for it that are installed.
#[must_use]
pub fn tunnel(settings: &Settings, path: Option<&std::ffi::OsStr>) -> Item {
    if let Some(url) = &settings.listen.public_url {
        return Item::new(
            "tunnel",
            Level::Good,
            format!("providers sign URLs that begin with {}", url.as_str()),
        );
    }
    let socket = settings.listen.socket();
    let commands = [
        ("cloudflared", format!("cloudflared tunnel --url http://{socket}")),
        ("ngrok", format!("ngrok http {}", socket.port())),
        ("tailscale", format!("tailscale funnel {}", socket.port())),
    ];
    let installed = |name: &str| {
        path.is_some_and(|path| std::env::split_paths(path).any(|folder| folder.join(name).is_file()))
    };
    let found = commands.iter().find(|(name, _)| installed(name));
    let text = match found {
        Some((_, command)) => format!("`{command}` lets a provider on the internet reach this computer"),
        None => {
            "a provider on the internet reaches this computer through a tunnel such as cloudflared or ngrok"
                .to_owned()
        }
    };
    Item::new("tunnel", Level::Good, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_clock_before_the_program_is_wrong() {
        let now = Timestamp::from_micros(1_795_300_000_000_000);
        let program = |secs| Some(SystemTime::UNIX_EPOCH + Duration::from_secs(secs));
        assert_eq!(clock(now, program(1_795_299_999)).level, Level::Good);
        assert_eq!(clock(now, program(1_795_300_001)).level, Level::Bad);
        assert!(clock(now, None).text.contains("2026-11-21 22:26:40 UTC"));
    }

    #[test]
    fn a_taken_port_is_odd() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        assert_eq!(port(address).level, Level::Odd);
        drop(taken);
        assert_eq!(port(address).level, Level::Good);
    }

    #[test]
    fn items_are_found_by_a_word() {
        let item = Item::new("secret", Level::Good, "STRIPE_WEBHOOK_SECRET (stripe): 38 characters");
        assert!(item.is_about("Stripe") && item.is_about("secret") && !item.is_about("github"));
    }
}
