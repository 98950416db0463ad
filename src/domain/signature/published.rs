//! Where a provider publishes the keys that its signatures are checked with.
//!
//! The catalogue fixes the address (`key_url`), or the hosts that it may be at (`key_host`) together with
//! where the request names it (`key_from`). An address out of a request counts only if its host is one of
//! these: https, the usual port, no user name, no number in place of a name.

use crate::domain::{
    headers::Head,
    signature::{canon::https_host, provider::Provider, public::PublicKey, request::Facts, source::Source},
    target::Target,
};

/// The longest address, in bytes.
const LONGEST: usize = 1_024;

/// Hosts of Amazon SNS, also in China.
const SNS: [&str; 2] = ["sns.*.amazonaws.com", "sns.*.amazonaws.com.cn"];

/// Where the keys of a provider are published.
#[derive(Clone, Debug)]
pub(super) enum Published {
    /// At this address.
    At(Box<str>),
    /// At the address that stands here in a request, if its host is one of these.
    Named(Source, Box<[Box<str>]>),
}

/// The address of a published key: sound, and one that the catalogue permits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyAddress(Box<str>);

impl Published {
    /// Reads what the catalogue says.
    pub(super) fn parse(
        url: Option<&str>,
        from: Option<&str>,
        hosts: &[String],
    ) -> Result<Option<Self>, String> {
        match (url, from, hosts) {
            (None, None, []) => Ok(None),
            (Some(url), None, []) => match sound(url) {
                Some(_) => Ok(Some(Self::At(url.into()))),
                None => Err("key_url is an https address without user, port or fragment".to_owned()),
            },
            (None, Some(from), [_, ..]) => {
                let fine = |host: &&String| {
                    let labels: Vec<&str> = host.split('.').collect();
                    // The last two labels say whose host it is.
                    labels.len() > 2 && !labels[labels.len() - 2..].contains(&"*") && !host.contains("**")
                };
                if !hosts.iter().all(|host| fine(&host)) {
                    return Err(
                        "key_host is a host name of three or more parts, where * stands for one".to_owned()
                    );
                }
                let hosts = hosts.iter().map(|host| host.as_str().into()).collect();
                Ok(Some(Self::Named(Source::parse(from)?, hosts)))
            }
            _ => Err("write key_url alone, or key_from together with key_host".to_owned()),
        }
    }

    fn address(&self, facts: &Facts<'_, '_>) -> Option<KeyAddress> {
        match self {
            Self::At(url) => Some(KeyAddress(url.clone())),
            Self::Named(from, hosts) => {
                let text = from.find(facts)?;
                let text = std::str::from_utf8(&text).ok()?;
                let host = sound(text)?;
                hosts.iter().any(|pattern| matches(pattern, &host)).then(|| KeyAddress(text.into()))
            }
        }
    }
}

impl Provider {
    /// Whether it publishes its keys at an address that is known beforehand, or bounded.
    #[must_use]
    pub fn publishes_keys(&self) -> bool {
        self.published.is_some()
    }

    /// The address of the key for a request; `None` where the provider publishes none, and where the
    /// request names one that is not the provider's.
    #[must_use]
    pub fn key_address(&self, head: Head<'_>, body: &[u8]) -> Option<KeyAddress> {
        self.published.as_ref()?.address(&Facts::bare(head, body))
    }
}

impl KeyAddress {
    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The origin and the request target.
    #[must_use]
    pub fn parts(&self) -> Option<(Target, String)> {
        let rest = self.0.strip_prefix("https://")?;
        let start = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(start);
        let target = Target::parse(&format!("https://{authority}")).ok()?;
        Some((target, if path.starts_with('/') { path.to_owned() } else { format!("/{path}") }))
    }
}

/// An address of Amazon SNS: `https://sns.REGION.amazonaws.com/…`.
#[must_use]
pub fn sns_address(address: &str) -> Option<KeyAddress> {
    let host = sound(address)?;
    SNS.iter().any(|pattern| matches(pattern, &host)).then(|| KeyAddress(address.into()))
}

/// The text of the public keys in what was fetched: as it is, or out of a JSON text that has a PEM
/// somewhere. `None` where there is no public key.
#[must_use]
pub fn published_key(bytes: &[u8]) -> Option<Vec<u8>> {
    if !PublicKey::read(bytes).is_empty() {
        return Some(bytes.to_vec());
    }
    let value: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let pem = pem_in(&value)?;
    (!PublicKey::read(pem.as_bytes()).is_empty()).then(|| pem.as_bytes().to_vec())
}

