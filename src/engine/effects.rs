//! What the interface asks for, done.

use std::{
    path::PathBuf,
    sync::{
        Arc, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{
    app::{
        CopyWhat, Effect, Msg, Notice, Session,
        msg::{Saved, Ticket},
    },
    domain::{capture::Capture, curl, store::Store, target::Target},
    engine::{
        ears::now,
        forward::Forwarder,
        jobs::{Jobs, Kind},
        page,
        rules::{Mounted, Rules},
        screen::Face,
        sieve, whatif,
    },
};

/// What effects need beside the terminal.
pub struct Effects {
    /// The rules as they stand.
    pub rules: Arc<RwLock<Arc<Rules>>>,
    /// Sends captures.
    pub forwarder: Forwarder,
    /// The captures.
    pub store: Arc<Store>,
    /// Where `.env` is or would be.
    pub dotenv_file: PathBuf,
    /// The facts about the session as they stand.
    pub session: Arc<RwLock<Arc<Session>>>,
    /// The newest filter and the newest search: work for older ones ends.
    pub newest: [Arc<AtomicU64>; 2],
}

impl Effects {
    /// Performs an effect; returns what is known at once. Slow work goes to a job.
    pub fn perform(&self, effect: Effect, jobs: &mut Jobs, face: &mut impl Face) -> Vec<Msg> {
        match effect {
            Effect::Decode { ticket, capture, view } => {
                let work = move |tell: &dyn Fn(Msg)| {
                    page::decode(&capture, view, |document| tell(Msg::Decoded { ticket, document }));
                };
                jobs.start(Kind::Decode(view), Box::new(work));
                Vec::new()
            }
            Effect::Report { ticket, capture } => {
                let rules = Rules::current(&self.rules);
                let work = move |tell: &dyn Fn(Msg)| {
                    let report = Arc::new(page::signature(&rules, &capture));
                    tell(Msg::Reported { ticket, report });
                };
                jobs.start(Kind::Report, Box::new(work));
                Vec::new()
            }
            Effect::Send { captures, target } => {
                let rules = Rules::current(&self.rules);
                for capture in captures {
                    let mount = rules
                        .endpoint_of(&capture)
                        .map_or("", |index| rules.endpoints.list[index].mount())
                        .to_owned();
                    self.forwarder.replay(capture, Mounted { target: target.clone(), mount });
                }
                Vec::new()
            }
            Effect::Copy { what, capture } => vec![self.copy(what, &capture, face)],
            Effect::CopyText { label, text } => vec![copied(label, face.copy(text.as_bytes()))],
            Effect::TrySecret { provider, secret } => {
                Rules::current(&self.rules).extra.try_out(&provider, secret);
                self.check_again(jobs);
                Vec::new()
            }
            Effect::DropSecret => {
                Rules::current(&self.rules).extra.drop_trial();
                self.check_again(jobs);
                Vec::new()
            }
            Effect::KeepSecret => {
                Rules::current(&self.rules).extra.keep_trial(None);
                Vec::new()
            }
            Effect::SaveSecret { name, replace } => {
                let extra = Rules::current(&self.rules).extra.clone();
                let Some(secret) = extra.trial() else { return Vec::new() };
                let saved = whatif::save(&self.dotenv_file, &name, &secret, replace);
                if matches!(saved, Saved::Done(_)) {
                    extra.keep_trial(Some(&name));
                    self.check_again(jobs);
                }
                vec![Msg::Saved(saved)]
            }
            Effect::Sift { ticket, filter } => {
                let (store, stale) = (Arc::clone(&self.store), self.newest(0, ticket));
                let work = move |tell: &dyn Fn(Msg)| {
                    sieve::sift(sieve::kept(&store), &filter, now(), &stale, |ids, done| {
                        tell(Msg::Sifted { ticket, ids, done });
                    });
                };
                jobs.start(Kind::Sift, Box::new(work));
                Vec::new()
            }
            Effect::Examine { ticket, filter, ids } => {
                let store = Arc::clone(&self.store);
                let work = move |tell: &dyn Fn(Msg)| {
                    let (matching, others) = sieve::examine(&store, &filter, now(), ids);
                    tell(Msg::Examined { ticket, matching, others });
                };
                jobs.start(Kind::Examine, Box::new(work));
                Vec::new()
            }
            Effect::Find { ticket, document, text, ascii } => {
                let stale = self.newest(1, ticket);
                let work = move |tell: &dyn Fn(Msg)| {
                    if let Some(found) = sieve::find(&*document, &text, ascii, &stale) {
                        tell(Msg::Found { ticket, found: Arc::new(found) });
                    }
                };
                jobs.start(Kind::Find, Box::new(work));
                Vec::new()
            }
            Effect::Remark { id, remark } => {
                self.store.remark(id, remark);
                Vec::new()
            }
            Effect::Remove(id) => {
                self.store.remove(id);
                Vec::new()
            }
            // The loop itself does these.
            Effect::Again
            | Effect::Open(_)
            | Effect::Mouse(_)
            | Effect::Redraw
            | Effect::Suspend
            | Effect::Quit => Vec::new(),
        }
    }

    /// Makes a ticket the newest of its kind; the answer says whether it no longer is.
    fn newest(&self, kind: usize, ticket: Ticket) -> impl Fn() -> bool + Send + use<> {
        let newest = Arc::clone(&self.newest[kind]);
        newest.store(ticket.0, Ordering::Relaxed);
        move || newest.load(Ordering::Relaxed) != ticket.0
    }

    /// Checks the captures of those providers again whose secrets have changed.
    fn check_again(&self, jobs: &mut Jobs) {
        let (rules, store) = (Arc::clone(&self.rules), Arc::clone(&self.store));
        let work = move |tell: &dyn Fn(Msg)| {
            let rules = Rules::current(&rules);
            for provider in rules.extra.take_touched() {
                tell(Msg::Tried(whatif::check_again(&store, &rules, &provider)));
            }
        };
        jobs.start(Kind::WhatIf, Box::new(work));
    }

    fn copy(&self, what: CopyWhat, capture: &Capture, face: &mut impl Face) -> Msg {
        let result = match what {
            CopyWhat::Body => face.copy(capture.body()),
            CopyWhat::Headers => face.copy(capture.head().raw()),
            CopyWhat::Id => face.copy(capture.id().to_string().as_bytes()),
            CopyWhat::Url => face.copy(self.url(capture).as_bytes()),
            CopyWhat::Curl => return self.copy_curl(capture, face),
        };
        copied(what.label(), result)
    }

    fn copy_curl(&self, capture: &Capture, face: &mut impl Face) -> Msg {
        let made = Target::parse(&self.base())
            .map_err(|error| error.to_string())
            .and_then(|base| curl::command(capture, &base).map_err(|error| error.to_string()));
        match made {
            Err(why) => Msg::Noticed(Notice::bad(format!("Nothing copied: {why}"))),
            Ok(made) => {
                match (copied(CopyWhat::Curl.label(), face.copy(made.text.as_bytes())), made.notes.first()) {
                    (Msg::Noticed(mut notice), Some(note)) if !notice.bad => {
                        notice.text = format!("{} {note}", notice.text);
                        Msg::Noticed(notice)
                    }
                    (msg, _) => msg,
                }
            }
        }
    }

    /// The URL at which a capture came in, for somebody who wants to call it again.
    fn url(&self, capture: &Capture) -> String {
        let target = String::from_utf8_lossy(capture.head().target()).into_owned();
        let path = if target.starts_with('/') { target } else { format!("/{target}") };
        format!("{}{path}", self.base().trim_end_matches('/'))
    }

    fn base(&self) -> String {
        let session = Arc::clone(&self.session.read().unwrap_or_else(std::sync::PoisonError::into_inner));
        session.url().unwrap_or("http://127.0.0.1").to_owned()
    }
}

fn copied(label: &str, result: Result<String, String>) -> Msg {
    Msg::Noticed(match result {
        Ok(way) => Notice::info(format!("Copied {label} to the {way}.")),
        Err(why) => Notice::bad(format!("Nothing copied: {why}.")),
    })
}
