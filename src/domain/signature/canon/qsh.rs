//! Atlassian Connect binds a token to a request by a digest of method, path and query: the query string
//! hash (`qsh`). The path is that below the base URL of the app; where that has one of its own, it is the
//! parameter `base_path`.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use crate::domain::signature::{form, request::Facts, url};

/// What RFC 3986 calls unreserved.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The digest in hex.
pub(super) fn make(facts: &Facts<'_, '_>, address: &str) -> Vec<u8> {
    let parts = url::Parts::of(address);
    let base = facts.params.get("base_path").map_or("", String::as_str).trim_end_matches('/');
    let method = String::from_utf8_lossy(facts.head.method()).to_ascii_uppercase();
    let request = format!("{method}&{}&{}", path(parts.path, base), query(parts.query.unwrap_or_default()));
    HEXLOWER.encode(&Sha256::digest(request)).into_bytes()
}

fn path(path: &str, base: &str) -> String {
    let below = path.strip_prefix(base).unwrap_or(path).replace('&', "%26");
    let below = if below.starts_with('/') { below } else { format!("/{below}") };
    match below.strip_suffix('/') {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => below,
    }
}

/// Names in order, each once, with all its values; the token itself left out.
fn query(query: &str) -> String {
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let encode = |text: &str| utf8_percent_encode(text, PLAIN).to_string();
    for (name, value) in form::fields(query.as_bytes()).filter(|(name, _)| name != "jwt") {
        names.entry(name.into_owned()).or_default().push(value.into_owned());
    }
    let mut all = Vec::with_capacity(names.len());
    for (name, mut values) in names {
        values.sort_unstable();
        let values: Vec<String> = values.iter().map(|value| encode(value)).collect();
        all.push(format!("{}={}", encode(&name), values.join(",")));
    }
    all.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_queries_are_written_in_one_way() {
        for (given, base, expected) in [
            ("", "", "/"),
            ("/", "", "/"),
            ("/hook/", "", "/hook"),
            ("/app/hook", "/app", "/hook"),
            ("/a&b", "", "/a%26b"),
        ] {
            assert_eq!(path(given, base), expected, "{given}");
        }
        assert_eq!(query("b=2&a=x+y&a=%2A&jwt=z&c"), "a=%2A,x%20y&b=2&c=");
    }
}
