//! Rules about which the packages of providers differ among themselves: the stricter one decides, and
//! the explanation says so.

use serde::de::IgnoredAny;

use crate::domain::signature::{
    Code, fault::Fault, provider::Scheme, request::Facts, script, source::Source, template::Token, url,
};

/// A rule that decided against a signature that another reader might have accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rule {
    /// The signature is not spelled as it should be.
    Encoding,
    /// The header stands in the request several times.
    Repeated,
    /// The parts of the header are not those, or not in the order, that they should be.
    Parts,
    /// The timestamp is not written as it should be.
    Time,
    /// The timestamp lies in the future.
    Future,
    /// The age is that of the tolerance, or beyond it by less than a second.
    Border,
    /// The body is empty.
    Empty,
    /// The body is not UTF-8.
    Utf8,
    /// The body is not JSON.
    Json,
    /// The body is JSON that its sender would write otherwise.
    Spelling,
    /// The URL has something that readers take for different things.
    Url,
    /// A field that is signed is not of the kind that it should be.
    Field,
    /// The secret is not written as it should be.
    Key,
    /// A token says what it should not.
    Claim,
}

impl Rule {
    /// The words of the catalogue.
    pub(super) const WORDS: [(&'static str, Self); 14] = [
        ("encoding", Self::Encoding),
        ("repeated", Self::Repeated),
        ("parts", Self::Parts),
        ("time", Self::Time),
        ("future", Self::Future),
        ("border", Self::Border),
        ("empty", Self::Empty),
        ("utf8", Self::Utf8),
        ("json", Self::Json),
        ("spelling", Self::Spelling),
        ("url", Self::Url),
        ("field", Self::Field),
        ("key", Self::Key),
        ("claim", Self::Claim),
    ];

    /// What is wrong, as it follows a colon.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Encoding => "the signature is not written in the scheme's encoding",
            Self::Repeated => "the header stands in the request several times",
            Self::Parts => "its parts are not those that the scheme has",
            Self::Time => "its timestamp is not written as it should be",
            Self::Future => "its timestamp lies in the future",
            Self::Border => "its age is just beyond the tolerance",
            Self::Empty => "the body is empty",
            Self::Utf8 => "the body is not UTF-8",
            Self::Json => "the body is not JSON",
            Self::Spelling => "the JSON of the body is not written as JavaScript writes it",
            Self::Url => "the URL has a part that readers treat in different ways",
            Self::Field => "a field that is signed is not of its kind",
            Self::Key => "the secret is not written as it should be",
            Self::Claim => "the token says what it should not",
        }
    }

    /// The code that stands for it outside.
    pub(super) const fn code(self) -> Code {
        match self {
            Self::Empty | Self::Utf8 | Self::Json | Self::Spelling | Self::Field => Code::BodyModified,
            Self::Url => Code::WrongUrl,
            Self::Key => Code::KeyUnavailable,
            Self::Claim => Code::Mismatch,
            Self::Future => Code::TimestampInFuture,
            Self::Border => Code::TimestampTooOld,
            _ => Code::MalformedHeader,
        }
    }
}

/// What a provider's own packages refuse of a rightly signed request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// An empty body.
    Empty,
    /// A body that is not UTF-8.
    Utf8,
    /// A body that is not JSON.
    NotJson,
    /// A body that JavaScript would write otherwise, had it read it: white space, escapes, numbers, names.
    Respelled,
    /// A URL with a user name.
    User,
    /// A URL with an empty query, fragment or parameters of its last segment, or with its scheme in capitals:
    /// Python's `urlparse` writes it otherwise.
    BareParts,
    /// A URL in which packages find other parts: with characters beyond ASCII, its scheme in capitals, a host
    /// in brackets, a port that is empty, or `;` or `@` in its path.
    OddUrl,
    /// A timestamp in the body that is text and not a number.
    Quoted,
    /// A signed field of the body that is `true`, `false` or `null`.
    Literal,
    /// A signed field of the body with other characters than Base64 has, and line ends.
    Base64,
}

