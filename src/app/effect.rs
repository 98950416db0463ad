//! What the interface asks the engine for.

use std::{sync::Arc, time::Duration};

use crate::{
    app::{content::Lines, msg::Ticket},
    domain::{
        capture::{Capture, CaptureId},
        export::Format,
        filter::Filter,
        record::{Record, Remark},
        redact::Redaction,
        signature::Secret,
        target::Target,
    },
};

/// What the engine is asked to do. Captures come along as they are, so that one which the store has
/// evicted meanwhile can still be copied and sent.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Load a capture; answered by [`Msg::Opened`](crate::app::Msg::Opened) or [`Msg::Unreadable`](crate::app::Msg::Unreadable), at once if it is in memory.
    Open(CaptureId),
    /// Make the body readable, off this thread; answered by [`Msg::Decoded`](crate::app::Msg::Decoded). The newest request of a
    /// view replaces one that has not begun.
    Decode {
        /// Comes back with the answer.
        ticket: Ticket,
        /// Whose body.
        capture: Arc<Capture>,
        /// How it is to be shown.
        view: View,
    },
    /// Check the signature in detail; answered by [`Msg::Reported`](crate::app::Msg::Reported).
    Report {
        /// Comes back with the answer.
        ticket: Ticket,
        /// Whose signature.
        capture: Arc<Capture>,
    },
    /// Send captures to a target. The outcome comes as a delta of the store.
    Send {
        /// What to send, in order.
        captures: Vec<Arc<Capture>>,
        /// Where to.
        target: Target,
    },
    /// Take out of a record what is hidden, off this thread; answered by [`Msg::Hidden`](crate::app::Msg::Hidden).
    Hide {
        /// Comes back with the answer.
        ticket: Ticket,
        /// The capture and what is known of it.
        record: Record,
        /// What is hidden.
        rules: Arc<Redaction>,
    },
    /// Write captures to a file, off this thread; answered by [`Msg::Exported`](crate::app::Msg::Exported).
    Export {
        /// What is written, and where to.
        export: Export,
        /// The only capture, where there is one: it may be evicted already.
        kept: Option<Record>,
    },
    /// Copy a capture in a format to the clipboard and say so by [`Msg::Noticed`](crate::app::Msg::Noticed).
    CopyAs {
        /// The format.
        format: &'static Format,
        /// The capture and what is known of it, as it is to be copied.
        record: Record,
        /// Whether something was taken out of it, or is to be.
        redacted: bool,
    },
    /// Copy a part of a capture to the clipboard and say so by [`Msg::Noticed`](crate::app::Msg::Noticed).
    Copy {
        /// Which part.
        what: CopyWhat,
        /// Of which capture.
        capture: Arc<Capture>,
        /// Whether something was taken out of it.
        redacted: bool,
    },
    /// Copy this text to the clipboard and say so by [`Msg::Noticed`](crate::app::Msg::Noticed).
    CopyText {
        /// What it is, for the notice: `curl command`.
        label: &'static str,
        /// The text.
        text: String,
    },
    /// Check all captures of a provider with another secret as well; answered by [`Msg::Tried`](crate::app::Msg::Tried).
    TrySecret {
        /// Whose secret it is.
        provider: Arc<str>,
        /// The secret.
        secret: Secret,
    },
    /// Take the secret that is tried back.
    DropSecret,
    /// Let the secret that is tried count until the program ends.
    KeepSecret,
    /// Write the secret that is tried to `.env` and keep it; answered by [`Msg::Saved`](crate::app::Msg::Saved).
    SaveSecret {
        /// The variable.
        name: String,
        /// Whether a variable of this name is overridden.
        replace: bool,
    },
    /// Tell which secret of a provider signed what; answered by [`Msg::Rotated`](crate::app::Msg::Rotated).
    Rotation(Arc<str>),
    /// Tell what tolerance the provider of a capture has; answered by [`Msg::Tolerances`](crate::app::Msg::Tolerances).
    AskTolerance {
        /// The capture.
        capture: Arc<Capture>,
    },
    /// Set how old signed times of a provider may be for this run, and check its captures again; answered
    /// by [`Msg::Tried`](crate::app::Msg::Tried).
    SetTolerance {
        /// The provider's id.
        provider: Arc<str>,
        /// The tolerance; `None` for what configuration and provider say.
        tolerance: Option<Duration>,
    },
    /// Open the URL that confirms the subscription that a capture asks for. The outcome comes as a delivery and a notice.
    Confirm(Arc<Capture>),
    /// Look through all captures for those that match, off this thread; answered by [`Msg::Sifted`](crate::app::Msg::Sifted). The
    /// newest request ends one that is under way.
    Sift {
        /// Comes back with the answers.
        ticket: Ticket,
        /// What they must match.
        filter: Filter,
    },
    /// Look whether some captures match, off this thread; answered by [`Msg::Examined`](crate::app::Msg::Examined).
    Examine {
        /// Comes back with the answer.
        ticket: Ticket,
        /// What they must match.
        filter: Filter,
        /// Their numbers.
        ids: Vec<u64>,
    },
    /// Note what a person says about a capture, in place of what was noted before.
    Remark {
        /// Which one.
        id: CaptureId,
        /// What is noted.
        remark: Remark,
    },
    /// Take a capture out for good.
    Remove(CaptureId),
    /// Look for a text in a document, off this thread; answered by [`Msg::Found`](crate::app::Msg::Found).
    Find {
        /// Comes back with the answer.
        ticket: Ticket,
        /// Where to look.
        document: Arc<dyn Lines>,
        /// What for.
        text: String,
        /// Whether the marks in it are ASCII.
        ascii: bool,
    },
    /// Switch mouse reports of the terminal on or off.
    Mouse(bool),
    /// Draw another frame: what the last one showed has led to something.
    Again,
    /// Draw everything again, not only what changed.
    Redraw,
    /// Stop the process until the shell continues it.
    Suspend,
    /// End the program.
    Quit,
}

