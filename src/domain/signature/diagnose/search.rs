//! The search: single changes by likelihood, then useful pairs of them, as far as the budget goes.

use std::{borrow::Cow, cell::RefCell, sync::Arc};

use crate::domain::signature::{
    Algorithm, Keys, Provider,
    diagnose::{
        Known, address,
        body::{self, Body, Habit},
        budget::Budget,
        maker::{Hash, Maker},
        reading::{self, Form, Label, Reading, Spelling},
        recipe::{self, Kind, Piece, Recipe},
        secrets::{self, Try, Whose},
    },
    provider::Scheme,
    received::Signatures,
    request::Facts,
};

/// Bodies up to this size are kept for the pairs.
const SMALL: usize = 32 << 10;
/// The most of the known URLs that are tried with everything else.
const MOST_URLS: usize = 4;
/// How many of the other bodies cost next to nothing and are tried in pairs of changes of the request.
const EDITS: usize = 8;

/// What proves the cause: a change with which a received signature is right.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    /// The name of the secret.
    pub(super) label: Arc<str>,
    /// Whose it is, when it is not configured for this request.
    pub(super) other: Option<Whose>,
    /// In what form the sender uses it, when not in the scheme's.
    pub(super) form: Option<&'static str>,
    /// Whether it stands here in a form that is not clean.
    pub(super) ours: bool,
    /// How the signature is written.
    pub(super) spelling: Spelling,
    /// Whether only its beginning was sent.
    pub(super) truncated: bool,
    /// What made it, when not the scheme's algorithm.
    pub(super) maker: Option<Maker>,
    /// What was signed.
    pub(super) change: Vec<Change>,
}

impl Finding {
    /// A key that is right where nothing else is changed.
    pub(super) fn of_key(key: Try) -> Self {
        Self {
            label: key.label,
            other: key.other,
            form: key.form,
            ours: key.ours,
            spelling: Spelling { label: Label::Right, form: Form::Right },
            truncated: false,
            maker: None,
            change: Vec::new(),
        }
    }
}

/// A difference of what was signed.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Body(&'static str, Habit),
    Url(String),
    Recipe(String),
}

/// Everything that the search looks at.
pub(super) struct Search<'s, 'a> {
    pub(super) provider: &'s Provider,
    pub(super) scheme: &'s Scheme,
    pub(super) facts: Facts<'a, 's>,
    pub(super) keys: &'s Keys<'s>,
    pub(super) known: &'s [Known],
    pub(super) urls: &'s [String],
    pub(super) budget: &'s RefCell<Budget>,
    pub(super) tried: RefCell<Vec<&'static str>>,
}

/// What was signed with something changed.
struct Subject<'b> {
    pieces: Vec<Piece>,
    body: Cow<'b, [u8]>,
    change: Vec<Change>,
}

struct Bench<'r> {
    readings: &'r [Reading],
    own: Maker,
    /// The makers whose signatures are as long as a received one.
    fitting: Vec<Maker>,
    /// All that are worth trying where nothing else is changed.
    wide: Vec<Maker>,
}

impl Bench<'_> {
    fn of(algorithm: Algorithm, readings: &[Reading]) -> Bench<'_> {
        let own = Maker::of(algorithm);
        if !own.is_symmetric() {
            return Bench { readings, own, fitting: vec![own], wide: vec![own] };
        }
        let size = |size: usize| readings.iter().any(|reading| reading.bytes.len() == size);
        let fitting = Hash::ALL.into_iter().filter(|hash| size(hash.size()));
        let mut wide = vec![own];
        let odd =
            readings.iter().any(|reading| Hash::ALL.iter().all(|hash| hash.size() != reading.bytes.len()));
        let cut = Hash::ALL.into_iter().filter(|_| odd).map(Maker::Hmac);
        let all = fitting.clone().flat_map(|hash| {
            [Maker::Hmac(hash), Maker::KeyFirst(hash), Maker::KeyLast(hash), Maker::Bare(hash)]
        });
        for maker in all.chain(cut) {
            if !wide.contains(&maker) {
                wide.push(maker);
            }
        }
        let mut makers: Vec<Maker> = algorithm.size().filter(|n| size(*n)).map(|_| own).into_iter().collect();
        makers.extend(fitting.map(Maker::Hmac).filter(|maker| *maker != own));
        Bench { readings, own, fitting: makers, wide }
    }
}

impl Search<'_, '_> {
    /// The first cause that can be proved.
    pub(super) fn run(&self, signatures: &Signatures<'_>) -> Option<Finding> {
        let readings = reading::all(self.scheme, signatures);
        if readings.is_empty() {
            return None;
        }
        let bench = Bench::of(self.scheme.algorithm, &readings);
        let (scheme, given, provider) = (self.scheme, self.keys.secrets, self.provider.id());
        let configured = secrets::configured(scheme, given);
        let own = self.own_subjects();

        self.trying("another encoding or algorithm");
        let found = own.iter().find_map(|subject| self.prove(&bench, &configured, subject, true));
        if found.is_some() {
            return found;
        }
        self.trying("other forms of the secret");
        let mut others = secrets::reshaped(scheme, given);
        let found = own.iter().find_map(|subject| self.prove(&bench, &others, subject, false));
        if found.is_some() {
            return found;
        }
        if !self.known.is_empty() {
            self.trying("every other secret known here");
            for keys in [
                secrets::elsewhere(scheme, provider, given, self.known),
                secrets::elsewhere_reshaped(scheme, provider, given, self.known),
            ] {
                let found = own.iter().find_map(|subject| self.prove(&bench, &keys, subject, false));
                if found.is_some() {
                    return found;
                }
                others.extend(keys);
            }
        }
        if scheme.algorithm == Algorithm::Token {
            return None;
        }
        self.changed(&bench, &configured, &others)
    }

