//! The URLs that a sender may have signed.

use crate::domain::headers::Head;

/// The most URLs that are tried for one request.
const MOST: usize = 24;

/// A way in which the signed URL may differ from the configured one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UrlVariant {
    /// As it is.
    AsIs,
    /// With the port of its scheme where it has none.
    Port,
    /// Without its port.
    NoPort,
    /// With some escapes of the path and query decoded, as HubSpot does before signing.
    Unescaped,
}

impl UrlVariant {
    /// The words of the catalogue.
    pub(super) const WORDS: [(&'static str, Self); 4] = [
        ("as-is", Self::AsIs),
        ("port", Self::Port),
        ("no-port", Self::NoPort),
        ("unescaped", Self::Unescaped),
    ];

    fn apply(self, url: &str) -> Option<String> {
        let (scheme, rest) = url.split_once("://")?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let host_start = authority.rfind('@').map_or(0, |at| at + 1);
        let colon = authority[host_start..]
            .rfind(':')
            .map(|colon| host_start + colon)
            .filter(|&colon| !authority[colon..].contains(']'));
        Some(match self {
            Self::AsIs => url.to_owned(),
            Self::Port if colon.is_none() => {
                let port = if scheme.eq_ignore_ascii_case("https") { 443 } else { 80 };
                format!("{scheme}://{authority}:{port}{path}")
            }
            Self::NoPort => format!("{scheme}://{}{path}", &authority[..colon?]),
            Self::Unescaped => format!("{scheme}://{authority}{}", unescape(path)),
            Self::Port => return None,
        })
    }
}

/// The candidates in the order in which they are tried, each once. Without any configured URL they
/// are made from the Host header, https first: a public webhook mostly is, behind a tunnel.
pub(super) fn candidates(urls: &[String], head: Head<'_>, variants: &[UrlVariant]) -> Vec<String> {
    let made;
    let urls = if urls.is_empty() {
        made = from_host(head);
        &made[..]
    } else {
        urls
    };
    let variants = if variants.is_empty() { &[UrlVariant::AsIs][..] } else { variants };
    let mut all: Vec<String> = Vec::new();
    for url in urls {
        for candidate in variants.iter().filter_map(|variant| variant.apply(url)) {
            if all.len() < MOST && !all.contains(&candidate) {
                all.push(candidate);
            }
        }
    }
    all
}

/// A URL taken apart. What is not there is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Parts<'u> {
    pub(super) scheme: &'u str,
    /// With its password, without the `@`.
    pub(super) user: Option<&'u str>,
    /// Without user and port.
    pub(super) host: &'u str,
    pub(super) port: Option<&'u str>,
    pub(super) path: &'u str,
    /// Without its question mark.
    pub(super) query: Option<&'u str>,
}

impl<'u> Parts<'u> {
    /// The parts of a whole URL.
    pub(super) fn of(url: &'u str) -> Self {
        let Some((scheme, rest)) = url.split_once("://") else { return Self::default() };
        let rest = rest.split('#').next().unwrap_or(rest);
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let (user, host) =
            authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
        let colon = host.rfind(':').filter(|&colon| !host[colon..].contains(']'));
        let (host, port) = colon.map_or((host, None), |at| (&host[..at], Some(&host[at + 1..])));
        Self { scheme, user, host, port, path, query }
    }

    /// Host and port as HTTP compares them: in lower case, without the scheme's own port.
    pub(super) fn authority(&self) -> String {
        let host = self.host.to_ascii_lowercase();
        let own = if self.scheme.eq_ignore_ascii_case("https") { "443" } else { "80" };
        match self.port.filter(|port| *port != own) {
            Some(port) => format!("{host}:{port}"),
            None => host,
        }
    }
}

/// The URL without its query and fragment.
pub(super) fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

fn from_host(head: Head<'_>) -> Vec<String> {
    let (Some(Ok(host)), Ok(target)) =
        (head.get("host").map(std::str::from_utf8), std::str::from_utf8(head.target()))
    else {
        return Vec::new();
    };
    if target.contains("://") {
        return vec![target.to_owned()];
    }
    vec![format!("https://{host}{target}"), format!("http://{host}{target}")]
}

/// Decodes the escapes that HubSpot's documentation lists, in upper case only.
fn unescape(path: &str) -> String {
    const ESCAPES: [(&str, &str); 12] = [
        ("%3A", ":"),
        ("%2F", "/"),
        ("%3F", "?"),
        ("%40", "@"),
        ("%21", "!"),
        ("%24", "$"),
        ("%27", "'"),
        ("%28", "("),
        ("%29", ")"),
        ("%2A", "*"),
        ("%2C", ","),
        ("%3B", ";"),
    ];
    ESCAPES.iter().fold(path.to_owned(), |path, (escape, plain)| path.replace(escape, plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_added_and_removed() {
        for (variant, url, expected) in [
            (UrlVariant::Port, "https://h/p?q", Some("https://h:443/p?q")),
            (UrlVariant::Port, "http://h", Some("http://h:80")),
            (UrlVariant::Port, "http://h:1/p", None),
            (UrlVariant::NoPort, "https://u:p@h:1234/p", Some("https://u:p@h/p")),
            (UrlVariant::NoPort, "https://u:p@h/p", None),
            (UrlVariant::NoPort, "https://[::1]/p", None),
            (UrlVariant::NoPort, "https://[::1]:80/p", Some("https://[::1]/p")),
            (UrlVariant::Unescaped, "https://h/%40%2f%2F", Some("https://h/@%2f/")),
            (UrlVariant::AsIs, "nonsense", None),
        ] {
            assert_eq!(variant.apply(url).as_deref(), expected, "{variant:?} {url}");
        }
    }

    #[test]
    fn candidates_are_bounded_and_differ() {
        let many: Vec<String> = (0..100).map(|n| format!("http://h{n}/")).collect();
        let head = Head::new(b"GET /x HTTP/1.1\r\nHost: a.b\r\n\r\n");
        assert_eq!(candidates(&many, head, &[UrlVariant::AsIs, UrlVariant::NoPort]).len(), MOST);
        assert_eq!(candidates(&[], head, &[]), ["https://a.b/x", "http://a.b/x"]);
        assert!(candidates(&[], Head::new(b""), &[]).is_empty());
    }
}
