//! A target: a URL to send to, and how a captured request target is joined to it.

use std::{fmt, net::IpAddr};

/// The base URL of a target. Only the person at the keyboard names one: nothing in a request or in
/// the session file can.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// Whether TLS is used.
    pub tls: bool,
    /// Host name or address, without the brackets of IPv6.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The path of the base, without a trailing slash: empty or `/webhooks`.
    pub path: String,
}

/// Why a text is not a target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Another scheme than http or https.
    #[error("a target begins with http:// or https://, or is a port")]
    Scheme,
    /// No host.
    #[error("the target has no host")]
    Host,
    /// A port that is not a number from 1 to 65535.
    #[error("the target's port is not a number from 1 to 65535")]
    Port,
    /// `user:password@` in the URL.
    #[error("a target has no user name or password in its URL")]
    UserInfo,
    /// A query or a fragment: the captured request brings its own.
    #[error("a target has no ? and no #: the query of the captured request is sent")]
    Query,
    /// White space, control characters, or bytes that do not belong into a URL.
    #[error("the target contains a character that does not belong into a URL")]
    Character,
}

impl Target {
    /// Reads a port (`3000`), an authority (`localhost:3000/hooks`) or a URL.
    ///
    /// # Errors
    /// When the text is none of these; the message says what is missing.
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(TargetError::Host);
        }
        if text.bytes().any(|b| {
            b <= b' '
                || b >= 0x7f
                || matches!(b, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
        }) {
            return Err(TargetError::Character);
        }
        if text.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(Self { tls: false, host: "localhost".into(), port: port(text)?, path: String::new() });
        }
        let (tls, rest) = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (false, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (true, rest),
            Some(_) => return Err(TargetError::Scheme),
            None => (false, text.strip_prefix("//").map_or(Ok(text), |_| Err(TargetError::Scheme))?),
        };
        if rest.contains(['?', '#']) {
            return Err(TargetError::Query);
        }
        let (authority, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
        if authority.contains('@') {
            return Err(TargetError::UserInfo);
        }
        let (host, port_text) = split_authority(authority)?;
        if host.is_empty() {
            return Err(TargetError::Host);
        }
        let port = match port_text {
            Some(text) => port(text)?,
            None if tls => 443,
            None => 80,
        };
        Ok(Self { tls, host: host.to_ascii_lowercase(), port, path: path.trim_end_matches('/').to_owned() })
    }

    /// Scheme and authority: `http://localhost:3000`.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("{}://{}", if self.tls { "https" } else { "http" }, self.authority())
    }

    /// The value of the Host header: the port is left out where it is the scheme's own.
    #[must_use]
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == if self.tls { 443 } else { 80 } { host } else { format!("{host}:{}", self.port) }
    }

    /// The host as an address, where it is written as one.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    /// The request target to send for a captured one, byte for byte.
    ///
    /// A base without a path keeps the captured target as it is. A base with a path is where the
    /// captured requests are mounted: `mount` (the fixed part of the endpoint's path, if any) or, when
    /// the captured path already begins with the base's path, that path is taken off first, so that
    /// `/stripe` of the endpoint `/stripe/**` goes to `http://localhost:3000/webhooks` itself.
    #[must_use]
    pub fn join(&self, captured: &[u8], mount: &str) -> Vec<u8> {
        let captured = origin_form(captured);
        if self.path.is_empty() {
            return captured.to_vec();
        }
        let query = captured.iter().position(|&b| b == b'?').unwrap_or(captured.len());
        let (path, query) = captured.split_at(query);
        let rest = below(path, mount.as_bytes())
            .filter(|_| !mount.is_empty())
            .or_else(|| below(path, self.path.as_bytes()))
            .unwrap_or(path);
        let rest: &[u8] = if rest == b"/" { b"" } else { rest };
        [self.path.as_bytes(), rest, query].concat()
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.path)
    }
}

fn port(text: &str) -> Result<u16, TargetError> {
    let valid = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|&port| valid && port != 0).ok_or(TargetError::Port)
}

