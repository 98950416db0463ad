//! What the interface asks for, done.

use std::{
    path::PathBuf,
    sync::{
        Arc, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{
    app::{CopyWhat, Effect, Msg, Notice, Session, effect::Saved, msg::Ticket},
    domain::{
        capture::{Capture, CaptureId},
        export::{Format, curl},
        record::Record,
        redact,
        target::Target,
    },
    engine::{
        ears::now,
        exports,
        fetch::Fetcher,
        forward::Forwarder,
        jobs::{Jobs, Kind},
        library::{Library, Missing},
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
    pub library: Library,
    /// Opens what a person confirms.
    pub fetcher: Fetcher,
    /// Where `.env` is or would be.
    pub dotenv_file: PathBuf,
    /// Where the names of files begin.
    pub dir: PathBuf,
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
            Effect::Hide { ticket, record, rules } => {
                let work = move |tell: &dyn Fn(Msg)| {
                    let hidden = redact::record(&record, &rules);
                    tell(Msg::Hidden { ticket, of: record, record: hidden });
                };
                jobs.start(Kind::Hide, Box::new(work));
                Vec::new()
            }
            Effect::Export { export, kept } => {
                let (rules, library) = (Rules::current(&self.rules), self.library.clone());
                let (session, dir) = (self.session(), self.dir.clone());
                let work = move |tell: &dyn Fn(Msg)| {
                    tell(Msg::Exported(exports::to_file(&export, kept, &library, &rules, &session, &dir)));
                };
                jobs.start(Kind::Export, Box::new(work));
                Vec::new()
            }
            Effect::CopyAs { format, record, redacted } => {
                vec![self.copy_as(format, &record, redacted, face)]
            }
            Effect::Copy { what, capture, redacted } => {
                vec![said_redacted(self.copy(what, &capture, face), redacted)]
            }
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
            Effect::Open(id) => self.open(id, jobs).into_iter().collect(),
            Effect::Rotation(provider) => {
                let (rules, library) = (Rules::current(&self.rules), self.library.clone());
                let work = move |tell: &dyn Fn(Msg)| {
                    tell(Msg::Rotated(whatif::rotation(&library, &rules, &provider)));
                };
                jobs.start(Kind::Rotation, Box::new(work));
                Vec::new()
            }
            Effect::AskTolerance { capture } => {
                let known = Rules::current(&self.rules).tolerances(&capture);
                known.map(Msg::Tolerances).into_iter().collect()
            }
            Effect::SetTolerance { provider, tolerance } => {
                Rules::current(&self.rules).extra.set_tolerance(&provider, tolerance);
                self.check_again(jobs);
                Vec::new()
            }
            Effect::Confirm(capture) => {
                self.fetcher.confirm(&capture);
                Vec::new()
            }
            Effect::Sift { ticket, filter } => {
                let (library, stale) = (self.library.clone(), self.newest(0, ticket));
                let work = move |tell: &dyn Fn(Msg)| {
                    sieve::sift(&library, &filter, now(), &stale, |ids, done| {
                        tell(Msg::Sifted { ticket, ids, done });
                    });
                };
                jobs.start(Kind::Sift, Box::new(work));
                Vec::new()
            }
            Effect::Examine { ticket, filter, ids } => {
                let library = self.library.clone();
                let work = move |tell: &dyn Fn(Msg)| {
                    let (matching, others) = sieve::examine(&library, &filter, now(), ids);
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
                self.library.store().remark(id, remark);
                Vec::new()
            }
            Effect::Remove(id) => {
                self.library.store().delete(&[id]);
                Vec::new()
            }
            // The loop itself does these.
            Effect::Again | Effect::Mouse(_) | Effect::Redraw | Effect::Suspend | Effect::Quit => Vec::new(),
        }
    }

    /// A capture at once where memory has it, else from the session file, by a job.
    fn open(&self, id: CaptureId, jobs: &mut Jobs) -> Option<Msg> {
        if let Some(known) = self.library.at_hand(id) {
            return Some(opened(id, known));
        }
        let library = self.library.clone();
        let work = move |tell: &dyn Fn(Msg)| tell(opened(id, library.record(id)));
        jobs.start(Kind::Open, Box::new(work));
        None
    }

    /// Makes a ticket the newest of its kind; the answer says whether it no longer is.
    fn newest(&self, kind: usize, ticket: Ticket) -> impl Fn() -> bool + Send + use<> {
        let newest = Arc::clone(&self.newest[kind]);
        newest.store(ticket.0, Ordering::Relaxed);
        move || newest.load(Ordering::Relaxed) != ticket.0
    }

    /// Checks the captures of those providers again whose secrets have changed.
    fn check_again(&self, jobs: &mut Jobs) {
        let (rules, library) = (Arc::clone(&self.rules), self.library.clone());
        let work = move |tell: &dyn Fn(Msg)| {
            let rules = Rules::current(&rules);
            for provider in rules.extra.take_touched() {
                tell(Msg::Tried(whatif::check_again(&library, &rules, &provider)));
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
            // These are copied as a format of the export.
            CopyWhat::Httpie | CopyWhat::Python | CopyWhat::Fetch => return Msg::Noticed(Notice::info("")),
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

    fn copy_as(&self, format: &'static Format, record: &Record, redact: bool, face: &mut impl Face) -> Msg {
        let made = exports::as_text(format, record, redact, &Rules::current(&self.rules), &self.session());
        match made {
            Err(why) => Msg::Noticed(Notice::bad(format!("Nothing copied: {why}"))),
            Ok((text, notes)) => {
                let mut msg = copied(format.name, face.copy(&text));
                if let (Msg::Noticed(notice), Some(note)) = (&mut msg, notes.first())
                    && !notice.bad
                {
                    notice.text = format!("{} {note}", notice.text);
                }
                said_redacted(msg, redact)
            }
        }
    }

    fn session(&self) -> Arc<Session> {
        Arc::clone(&self.session.read().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// The URL at which a capture came in, for somebody who wants to call it again.
    fn url(&self, capture: &Capture) -> String {
        let target = String::from_utf8_lossy(capture.head().target()).into_owned();
        let path = if target.starts_with('/') { target } else { format!("/{target}") };
        format!("{}{path}", self.base().trim_end_matches('/'))
    }

    fn base(&self) -> String {
        self.session().url().unwrap_or("http://127.0.0.1").to_owned()
    }
}

fn opened(id: CaptureId, record: Result<Record, Missing>) -> Msg {
    match record {
        Ok(record) => Msg::Opened { id, record: Some(record) },
        Err(Missing::Gone) => Msg::Opened { id, record: None },
        Err(Missing::Unreadable(why)) => Msg::Unreadable { id, why },
    }
}

/// Says that secrets were taken out of what was copied.
fn said_redacted(mut msg: Msg, redacted: bool) -> Msg {
    if let Msg::Noticed(notice) = &mut msg
        && redacted
        && !notice.bad
    {
        notice.text.push_str(" Secrets in it are redacted.");
    }
    msg
}

fn copied(label: &str, result: Result<String, String>) -> Msg {
    Msg::Noticed(match result {
        Ok(way) => Notice::info(format!("Copied {label} to the {way}.")),
        Err(why) => Notice::bad(format!("Nothing copied: {why}.")),
    })
}
