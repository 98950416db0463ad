//! Why a check could not succeed, with what an explanation needs.

use crate::domain::signature::{Code, strict::Rule};

/// Why a check could not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A header that the signed content includes is missing.
    MissingHeader(Box<str>),
    /// A query parameter that the scheme needs is missing.
    MissingQuery(Box<str>),
    /// A parameter of the configuration is missing.
    MissingParam(Box<str>),
    /// The signature is not of the scheme's form; says what is wrong with it.
    Malformed(&'static str),
    /// A rule decided that other readers do not all have.
    Strict(Rule),
    /// Only signatures with another label are there.
    Unsupported(Box<str>),
    /// None of the secrets can be read in the scheme's form.
    Key,
    /// The signature names a key that none of those at hand is.
    OtherKey,
    /// The signature is right, but what it says under this name is not what it must be.
    Claim(Box<str>),
    /// The body is not whole.
    Incomplete,
    /// The signature is right, but a digest that it covers is not that of the body.
    BodyDigest,
    /// Another URL was signed; says how it differs.
    Url(&'static str),
    /// Nothing matches.
    Mismatch,
}

impl Fault {
    /// The code that stands for it outside.
    pub(super) const fn code(&self) -> Code {
        match self {
            Self::MissingHeader(_) | Self::MissingQuery(_) => Code::MissingHeader,
            Self::MissingParam(_) | Self::Key | Self::OtherKey => Code::KeyUnavailable,
            Self::Malformed(_) => Code::MalformedHeader,
            Self::Strict(rule) => rule.code(),
            Self::Unsupported(_) => Code::UnsupportedScheme,
            Self::Incomplete | Self::BodyDigest => Code::BodyModified,
            Self::Url(_) => Code::WrongUrl,
            Self::Mismatch | Self::Claim(_) => Code::Mismatch,
        }
    }
}
