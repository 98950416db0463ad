//! Compiles provider tables and collects everything that is wrong with them.

use std::{sync::Arc, time::Duration};

use crate::domain::signature::{
    Algorithm, Encoding, KeyForm, ProviderSpec, SchemeSpec, SigSpec, SpecError, TimeSpec,
    described::{JwtRule, Permitted},
    moment::{Bounds, Form, Unit},
    place::{Again, At, Label, Place, Several},
    pointer::Pointer,
    provider::{Provider, Scheme, TimeRule},
    published::Published,
    rule::{Rule, Term, Test},
    source::Source,
    spec::OneOrMany,
    strict::{self, Refused},
    template::{Template, Token},
    url::UrlVariant,
};

/// Compiles one table; its place in the list stands for an id that is missing.
pub(super) fn provider(spec: ProviderSpec, index: usize) -> Result<Provider, Vec<SpecError>> {
    let id = spec.id.clone().unwrap_or_else(|| format!("number {}", index + 1));
    let mut errors = Errors { provider: id.clone(), scope: String::new(), list: Vec::new() };
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
    match &spec.id {
        None => errors.add("id", "is missing"),
        Some(id) if id.is_empty() || !id.bytes().all(plain) => {
            errors.add("id", "has other characters than a-z, 0-9, `-` and `.`");
        }
        Some(_) => {}
    }
    let id: Arc<str> = id.into();
    let schemes = schemes(&spec, &id, &mut errors);
    errors.scope.clear();
    let detect = match &spec.detect {
        Some(rules) => errors.list("detect", Some(rules), Rule::parse),
        None => schemes.iter().flat_map(by_place).collect(),
    };
    let event = errors.list("event", spec.event.as_ref(), Source::parse);
    let delivery = errors.list("delivery", spec.delivery.as_ref(), Source::parse);
    let detail = errors.optional("detail", spec.detail.as_deref(), Source::parse);
    let attempt = errors.optional("attempt", spec.attempt.as_deref(), Source::parse);
    let published = Published::parse(spec.key_url.as_deref(), spec.key_from.as_deref(), &spec.key_host)
        .unwrap_or_else(|why| {
            errors.add("key_url", why);
            None
        });
    if !errors.list.is_empty() {
        return Err(errors.list);
    }
    Ok(Provider {
        name: spec.name.unwrap_or_else(|| id.to_string()).into(),
        id,
        docs: spec.docs.map(Into::into),
        env: spec.env.into_iter().map(Into::into).collect(),
        deadline: spec.deadline_s.map(Duration::from_secs),
        retries: spec.retries.into_iter().map(Duration::from_secs).collect(),
        timing_by: spec.timing_by.map(Into::into),
        unsigned: spec.unsigned.map(Into::into),
        secret_shape: spec.secret_shape.map(Into::into),
        published,
        schemes,
        detect,
        event,
        detail,
        delivery,
        attempt: attempt.map(|source| (source, spec.attempt_plus)),
    })
}

struct Errors {
    provider: String,
    scope: String,
    list: Vec<SpecError>,
}

impl Errors {
    fn add(&mut self, key: &str, message: impl Into<String>) {
        let key = format!("{}{key}", self.scope);
        self.list.push(SpecError { provider: self.provider.clone(), key, message: message.into() });
    }

    fn optional<T>(
        &mut self,
        key: &str,
        text: Option<&str>,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        parse(text?).map_err(|message| self.add(key, message)).ok()
    }

    fn list<T>(
        &mut self,
        key: &str,
        texts: Option<&OneOrMany>,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Vec<T> {
        let texts = texts.map_or(&[][..], OneOrMany::as_slice);
        texts.iter().filter_map(|text| self.optional(key, Some(text), &parse)).collect()
    }

    /// A word of a closed list.
    fn word<T: Copy>(&mut self, key: &str, text: &str, words: &[(&str, T)]) -> Option<T> {
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            self.add(key, format!("`{text}` is not known: use {}", known.join(", ")));
        }
        found
    }

    /// A word of a closed list, where one is given.
    fn default<T: Copy + Default>(&mut self, key: &str, text: Option<&str>, words: &[(&str, T)]) -> T {
        text.and_then(|text| self.word(key, text, words)).unwrap_or_default()
    }

    /// One ASCII character.
    fn character(&mut self, key: &str, text: Option<&str>) -> Option<u8> {
        match text?.as_bytes() {
            [byte] if byte.is_ascii() => Some(*byte),
            _ => {
                self.add(key, "is not one ASCII character");
                None
            }
        }
    }
}

