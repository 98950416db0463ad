//! An endpoint: a rule that says which requests belong together and what is done with them.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use crate::domain::target::Target;

/// The rules in their order; the first that matches answers.
#[derive(Clone, Debug, Default)]
pub struct Endpoints {
    /// The rules.
    pub list: Vec<Endpoint>,
}

/// One rule.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// The name that lists and JSON output show: the path without its wildcard, or what the
    /// configuration calls it.
    pub name: Arc<str>,
    /// The path glob: `*` stands for anything within a segment, `**` for anything.
    pub path: String,
    /// The methods it is for; empty for all. Compared without regard to case.
    pub methods: Vec<String>,
    /// The provider's id; recognised from the request when it is not set.
    pub provider: Option<Arc<str>>,
    /// Age beyond which a timestamp is stale; the provider's documented one when it is not set.
    pub tolerance: Option<Duration>,
    /// What else a scheme needs (`webhook_id`).
    pub params: BTreeMap<String, String>,
    /// The status for a request whose signature is not valid.
    pub on_invalid: Option<u16>,
    /// The answers: one for `respond`, several for `respond_sequence`; empty for the default.
    pub respond: Vec<Respond>,
    /// Whether providers' handshakes are answered. When it is not set they are, unless the answer is
    /// the forward target's own.
    pub handshakes: Option<bool>,
    /// Where each capture is sent on to.
    pub forward_to: Vec<Target>,
    /// Whether the first target's response goes back to the sender.
    pub forward_response: bool,
    /// The most requests that are accepted in a time.
    pub rate_limit: Option<RateLimit>,
}

/// A fixed answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Respond {
    /// The status code, 200 to 599.
    pub status: u16,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// How long the answer waits.
    pub delay: Duration,
    /// In a sequence: how often this answer is given before the next; the last one stays.
    pub times: u32,
}

impl Default for Respond {
    fn default() -> Self {
        Self { status: 200, headers: Vec::new(), body: String::new(), delay: Duration::ZERO, times: 1 }
    }
}

/// So many requests in so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// How many.
    pub count: u32,
    /// In how long.
    pub per: Duration,
}

impl Endpoints {
    /// The first endpoint for a request, with its place in the list.
    #[must_use]
    pub fn find(&self, method: &[u8], target: &[u8]) -> Option<(usize, &Endpoint)> {
        self.list.iter().enumerate().find(|(_, endpoint)| endpoint.matches(method, target))
    }
}

impl Endpoint {
    /// An endpoint for a path glob, everything else at its default.
    #[must_use]
    pub fn new(path: impl Into<String>) -> Self {
        let path = path.into();
        Self {
            name: Arc::from(path.as_str()),
            path,
            methods: Vec::new(),
            provider: None,
            tolerance: None,
            params: BTreeMap::new(),
            on_invalid: None,
            respond: Vec::new(),
            handshakes: None,
            forward_to: Vec::new(),
            forward_response: false,
            rate_limit: None,
        }
    }

    /// Whether a request belongs to this endpoint. The query does not count, and `/a/**` is also `/a`.
    #[must_use]
    pub fn matches(&self, method: &[u8], target: &[u8]) -> bool {
        let method_fits =
            self.methods.is_empty() || self.methods.iter().any(|m| m.as_bytes().eq_ignore_ascii_case(method));
        let path = target.split(|&b| b == b'?').next().unwrap_or(target);
        method_fits
            && (glob(self.path.as_bytes(), path)
                || self.path.strip_suffix("/**").is_some_and(|base| glob(base.as_bytes(), path)))
    }

    /// The fixed part of the path before the first wildcard, without a slash at its end: where a
    /// forward target's own path is mounted.
    #[must_use]
    pub fn mount(&self) -> &str {
        let fixed = self.path.find('*').map_or(self.path.as_str(), |star| &self.path[..star]);
        let fixed = if fixed.len() < self.path.len() {
            fixed.rfind('/').map_or("", |slash| &fixed[..slash])
        } else {
            fixed
        };
        fixed.trim_end_matches('/')
    }
}

/// Whether a path is what a glob describes: `*` stands for anything within one segment, `**` for
/// anything at all. On bytes, because a target need not be UTF-8; every other byte stands for itself.
fn glob(pattern: &[u8], path: &[u8]) -> bool {
    // The usual two-pointer match with one point to come back to for each kind of wildcard.
    let (mut p, mut s) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    let mut deep: Option<(usize, usize)> = None;
    loop {
        if pattern[p..].starts_with(b"**") {
            p += 2;
            deep = Some((p, s));
            star = None;
        } else if p < pattern.len() && pattern[p] == b'*' {
            p += 1;
            star = Some((p, s));
        } else if p < pattern.len() && s < path.len() && pattern[p] == path[s] {
            p += 1;
            s += 1;
        } else if p == pattern.len() && s == path.len() {
            return true;
        } else if let Some((after, from)) = star.filter(|&(_, from)| from < path.len() && path[from] != b'/')
        {
            star = Some((after, from + 1));
            (p, s) = (after, from + 1);
        } else if let Some((after, from)) = deep.filter(|&(_, from)| from < path.len()) {
            deep = Some((after, from + 1));
            star = None;
            (p, s) = (after, from + 1);
        } else {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_segments_and_depths() {
        for (pattern, path, expected) in [
            ("/a", "/a", true),
            ("/a", "/a/", false),
            ("/*", "/a", true),
            ("/*", "/a/b", false),
            ("/a/*/c", "/a/b/c", true),
            ("/a/*/c", "/a/b/x/c", false),
            ("/**", "/a/b/c", true),
            ("/a/**/z", "/a/b/c/z", true),
            ("/**/h*k", "/x/y/hook", true),
            ("/**/h*k", "/x/y/ho/ok", false),
            ("*", "", true),
            ("**a*b", "/xa/yaab", true),
        ] {
            assert_eq!(glob(pattern.as_bytes(), path.as_bytes()), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn a_hostile_path_does_not_make_a_glob_slow() {
        let path = vec![b'a'; 60_000];
        assert!(!glob(b"/*a*a*a*a*a*a*a*a*b", &path));
    }

    #[test]
    fn the_first_endpoint_that_matches_answers() {
        let mut post = Endpoint::new("/stripe/**");
        post.methods = vec!["post".into()];
        let endpoints = Endpoints { list: vec![post, Endpoint::new("/**")] };
        let index = |method: &[u8], target: &[u8]| endpoints.find(method, target).map(|(index, _)| index);
        assert_eq!(index(b"POST", b"/stripe"), Some(0));
        assert_eq!(index(b"POST", b"/stripe/a?b=/x"), Some(0));
        assert_eq!(index(b"GET", b"/stripe/a"), Some(1));
        assert_eq!(index(b"POST", b"/stripes"), Some(1));
        assert_eq!(index(b"POST", b"*"), None);
    }

    #[test]
    fn the_mount_is_the_fixed_part() {
        for (path, expected) in
            [("/stripe/**", "/stripe"), ("/a/b*", "/a"), ("/**", ""), ("/a/b", "/a/b"), ("*", "")]
        {
            assert_eq!(Endpoint::new(path).mount(), expected, "{path}");
        }
    }
}
