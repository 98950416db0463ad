//! Secrets that are known by what they look like, wherever they stand, and what stands in their place.

use std::borrow::Cow;

use percent_encoding::percent_decode;

use crate::domain::redact::{Redaction, names::Place};

/// What stands in the place of what is not shown.
pub const MARKER: &str = "[redacted]";

/// The beginnings of keys and tokens, with the length from which they count.
const STARTS: &[(&str, usize)] = &[
    ("sk_live_", 16),
    ("sk_test_", 16),
    ("rk_live_", 16),
    ("rk_test_", 16),
    ("whsec_", 16),
    ("ghp_", 20),
    ("gho_", 20),
    ("ghu_", 20),
    ("ghs_", 20),
    ("ghr_", 20),
    ("github_pat_", 24),
    ("glpat-", 16),
    ("xoxb-", 16),
    ("xoxp-", 16),
    ("xoxa-", 16),
    ("xoxr-", 16),
    ("xapp-", 16),
    ("AKIA", 20),
    ("ASIA", 20),
    ("AIza", 35),
    ("ya29.", 20),
    ("SG.", 40),
    ("shpat_", 20),
    ("shpss_", 20),
    ("npm_", 30),
    ("dop_v1_", 20),
    ("sk-ant-", 20),
    ("sk-proj-", 20),
];

/// The words before credentials in a header's value.
const SCHEMES: [&str; 6] = ["Bearer", "Basic", "Digest", "Token", "Bot", "ApiKey"];

/// Whether a word is a key or token by its looks.
pub(super) fn is_secret(word: &[u8]) -> bool {
    let starts = |(start, least): &(&str, usize)| word.len() >= *least && word.starts_with(start.as_bytes());
    STARTS.iter().any(starts) || is_jwt(word)
}

/// Three parts of Base64url, the first of which is a JSON object.
fn is_jwt(word: &[u8]) -> bool {
    word.len() >= 30
        && word.starts_with(b"eyJ")
        && word.iter().filter(|&&b| b == b'.').count() == 2
        && word.iter().all(|&b| b.is_ascii_alphanumeric() || b"-_.=".contains(&b))
}

/// A value of a hidden field: the marker, after the word that says of what kind the credentials are.
pub(super) fn marker_for(value: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(value).unwrap_or_default();
    match text.split_once(' ') {
        Some((scheme, _)) if SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme)) => {
            format!("{scheme} {MARKER}").into_bytes()
        }
        _ => MARKER.as_bytes().to_vec(),
    }
}

/// A text with the secrets taken out that are known by their looks, and those in the queries and user
/// names of URLs.
pub(super) fn text<'t>(text: &'t [u8], rules: &Redaction) -> Cow<'t, [u8]> {
    let mut out: Option<Vec<u8>> = None;
    let (mut kept, mut at) = (0, 0);
    while at < text.len() {
        let end = at + text[at..].iter().position(|&b| ends_word(b)).unwrap_or(text.len() - at);
        let word = &text[at..end];
        let known = [&b"Bearer"[..], b"Basic"].iter().any(|scheme| word.eq_ignore_ascii_case(scheme));
        let new: Option<Vec<u8>> = if is_secret(word) {
            Some(MARKER.into())
        } else if memchr::memmem::find(word, b"://").is_some() {
            match url(word, rules) {
                Cow::Owned(new) => Some(new),
                Cow::Borrowed(_) => None,
            }
        } else {
            None
        };
        if let Some(new) = new {
            let out = out.get_or_insert_default();
            out.extend_from_slice(&text[kept..at]);
            out.extend_from_slice(&new);
            kept = end;
        } else if known && rules.secrets && text.get(end) == Some(&b' ') {
            // What follows is the credential, whatever it looks like.
            let start = end + 1;
            let stop = start + text[start..].iter().position(|&b| ends_word(b)).unwrap_or(text.len() - start);
            if stop - start >= 8 {
                let out = out.get_or_insert_default();
                out.extend_from_slice(&text[kept..start]);
                out.extend_from_slice(MARKER.as_bytes());
                (kept, at) = (stop, stop);
                continue;
            }
        }
        at = end + 1;
    }
    match out {
        Some(mut out) => {
            out.extend_from_slice(&text[kept..]);
            out.into()
        }
        None => text.into(),
    }
}

fn ends_word(b: u8) -> bool {
    b.is_ascii_whitespace() || b"\"'<>,;()\\`".contains(&b)
}

/// A URL or a request target with the secrets of its user information, path and query taken out.
pub(super) fn url<'t>(text: &'t [u8], rules: &Redaction) -> Cow<'t, [u8]> {
    if !rules.is_on() {
        return text.into();
    }
    let (rest, fragment) = cut(text, b'#');
    let (start, query) = cut(rest, b'?');
    let mut out = path(start, rules);
    let mut changed = out != start;
    for part in [query, fragment].into_iter().flatten() {
        out.push(part.0);
        let (pairs, hidden) = pairs(part.1, b"&;", Place::Query, rules);
        changed |= hidden;
        out.extend_from_slice(&pairs);
    }
    if changed { out.into() } else { text.into() }
}

