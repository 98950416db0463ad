//! Compiles the schemes of a provider.

use std::sync::Arc;

use crate::domain::signature::{
    Algorithm, KeyForm, ProviderSpec, SchemeSpec,
    compile::{errors::Errors, place::place, time::time},
    described::{JwtRule, Permitted},
    pointer::Pointer,
    provider::{Scheme, TimeRule},
    rule::Rule,
    source::Source,
    strict::{self, Refused},
    template::{Template, Token},
    url::UrlVariant,
};

/// Compiles the schemes of a provider, which may be written without a table of their own.
pub(super) fn schemes(spec: &ProviderSpec, id: &Arc<str>, errors: &mut Errors) -> Vec<Scheme> {
    let flat = spec.alg.is_some() || spec.sig.is_some() || spec.content.is_some() || spec.key.is_some();
    if flat && !spec.scheme.is_empty() {
        errors.add("scheme", "stands beside `alg`, `sig` or `content`: use one of the two forms");
    }
    if spec.unsigned.is_some() {
        if flat || !spec.scheme.is_empty() {
            errors.add("unsigned", "stands beside a scheme: use one of the two");
        }
        return Vec::new();
    }
    if !spec.scheme.is_empty() {
        let compiled = spec.scheme.iter().filter_map(|scheme| {
            errors.scope = format!("scheme {}: ", scheme.id.as_deref().unwrap_or(id));
            self::scheme(scheme, id, errors)
        });
        return compiled.collect();
    }
    errors.scope.clear();
    let only = SchemeSpec {
        id: None,
        when: None,
        alg: spec.alg.clone(),
        key: spec.key.clone(),
        sig: spec.sig.clone(),
        content: spec.content.clone(),
        ts: spec.ts.clone(),
        require: spec.require.clone(),
        url_variants: spec.url_variants.clone(),
        each: spec.each.clone(),
        algs: spec.algs.clone(),
        claims: spec.claims.clone(),
        need: spec.need.clone(),
        absent: spec.absent.clone(),
        leeway: spec.leeway,
        covers: spec.covers.clone(),
        weak: spec.weak.clone(),
        blank: spec.blank,
        padded: spec.padded,
        refuse: spec.refuse.clone(),
        notes: spec.notes.clone(),
    };
    scheme(&only, id, errors).into_iter().collect()
}

fn scheme(spec: &SchemeSpec, provider: &Arc<str>, errors: &mut Errors) -> Option<Scheme> {
    let algorithm = match &spec.alg {
        Some(alg) => errors.word("alg", alg, &Algorithm::WORDS),
        None => {
            errors.add("alg", "is missing");
            None
        }
    };
    let key = errors.word("key", spec.key.as_deref().unwrap_or("utf8"), &KeyForm::WORDS);
    let place = place(spec.sig.as_ref(), algorithm, errors);
    let bare = algorithm.is_some_and(|algorithm| algorithm == Algorithm::Token || algorithm.is_described());
    let text = spec.content.as_deref().unwrap_or(if bare { "" } else { "{body}" });
    let content = errors.optional("content", Some(text), Template::parse);
    let described = algorithm.is_some_and(Algorithm::is_described);
    let time = spec.ts.as_ref().and_then(|ts| time(ts, described, errors));
    let each = errors.optional("each", spec.each.as_deref(), |text| {
        Pointer::parse(text).ok_or_else(|| format!("`{text}` is not a JSON pointer"))
    });
    let jwt = (algorithm == Some(Algorithm::Jwt)).then(|| jwt(spec, errors));
    let require: Vec<_> = spec
        .require
        .iter()
        .filter_map(|[left, right]| {
            let left = errors.optional("require", Some(left), Template::parse)?;
            Some((left, errors.optional("require", Some(right), Template::parse)?))
        })
        .collect();
    let urls = spec
        .url_variants
        .iter()
        .filter_map(|word| errors.word("url_variants", word, &UrlVariant::WORDS))
        .collect();
    let refuse = spec.refuse.iter().filter_map(|word| errors.word("refuse", word, &Refused::WORDS)).collect();
    let notes = spec.notes.iter().filter_map(|(word, note)| {
        Some((errors.word("notes", word, &strict::Rule::WORDS)?, note.as_str().into()))
    });
    let notes = notes.collect();
    let when = errors.optional("when", spec.when.as_deref(), Rule::parse);
    let (algorithm, key, place, content) = (algorithm?, key?, place?, content?);
    if !suits(key, algorithm, jwt.as_ref()) {
        errors.add(
            "key",
            "does not go with `alg`: public keys are whpk, raw-hex and raw-base64 (ed25519) or public, \
             and only they go with ed25519, rsa, ecdsa and such tokens",
        );
    }
    let has_secret = content.tokens().contains(&&Token::Secret);
    if has_secret != (algorithm == Algorithm::Sha256) {
        errors.add("content", "has `{secret}` if, and only if, `alg` is sha256");
    }
    let covered = jwt.as_ref().is_some_and(JwtRule::covers_body)
        || matches!(algorithm, Algorithm::HttpSignature | Algorithm::Cavage);
    let found = if covered { None } else { weakness(algorithm, &content, &require) };
    let weak = spec.weak.as_deref().or(found).map(Into::into);
    Some(Scheme {
        id: spec.id.as_deref().map_or_else(|| Arc::clone(provider), Into::into),
        algorithm,
        key,
        companions: companions(&content, time.as_ref()),
        place,
        content,
        text: text.into(),
        time,
        require,
        urls,
        weak,
        jwt,
        each,
        covers: spec.covers.iter().map(|name| name.to_ascii_lowercase().into()).collect(),
        when,
        blank: spec.blank,
        refuse,
        notes,
    })
}

