//! Everything the screen shows, and nothing else.

use std::{borrow::Cow, sync::Arc};

use crate::{
    app::{
        detail::Detail, effect::View, find::Find, layout::Layout, list::List, msg::Notice, overlay::Overlay,
        session::Session, sift::Sift,
    },
    config::{
        keymap::{Action, Context, Keymap},
        theme::Theme,
    },
    domain::{
        capture::CaptureId,
        redact::Redaction,
        signature::{Freshness, State, Verdict},
        target::Target,
        time::Timestamp,
    },
};

/// A pane as `ui` describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaneInfo {
    /// Its name.
    pub id: &'static str,
    /// Its tab.
    pub title: &'static str,
    /// What has to be made for it.
    pub needs: &'static [Need],
}

/// What has to be made for a pane, off the thread that draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The body in a view.
    Document(View),
    /// The detailed check of the signature.
    Report,
    /// Nothing made, but a word when a signature goes stale.
    Clock,
}

/// How it looks.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// The colours.
    pub theme: Theme,
    /// Only ASCII for rules, symbols and marks.
    pub ascii: bool,
}

/// Which side the keys go to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    /// The list.
    #[default]
    List,
    /// The pane.
    Detail,
}

/// Columns from which list and detail can stand side by side.
pub(super) const SIDE: u16 = 100;

/// How list and detail share the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrangement {
    /// Next to each other.
    Side,
    /// The list above the detail.
    Stacked,
    /// One at a time.
    Single,
}

/// The state of the interface.
#[derive(Debug)]
pub struct Model {
    /// The facts about the session.
    pub session: Arc<Session>,
    /// The panes in their order.
    pub panes: Vec<PaneInfo>,
    /// The time as last told: when a report came, or when something was to change by itself.
    pub clock: Timestamp,
    /// The keys in force.
    pub keymap: Arc<Keymap>,
    /// How it looks.
    pub look: Look,
    /// The captures.
    pub list: List,
    /// What the list shows of them.
    pub sift: Sift,
    /// What is looked for in the pane.
    pub find: Find,
    /// The capture that is looked at.
    pub detail: Detail,
    /// Which side the keys go to.
    pub focus: Focus,
    /// The detail alone, full size.
    pub zoom: bool,
    /// What was chosen in place of the arrangement that fits the size.
    pub chosen: Option<Arrangement>,
    /// What lies over the screen.
    pub overlay: Option<Overlay>,
    /// One line of news.
    pub notice: Option<Notice>,
    /// A capture that was sent by hand and how many deliveries it had before: how that one ends is news.
    pub sent: Option<(CaptureId, usize)>,
    /// Whether secrets and personal fields are hidden.
    pub hide: bool,
    /// Whether the mouse is ours.
    pub mouse: bool,
    /// The targets used so far, the newest last; those of the session first.
    pub targets: Vec<Target>,
    /// The place of the format of the last export.
    pub export_format: usize,
    /// Columns and rows of the screen.
    pub size: (u16, u16),
    /// The last frame.
    pub layout: Layout,
}

impl Model {
    /// The state before anything has happened.
    #[must_use]
    pub fn new(session: Arc<Session>, panes: Vec<PaneInfo>, keymap: Arc<Keymap>, look: Look) -> Self {
        let targets = session.forward_to.iter().rev().cloned().collect();
        Self {
            session,
            clock: Timestamp::default(),
            panes,
            keymap,
            look,
            list: List::default(),
            sift: Sift::default(),
            find: Find::default(),
            detail: Detail::default(),
            focus: Focus::default(),
            zoom: false,
            chosen: None,
            overlay: None,
            notice: None,
            sent: None,
            hide: false,
            mouse: false,
            targets,
            export_format: 0,
            size: (80, 24),
            layout: Layout::default(),
        }
    }

    /// Whose keys work now.
    #[must_use]
    pub fn context(&self) -> Context {
        match (&self.overlay, self.focus) {
            (Some(overlay), _) => overlay.context(),
            (None, Focus::List) => Context::List,
            (None, Focus::Detail) => Context::Detail,
        }
    }

    /// How list and detail share a screen of this size: what was chosen, as far as it fits.
    #[must_use]
    pub fn arrangement(&self, width: u16, height: u16) -> Arrangement {
        let fitting = match (width, height) {
            (140.., _) => Arrangement::Side,
            (_, 18..) => Arrangement::Stacked,
            _ => Arrangement::Single,
        };
        match self.chosen.unwrap_or(fitting) {
            Arrangement::Side if width < SIDE => Arrangement::Single,
            Arrangement::Stacked if height < 12 => Arrangement::Single,
            arrangement => arrangement,
        }
    }

    /// Whether a pane is on the screen, and not the list alone.
    #[must_use]
    pub fn shows_detail(&self) -> bool {
        self.focus == Focus::Detail || self.arrangement(self.size.0, self.size.1) != Arrangement::Single
    }

    /// From when until when the signature of the capture that is looked at counts; `None` where nothing
    /// is signed that a handler would judge by its own clock, or where the signature is wrong anyway.
    #[must_use]
    pub fn freshness(&self) -> Option<&Freshness> {
        let report = &self.detail.report.get()?.report;
        let judged = report.check.signed_ok || report.check.verdict == Verdict::Unchecked;
        report.freshness.as_ref().filter(|_| judged)
    }

    /// Whether the signature of the capture that is looked at is too old by now, as far as that is known.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.freshness().is_some_and(|fresh| matches!(fresh.at(self.clock), State::Stale(_)))
    }

    /// The one moment at which what is on the screen becomes untrue by itself: a signature goes stale.
    /// `None` as long as nothing on it depends on the time.
    #[must_use]
    pub fn wake(&self) -> Option<Timestamp> {
        let pane = self.shows_detail() && self.pane().is_some_and(|pane| pane.needs.contains(&Need::Clock));
        let sending = matches!(self.overlay, Some(Overlay::Send(_)));
        if !pane && !sending {
            return None;
        }
        self.freshness()?.changes_after(self.clock)
    }

    /// What is hidden, while something is.
    #[must_use]
    pub fn hiding(&self) -> Option<&Redaction> {
        self.hide.then_some(&*self.session.hiding)
    }

    /// A request target or URL as it may be seen.
    #[must_use]
    pub fn seen_url<'t>(&self, text: &'t [u8]) -> Cow<'t, [u8]> {
        self.hiding().map_or(Cow::Borrowed(text), |rules| rules.url(text))
    }

    /// A sentence as it may be seen.
    #[must_use]
    pub fn seen<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.hiding().map_or(Cow::Borrowed(text), |rules| rules.sentence(text).into())
    }

    /// A key as it is shown for an action in a place; a dash where a user's keymap has none.
    #[must_use]
    pub fn key(&self, context: Context, action: Action) -> String {
        self.keymap.shown(context, action).unwrap_or_else(|| "-".to_owned())
    }

    /// Whether the detail can be made larger: not where it is alone already.
    #[must_use]
    pub fn can_zoom(&self) -> bool {
        self.arrangement(self.size.0, self.size.1) != Arrangement::Single
    }

    /// The pane that is shown.
    #[must_use]
    pub fn pane(&self) -> Option<&PaneInfo> {
        self.panes.get(self.detail.pane)
    }

    /// The target that `replay` sends to.
    #[must_use]
    pub fn last_target(&self) -> Option<&Target> {
        self.targets.last()
    }
}
