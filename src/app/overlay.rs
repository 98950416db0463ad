//! What can lie over the screen: help, the copy menu, dialogs, lines to type in.

use std::sync::Arc;

use crate::{
    app::{
        confirm::Confirm, effect::CopyWhat, export::ExportDialog, input::Input, session::Session,
        sift::FilterLine, tolerance::ToleranceDialog, whatif::WhatIf,
    },
    config::keymap::{Action, Context},
    domain::{
        capture::{Capture, CaptureId},
        target::{Target, TargetError},
    },
};

/// The one overlay that is open.
#[derive(Debug)]
pub enum Overlay {
    /// The keys that work where the help was called.
    Help {
        /// Where that was.
        context: Context,
        /// Lines above the first one shown.
        scroll: usize,
    },
    /// What to copy.
    Copy {
        /// The chosen line.
        index: usize,
    },
    /// Where to send.
    Send(SendDialog),
    /// Which secret to try.
    WhatIf(WhatIf),
    /// How old a signed time may be.
    Tolerance(ToleranceDialog),
    /// Whether a subscription is to be confirmed.
    Confirm(Confirm),
    /// What to export, as what, and where to.
    Export(ExportDialog),
    /// What the list shows.
    Filter(FilterLine),
    /// What to look for in the pane.
    Find(Input),
    /// What to note about a capture.
    Note(NoteDialog),
    /// Whether to take a capture out.
    Delete(CaptureId),
}

/// The lines of the copy menu.
pub const COPY_MENU: [(Action, CopyWhat); 8] = [
    (Action::CopyBody, CopyWhat::Body),
    (Action::CopyHeaders, CopyWhat::Headers),
    (Action::CopyCurl, CopyWhat::Curl),
    (Action::CopyHttpie, CopyWhat::Httpie),
    (Action::CopyPython, CopyWhat::Python),
    (Action::CopyFetch, CopyWhat::Fetch),
    (Action::CopyUrl, CopyWhat::Url),
    (Action::CopyId, CopyWhat::Id),
];

/// Asks for a note.
#[derive(Debug)]
pub struct NoteDialog {
    /// The field.
    pub input: Input,
    /// Whose note it is.
    pub id: CaptureId,
}

/// Asks for a target.
#[derive(Debug)]
pub struct SendDialog {
    /// The field.
    pub input: Input,
    /// What will be sent.
    pub capture: Arc<Capture>,
    /// Which of the former targets is in the field, counted from the newest.
    pub older: Option<usize>,
}

impl SendDialog {
    /// What the field says: the target and the whole URL that the request would go to, as bytes,
    /// because the captured path need not be text.
    ///
    /// # Errors
    /// When the field is not a target.
    pub fn resolve(&self, session: &Session) -> Result<(Target, Vec<u8>), TargetError> {
        let target = Target::parse(self.input.text())?;
        let head = self.capture.head();
        let mount = session.endpoints.find(head.method(), head.target()).map_or("", |(_, e)| e.mount());
        let mut url = target.origin().into_bytes();
        url.extend(target.join(head.target(), mount));
        Ok((target, url))
    }
}

impl Overlay {
    /// The field that text goes into, if there is one.
    pub(super) fn field(&mut self) -> Option<&mut Input> {
        match self {
            Self::Send(dialog) => Some(&mut dialog.input),
            Self::WhatIf(dialog) => dialog.field(),
            Self::Tolerance(dialog) => Some(&mut dialog.input),
            Self::Export(dialog) => dialog.field(),
            Self::Filter(line) => Some(&mut line.input),
            Self::Find(input) => Some(input),
            Self::Note(dialog) => Some(&mut dialog.input),
            Self::Confirm(_) | Self::Help { .. } | Self::Copy { .. } | Self::Delete(_) => None,
        }
    }

    /// The keys that work in it.
    #[must_use]
    pub const fn context(&self) -> Context {
        match self {
            Self::Help { .. } => Context::Help,
            Self::Copy { .. } => Context::Copy,
            Self::Send(_) => Context::Send,
            Self::WhatIf(_) => Context::WhatIf,
            Self::Tolerance(_) => Context::Tolerance,
            Self::Confirm(_) => Context::Question,
            Self::Export(_) => Context::Export,
            Self::Filter(_) => Context::Filter,
            Self::Find(_) => Context::Find,
            Self::Note(_) => Context::Note,
            Self::Delete(_) => Context::Delete,
        }
    }
}
