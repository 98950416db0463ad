//! The words and numbers that stand in the file for the values of the domain.

use std::time::Duration;

use crate::domain::{
    capture::{Cut, HttpVersion},
    delivery::DeliveryKind,
    handshake,
    signature::{Code, Verdict},
    sink::AnsweredBy,
};

const VERSIONS: [HttpVersion; 4] =
    [HttpVersion::Http09, HttpVersion::Http10, HttpVersion::Http11, HttpVersion::Http2];
const CUTS: [Cut; 4] = [Cut::TooLarge, Cut::Aborted, Cut::Timeout, Cut::Refused];
const KINDS: [DeliveryKind; 3] = [DeliveryKind::Forward, DeliveryKind::Replay, DeliveryKind::Test];

/// The protocol version of a word.
pub(super) fn version(word: &str) -> Option<HttpVersion> {
    VERSIONS.into_iter().find(|version| version.as_str() == word)
}

/// The cut of a word.
pub(super) fn cut(word: &str) -> Option<Cut> {
    CUTS.into_iter().find(|cut| cut.as_str() == word)
}

/// The kind of a delivery of a word.
pub(super) fn kind(word: &str) -> Option<DeliveryKind> {
    KINDS.into_iter().find(|kind| kind.as_str() == word)
}

/// The verdict of two words.
pub(super) fn verdict(word: &str, code: Option<&str>) -> Option<Verdict> {
    match (word, code) {
        ("invalid", Some(code)) => Code::find(code).map(Verdict::Invalid),
        ("valid", None) => Some(Verdict::Valid),
        ("unsigned", None) => Some(Verdict::Unsigned),
        ("unchecked", None) => Some(Verdict::Unchecked),
        ("unknown", None) => Some(Verdict::Unknown),
        _ => None,
    }
}

/// The name of the handshake that decided an answer.
pub(super) fn handshake(by: AnsweredBy) -> Option<&'static str> {
    match by {
        AnsweredBy::Handshake(name) => Some(name.as_str()),
        _ => None,
    }
}

/// Who decided an answer.
pub(super) fn answered_by(word: &str, handshake: Option<&str>) -> Option<AnsweredBy> {
    match (word, handshake) {
        ("default", None) => Some(AnsweredBy::Default),
        ("endpoint", None) => Some(AnsweredBy::Endpoint),
        ("forward", None) => Some(AnsweredBy::Forward),
        ("rejected", None) => Some(AnsweredBy::Rejected),
        ("refused", None) => Some(AnsweredBy::Refused),
        ("handshake", Some(name)) => handshake::Name::find(name).map(AnsweredBy::Handshake),
        _ => None,
    }
}

/// A length of time as it is stored.
pub(super) fn nanoseconds(took: Duration) -> i64 {
    i64::try_from(took.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A value that is added to one of these enumerations does not compile here until it has its place in
    /// a table above; its word then finds it.
    #[test]
    fn every_word_finds_its_value() {
        for value in VERSIONS {
            match value {
                HttpVersion::Http09 | HttpVersion::Http10 | HttpVersion::Http11 | HttpVersion::Http2 => {}
            }
            assert_eq!(version(value.as_str()), Some(value));
        }
        for value in CUTS {
            match value {
                Cut::TooLarge | Cut::Aborted | Cut::Timeout | Cut::Refused => {}
            }
            assert_eq!(cut(value.as_str()), Some(value));
        }
        for value in KINDS {
            match value {
                DeliveryKind::Forward | DeliveryKind::Replay | DeliveryKind::Test => {}
            }
            assert_eq!(kind(value.as_str()), Some(value));
        }
        for code in Code::ALL {
            match code {
                Code::MissingHeader
                | Code::MalformedHeader
                | Code::UnsupportedScheme
                | Code::TimestampTooOld
                | Code::TimestampInFuture
                | Code::WrongSecret
                | Code::WrongSecretForm
                | Code::BodyModified
                | Code::WrongUrl
                | Code::WrongEncoding
                | Code::WrongAlgorithm
                | Code::KeyUnavailable
                | Code::Mismatch => {}
            }
            assert_eq!(verdict("invalid", Some(code.as_str())), Some(Verdict::Invalid(code)));
        }
        for value in [Verdict::Valid, Verdict::Unsigned, Verdict::Unchecked, Verdict::Unknown] {
            assert_eq!(verdict(value.as_str(), None), Some(value));
        }
        for value in [
            AnsweredBy::Default,
            AnsweredBy::Endpoint,
            AnsweredBy::Forward,
            AnsweredBy::Rejected,
            AnsweredBy::Refused,
            AnsweredBy::Handshake(handshake::Name::find("slack url_verification").unwrap()),
        ] {
            assert_eq!(answered_by(value.as_str(), handshake(value)), Some(value));
        }
    }

    #[test]
    fn no_other_word_finds_one() {
        assert_eq!(verdict("invalid", None), None);
        assert_eq!(verdict("valid", Some("mismatch")), None);
        assert_eq!(answered_by("handshake", Some("of a stranger")), None);
        assert_eq!((version("3"), cut(""), kind("x")), (None, None, None));
    }
}
