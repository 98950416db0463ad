//! Signed contents that a template cannot spell out. Each has a name that templates use: `{code:sns}`.

use crate::domain::signature::{fault::Fault, request::Facts};

mod contentful;
mod paypal;
mod plivo;
mod qsh;
mod sns;

/// A content with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Canon {
    /// Contentful's canonical request.
    Contentful,
    /// Nothing, where PayPal's certificate has an address that is PayPal's.
    PaypalCert,
    /// Plivo's URL and parameters, sorted.
    PlivoUrl,
    /// The digest of method, path and query that Atlassian's tokens hold.
    Qsh,
    /// The signed members of an SNS message.
    Sns,
}

impl Canon {
    /// The content with this name.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "contentful" => Self::Contentful,
            "paypal-cert" => Self::PaypalCert,
            "plivo-url" => Self::PlivoUrl,
            "qsh" => Self::Qsh,
            "sns" => Self::Sns,
            _ => return None,
        })
    }

    /// The content in words.
    pub(super) const fn describe(self) -> &'static str {
        match self {
            Self::Contentful => "canonical request",
            Self::PaypalCert => "nothing",
            Self::PlivoUrl => "URL and parameters, sorted",
            Self::Qsh => "digest of method, path and query",
            Self::Sns => "signed members of the message",
        }
    }

    /// Whether the URL is part of it.
    pub(super) const fn has_url(self) -> bool {
        matches!(self, Self::PlivoUrl | Self::Qsh)
    }

    /// Whether it changes when what matters in the body does.
    pub(super) const fn covers_body(self) -> bool {
        !matches!(self, Self::PaypalCert | Self::Qsh)
    }

    /// The bytes.
    pub(super) fn make(self, facts: &Facts<'_, '_>, url: &str) -> Result<Vec<u8>, Fault> {
        match self {
            Self::Contentful => contentful::make(facts),
            Self::PaypalCert => paypal::make(facts),
            Self::PlivoUrl => Ok(plivo::make(facts, url)),
            Self::Qsh => Ok(qsh::make(facts, url)),
            Self::Sns => sns::make(facts),
        }
    }
}

/// The host of an `https` address without user or port, in lower case.
pub(super) fn https_host(address: &str) -> Option<String> {
    let rest = address.strip_prefix("https://")?;
    let host = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    // A backslash, a user or another port is no address that a provider gives.
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.');
    host.bytes().all(plain).then(|| host.to_ascii_lowercase())
}
