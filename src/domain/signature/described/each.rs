//! A signature for each item of an array in the body (Adyen). All of them must be right.

use std::collections::BTreeMap;

use crate::domain::{
    headers::Head,
    signature::{
        Draft,
        compare::{MOST_SECRETS, Match, compute},
        content::{self, Scope},
        described::{Given, Proof},
        fault::Fault,
        form,
        key::Key,
        place::{At, Values},
        pointer::Pointer,
        provider::Scheme,
        request::Facts,
        source::Source,
        strict,
    },
};

/// The most items of one request; senders have a handful.
pub(in crate::domain::signature) const MOST: usize = 32;

/// The items of the array, as they are written. `None` when there are none, or too many.
fn items<'a>(array: &Pointer, body: &'a [u8]) -> Option<Vec<&'a [u8]>> {
    let mut items = Vec::new();
    while let Some(item) = array.at(items.len()).find(body) {
        items.push(item);
        if items.len() > MOST {
            return None;
        }
    }
    (!items.is_empty()).then_some(items)
}

/// The signatures of all items. Empty when none has one; one that is missing is an empty text.
pub(in crate::domain::signature) fn values<'a>(
    scheme: &Scheme,
    array: &Pointer,
    facts: &Facts<'a, '_>,
) -> Values<'a> {
    let items = items(array, facts.body).unwrap_or_default();
    let values: Vec<_> = items
        .iter()
        .map(|item| {
            let mut values = Values::new();
            scheme.place.values(&Facts { body: item, ..*facts }, &mut values);
            values.into_iter().next()
        })
        .collect();
    if values.iter().all(Option::is_none) {
        return Values::new();
    }
    values.into_iter().map(Option::unwrap_or_default).collect()
}

pub(super) fn prove(given: &Given<'_, '_>) -> Result<Proof, Fault> {
    let items = given.scheme.each.as_ref().and_then(|array| items(array, given.facts.body));
    let items = items.ok_or(Fault::Malformed("its items cannot be read"))?;
    let candidates = &given.signatures.candidates;
    if items.len() != candidates.len() {
        return Err(Fault::Malformed("not every item has a readable signature"));
    }
    let facts = |item| Facts { body: item, ..given.facts };
    let mut fault = Fault::Key;
    for (secret, value) in given.keys.secrets.iter().enumerate().take(MOST_SECRETS) {
        let Some(key) = given.scheme.key.decode(value.expose()) else { continue };
        fault = Fault::Mismatch;
        let mut all = true;
        for (item, candidate) in items.iter().zip(candidates) {
            let mac = compute(given.scheme, &facts(item), &key, "", &form::Sorted::default())?;
            all &= mac.verify(&candidate.bytes);
        }
        if all {
            let matched = Match { secret, candidate: 0, url: 0 };
            let fault = items.iter().find_map(|item| strict::refused(given.scheme, &facts(item), ""));
            return Ok(Proof { matched, fault, stamp: None, bound: None, ends: None, weak: None });
        }
    }
    Err(fault)
}

/// Puts a signature into every item. Of fields that hold it only those that are missing are added.
pub(in crate::domain::signature) fn sign(
    scheme: &Scheme,
    request: &mut Draft,
    params: &BTreeMap<String, String>,
    key: &Key<'_>,
) -> Result<(), Fault> {
    let array = scheme.each.as_ref().ok_or(Fault::Malformed("its items cannot be read"))?;
    let count = items(array, &request.body).map_or(0, |items| items.len());
    let Some(At::Value(Source::Json(place))) = scheme.place.at.first().filter(|_| count > 0) else {
        return Err(Fault::Malformed("its items cannot be read"));
    };
    for index in 0..count {
        let head = request.head();
        let item = array.at(index).find(&request.body).unwrap_or_default();
        let facts = Facts { params, ..Facts::bare(Head::new(&head), item) };
        let made =
            compute(scheme, &facts, key, "", &form::Sorted::default())?.expected().ok_or(Fault::Key)?;
        let text = scheme.place.encoding.encode(&made);
        if !request.put_json(&array.at(index).join(place), &text) {
            return Err(Fault::Malformed("its items cannot be read"));
        }
    }
    Ok(())
}

pub(super) fn content(given: &Given<'_, '_>) -> Vec<(String, Vec<u8>)> {
    let items = given.scheme.each.as_ref().and_then(|array| items(array, given.facts.body));
    let contents = items.unwrap_or_default().into_iter().enumerate().filter_map(|(index, item)| {
        let form = form::Sorted::default();
        let facts = Facts { body: item, ..given.facts };
        let scope = Scope { facts, secret: b"", url: "", form: &form };
        let content = content::join(&given.scheme.content, &scope).ok()?;
        Some((format!("fields of item {}", index + 1), content))
    });
    contents.collect()
}
