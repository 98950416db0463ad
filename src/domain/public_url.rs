//! The URL as the sender saw it: what providers that sign URLs have signed.

use crate::domain::headers::Head;

/// The URLs that the sender of a request may have used, the most likely first.
///
/// A configured `base` (without a slash at its end) wins. Else the host is taken from the forwarding
/// headers where the peer is `trusted` to set them, or from Host; without a word about the scheme, `https`
/// is tried after `http`, because tunnels end TLS before they reach us.
#[must_use]
pub fn candidates(base: Option<&str>, head: Head<'_>, trusted: bool) -> Vec<String> {
    let target = String::from_utf8_lossy(head.target());
    let path = if target.starts_with('/') { target.as_ref() } else { after_authority(&target) };
    if let Some(base) = base {
        return vec![format!("{base}{path}")];
    }
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

/// The path and query of an absolute-form target.
fn after_authority(target: &str) -> &str {
    target.split_once("://").and_then(|(_, rest)| rest.find('/').map(|slash| &rest[slash..])).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(base: Option<&str>, trusted: bool, head: &str) -> Vec<String> {
        candidates(base, Head::new(head.as_bytes()), trusted)
    }

    #[test]
    fn a_configured_base_wins() {
        let head = "POST /a?b HTTP/1.1\r\nHost: h\r\nX-Forwarded-Host: evil\r\n\r\n";
        assert_eq!(found(Some("https://p.example"), true, head), ["https://p.example/a?b"]);
    }

    #[test]
    fn forwarding_headers_count_from_trusted_peers_only() {
        let head =
            "POST /a HTTP/1.1\r\nHost: h\r\nX-Forwarded-Host: p, q\r\nX-Forwarded-Proto: HTTPS\r\n\r\n";
        assert_eq!(found(None, true, head), ["https://p/a"]);
        assert_eq!(found(None, false, head), ["http://h/a", "https://h/a"]);
    }

    #[test]
    fn odd_targets_and_hosts_do_not_matter() {
        assert_eq!(found(None, false, "GET http://x/y HTTP/1.1\r\nHost: h\r\n\r\n")[0], "http://h/y");
        assert!(found(None, false, "GET / HTTP/1.1\r\n\r\n").is_empty());
    }
}
