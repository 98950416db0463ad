//! The signed content of a request, piece by piece, without joining the pieces.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use crate::domain::signature::{
    checksum::crc32,
    encoding::Encoding,
    fault::Fault,
    form,
    request::Facts,
    source::Source,
    template::{Template, Token},
    url,
};

/// What the pieces of a template are made from.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a, 's> {
    pub(super) facts: Facts<'a, 's>,
    /// The key's bytes, for schemes that hash it with the content.
    pub(super) secret: &'s [u8],
    /// The URL that is tried.
    pub(super) url: &'s str,
    pub(super) form: &'s form::Sorted,
}

/// Gives every piece of a template to a function, in order.
///
/// Missing fields of the body are empty, as senders leave them; a missing header, query parameter,
/// part of the signature or parameter is a fault.
pub(super) fn feed(
    template: &Template,
    scope: &Scope<'_, '_>,
    sink: &mut dyn FnMut(&Token, &[u8]),
) -> Result<(), Fault> {
    for token in &template.pieces {
        match token {
            Token::Optional(inner) => {
                let whole = inner.tokens().iter().all(|token| match token {
                    Token::Value(source) | Token::JsonValue(source) => source.find(&scope.facts).is_some(),
                    _ => true,
                });
                if whole {
                    feed(inner, scope, sink)?;
                }
            }
            _ => sink(token, &piece(token, scope)?),
        }
    }
    Ok(())
}

/// A whole template as one value; for short ones.
pub(super) fn join(template: &Template, scope: &Scope<'_, '_>) -> Result<Vec<u8>, Fault> {
    let mut whole = Vec::new();
    feed(template, scope, &mut |_, piece| whole.extend_from_slice(piece))?;
    Ok(whole)
}

/// The bytes of one token.
pub(super) fn piece<'a>(token: &'a Token, scope: &Scope<'a, 'a>) -> Result<Cow<'a, [u8]>, Fault> {
    let body = scope.facts.body;
    Ok(match token {
        Token::Text(text) => Cow::Borrowed(text.as_bytes()),
        Token::Body => Cow::Borrowed(body),
        Token::Secret => Cow::Borrowed(scope.secret),
        Token::Method => Cow::Borrowed(scope.facts.head.method()),
        Token::Url => Cow::Borrowed(scope.url.as_bytes()),
        Token::UrlNoQuery => Cow::Borrowed(url::without_query(scope.url).as_bytes()),
        Token::Value(source) => value(source, &scope.facts)?,
        Token::FormSorted { dedup } if form::is_form(scope.facts.head, body) => {
            Cow::Borrowed(scope.form.of(body, *dedup).as_bytes())
        }
        Token::FormSorted { .. } | Token::Optional(_) => Cow::Borrowed(b""),
        Token::JsonBody => Cow::Owned(json_string(body)),
        Token::JsonValue(source) => Cow::Owned(json_string(&value(source, &scope.facts)?)),
        Token::Code(canon) => Cow::Owned(canon.make(&scope.facts, scope.url)?),
        Token::Crc32Body => Cow::Owned(crc32(body).to_string().into_bytes()),
        Token::Sha256Body(encoding) => {
            let encoding: Encoding = *encoding;
            Cow::Owned(encoding.encode(&Sha256::digest(body)).into_bytes())
        }
    })
}

fn value<'a>(source: &Source, facts: &Facts<'a, 'a>) -> Result<Cow<'a, [u8]>, Fault> {
    if let Some((_, number)) = facts.number.filter(|(place, _)| *place == source) {
        return Ok(Cow::Borrowed(number.as_bytes()));
    }
    match (source.find(facts), source) {
        // What is signed and empty is as good as missing, as most packages have it.
        (Some(value), Source::Header(name)) if value.is_empty() && !facts.blank => {
            Err(Fault::MissingHeader(name.clone()))
        }
        (Some(value), _) => Ok(value),
        (None, Source::Header(name)) => Err(Fault::MissingHeader(name.clone())),
        (None, Source::Query(name)) => Err(Fault::MissingQuery(name.clone())),
        (None, Source::Param(name)) => Err(Fault::MissingParam(name.clone())),
        (None, Source::Sig(_)) => Err(Fault::Malformed("a part that is signed as well is missing from it")),
        (None, _) => Ok(Cow::Borrowed(b"")),
    }
}

fn json_string(bytes: &[u8]) -> Vec<u8> {
    serde_json::to_vec(&String::from_utf8_lossy(bytes)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::headers::Head;

    fn content(template: &str, body: &str) -> Result<String, Fault> {
        let head = Head::new(b"PUT /p?data.id=7 HTTP/1.1\r\nX-T: 12\r\n\r\n");
        let facts = Facts::bare(head, body.as_bytes());
        let form = form::Sorted::default();
        let scope = Scope { facts, secret: b"key", url: "https://h/p?data.id=7", form: &form };
        join(&Template::parse(template).unwrap(), &scope).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn every_token_gives_its_piece() {
        for (template, body, expected) in [
            ("{header:X-T}.{body}", "b", "12.b"),
            ("{secret}{method} {url}", "", "keyPUT https://h/p?data.id=7"),
            ("{url-no-query}", "", "https://h/p"),
            ("{opt:id:{query:data.id};}{opt:r:{header:x-r};}", "", "id:7;"),
            ("{json:/a}:{json:/b}", r#"{"a":1}"#, "1:"),
            (r#"{"Body":{jsonstr:body}}"#, "a\"\n\u{e9}", r#"{"Body":"a\"\né"}"#),
            ("{crc32:body}", "123456789", "3421780262"),
            ("{sha256hex:body}", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("{form-sorted}", "b=1", ""),
        ] {
            assert_eq!(content(template, body).as_deref(), Ok(expected), "{template}");
        }
    }

    #[test]
    fn missing_values_are_named() {
        assert_eq!(content("{header:X-U}", ""), Err(Fault::MissingHeader("X-U".into())));
        assert_eq!(content("{query:q}", ""), Err(Fault::MissingQuery("q".into())));
        assert_eq!(content("{param:p}", ""), Err(Fault::MissingParam("p".into())));
        assert!(matches!(content("{sig:t}", ""), Err(Fault::Malformed(_))));
    }
}