impl Refused {
    /// The words of the catalogue.
    pub(super) const WORDS: [(&'static str, Self); 10] = [
        ("empty", Self::Empty),
        ("utf8", Self::Utf8),
        ("not-json", Self::NotJson),
        ("respelled", Self::Respelled),
        ("user", Self::User),
        ("bare-parts", Self::BareParts),
        ("odd-url", Self::OddUrl),
        ("quoted", Self::Quoted),
        ("literal", Self::Literal),
        ("base64", Self::Base64),
    ];

    /// What it is, behind "refused is".
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "an empty body",
            Self::Utf8 => "a body that is not UTF-8",
            Self::NotJson => "a body that is not JSON",
            Self::Respelled => "a body whose JSON JavaScript would write otherwise",
            Self::User => "a URL with a user name",
            Self::BareParts => "a URL with a part that is empty, or its scheme in capitals",
            Self::OddUrl => "a URL that not all read alike",
            Self::Quoted => "a timestamp that is text",
            Self::Literal => "a signed field that is true, false or null",
            Self::Base64 => "a signed field with other characters than Base64 has",
        }
    }

    /// The rule that it stands for.
    const fn rule(self) -> Rule {
        match self {
            Self::Empty => Rule::Empty,
            Self::Utf8 => Rule::Utf8,
            Self::NotJson => Rule::Json,
            Self::Respelled => Rule::Spelling,
            Self::User | Self::BareParts | Self::OddUrl => Rule::Url,
            Self::Quoted => Rule::Time,
            Self::Literal | Self::Base64 => Rule::Field,
        }
    }

    /// Whether a request is refused whose signature is right for a URL.
    fn refuses(self, scheme: &Scheme, facts: &Facts<'_, '_>, url: &str) -> bool {
        match self {
            Self::Empty => facts.body.is_empty(),
            // Most bodies are ASCII, which is told many times faster.
            Self::Utf8 => !facts.body.is_ascii() && std::str::from_utf8(facts.body).is_err(),
            _ => self.refuses_part(scheme, facts, url),
        }
    }

    /// The same about a part of it. Few schemes ask, so it stands apart from what all go through.
    #[cold]
    fn refuses_part(self, scheme: &Scheme, facts: &Facts<'_, '_>, url: &str) -> bool {
        match self {
            Self::Empty | Self::Utf8 => false,
            // Read without a tree and without recursion; numbers of any size are JSON. The empty
            // body has a word of its own.
            Self::NotJson => {
                !facts.body.is_empty() && serde_json::from_slice::<IgnoredAny>(facts.body).is_err()
            }
            Self::Respelled => !script::is_written(facts.body),
            Self::User => url::Parts::of(url).user.is_some(),
            Self::BareParts => has_bare_part(url),
            Self::OddUrl => is_odd(url),
            Self::Quoted => match scheme.time.as_ref().map(|time| &time.from) {
                Some(Source::Json(pointer)) => {
                    pointer.find(facts.body).is_some_and(|value| value.first() == Some(&b'"'))
                }
                _ => false,
            },
            Self::Literal => signed(scheme).any(|source| match source {
                Source::Json(pointer) => pointer
                    .find(facts.body)
                    .is_some_and(|value| matches!(value.first(), Some(b't' | b'f' | b'n'))),
                _ => false,
            }),
            Self::Base64 => signed(scheme).any(|source| {
                let plain = |b: &u8| b.is_ascii_alphanumeric() || b"+/=\n".contains(b);
                source.find(facts).is_some_and(|value| !value.iter().all(plain))
            }),
        }
    }
}

/// Whether Python's `urlparse` would write a URL otherwise.
fn has_bare_part(url: &str) -> bool {
    let parts = url::Parts::of(url);
    let last = parts.path.rsplit('/').next().unwrap_or_default();
    let params = last.find(';').is_some_and(|at| at + 1 == last.len());
    parts.query == Some("") || url.ends_with('#') || params || has_capitals(parts.scheme)
}

/// Whether packages find other parts in a URL.
fn is_odd(url: &str) -> bool {
    let parts = url::Parts::of(url);
    let host = parts.host.starts_with('[') || parts.port == Some("");
    !url.is_ascii() || has_capitals(parts.scheme) || host || parts.path.contains([';', '@'])
}

fn has_capitals(scheme: &str) -> bool {
    scheme.bytes().any(|b| b.is_ascii_uppercase())
}

/// Where the values stand that a scheme signs.
fn signed(scheme: &Scheme) -> impl Iterator<Item = &Source> {
    scheme.content.tokens().into_iter().filter_map(|token| match token {
        Token::Value(source) => Some(source),
        _ => None,
    })
}

/// Why the provider's own packages refuse a request, however it is signed, when it was sent to this URL.
#[inline]
pub(super) fn refused(scheme: &Scheme, facts: &Facts<'_, '_>, url: &str) -> Option<Fault> {
    let refused = scheme.refuse.iter().find(|refused| refused.refuses(scheme, facts, url))?;
    Some(Fault::Strict(refused.rule()))
}
