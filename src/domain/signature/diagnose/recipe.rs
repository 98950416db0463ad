//! The signed content in pieces, and the other ways in which a sender may have put it together.

use std::borrow::Cow;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::domain::signature::{
    content::{self, Scope},
    form,
    moment::Unit,
    provider::Scheme,
    request::Facts,
    source::Source,
    template::Token,
};

/// The most moments elsewhere in the head that are tried as the timestamp.
const MOST_MOMENTS: usize = 6;

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text of the scheme.
    Text,
    /// The body as it is.
    Body,
    /// The SHA-256 digest of the body in hex.
    BodyDigest,
    /// The key.
    Secret,
    /// The timestamp.
    Time,
    /// The URL or a part of it.
    Url,
    /// The method.
    Method,
    /// Anything else.
    Value,
}

/// A piece of the signed content.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) kind: Kind,
    /// `None` where the request lacks it. Empty for the body and the key, which are put in later.
    pub(super) bytes: Option<Vec<u8>>,
}

/// A way to put the content together.
pub(super) struct Recipe {
    /// Follows "the signature covers ".
    pub(super) how: Cow<'static, str>,
    pub(super) pieces: Vec<Piece>,
}

/// The pieces of a request by the scheme.
pub(super) fn pieces(scheme: &Scheme, facts: &Facts<'_, '_>, url: &str) -> Vec<Piece> {
    let form = form::Sorted::default();
    let scope = Scope { facts: *facts, secret: b"", url, form: &form };
    let time = scheme.time.as_ref().map(|time| &time.from);
    let mut found = Vec::new();
    for token in &scheme.content.pieces {
        let kind = match token {
            Token::Text(_) => Kind::Text,
            Token::Body => Kind::Body,
            Token::Secret => Kind::Secret,
            Token::Method => Kind::Method,
            Token::Url | Token::UrlNoQuery => Kind::Url,
            Token::Value(source) if Some(source) == time || is_time(source) => Kind::Time,
            _ => Kind::Value,
        };
        let bytes = match token {
            Token::Body | Token::Secret => Some(Vec::new()),
            Token::Optional(inner) => {
                let whole = inner.tokens().iter().all(|token| match token {
                    Token::Value(source) | Token::JsonValue(source) => source.find(facts).is_some(),
                    _ => true,
                });
                if whole { content::join(inner, &scope).ok() } else { Some(Vec::new()) }
            }
            token => content::piece(token, &scope).ok().map(Cow::into_owned),
        };
        found.push(Piece { kind, bytes });
    }
    found
}

fn is_time(source: &Source) -> bool {
    match source {
        Source::Header(name) => name.to_ascii_lowercase().contains("timestamp"),
        Source::Sig(label) => &**label == "t",
        _ => false,
    }
}

/// The content as one text; `None` where a piece is missing.
pub(super) fn join(pieces: &[Piece], body: &[u8], key: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::with_capacity(body.len() + 256);
    for piece in pieces {
        let bytes = piece.bytes.as_deref()?;
        match piece.kind {
            Kind::Body => whole.extend_from_slice(body),
            Kind::BodyDigest => whole.extend_from_slice(HEXLOWER.encode(&Sha256::digest(body)).as_bytes()),
            Kind::Secret => whole.extend_from_slice(key),
            _ => whole.extend_from_slice(bytes),
        }
    }
    Some(whole)
}

/// Other ways to put the content together, the likeliest first.
pub(super) fn others(scheme: &Scheme, facts: &Facts<'_, '_>, own: &[Piece]) -> Vec<Recipe> {
    let mut found: Vec<Recipe> = Vec::new();
    let mut add = |how: Cow<'static, str>, pieces: Vec<Piece>| {
        if pieces.iter().any(|piece| piece.kind != Kind::Text && piece.kind != Kind::Secret) {
            found.push(Recipe { how, pieces });
        }
    };
    let has = |kind: Kind| own.iter().any(|piece| piece.kind == kind);
    let body = || Piece { kind: Kind::Body, bytes: Some(Vec::new()) };
    let text = |text: &str| Piece { kind: Kind::Text, bytes: Some(text.as_bytes().to_vec()) };
    let secret = |pieces: &mut Vec<Piece>| {
        if has(Kind::Secret) {
            pieces.insert(0, Piece { kind: Kind::Secret, bytes: Some(Vec::new()) });
        }
    };
    if own.len() > 1 && !facts.body.is_empty() {
        let mut alone = vec![body()];
        secret(&mut alone);
        add("the body alone".into(), alone);
    }
    for (kind, how) in [
        (Kind::Time, "everything but the timestamp"),
        (Kind::Value, "everything but the id"),
        (Kind::Url, "everything but the URL"),
        (Kind::Method, "everything but the method"),
        (Kind::Body, "everything but the body"),
    ] {
        if has(kind) {
            add(how.into(), without(own, kind));
        }
    }
    for (how, moment) in moments(scheme, facts, own) {
        if has(Kind::Time) {
            let mut pieces = own.to_vec();
            let times = pieces.iter_mut().filter(|piece| piece.kind == Kind::Time);
            times.for_each(|piece| piece.bytes = Some(moment.clone()));
            add(how, pieces);
        } else if matches!(own, [Piece { kind: Kind::Body, .. }]) {
            for (separator, name) in [(".", "a dot"), (":", "a colon"), ("", "nothing")] {
                let time = Piece { kind: Kind::Time, bytes: Some(moment.clone()) };
                let how = format!("{how}, {name} and the body, where the scheme has the body alone");
                add(how.into(), vec![time, text(separator), body()]);
            }
        }
    }
    let separators = |piece: &Piece| {
        piece.kind == Kind::Text && piece.bytes.as_ref().is_some_and(|bytes| bytes.len() <= 1)
    };
    if own.iter().any(separators) {
        for (other, name) in [
            (".", "dots"),
            (":", "colons"),
            ("", "nothing"),
            ("\n", "line feeds"),
            (" ", "blanks"),
            ("|", "bars"),
            ("-", "hyphens"),
            (",", "commas"),
            ("&", "ampersands"),
        ] {
            let mut pieces = own.to_vec();
            pieces.iter_mut().filter(|p| separators(p)).for_each(|p| *p = text(other));
            add(format!("the right pieces with {name} between them").into(), pieces);
        }
    }
    if own.iter().any(|piece| piece.kind == Kind::Text && !separators(piece)) {
        let rest = own.iter().filter(|piece| piece.kind != Kind::Text || separators(piece)).cloned();
        add("the right pieces without the fixed text between or before them".into(), rest.collect());
    }
    for order in orders(own) {
        add("the right pieces in another order".into(), order);
    }
    if has(Kind::Body) {
        let mut pieces = own.to_vec();
        let bodies = pieces.iter_mut().filter(|piece| piece.kind == Kind::Body);
        bodies.for_each(|piece| piece.kind = Kind::BodyDigest);
        add("the SHA-256 digest of the body in its place".into(), pieces);
    }
    found
}

