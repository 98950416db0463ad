//! Who sent a request, and what it is about.
//!
//! This runs for every request before it is answered, so header names are dispatched through a table
//! by length, and the body is looked at only where a rule or a source asks for it, and then only its
//! beginning.

use std::{borrow::Cow, sync::Arc};

use crate::domain::{
    headers::Head,
    signature::{
        provider::Provider,
        request::Facts,
        rule::{Rule, Term},
        source::Source,
    },
    summary::{LONGEST_TEXT, Origin},
};

/// As much of a body as rules look at.
const RULE_WINDOW: usize = 64 * 1024;
/// As much of a body as is searched for event type and delivery id.
const EVENT_WINDOW: usize = 1024 * 1024;
/// As much of a body as is searched for the refinement of an event type. Senders that have one begin
/// with it, and a body without one is not read to its end.
const DETAIL_WINDOW: usize = 256;

/// Rules by the name of the header that they ask for first.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// By the length of the name.
    names: Vec<Vec<Entry>>,
    prefixes: Vec<(Box<str>, Place)>,
    /// Rules that ask for no header first.
    bodies: Vec<Place>,
}

#[derive(Clone, Debug)]
struct Entry {
    name: Box<str>,
    rules: Vec<Place>,
}

/// A rule, by the place of its provider and its own.
#[derive(Clone, Copy, Debug)]
struct Place {
    provider: usize,
    rule: usize,
}

impl Index {
    /// The table for a list of providers.
    pub(super) fn of(providers: &[Provider]) -> Self {
        let mut index = Self::default();
        for (provider, entry) in providers.iter().enumerate() {
            for (rule, terms) in entry.detect.iter().enumerate() {
                let place = Place { provider, rule };
                match terms.terms.first() {
                    Some(Term::Header(name, _)) => index.add(name, place),
                    Some(Term::Prefix(prefix)) => index.prefixes.push((prefix.clone(), place)),
                    _ => index.bodies.push(place),
                }
            }
        }
        index
    }

    fn add(&mut self, name: &str, place: Place) {
        if self.names.len() <= name.len() {
            self.names.resize(name.len() + 1, Vec::new());
        }
        let entries = &mut self.names[name.len()];
        match entries.iter_mut().find(|entry| entry.name.eq_ignore_ascii_case(name)) {
            Some(entry) => entry.rules.push(place),
            None => entries.push(Entry { name: name.into(), rules: vec![place] }),
        }
    }

    /// The place of the first provider in the list that a rule recognises.
    pub(super) fn find(&self, providers: &[Provider], head: Head<'_>, body: &[u8]) -> Option<usize> {
        let facts = Facts::bare(head, &body[..body.len().min(RULE_WINDOW)]);
        let mut best = usize::MAX;
        // Rules that read the body wait until all headers were seen: mostly one of those decides.
        let mut later: Vec<Place> = Vec::new();
        let mut consider = |place: Place, value: Option<&[u8]>, best: &mut usize| {
            let Rule { terms } = &providers[place.provider].detect[place.rule];
            if place.provider >= *best {
                return;
            }
            if let (Some(Term::Header(_, test)), Some(value)) = (terms.first(), value)
                && !test.holds(value)
            {
                return;
            }
            let (headers, others): (&[Term], &[Term]) = match terms.iter().position(|term| !term.is_header())
            {
                Some(at) => terms.split_at(at),
                None => (terms, &[]),
            };
            if headers.iter().skip(1).all(|term| term.holds(&facts)) {
                if others.is_empty() {
                    *best = place.provider;
                } else {
                    later.push(place);
                }
            }
        };
        for field in head.fields() {
            for entry in self.names.get(field.name.len()).map_or(&[][..], Vec::as_slice) {
                if entry.name.as_bytes().eq_ignore_ascii_case(field.name) {
                    for &place in &entry.rules {
                        consider(place, Some(field.value), &mut best);
                    }
                }
            }
            for (prefix, place) in &self.prefixes {
                let start = field.name.get(..prefix.len());
                if start.is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes())) {
                    consider(*place, None, &mut best);
                }
            }
        }
        for place in later.iter().chain(&self.bodies) {
            let rule = &providers[place.provider].detect[place.rule];
            if place.provider < best && rule.holds(&facts) {
                best = place.provider;
            }
        }
        (best < providers.len()).then_some(best)
    }
}

impl Provider {
    /// What a request of this provider is about.
    pub(super) fn origin(&self, head: Head<'_>, body: &[u8]) -> Origin {
        let facts = Facts::bare(head, &body[..body.len().min(EVENT_WINDOW)]);
        let first = |sources: &[Source]| sources.iter().find_map(|source| source.find(&facts));
        let mut event = first(&self.event);
        if let (Some(event), Some(detail)) = (&mut event, &self.detail) {
            let facts = Facts::bare(head, &body[..body.len().min(DETAIL_WINDOW)]);
            if let Some(detail) = detail.find(&facts) {
                event.to_mut().push(b'.');
                event.to_mut().extend_from_slice(&detail);
            }
        }
        let attempt = self.attempt.as_ref().and_then(|(source, plus)| {
            let value = source.find(&facts)?;
            let number: u32 = std::str::from_utf8(&value).ok()?.parse().ok()?;
            Some(number.saturating_add(*plus))
        });
        Origin {
            provider: Some(Arc::clone(&self.id)),
            event: event.map(text),
            delivery_id: first(&self.delivery).map(text),
            attempt,
        }
    }
}

/// A value as text, cut to what a summary keeps.
fn text(value: Cow<'_, [u8]>) -> Box<str> {
    let cut = &value[..value.len().min(LONGEST_TEXT)];
    let mut text = String::from_utf8_lossy(cut);
    if cut.len() < value.len() {
        // The cut may have split a character; what is left of it is not shown as a broken one.
        let whole = text.trim_end_matches('\u{fffd}').len();
        text.to_mut().truncate(whole);
    }
    text.into_owned().into_boxed_str()
}