fn split_authority(authority: &str) -> Result<(&str, Option<&str>), TargetError> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, after) = rest.split_once(']').ok_or(TargetError::Host)?;
        host.parse::<std::net::Ipv6Addr>().map_err(|_| TargetError::Host)?;
        return match after.strip_prefix(':') {
            Some(port) => Ok((host, Some(port))),
            None if after.is_empty() => Ok((host, None)),
            None => Err(TargetError::Host),
        };
    }
    match authority.split_once(':') {
        Some((_, port)) if port.contains(':') => Err(TargetError::Host),
        Some((host, port)) => Ok((host, Some(port))),
        None => Ok((authority, None)),
    }
}

/// The path and query of a captured target: an absolute-form target loses its authority, so that the
/// destination never comes from the request; `*` and an empty one become `/`.
fn origin_form(captured: &[u8]) -> &[u8] {
    let rest = match captured {
        [b'/', ..] => captured,
        _ => match memchr::memmem::find(captured, b"://") {
            Some(at) if captured[..at].iter().all(u8::is_ascii_alphanumeric) => {
                let after = &captured[at + 3..];
                after.iter().position(|&b| b == b'/').map_or(&b"/"[..], |slash| &after[slash..])
            }
            _ => b"/",
        },
    };
    if rest.is_empty() { b"/" } else { rest }
}

/// What of `path` stands below `base`, if it does: empty or beginning with a slash.
fn below<'a>(path: &'a [u8], base: &[u8]) -> Option<&'a [u8]> {
    path.strip_prefix(base).filter(|rest| rest.is_empty() || rest[0] == b'/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join(base: &str, captured: &str, mount: &str) -> String {
        let joined = Target::parse(base).expect("a target").join(captured.as_bytes(), mount);
        String::from_utf8(joined).expect("ASCII")
    }

    #[test]
    fn reads_ports_authorities_and_urls() {
        for (text, expected) in [
            ("3000", "http://localhost:3000"),
            ("localhost:3000/hooks/", "http://localhost:3000/hooks"),
            ("HTTP://Example.com", "http://example.com"),
            ("https://example.com:443/a/b", "https://example.com/a/b"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(Target::parse(text).map(|t| t.to_string()), Ok(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_not_a_target() {
        for (text, expected) in [
            ("", TargetError::Host),
            ("ftp://h", TargetError::Scheme),
            ("//evil", TargetError::Scheme),
            ("http://", TargetError::Host),
            ("http://h:0", TargetError::Port),
            ("70000", TargetError::Port),
            ("http://h:+80", TargetError::Port),
            ("http://u:p@h", TargetError::UserInfo),
            ("http://h/?x", TargetError::Query),
            ("http://h/a b", TargetError::Character),
            ("http://h\r\nX: 1", TargetError::Character),
            ("http://[::1", TargetError::Host),
            ("http://a:b:c", TargetError::Host),
        ] {
            assert_eq!(Target::parse(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn a_base_without_a_path_keeps_the_target() {
        assert_eq!(join("3000", "/stripe?x=%2f&&", ""), "/stripe?x=%2f&&");
        assert_eq!(join("3000", "/", ""), "/");
    }

    #[test]
    fn a_base_with_a_path_is_where_requests_are_mounted() {
        assert_eq!(join("localhost:1/hooks", "/a?b=1", ""), "/hooks/a?b=1");
        assert_eq!(join("localhost:1/hooks", "/", ""), "/hooks");
        assert_eq!(join("localhost:1/hooks", "/hooks?x", ""), "/hooks?x");
        assert_eq!(join("localhost:1/hooks", "/hooksy", ""), "/hooks/hooksy");
        assert_eq!(join("localhost:1/hooks", "/stripe/a?b", "/stripe"), "/hooks/a?b");
        assert_eq!(join("localhost:1/hooks", "/stripe", "/stripe"), "/hooks");
    }

    #[test]
    fn the_destination_never_comes_from_the_request() {
        assert_eq!(join("3000", "http://evil.test/a?b", ""), "/a?b");
        assert_eq!(join("3000", "http://evil.test", ""), "/");
        assert_eq!(join("3000", "*", ""), "/");
        assert_eq!(join("3000", "//evil.test/a", ""), "//evil.test/a");
        assert_eq!(join("3000", "evil.test:443", ""), "/");
    }
}
