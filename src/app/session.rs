//! The facts about a session that the screen shows.

use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::domain::{endpoint::Endpoints, redact::Redaction, target::Target};

/// What does not change while captures arrive: where the program listens, where it sends, what it
/// found. A change of the configuration brings a new one.
#[derive(Clone, Debug)]
pub struct Session {
    /// The program's version.
    pub version: String,
    /// The URLs at which it listens, the best one to give away first. Empty before it does.
    pub listening: Vec<String>,
    /// The port, for the tunnel commands.
    pub port: u16,
    /// The lasting warning where others than this machine can reach the listener.
    pub wide_bind: Option<String>,
    /// Where each capture is sent on to.
    pub forward_to: Vec<Target>,
    /// The rules, for the URL that a replay goes to.
    pub endpoints: Arc<Endpoints>,
    /// The secrets that were found, by the names they go by: `STRIPE_WEBHOOK_SECRET (stripe)`.
    pub secrets: Vec<String>,
    /// What is wrong with the configuration or a secret, one sentence each. Stays on the screen.
    pub problems: Vec<String>,
    /// How text is copied: `the system clipboard`, `the terminal (OSC 52)`.
    pub clipboard: String,
    /// The zone in which times are shown.
    pub zone: TimeZone,
    /// What is taken out of exports that are not raw.
    pub redaction: Arc<Redaction>,
    /// What is hidden on the screen while it is to be hidden.
    pub hiding: Arc<Redaction>,
    /// How many bytes of captures are kept in memory.
    pub memory_limit: u64,
    /// The session file; `None` where new captures are kept in memory alone.
    pub file: Option<String>,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            listening: Vec::new(),
            port: 0,
            wide_bind: None,
            forward_to: Vec::new(),
            endpoints: Arc::default(),
            secrets: Vec::new(),
            problems: Vec::new(),
            clipboard: String::new(),
            zone: TimeZone::UTC,
            redaction: Arc::new(Redaction::secrets()),
            hiding: Arc::new(Redaction::everything()),
            memory_limit: 0,
            file: None,
        }
    }
}

impl Session {
    /// The URL to give to a sender.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.listening.first().map(String::as_str)
    }

    /// Whether a target is one of our own listeners, as far as its name tells: the client, which knows
    /// the address, has the last word.
    #[must_use]
    pub fn is_own(&self, target: &Target) -> bool {
        let local = |target: &Target| {
            target.host == "localhost"
                || target.ip().is_some_and(|ip| ip.is_loopback() || ip.is_unspecified())
        };
        let own = self.listening.iter().filter_map(|url| Target::parse(url).ok());
        own.filter(|own| own.port == target.port)
            .any(|own| own.host == target.host || (local(&own) && local(target)))
    }

    /// A command that sends a first webhook here.
    #[must_use]
    pub fn try_curl(&self) -> Option<String> {
        self.url().map(|url| format!("curl -d hello=world {}/try", url.trim_end_matches('/')))
    }
}
