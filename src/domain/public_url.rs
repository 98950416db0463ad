//! The URL as the sender saw it: what providers that sign URLs have signed.

use std::net::IpAddr;

use crate::domain::headers::Head;

/// How the public URL of a request is found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicUrl {
    /// The configured public base, without a trailing slash (`https://hooks.example.com`).
    pub base: Option<String>,
    /// Peers whose `X-Forwarded-*` and `Forwarded` headers count, beside loopback ones, which are
    /// tunnels of this machine.
    pub trusted: Vec<IpAddr>,
}

impl PublicUrl {
    /// The URLs that the sender may have used, the most likely first.
    ///
    /// A configured base wins. Else the host is taken from the forwarding headers of a trusted peer, or
    /// from Host; without a word about the scheme, `https` is tried after `http`, because tunnels end
    /// TLS before they reach us.
    #[must_use]
    pub fn candidates(&self, head: Head<'_>, remote: IpAddr) -> Vec<String> {
        let target = String::from_utf8_lossy(head.target());
        let path = if target.starts_with('/') { target.as_ref() } else { after_authority(&target) };
        if let Some(base) = &self.base {
            return vec![format!("{base}{path}")];
        }
        let trusted = remote.to_canonical().is_loopback() || self.trusted.contains(&remote.to_canonical());
        let forwarded = |name: &str| {
            let value = head.get(name).filter(|_| trusted)?;
            let first = value.split(|&b| b == b',').next()?;
            std::str::from_utf8(first).ok().map(str::trim).filter(|text| !text.is_empty())
        };
        let own = head.get("host").and_then(|host| std::str::from_utf8(host).ok());
        let Some(host) = forwarded("x-forwarded-host").or(own) else {
            return Vec::new();
        };
        match forwarded("x-forwarded-proto") {
            Some(scheme) => vec![format!("{}://{host}{path}", scheme.to_ascii_lowercase())],
            None => vec![format!("http://{host}{path}"), format!("https://{host}{path}")],
        }
    }
}

/// The path and query of an absolute-form target.
fn after_authority(target: &str) -> &str {
    target.split_once("://").and_then(|(_, rest)| rest.find('/').map(|slash| &rest[slash..])).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(base: Option<&str>, remote: [u8; 4], head: &str) -> Vec<String> {
        let url = PublicUrl { base: base.map(str::to_owned), trusted: vec![IpAddr::from([10, 0, 0, 9])] };
        url.candidates(Head::new(head.as_bytes()), IpAddr::from(remote))
    }

    #[test]
    fn a_configured_base_wins() {
        let head = "POST /a?b HTTP/1.1\r\nHost: h\r\nX-Forwarded-Host: evil\r\n\r\n";
        assert_eq!(candidates(Some("https://p.example"), [127, 0, 0, 1], head), ["https://p.example/a?b"]);
    }

    #[test]
    fn forwarding_headers_count_from_trusted_peers_only() {
        let head = "POST /a HTTP/1.1\r\nHost: h\r\nX-Forwarded-Host: p, q\r\nX-Forwarded-Proto: HTTPS\r\n\r\n";
        assert_eq!(candidates(None, [127, 0, 0, 1], head), ["https://p/a"]);
        assert_eq!(candidates(None, [10, 0, 0, 9], head), ["https://p/a"]);
        assert_eq!(candidates(None, [10, 0, 0, 1], head), ["http://h/a", "https://h/a"]);
    }

    #[test]
    fn odd_targets_and_hosts_do_not_matter() {
        assert_eq!(candidates(None, [10, 0, 0, 1], "GET http://x/y HTTP/1.1\r\nHost: h\r\n\r\n")[0], "http://h/y");
        assert!(candidates(None, [10, 0, 0, 1], "GET / HTTP/1.1\r\n\r\n").is_empty());
    }
}