fn schemes(spec: &ProviderSpec, id: &Arc<str>, errors: &mut Errors) -> Vec<Scheme> {
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
    }
}

fn place(spec: Option<&SigSpec>, algorithm: Option<Algorithm>, errors: &mut Errors) -> Option<Place> {
    let Some((spec, header)) = spec.and_then(|spec| Some((spec, spec.header.as_ref()?))) else {
        errors.add("sig.header", "is missing");
        return None;
    };
    let at = errors.list("sig.header", Some(header), |text| {
        if let Some(source) = text.split_once(':').map(|_| Source::parse(text)) {
            return source.map(At::Value);
        }
        Ok(match Rule::parse(text)?.terms.pop() {
            Some(Term::Prefix(prefix)) => At::Prefix(prefix),
            Some(Term::Header(name, Test::Any)) => At::Header(name),
            _ => return Err(format!("`{text}` is not a header name")),
        })
    });
    let token = algorithm == Some(Algorithm::Token);
    let token = token || algorithm.is_some_and(Algorithm::is_described);
    let default = if token { "raw" } else { "hex" };
    let encoding = errors.word("sig.enc", spec.enc.as_deref().unwrap_or(default), &Encoding::WORDS)?;
    let kv = spec.kv.as_deref().or(spec.label.as_ref().map(|_| "="));
    let (order, rest) = match spec.order.split_last() {
        Some((last, order)) if last == "*" => (order, true),
        _ => (&spec.order[..], false),
    };
    Some(Place {
        at,
        sep: errors.optional("sig.sep", spec.sep.as_deref(), |sep| {
            let fits = sep.is_ascii() && (1..=4).contains(&sep.len());
            fits.then(|| sep.into()).ok_or_else(|| "is not one to four ASCII characters".to_owned())
        }),
        kv: errors.character("sig.kv", kv),
        label: spec.label.as_deref().map(|label| match label.strip_prefix('$') {
            Some(name) => Label::Param(name.into()),
            None => Label::Text(label.into()),
        }),
        encoding,
        several: errors.default("sig.several", spec.several.as_deref(), &Several::WORDS),
        again: errors.default("sig.again", spec.again.as_deref(), &Again::WORDS),
        order: order.iter().map(|label| label.as_str().into()).collect(),
        rest,
        only: spec.only,
        trim: spec.trim,
        whole: spec.whole,
        cut: spec.cut,
        bare: spec.bare,
        other: spec.other,
        repeat: spec.repeat,
    })
}

fn time(spec: &TimeSpec, described: bool, errors: &mut Errors) -> Option<TimeRule> {
    if spec.from.is_none() && !described {
        errors.add("ts.from", "is missing");
    }
    let own = described.then_some("sig:created");
    let from = errors.optional("ts.from", spec.from.as_deref().or(own), Source::parse);
    let unit = errors.word("ts.unit", spec.unit.as_deref().unwrap_or("s"), &Unit::WORDS);
    let whole = match spec.count.as_deref() {
        None => None,
        Some(word) => errors.word("ts.count", word, &[("whole", true), ("exact", false)]),
    };
    let ahead = spec.ahead.map(Duration::from_secs);
    Some(TimeRule {
        from: from?,
        unit: unit?,
        tolerance: spec.tol.map(Duration::from_secs),
        bounds: Bounds { past_only: spec.past_only, ahead, below: spec.below },
        form: errors.default("ts.form", spec.form.as_deref(), &Form::WORDS),
        least: spec.least.and_then(|number| unit?.parse(number.to_string().as_bytes())),
        whole,
    })
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

/// The rule that stands for `detect` when it is not given: the signature's place.
fn by_place(scheme: &Scheme) -> Vec<Rule> {
    let start = match (&scheme.place.label, scheme.place.kv, &scheme.place.sep) {
        (Some(Label::Text(label)), Some(kv), None) => {
            Test::Starts(format!("{label}{}", char::from(kv)).into())
        }
        _ => Test::Any,
    };
    let terms = scheme.place.at.iter().map(|at| match at {
        At::Header(name) => Term::Header(name.clone(), start.clone()),
        At::Prefix(prefix) => Term::Prefix(prefix.clone()),
        At::Value(source) => Term::Value(source.clone(), None),
    });
    terms.map(|term| Rule { terms: vec![term] }).collect()
}
