//! Where a value stands in a request: `header:X`, `sig:t`, `query:q`, `param:p`, `json:/a/b`,
//! `form:f`, `formjson:f:/a/b`, `member:!except`.

use std::borrow::Cow;

use crate::domain::signature::{
    form,
    pointer::{self, Pointer},
    request::Facts,
};

/// Where a value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The header with this name; its values joined where it stands there several times.
    Header(Box<str>),
    /// The part of the signature header with this label.
    Sig(Box<str>),
    /// The first query parameter with this name, decoded.
    Query(Box<str>),
    /// A parameter of the endpoint's configuration.
    Param(Box<str>),
    /// A scalar in a JSON body.
    Json(Pointer),
    /// The first field of a form body with this name, decoded.
    Form(Box<str>),
    /// A scalar in the JSON text that a form field holds.
    FormJson(Box<str>, Pointer),
    /// The name of the first member of a JSON body that is not among these.
    Member(Box<[Box<str>]>),
}

impl Source {
    /// Reads a source as the catalogue writes it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let unknown = || {
            format!(
                "`{text}` is not a source: write header:, sig:, query:, param:, json:/, form:, formjson: or member:!"
            )
        };
        let pointer = |text: &str| {
            Pointer::parse(text).ok_or_else(|| format!("`{text}` is not a JSON pointer: it begins with `/`"))
        };
        let (kind, rest) = text.split_once(':').ok_or_else(unknown)?;
        if rest.is_empty() {
            return Err(format!("`{text}` names nothing"));
        }
        Ok(match kind {
            "header" => Self::Header(rest.into()),
            "sig" => Self::Sig(rest.into()),
            "query" => Self::Query(rest.into()),
            "param" => Self::Param(rest.into()),
            "json" => Self::Json(pointer(rest)?),
            "form" => Self::Form(rest.into()),
            "formjson" => {
                let (field, path) = rest.split_once(':').ok_or_else(unknown)?;
                Self::FormJson(field.into(), pointer(path.strip_prefix("json:").unwrap_or(path))?)
            }
            "member" => {
                let names = rest.strip_prefix('!').ok_or_else(unknown)?;
                Self::Member(names.split(',').map(Into::into).collect())
            }
            _ => return Err(unknown()),
        })
    }

    /// The value, if it is there. The body is parsed only if it looks like what is asked for.
    pub(super) fn find<'a>(&self, facts: &Facts<'a, '_>) -> Option<Cow<'a, [u8]>> {
        match self {
            Self::Header(name) => facts.head.joined(name),
            Self::Sig(label) => facts
                .parts
                .iter()
                .find(|(name, _)| **name == *label.as_bytes())
                .map(|(_, value)| value.clone()),
            Self::Query(name) => form::field(form::query(facts.head.target()), name).map(bytes),
            Self::Param(name) => {
                facts.params.get(&**name).map(|value| Cow::Owned(value.clone().into_bytes()))
            }
            Self::Json(pointer) => {
                looks_like_json(facts.body).then_some(())?;
                pointer.find(facts.body).and_then(pointer::text).map(bytes)
            }
            Self::Form(name) => {
                (!looks_like_json(facts.body)).then_some(())?;
                form::field(facts.body, name).map(bytes)
            }
            Self::FormJson(name, pointer) => {
                (!looks_like_json(facts.body)).then_some(())?;
                let json = match form::multipart(facts.head, facts.body, name) {
                    Some(json) => Cow::Borrowed(json),
                    None => bytes(form::field(facts.body, name)?),
                };
                let value = pointer::text(pointer.find(&json)?)?;
                Some(Cow::Owned(value.into_owned().into_bytes()))
            }
            Self::Member(except) => {
                looks_like_json(facts.body).then_some(())?;
                pointer::first_member(facts.body, except).map(bytes)
            }
        }
    }

    /// The source in words.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Header(name) => format!("header {name}"),
            Self::Sig(label) => format!("`{label}` of the signature"),
            Self::Query(name) => format!("query parameter {name}"),
            Self::Param(name) => format!("parameter {name}"),
            Self::Json(_) => "a field of the body".to_owned(),
            Self::Form(name) | Self::FormJson(name, _) => format!("form field {name}"),
            Self::Member(_) => "a member of the body".to_owned(),
        }
    }
}

fn bytes(text: Cow<'_, str>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

fn looks_like_json(body: &[u8]) -> bool {
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'['))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::headers::Head;

    fn find(source: &str, body: &str) -> Option<String> {
        let head = Head::new(b"POST /p?a=%20b&a=2 HTTP/1.1\r\nX-One:  1 \r\n\r\n");
        let facts = Facts::bare(head, body.as_bytes());
        let found = Source::parse(source).unwrap().find(&facts)?;
        Some(String::from_utf8(found.into_owned()).unwrap())
    }

    #[test]
    fn finds_values_wherever_they_stand() {
        for (source, body, expected) in [
            ("header:x-one", "", Some("1")),
            ("header:x-two", "", None),
            ("query:a", "", Some(" b")),
            ("query:b", "", None),
            ("json:/a", r#"{"a":5}"#, Some("5")),
            ("json:/a", "a=5", None),
            ("form:a", "a=5+6", Some("5 6")),
            ("form:a", r#"{"a":5}"#, None),
            ("formjson:p:/a", "p=%7B%22a%22%3A%22x%22%7D", Some("x")),
            ("formjson:p:json:/a", "p=%7B%22a%22%3A%22x%22%7D", Some("x")),
            ("member:!a,b", r#"{"a":1,"b":2,"c":3}"#, Some("c")),
            ("param:p", "", None),
            ("sig:t", "", None),
        ] {
            assert_eq!(find(source, body).as_deref(), expected, "{source} {body}");
        }
    }

    #[test]
    fn refuses_what_is_not_a_source() {
        for text in ["", "x", "header:", "json:a", "cookie:x", "formjson:p", "member:a"] {
            assert!(Source::parse(text).is_err(), "{text}");
        }
    }
}