/// What is written to a file.
#[derive(Clone, Debug)]
pub struct Export {
    /// The format.
    pub format: &'static Format,
    /// Which captures, in order; `None` for all that are kept.
    pub ids: Option<Vec<CaptureId>>,
    /// Whether secrets stay in.
    pub raw: bool,
    /// The file.
    pub path: String,
    /// Whether a file of this name is written over.
    pub replace: bool,
}

/// What became of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exported {
    /// It is there; the sentence says how many and where.
    Done(String),
    /// A file of this name is there already, and nothing was written.
    Taken,
    /// Nothing was written, for this reason.
    Failed(String),
}

/// What became of writing a secret to `.env`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It is there; the sentence says so.
    Done(String),
    /// The variable is there already with another value, and nothing was written.
    Taken {
        /// The variable.
        name: String,
        /// The sentence that says so.
        why: String,
    },
    /// Nothing was written, for this reason.
    Failed(String),
}

/// Which part of a capture is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyWhat {
    /// The body, exact.
    Body,
    /// The head as sent.
    Headers,
    /// A curl command that sends the same request.
    Curl,
    /// The URL that was called.
    Url,
    /// The number.
    Id,
    /// An HTTPie command that sends the same request.
    Httpie,
    /// A Python program that does.
    Python,
    /// JavaScript that does.
    Fetch,
}

impl CopyWhat {
    /// The format, where it is one of those of the export.
    #[must_use]
    pub fn format(self) -> Option<&'static Format> {
        Format::find(match self {
            Self::Httpie => "httpie",
            Self::Python => "python",
            Self::Fetch => "fetch",
            _ => return None,
        })
    }

    /// The word on the screen.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Headers => "headers",
            Self::Curl => "curl command",
            Self::Url => "URL",
            Self::Id => "id",
            Self::Httpie => "HTTPie command",
            Self::Python => "Python program",
            Self::Fetch => "fetch program",
        }
    }
}

/// How a body is to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum View {
    /// As its content type says: JSON, form, text or hex.
    Decoded,
    /// As it is: its bytes as text where they are UTF-8 text, else as hex.
    Raw,
}
