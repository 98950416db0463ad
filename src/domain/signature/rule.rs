//! Rules that say whether a request is of some kind.
//!
//! A rule is one or more conditions joined by ` & `, all of which must hold:
//!
//! | condition | holds when |
//! |---|---|
//! | `X-Name` | the header is there |
//! | `!X-Name` | the header is not there |
//! | `X-Name*` | a header whose name begins so is there |
//! | `X-Name=value` | its value is this |
//! | `X-Name^start` | its value begins so |
//! | `X-Name~hex64` | its value is so many hex digits |
//! | `X-Name~base64-44` | its value is so many Base64 characters |
//! | `json:/a`, `json:/a=b` | the JSON body has this scalar (with this value) |
//! | `has:/a` | the JSON body has anything there |
//! | `query:a`, `form:a` | the query, the form body has this field |
//! | `body:form` | the body is a form by its content type, or empty |

use crate::domain::signature::{form, pointer::Pointer, request::Facts, source::Source};

/// A rule, compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) terms: Vec<Term>,
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Term {
    /// About a header's value.
    Header(Box<str>, Test),
    /// About the absence of a header.
    Absent(Box<str>),
    /// About a header whose name begins so.
    Prefix(Box<str>),
    /// About a value somewhere else.
    Value(Source, Option<Box<str>>),
    /// About the presence of anything in a JSON body.
    Has(Pointer),
    /// The body is a form.
    FormBody,
}

/// What is asked of a header's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Test {
    Any,
    Is(Box<str>),
    Starts(Box<str>),
    Hex(usize),
    Base64(usize),
}

impl Rule {
    /// Reads a rule as the catalogue writes it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let terms = text.split(" & ").map(Term::parse).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { terms })
    }

    /// Whether all its conditions hold.
    pub(super) fn holds(&self, facts: &Facts<'_, '_>) -> bool {
        self.terms.iter().all(|term| term.holds(facts))
    }
}

impl Term {
    fn parse(text: &str) -> Result<Self, String> {
        if text == "body:form" {
            return Ok(Self::FormBody);
        }
        if let Some(path) = text.strip_prefix("has:") {
            return Pointer::parse(path)
                .map(Self::Has)
                .ok_or_else(|| format!("`{text}` is not a JSON pointer"));
        }
        if text.contains(':') {
            let (source, value) = text.split_once('=').map_or((text, None), |(s, v)| (s, Some(v.into())));
            return Ok(Self::Value(Source::parse(source)?, value));
        }
        if let Some(name) = text.strip_prefix('!') {
            return match Self::parse(name)? {
                Self::Header(name, Test::Any) => Ok(Self::Absent(name)),
                _ => Err(format!("`{text}` is not the absence of one header")),
            };
        }
        let end = text.find(['=', '^', '~']).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        let stem = name.strip_suffix('*').unwrap_or(name);
        let token = |b: u8| b.is_ascii_alphanumeric() || b"#$%&'+-.^_`|".contains(&b);
        if stem.is_empty() || !stem.bytes().all(token) || (stem.len() < name.len() && !rest.is_empty()) {
            return Err(format!("`{text}` is not a header name"));
        }
        if stem.len() < name.len() {
            return Ok(Self::Prefix(stem.into()));
        }
        let value = rest.get(1..).unwrap_or_default();
        let test = match rest.as_bytes().first() {
            None => Test::Any,
            Some(b'=') => Test::Is(value.into()),
            Some(b'^') => Test::Starts(value.into()),
            _ => {
                let number = |digits: &str| digits.parse().map_err(|_| format!("`{value}` is not a shape"));
                match (value.strip_prefix("hex"), value.strip_prefix("base64-")) {
                    (Some(digits), _) => Test::Hex(number(digits)?),
                    (_, Some(digits)) => Test::Base64(number(digits)?),
                    _ => return Err(format!("`{value}` is not a shape: write hex64 or base64-44")),
                }
            }
        };
        Ok(Self::Header(name.into(), test))
    }

    /// Whether it is about headers alone.
    pub(super) const fn is_header(&self) -> bool {
        matches!(self, Self::Header(..) | Self::Absent(_) | Self::Prefix(_))
    }

    /// Whether it holds.
    pub(super) fn holds(&self, facts: &Facts<'_, '_>) -> bool {
        match self {
            Self::Header(name, test) => facts.head.get(name).is_some_and(|value| test.holds(value)),
            Self::Absent(name) => facts.head.get(name).is_none(),
            Self::Prefix(prefix) => facts.head.fields().any(|field| {
                field
                    .name
                    .get(..prefix.len())
                    .is_some_and(|name| name.eq_ignore_ascii_case(prefix.as_bytes()))
            }),
            Self::Value(source, expected) => source
                .find(facts)
                .is_some_and(|value| expected.as_ref().is_none_or(|expected| *value == *expected.as_bytes())),
            Self::Has(pointer) => pointer.find(facts.body).is_some(),
            Self::FormBody => form::is_form(facts.head, facts.body),
        }
    }
}

impl Test {
    /// Whether a value is as asked.
    pub(super) fn holds(&self, value: &[u8]) -> bool {
        match self {
            Self::Any => true,
            Self::Is(text) => value == text.as_bytes(),
            Self::Starts(text) => value.starts_with(text.as_bytes()),
            Self::Hex(digits) => value.len() == *digits && value.iter().all(u8::is_ascii_hexdigit),
            Self::Base64(length) => {
                let plain = |b: &u8| b.is_ascii_alphanumeric() || b"+/=-_".contains(b);
                value.len() == *length && value.iter().all(plain)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::headers::Head;

    #[test]
    fn rules_hold_as_the_table_says() {
        let head = Head::new(
            b"POST /?q=1 HTTP/1.1\r\nX-A: v1=0aF9\r\nX-B: 0aF9\r\nX-DocuSign-Signature-1: x\r\n\r\n",
        );
        let facts = Facts::bare(head, br#"{"a":{"b":"c"},"n":null}"#);
        for (rule, expected) in [
            ("x-a", true),
            ("X-Z", false),
            ("X-A & X-B", true),
            ("X-A & X-Z", false),
            ("X-A & !X-Z", true),
            ("!X-A", false),
            ("X-A=v1=0aF9", true),
            ("X-A^v1=", true),
            ("X-A^v2=", false),
            ("X-B~hex4", true),
            ("X-A~hex7", false),
            ("X-B~base64-4", true),
            ("X-DocuSign-Signature-*", true),
            ("json:/a/b", true),
            ("json:/a/b=c", true),
            ("json:/a/b=d", false),
            ("json:/a", false),
            ("has:/a", true),
            ("has:/z", false),
            ("query:q", true),
            ("form:q", false),
            ("body:form", false),
        ] {
            assert_eq!(Rule::parse(rule).map(|rule| rule.holds(&facts)), Ok(expected), "{rule}");
        }
    }

    #[test]
    fn refuses_what_is_not_a_rule() {
        for text in ["", "a b", "X~sha", "X*=1", "json:a", "X & ", "has:a"] {
            assert!(Rule::parse(text).is_err(), "{text}");
        }
    }
}
