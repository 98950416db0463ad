//! Other URLs that may have been signed: what tunnels, proxies and configurations make of URLs.

use std::collections::HashSet;

use percent_encoding::percent_decode_str;

use crate::domain::headers::Head;

/// The most URLs that are tried.
const MOST: usize = 240;

/// Another URL.
pub(super) struct Address {
    /// What is different; follows "the signature covers a URL ".
    pub(super) how: String,
    pub(super) url: String,
}

/// A URL in parts: `https`, `host:8080`, `/path?query`.
struct Parts<'u> {
    scheme: &'u str,
    authority: &'u str,
    tail: &'u str,
}

impl<'u> Parts<'u> {
    fn of(url: &'u str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(end);
        Some(Self { scheme, authority, tail })
    }
}

/// The other URLs: those with one difference first. `known` are those that were tried already.
pub(super) fn others(known: &[String], head: Head<'_>) -> Vec<Address> {
    let Some(first) = known.first().and_then(|url| Parts::of(url)) else { return Vec::new() };
    let (schemes, authorities, tails) =
        (schemes(&first), authorities(known, &first, head), tails(&first, head));
    let mut found: Vec<(usize, Address)> = Vec::new();
    let mut seen: HashSet<String> = known.iter().cloned().collect();
    for (scheme_how, scheme) in &schemes {
        for (authority_how, authority) in &authorities {
            for (tail_how, tail) in &tails {
                let authority = ported(authority, scheme);
                for (port_how, authority) in authority {
                    let url = format!("{scheme}://{authority}{tail}");
                    if !seen.insert(url.clone()) {
                        continue;
                    }
                    let how: Vec<&str> = [*scheme_how, *authority_how, port_how, *tail_how]
                        .into_iter()
                        .filter(|how| !how.is_empty())
                        .collect();
                    found.push((how.len(), Address { how: how.join(" and "), url }));
                }
            }
        }
    }
    for (how, tail) in tails.iter().filter(|(_, tail)| !tail.is_empty()) {
        for (part_how, part) in [
            ("of which only the path and query count", tail.as_str()),
            ("of which only the path counts", tail.split(['?', '#']).next().unwrap_or(tail)),
        ] {
            let how: Vec<&str> = [part_how, how].into_iter().filter(|how| !how.is_empty()).collect();
            found.push((how.len(), Address { how: how.join(" and "), url: part.to_owned() }));
        }
    }
    let (authority, tail) = (first.authority, first.tail);
    found.push((1, Address { how: "without its scheme".to_owned(), url: format!("{authority}{tail}") }));
    found.sort_by_key(|(differences, _)| *differences);
    found.into_iter().take(MOST).map(|(_, address)| address).collect()
}

fn schemes(first: &Parts<'_>) -> [(&'static str, &'static str); 2] {
    if first.scheme.eq_ignore_ascii_case("https") {
        [("", "https"), ("with http, not https", "http")]
    } else {
        [("", "http"), ("with https, not http", "https")]
    }
}

/// Hosts, with their ports, that the request or the configuration names.
fn authorities(known: &[String], first: &Parts<'_>, head: Head<'_>) -> Vec<(&'static str, String)> {
    let mut all: Vec<(&'static str, String)> = vec![("", first.authority.to_owned())];
    let mut add = |how, authority: &str| {
        let authority = authority.trim();
        let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '/' | '?' | '#' | '@');
        if !authority.is_empty() && authority.chars().all(plain) && !all.iter().any(|(_, a)| a == authority) {
            all.push((how, authority.to_owned()));
        }
    };
    let value = |name: &str| {
        let value = head.get(name)?.split(|&b| b == b',').next()?;
        std::str::from_utf8(value).ok()
    };
    for (header, how) in [
        ("host", "with the host that the Host header names"),
        ("x-forwarded-host", "with the host that X-Forwarded-Host names"),
        ("x-original-host", "with the host that X-Original-Host names"),
        ("x-forwarded-server", "with the host that X-Forwarded-Server names"),
    ] {
        if let Some(host) = value(header) {
            add(how, host);
            if let Some(port) = value("x-forwarded-port").filter(|_| !host.contains(':')) {
                add("with the port that X-Forwarded-Port names", &format!("{host}:{port}"));
            }
        }
    }
    if let Some(forwarded) = value("forwarded") {
        let host = forwarded.split(';').find_map(|part| part.trim().strip_prefix("host="));
        host.into_iter().for_each(|host| add("with the host that Forwarded names", host.trim_matches('"')));
    }
    for parts in known.iter().filter_map(|url| Parts::of(url)) {
        add("with another of the known hosts", parts.authority);
    }
    let lower = first.authority.to_ascii_lowercase();
    add("with its host in lower case", &lower);
    all
}

