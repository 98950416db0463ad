//! Rules about which the packages of providers differ among themselves: the stricter one decides, and
//! the explanation says so.

use crate::domain::signature::Code;

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
}

impl Rule {
    /// The words of the catalogue.
    pub(super) const WORDS: [(&'static str, Self); 8] = [
        ("encoding", Self::Encoding),
        ("repeated", Self::Repeated),
        ("parts", Self::Parts),
        ("time", Self::Time),
        ("future", Self::Future),
        ("border", Self::Border),
        ("empty", Self::Empty),
        ("utf8", Self::Utf8),
    ];

    /// What is wrong, as it follows a colon.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Encoding => "the signature is not written in the scheme's encoding",
            Self::Repeated => "the header stands in the request several times",
            Self::Parts => "its parts are not those that the scheme has",
            Self::Time => "its timestamp cannot be read",
            Self::Future => "its timestamp lies in the future",
            Self::Border => "its age is just beyond the tolerance",
            Self::Empty => "the body is empty",
            Self::Utf8 => "the body is not UTF-8",
        }
    }

    /// The code that stands for it outside.
    pub(super) const fn code(self) -> Code {
        match self {
            Self::Empty | Self::Utf8 => Code::BodyModified,
            Self::Future => Code::TimestampInFuture,
            Self::Border => Code::TimestampTooOld,
            _ => Code::MalformedHeader,
        }
    }
}

/// What a provider's own packages refuse of a rightly signed request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refused(pub(super) Rule);

impl Refused {
    /// The words of the catalogue.
    pub(super) const WORDS: [(&'static str, Self); 2] =
        [("empty", Self(Rule::Empty)), ("utf8", Self(Rule::Utf8))];

    /// Whether a body is refused.
    pub(super) fn refuses(self, body: &[u8]) -> bool {
        match self.0 {
            Rule::Empty => body.is_empty(),
            // Most bodies are ASCII, which is told many times faster.
            _ => !body.is_ascii() && std::str::from_utf8(body).is_err(),
        }
    }
}
