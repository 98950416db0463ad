//! Addresses to listen on, networks to trust, and the URL that the world sees.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use crate::domain::target::Target;

/// A network in CIDR form: `10.0.0.0/8`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Reads an address or a network.
    ///
    /// # Errors
    /// One sentence when the text is neither, or names a host within a network.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const FORM: &str = "a proxy is an address or a network, such as \"127.0.0.1\" or \"10.0.0.0/8\"";
        let (address, prefix) = match text.trim().split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().map_err(|_| FORM)?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => longest,
            Some(text) => text.parse().ok().filter(|&prefix| prefix <= longest).ok_or(FORM)?,
        };
        Ok(Self { address, prefix })
    }

    /// Whether an address lies in it. An IPv4 address in IPv6 form counts as the IPv4 address, which
    /// is how a dual-stack listener sees it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let high = |address: IpAddr| match address {
            IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
            IpAddr::V6(address) => address.to_bits(),
        };
        let (own, other) = (self.address.to_canonical(), address.to_canonical());
        let prefix = if self.address.is_ipv6() && own.is_ipv4() {
            self.prefix.saturating_sub(96)
        } else {
            self.prefix
        };
        let shift = 128 - u32::from(prefix);
        own.is_ipv4() == other.is_ipv4()
            && high(own).checked_shr(shift).unwrap_or(0) == high(other).checked_shr(shift).unwrap_or(0)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// The URL under which senders reach the listener: scheme, host and perhaps a path, without a slash
/// at its end. What providers that sign the URL have signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Reads an http or https URL without user name, query and fragment.
    ///
    /// # Errors
    /// One sentence when the text is no such URL.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const FORM: &str =
            "a public URL is such as \"https://hooks.example.com\", without ?, # and user name";
        let text = text.trim();
        if !text.contains("://") || Target::parse(text).is_err() {
            return Err(FORM);
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }

    /// The URL, without a slash at its end. Host and scheme stay as they were written, because the
    /// sender signed what was typed into its form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The whole URL of a request target in origin form (`/path?query`), byte for byte.
    #[must_use]
    pub fn of(&self, target: &[u8]) -> Vec<u8> {
        [self.0.as_bytes(), target].concat()
    }
}

/// An address to listen on: `127.0.0.1`, `127.0.0.1:7878`, `[::1]:7878`, `localhost:0`, `:7878`.
/// The parts that the text leaves out are `None`.
///
/// # Errors
/// One sentence when the text is none of these.
pub fn bind_address(text: &str) -> Result<(Option<IpAddr>, Option<u16>), &'static str> {
    const FORM: &str = "an address to listen on is such as \"127.0.0.1\", \"127.0.0.1:7878\" or \"[::1]:7878\"; \
                        \"0.0.0.0\" is all networks";
    let text = text.trim();
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Ok((Some(address.ip()), Some(address.port())));
    }
    let unbracketed = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    if let Ok(address) = unbracketed.parse::<IpAddr>() {
        return Ok((Some(address), None));
    }
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    let port = match port {
        Some(text) if text.bytes().all(|b| b.is_ascii_digit()) => Some(text.parse().map_err(|_| FORM)?),
        Some(_) => return Err(FORM),
        None => None,
    };
    match host {
        "" if port.is_some() => Ok((None, port)),
        _ if host.eq_ignore_ascii_case("localhost") => Ok((Some(IpAddr::V4(Ipv4Addr::LOCALHOST)), port)),
        _ => Err(FORM),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_their_addresses() {
        for (network, address, expected) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("::ffff:10.0.0.0/104", "10.1.2.3", true),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("2001:db8::/32", "2001:db8:1::2", true),
            ("::/0", "2001:db8:1::2", true),
            ("::1", "::2", false),
        ] {
            let contains = Network::parse(network).unwrap().contains(address.parse().unwrap());
            assert_eq!(contains, expected, "{network} {address}");
        }
        for text in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "example.com", "10.0.0.0/-1", "10.0.0.0/"] {
            assert!(Network::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn public_urls_keep_their_writing() {
        let url = PublicUrl::parse("https://Hooks.example.com/in/").unwrap();
        assert_eq!(url.of(b"/a?b=\xff"), b"https://Hooks.example.com/in/a?b=\xff");
        for text in [
            "hooks.example.com",
            "3000",
            "ftp://a",
            "https://",
            "https://u:p@a",
            "https://a/?b",
            "https://a b",
        ] {
            assert!(PublicUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn addresses_to_listen_on() {
        let ip = |text: &str| Some(text.parse().unwrap());
        for (text, expected) in [
            ("127.0.0.1:7878", Ok((ip("127.0.0.1"), Some(7878)))),
            ("0.0.0.0", Ok((ip("0.0.0.0"), None))),
            ("::1", Ok((ip("::1"), None))),
            ("[::1]", Ok((ip("::1"), None))),
            ("[::1]:0", Ok((ip("::1"), Some(0)))),
            ("localhost", Ok((ip("127.0.0.1"), None))),
            ("localhost:80", Ok((ip("127.0.0.1"), Some(80)))),
            (":80", Ok((None, Some(80)))),
        ] {
            assert_eq!(bind_address(text), expected, "{text}");
        }
        for text in ["", ":", "example.com:80", "127.0.0.1:65536", "http://127.0.0.1", "127.0.0.1:+80"] {
            assert!(bind_address(text).is_err(), "{text}");
        }
    }
}