/// An authority as it is, without its port, and with the default port of the scheme.
fn ported(authority: &str, scheme: &str) -> Vec<(&'static str, String)> {
    let port = if scheme == "https" { 443 } else { 80 };
    let colon = authority.rfind(':').filter(|&colon| !authority[colon..].contains(']'));
    let mut all = vec![("", authority.to_owned())];
    match colon {
        Some(colon) => {
            all.push(("without the port", authority[..colon].to_owned()));
            if authority[colon + 1..] != port.to_string() {
                all.push(("with the default port", format!("{}:{port}", &authority[..colon])));
            }
        }
        None => all.push(("with the default port", format!("{authority}:{port}"))),
    }
    all
}

/// Paths and queries that the request may have had when it was signed.
fn tails(first: &Parts<'_>, head: Head<'_>) -> Vec<(&'static str, String)> {
    let tail = first.tail;
    let (path, query) = tail.find('?').map_or((tail, ""), |mark| tail.split_at(mark));
    let mut all: Vec<(&'static str, String)> = vec![("", tail.to_owned())];
    let mut add = |how, tail: String| {
        if !all.iter().any(|(_, known)| *known == tail) {
            all.push((how, tail));
        }
    };
    let slash = path.strip_suffix('/').map_or_else(
        || ("with a slash at the end of its path", format!("{path}/{query}")),
        |cut| ("without the slash at the end of its path", format!("{cut}{query}")),
    );
    add(slash.0, slash.1);
    if !query.is_empty() {
        add("without its query", path.to_owned());
        let inner = &query[1..];
        let again = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form_urlencoded::parse(inner.as_bytes()))
            .finish();
        add("with its query encoded again, + for blanks", format!("{path}?{again}"));
        add("with its query encoded again, %20 for blanks", format!("{path}?{}", again.replace('+', "%20")));
        let plain = percent_decode_str(inner).decode_utf8_lossy();
        add("with its query decoded", format!("{path}?{plain}"));
        add("with its query decoded, blanks for +", format!("{path}?{}", plain.replace('+', " ")));
        let mut fields: Vec<&str> = inner.split('&').collect();
        fields.sort_unstable();
        add("with its query sorted", format!("{path}?{}", fields.join("&")));
    }
    let plain = percent_decode_str(path).decode_utf8_lossy().into_owned();
    add("with its path decoded", format!("{plain}{query}"));
    for name in ["x-original-uri", "x-forwarded-uri", "x-original-url", "x-rewrite-url"] {
        let original = head.get(name).and_then(|value| std::str::from_utf8(value).ok());
        if let Some(original) = original.filter(|original| original.starts_with('/')) {
            add("with the path that a proxy says it had before", original.to_owned());
        }
    }
    let prefix = head.get("x-forwarded-prefix").and_then(|value| std::str::from_utf8(value).ok());
    if let Some(prefix) = prefix.filter(|prefix| prefix.starts_with('/')) {
        add(
            "with the prefix that X-Forwarded-Prefix names",
            format!("{}{tail}", prefix.trim_end_matches('/')),
        );
    }
    add("without any path", String::new());
    all
}
