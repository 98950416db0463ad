//! Who sent a request, and what it is about.
//!
//! This runs for every request before it is answered, so header names are dispatched through a table
//! by length, and the body is looked at only where a rule or a source asks for it, and then only its
//! beginning.

use std::{borrow::Cow, sync::Arc};

use crate::domain::{
    headers::Head,
    signature::{provider::Provider, request::Facts, rule::Term, source::Source},
    summary::{LONGEST_TEXT, Origin},
};

/// As much of a body as rules look at.
const RULE_WINDOW: usize = 16 * 1024;
/// As much of a body as is searched for event type and delivery id.
const EVENT_WINDOW: usize = 1024 * 1024;
/// As much of a body as is searched for the refinement of an event type. Senders that have one begin
/// with it, and a body without one is not read to its end.
const DETAIL_WINDOW: usize = 256;

/// Rules by the name of the header that they ask for first.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// By the length of the name. Every name that a rule mentions is here.
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

/// A header that some rule mentions, with its first value.
type Hit<'i, 'a> = (&'i Entry, &'a [u8]);

impl Index {
    /// The table for a list of providers.
    pub(super) fn of(providers: &[Provider]) -> Self {
        let mut index = Self::default();
        for (provider, entry) in providers.iter().enumerate() {
            for (rule, terms) in entry.detect.iter().enumerate() {
                let place = Place { provider, rule };
                for term in &terms.terms {
                    if let Term::Header(name, _) | Term::Absent(name) = term {
                        index.entry(name);
                    }
                }
                match terms.terms.first() {
                    Some(Term::Header(name, _)) => index.entry(name).rules.push(place),
                    Some(Term::Prefix(prefix)) => index.prefixes.push((prefix.clone(), place)),
                    _ => index.bodies.push(place),
                }
            }
        }
        index
    }

    fn entry(&mut self, name: &str) -> &mut Entry {
        if self.names.len() <= name.len() {
            self.names.resize(name.len() + 1, Vec::new());
        }
        let entries = &mut self.names[name.len()];
        let at =
            entries.iter().position(|entry| entry.name.eq_ignore_ascii_case(name)).unwrap_or_else(|| {
                entries.push(Entry { name: name.into(), rules: Vec::new() });
                entries.len() - 1
            });
        &mut entries[at]
    }

    /// The place of the first provider in the list that a rule recognises.
    pub(super) fn find(&self, providers: &[Provider], head: Head<'_>, body: &[u8]) -> Option<usize> {
        let mut hits: Vec<Hit<'_, '_>> = Vec::with_capacity(8);
        let mut prefixed = Vec::new();
        for field in head.fields() {
            for entry in self.names.get(field.name.len()).map_or(&[][..], Vec::as_slice) {
                let same = entry.name.as_bytes().eq_ignore_ascii_case(field.name);
                if same && !hits.iter().any(|(other, _)| std::ptr::eq(*other, entry)) {
                    hits.push((entry, field.value));
                }
            }
            for (prefix, place) in &self.prefixes {
                let start = field.name.get(..prefix.len());
                let starts = start.is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()));
                if starts && prefixed.len() < self.prefixes.len() {
                    prefixed.push(*place);
                }
            }
        }
        let facts = Facts::bare(head, &body[..body.len().min(RULE_WINDOW)]);
        let mut best = usize::MAX;
        // Rules that read the body wait until those about headers are through: mostly one decides.
        let mut later: Vec<Place> = Vec::new();
        for place in hits.iter().flat_map(|(entry, _)| &entry.rules).chain(&prefixed) {
            let terms = &providers[place.provider].detect[place.rule].terms;
            if place.provider < best && terms.iter().all(|term| among(term, &hits).unwrap_or(true)) {
                if terms.iter().all(Term::is_header) {
                    best = place.provider;
                } else {
                    later.push(*place);
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

/// Whether a condition about a header holds, from the headers that were found; `None` for others.
fn among(term: &Term, hits: &[Hit<'_, '_>]) -> Option<bool> {
    let value = |name: &str| {
        let mut named = hits.iter().filter(|(entry, _)| entry.name.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| *value)
    };
    match term {
        Term::Header(name, test) => Some(value(name).is_some_and(|value| test.holds(value))),
        Term::Absent(name) => Some(value(name).is_none()),
        _ => None,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::signature::Catalog;

    fn recognise(headers: &str, body: &str) -> Origin {
        let head = format!("POST / HTTP/1.1\r\n{headers}\r\n");
        Catalog::builtin().recognise(Head::new(head.as_bytes()), body.as_bytes(), None)
    }

    #[test]
    fn look_alikes_are_told_apart() {
        let hub = "X-Hub-Signature-256: sha256=00\r\n";
        for (headers, body, expected) in [
            ("X-GitHub-Event: push\r\nX-Gogs-Event: push\r\nX-Gitea-Event: push\r\n", "", Some("gitea")),
            ("X-GitHub-Event: push\r\n", r#"{"object":"x","entry":[]}"#, Some("github")),
            (hub, r#"{"object":"page","entry":[]}"#, Some("meta")),
            (hub, "{}", Some("github")),
            ("webhook-id: 1\r\nwebhook-timestamp: 1\r\nX-Gitlab-Event: x\r\n", "", Some("gitlab")),
            ("webhook-id: 1\r\nwebhook-timestamp: 1\r\nsvix-id: 1\r\n", "", Some("svix")),
            ("webhook-id: 1\r\nwebhook-timestamp: 1\r\n", "", Some("standard-webhooks")),
            ("Authorization: HMAC abc\r\n", "", Some("msteams")),
            ("Authorization: Bearer abc\r\n", "", None),
            ("X-Signature: ts=1,v1=2\r\n", "", Some("mercadopago")),
            ("X-Signature: 00\r\nX-Event-Name: x\r\n", "", Some("lemonsqueezy")),
            ("X-Signature: 00\r\n", "", Some("sha256-concat")),
            ("", r#"{"signature":{"signature":"00"}}"#, Some("mailgun")),
            ("", "", None),
        ] {
            assert_eq!(recognise(headers, body).provider.as_deref(), expected, "{headers} {body}");
        }
    }

    #[test]
    fn a_forced_provider_needs_no_sign_of_it() {
        let origin =
            Catalog::builtin().recognise(Head::new(b""), br#"{"type":"a","id":"b"}"#, Some("stripe"));
        assert_eq!((origin.event.as_deref(), origin.delivery_id.as_deref()), (Some("a"), Some("b")));
        assert_eq!(Catalog::builtin().recognise(Head::new(b""), b"", Some("nobody")), Origin::default());
    }

    #[test]
    fn texts_are_cut_between_characters() {
        let origin = recognise(&format!("X-GitHub-Event: {}\u{e9}\r\n", "x".repeat(LONGEST_TEXT - 1)), "");
        assert_eq!(origin.event.map(|event| event.len()), Some(LONGEST_TEXT - 1));
    }
}