/// The pieces without those of a kind and one text beside each.
fn without(own: &[Piece], kind: Kind) -> Vec<Piece> {
    let mut left: Vec<Piece> = Vec::new();
    let mut skip_text = false;
    for piece in own {
        if piece.kind == kind {
            skip_text = true;
        } else if skip_text && piece.kind == Kind::Text {
            skip_text = false;
        } else {
            left.push(piece.clone());
        }
    }
    // What stood last leaves the text before it.
    if skip_text && left.last().is_some_and(|piece| piece.kind == Kind::Text) {
        left.pop();
    }
    left
}

/// The values of the pieces in every other order, up to three of them; texts stay where they are.
fn orders(own: &[Piece]) -> Vec<Vec<Piece>> {
    let places: Vec<usize> =
        own.iter().enumerate().filter(|(_, piece)| piece.kind != Kind::Text).map(|(at, _)| at).collect();
    let orders: &[&[usize]] = match places.len() {
        2 => &[&[1, 0]],
        3 => &[&[1, 0, 2], &[2, 1, 0], &[0, 2, 1], &[1, 2, 0], &[2, 0, 1]],
        4 => &[&[3, 2, 1, 0], &[3, 0, 1, 2], &[1, 0, 2, 3], &[0, 1, 3, 2], &[1, 2, 3, 0]],
        _ => &[],
    };
    let reorder = |order: &&[usize]| {
        let mut pieces = own.to_vec();
        for (&place, &from) in places.iter().zip(*order) {
            pieces[place] = own[places[from]].clone();
        }
        pieces
    };
    orders.iter().map(reorder).collect()
}

/// Other texts that the timestamp may have been: the same moment written otherwise, and moments in
/// other headers.
fn moments(scheme: &Scheme, facts: &Facts<'_, '_>, own: &[Piece]) -> Vec<(Cow<'static, str>, Vec<u8>)> {
    let mut found: Vec<(Cow<'static, str>, Vec<u8>)> = Vec::new();
    let unit = scheme.time.as_ref().map_or(Unit::Seconds, |time| time.unit);
    let stamp = own.iter().find(|piece| piece.kind == Kind::Time).and_then(|piece| piece.bytes.as_deref());
    if let Some(stamp) = stamp {
        if let Some(moment) = unit.parse(stamp) {
            let (secs, millis) = (moment.as_secs(), moment.as_micros() / 1000);
            let mut add = |how: &'static str, text: String| {
                if text.as_bytes() != stamp {
                    found.push((how.into(), text.into_bytes()));
                }
            };
            add("the timestamp in seconds", secs.to_string());
            add("the timestamp in milliseconds", millis.to_string());
            add("the timestamp multiplied by 1000", (millis.saturating_mul(1000)).to_string());
            if let Ok(iso) = jiff::Timestamp::from_microsecond(moment.as_micros()) {
                add("the timestamp in ISO 8601", iso.to_string());
                add("the timestamp in ISO 8601 with milliseconds", format!("{iso:.3}"));
            }
        }
        if let Ok(text) = std::str::from_utf8(stamp)
            && let Ok(number) = text.parse::<i64>()
        {
            found.push((
                "the timestamp without its last three digits".into(),
                (number / 1000).to_string().into(),
            ));
        }
    }
    let shaped = |value: &[u8]| {
        let digits = value.iter().all(u8::is_ascii_digit);
        (digits && matches!(value.len(), 10 | 13)) || (!digits && Unit::Iso.parse(value).is_some())
    };
    let elsewhere = facts
        .head
        .fields()
        .filter(|field| shaped(field.value) && Some(field.value) != stamp && is_token(field.name))
        .take(MOST_MOMENTS)
        .map(|field| {
            let name = String::from_utf8_lossy(field.name).into_owned();
            (format!("the timestamp in the header {name}").into(), field.value.to_vec())
        });
    found.extend(elsewhere);
    found
}

/// Whether a header's name may stand in a sentence.
fn is_token(name: &[u8]) -> bool {
    name.len() <= 64 && name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}
