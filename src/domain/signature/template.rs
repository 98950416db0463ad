//! The signed content as a template: `{sig:t}.{body}`.
//!
//! A brace that a lower-case letter follows begins a token; any other brace stands for itself, so
//! that JSON text can be written as it is.

use crate::domain::signature::{canon::Canon, encoding::Encoding, source::Source};

/// A template, compiled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Template {
    pub(super) pieces: Vec<Token>,
    /// Whether the URL is part of it. This and the next are asked for at each check.
    has_url: bool,
    /// Whether the key is.
    has_secret: bool,
}

/// One piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Itself.
    Text(Box<str>),
    /// The body as it was sent.
    Body,
    /// The key.
    Secret,
    /// The method as sent.
    Method,
    /// The whole URL.
    Url,
    /// The URL without its query.
    UrlNoQuery,
    /// A value of the request.
    Value(Source),
    /// The names and values of a form body, sorted; with or without its repetitions.
    FormSorted { dedup: bool },
    /// The body as a JSON string.
    JsonBody,
    /// A value as a JSON string.
    JsonValue(Source),
    /// The CRC-32 of the body in decimal.
    Crc32Body,
    /// The SHA-256 digest of the body, encoded.
    Sha256Body(Encoding),
    /// What its name says.
    Code(Canon),
    /// Left out as a whole when a value in it is missing.
    Optional(Template),
}

impl Template {
    /// Reads a template as the catalogue writes it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let token =
                rest.strip_prefix('{').filter(|inner| inner.starts_with(|c: char| c.is_ascii_lowercase()));
            if let Some(inner) = token {
                let end = closing(inner).ok_or_else(|| format!("`{rest}` has no closing brace"))?;
                if !literal.is_empty() {
                    pieces.push(Token::Text(std::mem::take(&mut literal).into()));
                }
                pieces.push(Token::parse(&inner[..end])?);
                rest = &inner[end + 1..];
            } else {
                literal.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
        if !literal.is_empty() {
            pieces.push(Token::Text(literal.into()));
        }
        let mut template = Self { pieces, has_url: false, has_secret: false };
        template.has_url = template.any(|token| match token {
            Token::Url | Token::UrlNoQuery => true,
            Token::Code(canon) => canon.has_url(),
            _ => false,
        });
        template.has_secret = template.any(|token| matches!(token, Token::Secret));
        Ok(template)
    }

    /// All tokens, those inside optional pieces too.
    pub(super) fn tokens(&self) -> Vec<&Token> {
        self.pieces
            .iter()
            .flat_map(|token| match token {
                Token::Optional(inner) => inner.tokens(),
                other => vec![other],
            })
            .collect()
    }

    /// Whether a condition holds for any of them.
    pub(super) fn any(&self, holds: fn(&Token) -> bool) -> bool {
        self.pieces.iter().any(|token| match token {
            Token::Optional(inner) => inner.any(holds),
            other => holds(other),
        })
    }

    /// Whether the URL is part of it.
    pub(super) const fn has_url(&self) -> bool {
        self.has_url
    }

    /// Whether the key is part of it.
    pub(super) const fn has_secret(&self) -> bool {
        self.has_secret
    }

    /// Whether it changes when any byte of the body does (or, for forms, any field).
    pub(super) fn covers_body(&self) -> bool {
        self.any(|token| match token {
            Token::Body | Token::JsonBody | Token::Sha256Body(_) | Token::FormSorted { .. } => true,
            Token::Code(canon) => canon.covers_body(),
            _ => false,
        })
    }
}

impl Token {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(match text {
            "body" => Self::Body,
            "secret" => Self::Secret,
            "method" => Self::Method,
            "url" => Self::Url,
            "url-no-query" => Self::UrlNoQuery,
            "form-sorted" => Self::FormSorted { dedup: false },
            "form-sorted-dedup" => Self::FormSorted { dedup: true },
            "jsonstr:body" => Self::JsonBody,
            "crc32:body" => Self::Crc32Body,
            "sha256hex:body" => Self::Sha256Body(Encoding::Hex),
            "sha256b64:body" => Self::Sha256Body(Encoding::Base64),
            "sha256b64u:body" => Self::Sha256Body(Encoding::Base64Url),
            _ => {
                if let Some(name) = text.strip_prefix("code:") {
                    Self::Code(Canon::parse(name).ok_or_else(|| format!("`{{{text}}}` is not known"))?)
                } else if let Some(inner) = text.strip_prefix("opt:") {
                    Self::Optional(Template::parse(inner)?)
                } else if let Some(source) = text.strip_prefix("jsonstr:") {
                    Self::JsonValue(Source::parse(source)?)
                } else {
                    Self::Value(Source::parse(text).map_err(|_| format!("`{{{text}}}` is not a token"))?)
                }
            }
        })
    }

    /// The piece in words, as the Signature pane labels it.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Text(_) => "text".to_owned(),
            Self::Body => "body".to_owned(),
            Self::Secret => "secret".to_owned(),
            Self::Method => "method".to_owned(),
            Self::Url => "URL".to_owned(),
            Self::UrlNoQuery => "URL without query".to_owned(),
            Self::Value(source) => source.describe(),
            Self::FormSorted { .. } => "form fields, sorted".to_owned(),
            Self::JsonBody => "body as a JSON string".to_owned(),
            Self::JsonValue(source) => format!("{} as a JSON string", source.describe()),
            Self::Crc32Body => "CRC-32 of the body".to_owned(),
            Self::Sha256Body(encoding) => format!("SHA-256 of the body ({})", encoding.as_str()),
            Self::Code(canon) => canon.describe().to_owned(),
            Self::Optional(_) => "optional".to_owned(),
        }
    }
}

/// The place of the brace that closes a token, other tokens inside it passed over.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_tokens_and_text() {
        let parsed = Template::parse("v0:{header:X-T}:{body}").unwrap();
        assert_eq!(
            parsed.pieces,
            [
                Token::Text("v0:".into()),
                Token::Value(Source::Header("X-T".into())),
                Token::Text(":".into()),
                Token::Body
            ]
        );
        assert!(parsed.covers_body() && !parsed.has_url());
    }

    #[test]
    fn json_braces_and_optional_pieces_nest() {
        let parsed = Template::parse(r#"{"Body":{jsonstr:body},"T":{sig:t}}"#).unwrap();
        assert_eq!(parsed.pieces.len(), 5);
        assert_eq!(parsed.pieces[0], Token::Text("{\"Body\":".into()));
        let parsed = Template::parse("{opt:id:{query:data.id};}ts").unwrap();
        assert!(matches!(&parsed.pieces[0], Token::Optional(inner) if inner.pieces.len() == 3));
    }

    #[test]
    fn names_what_it_does_not_know() {
        for (text, part) in [("{boddy}", "`{boddy}`"), ("{body", "closing"), ("{opt:{x}}", "`{x}`")] {
            assert!(Template::parse(text).unwrap_err().contains(part), "{text}");
        }
    }
}