fn pem_in(value: &serde_json::Value) -> Option<&str> {
    use serde_json::Value;
    match value {
        Value::String(text) => text.contains("-----BEGIN ").then_some(text),
        Value::Array(items) => items.iter().find_map(pem_in),
        Value::Object(members) => members.values().find_map(pem_in),
        _ => None,
    }
}

/// The host of an address that may be called at all.
fn sound(address: &str) -> Option<String> {
    let visible = address.bytes().all(|b| b.is_ascii_graphic() && !b"\\\"<>#".contains(&b));
    let host = https_host(address).filter(|_| visible && address.len() <= LONGEST)?;
    // A number is an address, and a name without a dot is one of the local network.
    let top = host.rsplit('.').next()?;
    (host.contains('.') && top.bytes().all(|b| b.is_ascii_alphabetic()) && !top.is_empty()).then_some(host)
}

/// Whether a host is of a pattern, in which `*` stands for one part.
fn matches(pattern: &str, host: &str) -> bool {
    let (mut wanted, mut parts) = (pattern.split('.'), host.split('.'));
    loop {
        match (wanted.next(), parts.next()) {
            (None, None) => return true,
            (Some("*"), Some(part)) if !part.is_empty() => {}
            (Some(one), Some(other)) if one == other => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::signature::Catalog;

    fn named(provider: &str, address: &str) -> bool {
        let head = format!("POST / HTTP/1.1\r\nPAYPAL-CERT-URL: {address}\r\n\r\n");
        let body = serde_json::json!({ "SigningCertURL": address }).to_string();
        let provider = Catalog::builtin().provider(provider).unwrap();
        provider.key_address(Head::new(head.as_bytes()), body.as_bytes()).is_some()
    }

    #[test]
    fn only_the_providers_own_hosts_count() {
        for (provider, address, right) in [
            ("aws-sns", "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem", true),
            ("aws-sns", "https://sns.cn-north-1.amazonaws.com.cn/x.pem", true),
            ("aws-sns", "http://sns.us-east-1.amazonaws.com/x.pem", false),
            ("aws-sns", "https://sns.us-east-1.amazonaws.com:8443/x.pem", false),
            ("aws-sns", "https://me@sns.us-east-1.amazonaws.com/x.pem", false),
            ("aws-sns", "https://sns.us-east-1.amazonaws.com.evil.example/x.pem", false),
            ("aws-sns", "https://sns.us.east.amazonaws.com/x.pem", false),
            ("aws-sns", "https://sns..amazonaws.com/x.pem", false),
            ("aws-sns", "https://bucket.s3.amazonaws.com/x.pem", false),
            ("aws-sns", "https://127.0.0.1/x.pem", false),
            ("aws-sns", "https://[::1]/x.pem", false),
            ("aws-sns", "https://localhost/x.pem", false),
            ("aws-sns", "https://evil.example\\.sns.us-east-1.amazonaws.com/x.pem", false),
            ("aws-sns", "https://sns.us-east-1.amazonaws.com/x.pem#y", false),
            ("paypal", "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1d93a270", true),
            ("paypal", "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1", true),
            ("paypal", "https://evilpaypal.com/x", false),
            ("paypal", "https://paypal.com.evil.example/x", false),
            ("paypal", "https://users.paypal.com/x", false),
        ] {
            assert_eq!(named(provider, address), right, "{provider} {address}");
        }
    }

    #[test]
    fn fixed_addresses_do_not_depend_on_the_request() {
        for provider in ["google-pubsub", "kick"] {
            let provider = Catalog::builtin().provider(provider).unwrap();
            let address = provider.key_address(Head::new(b"GET / HTTP/1.1\r\n\r\n"), b"").unwrap();
            let (target, path) = address.parts().unwrap();
            assert!(target.tls && target.port == 443 && path.len() > 1, "{address:?}");
        }
        assert!(!Catalog::builtin().provider("stripe").unwrap().publishes_keys());
    }

    #[test]
    fn the_catalogue_cannot_open_the_door() {
        let hosts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        for (url, from, host) in [
            (Some("http://a.b.example/x"), None, hosts(&[])),
            (Some("https://a.b.example:1/x"), None, hosts(&[])),
            (None, Some("header:X"), hosts(&[])),
            (None, None, hosts(&["a.example.com"])),
            (None, Some("header:X"), hosts(&["*.com"])),
            (None, Some("header:X"), hosts(&["a.*.com"])),
            (None, Some("header:X"), hosts(&["a.example.*"])),
            (None, Some("nonsense"), hosts(&["a.example.com"])),
        ] {
            assert!(Published::parse(url, from, &host).is_err(), "{url:?} {from:?} {host:?}");
        }
    }
}
