//! Compiles where a signature stands, and when a rule can be told from that.

use crate::domain::signature::{
    Algorithm, Encoding, SigSpec,
    compile::errors::Errors,
    place::{Again, At, Label, Place, Several},
    provider::Scheme,
    rule::{Rule, Term, Test},
    source::Source,
};

/// Compiles the place of a scheme's signatures.
pub(super) fn place(
    spec: Option<&SigSpec>,
    algorithm: Option<Algorithm>,
    errors: &mut Errors,
) -> Option<Place> {
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

/// The rule that stands for `detect` when it is not given: the signature's place.
pub(super) fn by_place(scheme: &Scheme) -> Vec<Rule> {
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