/// Whether a form of keys goes with an algorithm. `either` goes with signatures that name their own.
fn suits(key: KeyForm, algorithm: Algorithm, jwt: Option<&JwtRule>) -> bool {
    match key {
        KeyForm::Whpk | KeyForm::RawHex | KeyForm::RawBase64 => algorithm == Algorithm::Ed25519,
        KeyForm::Either => algorithm.is_described(),
        _ => {
            let public = algorithm.is_public_key()
                || algorithm == Algorithm::Cavage
                || algorithm == Algorithm::HttpSignature
                || jwt.is_some_and(|jwt| jwt.permitted.iter().any(|permitted| permitted.is_public_key()));
            public == (key == KeyForm::Public)
        }
    }
}

fn jwt(spec: &SchemeSpec, errors: &mut Errors) -> JwtRule {
    if spec.algs.is_empty() {
        errors.add("algs", "is missing: name the algorithms that a token may use");
    }
    let permitted =
        spec.algs.iter().filter_map(|name| errors.word("algs", name, &Permitted::WORDS)).collect();
    let claims = spec.claims.iter().map(|(name, templates)| {
        (name.as_str().into(), errors.list("claims", Some(templates), Template::parse))
    });
    JwtRule {
        claims: claims.collect(),
        permitted,
        need: spec.need.iter().map(|name| name.as_str().into()).collect(),
        absent: spec.absent.iter().map(|name| name.as_str().into()).collect(),
        leeway: spec.leeway.into(),
        padded: spec.padded,
    }
}

/// Labels of the signature header that are part of what is signed or of its time.
fn companions(content: &Template, time: Option<&TimeRule>) -> Vec<Box<str>> {
    let signed = content.tokens().into_iter().filter_map(|token| match token {
        Token::Value(source) | Token::JsonValue(source) => Some(source),
        _ => None,
    });
    let sources = signed.chain(time.map(|time| &time.from));
    let labels = sources.filter_map(|source| match source {
        Source::Sig(label) => Some(label.clone()),
        _ => None,
    });
    labels.collect()
}

/// What a valid signature of such a scheme does not prove.
fn weakness(
    algorithm: Algorithm,
    content: &Template,
    require: &[(Template, Template)],
) -> Option<&'static str> {
    let covered = content.covers_body() || require.iter().any(|(a, b)| a.covers_body() || b.covers_body());
    match algorithm {
        Algorithm::Token => Some("a shared token: the body is not covered"),
        _ if !covered => Some("the body is not covered"),
        Algorithm::HmacSha1 => Some("SHA-1"),
        Algorithm::Sha256 => Some("a plain hash instead of an HMAC"),
        _ => None,
    }
}
