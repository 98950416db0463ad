//! Handshakes: requests by which a provider finds out whether somebody it may send to listens here.
//!
//! Pure: the request, what its check said and what the receiver holds go in, the answer comes out.
//! Rules that hold for all of them:
//!
//! * A handshake is answered where its provider is configured (the endpoint names it, or a secret of it
//!   is known), or where the request is unmistakable: its row says by what.
//! * An endpoint that names a provider answers the handshakes of that provider alone.
//! * A signature made with a secret is given for a validly signed request. Where the handshake is
//!   unsigned by its design (X, Braintree, Wrike) the provider must be configured, only its own secret
//!   is used, and the text to sign must look like a nonce, so that nobody can have a webhook signed.
//! * A badly signed request is refused with 401.
//! * What is reflected is at most [`LONGEST`] bytes of text without control characters, served as plain
//!   text or JSON that browsers must not take for anything else.
//!
//! To add one: a row in `TABLE`, its function, and a case in `tests`.

mod echo;
mod keyed;
mod knock;
mod note;
mod receipt;
mod reply;
mod signed;
mod subscription;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::domain::endpoint::Respond;

pub use knock::Knock;
pub use note::note;
pub use signed::LEARNED;
pub use subscription::{Subscription, subscription};

use knock::Look;

/// The most bytes of a request that an answer repeats.
pub const LONGEST: usize = 4 << 10;

/// What a handshake is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// Its name.
    pub name: Name,
    /// The answer.
    pub reply: Respond,
    /// Whether it is a mere receipt, which stands in for the empty default answer and nothing else.
    pub receipt: bool,
    /// The provider and the secret that the request brought, to check later requests with.
    pub learned: Option<Learned>,
}

/// The name of a handshake. One byte, because one is kept for every capture.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Name(u8);

impl Name {
    /// The handshake that is called this.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        TABLE.iter().position(|row| row.name == text).and_then(|at| u8::try_from(at).ok()).map(Self)
    }

    /// The words: `slack url_verification`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        TABLE.get(usize::from(self.0)).map_or("", |row| row.name)
    }
}

impl std::fmt::Debug for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A secret that a handshake brought.
#[derive(Clone, PartialEq, Eq)]
pub struct Learned {
    /// Whose it is.
    pub provider: Arc<str>,
    /// Its bytes.
    pub secret: Vec<u8>,
}

impl std::fmt::Debug for Learned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Learned({}, [hidden])", self.provider)
    }
}

/// An answer before it has a name.
struct Met {
    reply: Respond,
    learned: Option<Learned>,
}

/// One handshake.
struct Row {
    name: &'static str,
    /// The providers that it belongs to.
    providers: &'static [&'static str],
    receipt: bool,
    meet: fn(&Look<'_>, &Row) -> Option<Met>,
}

const fn row(
    name: &'static str,
    providers: &'static [&'static str],
    meet: fn(&Look<'_>, &Row) -> Option<Met>,
) -> Row {
    Row { name, providers, receipt: false, meet }
}

/// All handshakes. The first that answers counts: those with a mark of their own stand before those
/// that only have a shape.
static TABLE: [Row; 27] = [
    row("wrike secret verification", &["wrike"], keyed::wrike),
    row("asana X-Hook-Secret", &["asana"], signed::asana),
    row("azure-event-grid validation", &["azure-event-grid"], echo::event_grid),
    row("cloudevents WebHook-Request-Origin", &["cloudevents", "azure-event-grid"], echo::cloud_events),
    row("okta verification", &["okta"], echo::okta),
    row("smartsheet challenge", &["smartsheet"], echo::smartsheet),
    row("twitch callback verification", &["twitch"], signed::twitch),
    row("aws-sns subscription", &["aws-sns"], receipt::sns),
    row("discord ping", &["discord"], signed::discord),
    row("xero intent to receive", &["xero"], signed::xero),
    row("zoom url_validation", &["zoom"], keyed::zoom),
    row("slack url_verification", &["slack"], signed::slack),
    row("feishu-lark url_verification", &["feishu-lark"], echo::feishu),
    row("notion verification_token", &["notion"], receipt::notion),
    row("monday challenge", &["monday"], echo::monday),
    row("microsoft-graph validationToken", &["microsoft-graph"], echo::graph),
    row("x crc", &["twitter"], keyed::crc),
    row("braintree challenge", &["braintree"], keyed::braintree),
    row("strava hub.challenge", &["strava"], echo::strava),
    row("websub intent", &["websub"], echo::websub),
    row("meta hub.challenge", &["meta"], echo::meta),
    row("dropbox challenge", &["dropbox"], echo::dropbox),
    row("nylas challenge", &["nylas"], echo::nylas),
    row("mailchimp URL check", &["mailchimp"], receipt::mailchimp),
    row("URL check by HEAD", &["trello", "mandrill", "surveymonkey", "mailchimp"], receipt::head),
    Row { receipt: true, ..row("dropbox-sign receipt", &["dropbox-sign"], receipt::dropbox_sign) },
    Row { receipt: true, ..row("adyen receipt", &["adyen"], receipt::adyen) },
];

/// The providers that have a handshake. An endpoint may name one even where nothing of it can be checked.
pub fn providers() -> impl Iterator<Item = &'static str> {
    TABLE.iter().flat_map(|row| row.providers).copied()
}

/// The answer to a request that is a handshake; `None` for every other one.
#[must_use]
pub fn answer(knock: &Knock<'_>) -> Option<Handshake> {
    let look = Look::at(knock);
    (0_u8..).zip(&TABLE).filter(|(_, row)| look.concerns(row)).find_map(|(at, row)| {
        let Met { reply, learned } = (row.meet)(&look, row)?;
        Some(Handshake { name: Name(at), reply, receipt: row.receipt, learned })
    })
}