    /// The search among changes of what was signed: with the configured keys, then with the others.
    fn changed(&self, bench: &Bench<'_>, configured: &[Try], others: &[Try]) -> Option<Finding> {
        let mut kept: Vec<Subject<'_>> = Vec::new();
        let small = self.facts.body.len() <= SMALL;
        let pieces = recipe::pieces(self.scheme, &self.facts, self.url());
        let base = recipe::join(&pieces, self.facts.body, b"");
        // What is not covered may change without any effect.
        let same = |subject: &Subject<'_>| recipe::join(&subject.pieces, &subject.body, b"") == base;
        if !self.facts.body.is_empty() {
            self.trying(
                "the body with other line ends, white space, JSON style, form encoding or compression",
            );
            let facts = self.facts;
            for other in body::others(&facts, self.budget) {
                let subject = self.with_body(other);
                if same(&subject) {
                    continue;
                }
                if let Some(found) = self.prove(bench, configured, &subject, false) {
                    return Some(found);
                }
                if small {
                    kept.push(subject);
                }
            }
        }
        let edits = kept.len().min(EDITS);
        let mut requests: Vec<Subject<'_>> = Vec::new();
        if self.scheme.content.has_url() {
            self.trying("other schemes, hosts, ports, paths and queries of the URL");
            requests.extend(
                address::others(self.urls, self.facts.head).into_iter().map(|other| self.with_url(other)),
            );
        }
        self.trying("other orders, separators and timestamps in what is signed");
        let recipes = recipe::others(self.scheme, &self.facts, &pieces);
        requests.extend(recipes.into_iter().map(|other| self.with_recipe(other)));
        for subject in &requests {
            if let Some(found) = self.prove(bench, configured, subject, false) {
                return Some(found);
            }
        }
        self.trying("pairs of these");
        let subjects = kept.iter().chain(&requests);
        if let Some(found) = subjects.clone().find_map(|subject| self.prove(bench, others, subject, false)) {
            return Some(found);
        }
        requests.iter().find_map(|request| {
            kept[..edits].iter().find_map(|edit| {
                let change = [edit.change.clone(), request.change.clone()].concat();
                let pair = Subject { pieces: request.pieces.clone(), body: edit.body.clone(), change };
                self.prove(bench, configured, &pair, false)
            })
        })
    }

    fn trying(&self, what: &'static str) {
        self.tried.borrow_mut().push(what);
    }

    fn url(&self) -> &str {
        self.urls.first().map_or("", String::as_str)
    }

    /// The request as it is, with each of the URLs.
    fn own_subjects(&self) -> Vec<Subject<'_>> {
        let none = [String::new()];
        let urls = if self.urls.is_empty() { &none[..] } else { self.urls };
        urls.iter()
            .take(MOST_URLS)
            .map(|url| Subject {
                pieces: recipe::pieces(self.scheme, &self.facts, url),
                body: Cow::Borrowed(self.facts.body),
                change: Vec::new(),
            })
            .collect()
    }

    fn with_body(&self, other: Body) -> Subject<'static> {
        let facts = Facts { body: &other.bytes, ..self.facts };
        let pieces = recipe::pieces(self.scheme, &facts, self.url());
        Subject { pieces, body: Cow::Owned(other.bytes), change: vec![Change::Body(other.how, other.what)] }
    }

    fn with_url(&self, other: address::Address) -> Subject<'_> {
        let pieces = recipe::pieces(self.scheme, &self.facts, &other.url);
        Subject { pieces, body: Cow::Borrowed(self.facts.body), change: vec![Change::Url(other.how)] }
    }

    fn with_recipe(&self, other: Recipe) -> Subject<'_> {
        let change = vec![Change::Recipe(other.how.into_owned())];
        Subject { pieces: other.pieces, body: Cow::Borrowed(self.facts.body), change }
    }

    /// The first key and maker that give a received signature.
    fn prove(&self, bench: &Bench<'_>, keys: &[Try], subject: &Subject<'_>, wide: bool) -> Option<Finding> {
        let keyed = subject.pieces.iter().any(|piece| piece.kind == Kind::Secret);
        let mut content = recipe::join(&subject.pieces, &subject.body, b"")?;
        let makers = if wide { &bench.wide } else { &bench.fitting };
        for key in keys {
            for &maker in makers {
                // A hash takes the key among the content; an HMAC takes it beside.
                let as_scheme = maker == bench.own;
                if keyed {
                    content =
                        recipe::join(&subject.pieces, &subject.body, if as_scheme { &key.key } else { b"" })?;
                }
                if !self.budget.borrow_mut().take(content.len().max(maker.least()), maker.weight()) {
                    return None;
                }
                let Some(made) = maker.make(&key.key, &content) else { continue };
                let found = bench.readings.iter().find_map(|reading| {
                    let whole = made.is(&reading.bytes);
                    (whole || (wide && made.begins_with(&reading.bytes))).then_some((reading.how, !whole))
                });
                if let Some((spelling, truncated)) = found {
                    return Some(Finding {
                        label: Arc::clone(&key.label),
                        other: key.other.clone(),
                        form: key.form,
                        ours: key.ours,
                        spelling,
                        truncated,
                        maker: (!as_scheme).then_some(maker),
                        change: subject.change.clone(),
                    });
                }
            }
        }
        None
    }
}