/// What stands before a sign, and the sign with what follows it.
fn cut(text: &[u8], sign: u8) -> (&[u8], Option<(u8, &[u8])>) {
    match memchr::memchr(sign, text) {
        Some(at) => (&text[..at], Some((sign, &text[at + 1..]))),
        None => (text, None),
    }
}

fn path(start: &[u8], rules: &Redaction) -> Vec<u8> {
    let mut out = Vec::with_capacity(start.len());
    let mut rest = start;
    if let Some(at) = memchr::memmem::find(start, b"://") {
        let (scheme, after) = start.split_at(at + 3);
        out.extend_from_slice(scheme);
        rest = after;
        let authority = memchr::memchr(b'/', after).unwrap_or(after.len());
        if let Some(user) = memchr::memrchr(b'@', &after[..authority]) {
            out.extend_from_slice(MARKER.as_bytes());
            rest = &after[user..];
        }
        // Whoever knows such a URL may post to the channel.
        if rest.starts_with(b"hooks.slack.com/") && rules.secrets {
            out.extend_from_slice(b"hooks.slack.com/");
            out.extend_from_slice(MARKER.as_bytes());
            return out;
        }
    }
    for (index, segment) in rest.split(|&b| b == b'/').enumerate() {
        if index > 0 {
            out.push(b'/');
        }
        out.extend_from_slice(if is_secret(segment) { MARKER.as_bytes() } else { segment });
    }
    out
}

/// Names and values joined by `=`, with hidden values replaced; whether any was.
pub(super) fn pairs(text: &[u8], joints: &[u8], place: Place, rules: &Redaction) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity(text.len());
    let mut changed = false;
    let mut rest = text;
    loop {
        let end = rest.iter().position(|b| joints.contains(b)).unwrap_or(rest.len());
        let pair = &rest[..end];
        let value_at = memchr::memchr(b'=', pair).map(|at| at + 1);
        match value_at {
            Some(at) if at < pair.len() => {
                let (name, value) = pair.split_at(at);
                let new = pair_value(&name[..at - 1], value, place, rules);
                changed |= new.is_some();
                out.extend_from_slice(name);
                out.extend_from_slice(new.as_deref().unwrap_or(value));
            }
            _ if is_secret(pair) => {
                changed = true;
                out.extend_from_slice(MARKER.as_bytes());
            }
            _ => out.extend_from_slice(pair),
        }
        let Some(&joint) = rest.get(end) else { return (out, changed) };
        out.push(joint);
        rest = &rest[end + 1..];
    }
}

/// The new value of a pair, where it changes.
fn pair_value(name: &[u8], value: &[u8], place: Place, rules: &Redaction) -> Option<Vec<u8>> {
    let plain = |text: &[u8]| {
        let spaces: Vec<u8> = text.iter().map(|&b| if b == b'+' { b' ' } else { b }).collect();
        percent_decode(&spaces).collect::<Vec<u8>>()
    };
    let name = plain(name);
    if rules.hides(&String::from_utf8_lossy(&name), place) {
        return Some(MARKER.into());
    }
    let decoded = plain(value);
    let new = match rules.json_text(&decoded) {
        Some(new) => new,
        None if is_secret(&decoded) => return Some(MARKER.into()),
        None => match self::text(&decoded, rules) {
            Cow::Owned(new) => new,
            Cow::Borrowed(_) => return None,
        },
    };
    Some(form_urlencoded::byte_serialize(&new).collect::<String>().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(text: &str) -> String {
        String::from_utf8(super::text(text.as_bytes(), &Redaction::secrets()).into_owned()).unwrap()
    }

    #[test]
    fn keys_are_known_by_their_looks() {
        for (text, expected) in [
            ("the key whsec_0123456789abcdef, and more", "the key [redacted], and more"),
            ("Authorization: Bearer abcdefghijk", "Authorization: Bearer [redacted]"),
            ("token eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2lnbmF0dXJl", "token [redacted]"),
            (
                "see https://u:p@h.test/a?token=x&b=1#key=2",
                "see https://[redacted]@h.test/a?token=[redacted]&b=1#key=[redacted]",
            ),
            ("https://hooks.slack.com/services/T/B/x", "https://hooks.slack.com/[redacted]"),
            ("https://h.test/whsec_0123456789abcdef/x", "https://h.test/[redacted]/x"),
            ("a basic rule, eyJ.x, sk_live_, AKIA", "a basic rule, eyJ.x, sk_live_, AKIA"),
            ("https://h.test/a?b=1", "https://h.test/a?b=1"),
        ] {
            assert_eq!(redacted(text), expected);
        }
    }

    #[test]
    fn targets_keep_all_but_the_values() {
        let of =
            |text: &str| String::from_utf8(url(text.as_bytes(), &Redaction::secrets()).into_owned()).unwrap();
        assert_eq!(of("/a?x=1&access%5Ftoken=abc&&y"), "/a?x=1&access%5Ftoken=[redacted]&&y");
        assert_eq!(of("/a?token="), "/a?token=");
        assert_eq!(of("*"), "*");
        assert_eq!(
            of("/a?u=https%3A%2F%2Fh%2F%3Ftoken%3Dx"),
            "/a?u=https%3A%2F%2Fh%2F%3Ftoken%3D%5Bredacted%5D"
        );
    }
}
