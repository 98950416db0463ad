//! What happens to the interface.

use std::sync::Arc;

use crate::{
    app::{
        content::{Lines, SignatureView},
        effect::{Exported, Saved},
        find::Found,
        layout::Layout,
        session::Session,
        tolerance::Tolerances,
        whatif::Tally,
    },
    config::key::Key,
    domain::{capture::CaptureId, record::Record, rotation::Rotation, store::Delta, time::Timestamp},
};

/// The number of a piece of work. A result whose ticket is not the one waited for is dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// Everything that can happen.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// The terminal has another size.
    Resize {
        /// Columns.
        width: u16,
        /// Rows.
        height: u16,
    },
    /// The mouse did something.
    Mouse(Mouse),
    /// The terminal window got or lost the focus.
    Focus(bool),
    /// The store changed.
    Delta(Delta),
    /// The answer to [`Effect::Open`](crate::app::Effect::Open); `None` when the capture is no longer kept.
    Opened {
        /// Which one was asked for.
        id: CaptureId,
        /// Everything about it.
        record: Option<Record>,
    },
    /// The answer to [`Effect::Open`](crate::app::Effect::Open) where the bytes of a capture cannot be read.
    Unreadable {
        /// Which one was asked for.
        id: CaptureId,
        /// A sentence that says why.
        why: String,
    },
    /// The answer to [`Effect::Decode`](crate::app::Effect::Decode).
    Decoded {
        /// The ticket of the effect.
        ticket: Ticket,
        /// The document; may come twice for a large body, first incomplete, then complete.
        document: Arc<dyn Lines>,
    },
    /// The answer to [`Effect::Hide`](crate::app::Effect::Hide).
    Hidden {
        /// The ticket of the effect.
        ticket: Ticket,
        /// The record as it was.
        of: Record,
        /// The record without what is hidden.
        record: Record,
    },
    /// The answer to [`Effect::Export`](crate::app::Effect::Export).
    Exported(Exported),
    /// The answer to [`Effect::Report`](crate::app::Effect::Report).
    Reported {
        /// The ticket of the effect.
        ticket: Ticket,
        /// What the check found.
        report: Arc<SignatureView>,
    },
    /// The moment that [`Model::wake`](crate::app::Model::wake) asked to be told of has come: this is
    /// the time.
    Clock(Timestamp),
    /// The answer to [`Effect::AskTolerance`](crate::app::Effect::AskTolerance).
    Tolerances(Tolerances),
    /// The answer to [`Effect::Rotation`](crate::app::Effect::Rotation).
    Rotated(Rotation),
    /// The answer to [`Effect::TrySecret`](crate::app::Effect::TrySecret), [`Effect::DropSecret`](crate::app::Effect::DropSecret) and [`Effect::SetTolerance`](crate::app::Effect::SetTolerance).
    Tried(Tally),
    /// The answer to [`Effect::SaveSecret`](crate::app::Effect::SaveSecret).
    Saved(Saved),
    /// A filter to begin with, as text.
    Filter(String),
    /// The answer to [`Effect::Sift`](crate::app::Effect::Sift), in parts: captures that match.
    Sifted {
        /// The ticket of the effect.
        ticket: Ticket,
        /// The captures of this part.
        ids: Vec<u64>,
        /// Whether this is the last part.
        done: bool,
    },
    /// The answer to [`Effect::Examine`](crate::app::Effect::Examine).
    Examined {
        /// The ticket of the effect.
        ticket: Ticket,
        /// Those that were asked about and match.
        matching: Vec<u64>,
        /// Those that do not.
        others: Vec<u64>,
    },
    /// The answer to [`Effect::Find`](crate::app::Effect::Find).
    Found {
        /// The ticket of the effect.
        ticket: Ticket,
        /// The places.
        found: Arc<Found>,
    },
    /// Something worth a line: copied, failed, sent.
    Noticed(Notice),
    /// The facts about the session changed (the listener stands, the configuration was read again).
    Session(Arc<Session>),
    /// A frame was drawn; this is where things stand on it. Needs no further frame.
    Drawn(Layout),
}

/// What the mouse did, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mouse {
    /// What it did.
    pub kind: MouseKind,
    /// Column of the screen, from 0.
    pub column: u16,
    /// Row of the screen, from 0.
    pub row: u16,
}

/// What the mouse did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MouseKind {
    /// The left button was pressed.
    Press,
    /// The wheel was turned up by one notch.
    ScrollUp,
    /// The wheel was turned down by one notch.
    ScrollDown,
}

/// One line for the person at the keyboard, shown until the next key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Whether it is bad news.
    pub bad: bool,
    /// The line. May contain text of others: it is made visible when it is drawn.
    pub text: String,
}

impl Notice {
    /// Good or neutral news.
    #[must_use]
    pub fn info(text: impl Into<String>) -> Self {
        Self { bad: false, text: text.into() }
    }

    /// Bad news.
    #[must_use]
    pub fn bad(text: impl Into<String>) -> Self {
        Self { bad: true, text: text.into() }
    }
}
