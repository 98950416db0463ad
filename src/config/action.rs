//! What a key can start, and where.

use serde::Deserialize;

/// Everything that a key can start. The names in the keymap are these in kebab case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the table in assets/keymap.toml documents each action")]
pub enum Action {
    Open,
    Back,
    Close,
    Down,
    Up,
    PageDown,
    PageUp,
    Top,
    Bottom,
    Left,
    Right,
    NextPane,
    PreviousPane,
    #[serde(rename = "pane-1")]
    Pane1,
    #[serde(rename = "pane-2")]
    Pane2,
    #[serde(rename = "pane-3")]
    Pane3,
    #[serde(rename = "pane-4")]
    Pane4,
    #[serde(rename = "pane-5")]
    Pane5,
    #[serde(rename = "pane-6")]
    Pane6,
    #[serde(rename = "pane-7")]
    Pane7,
    #[serde(rename = "pane-8")]
    Pane8,
    #[serde(rename = "pane-9")]
    Pane9,
    Replay,
    Send,
    Copy,
    Follow,
    Pause,
    Layout,
    Mouse,
    Help,
    Redraw,
    Suspend,
    Quit,
    Accept,
    CopyBody,
    CopyHeaders,
    CopyCurl,
    CopyUrl,
    CopyId,
    Older,
    Newer,
    Clear,
    WhatIf,
    WriteEnv,
    Tolerance,
    Confirm,
    Hide,
    Export,
    ExportWhat,
    ExportRaw,
    ExportCopy,
    CopyHttpie,
    CopyPython,
    CopyFetch,
    Filter,
    Fields,
    Mark,
    Note,
    Delete,
    Yes,
    Search,
    NextMatch,
    PreviousMatch,
}

/// Where a key is pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Context {
    /// The list of captures.
    List,
    /// The panes of one capture.
    Detail,
    /// The help.
    Help,
    /// The copy menu.
    Copy,
    /// The send dialog, where other keys are typed.
    Send,
    /// The what-if dialog, where other keys are typed.
    WhatIf,
    /// The tolerance dialog, where other keys are typed.
    Tolerance,
    /// A question that is answered with yes or no.
    Question,
    /// The export dialog.
    Export,
    /// The filter line, where other keys are typed.
    Filter,
    /// The search line of a pane, where other keys are typed.
    Find,
    /// The note dialog, where other keys are typed.
    Note,
    /// The question before a capture is deleted.
    Delete,
}

impl Context {
    /// All of them, in the order of the help.
    pub const ALL: [Self; 13] = [
        Self::List,
        Self::Detail,
        Self::Copy,
        Self::Send,
        Self::WhatIf,
        Self::Tolerance,
        Self::Export,
        Self::Question,
        Self::Filter,
        Self::Find,
        Self::Note,
        Self::Delete,
        Self::Help,
    ];

    /// The name that the help shows.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Detail => "detail",
            Self::Help => "help",
            Self::Copy => "copy menu",
            Self::Send => "send dialog",
            Self::WhatIf => "what-if dialog",
            Self::Tolerance => "tolerance dialog",
            Self::Question => "question",
            Self::Export => "export dialog",
            Self::Filter => "filter line",
            Self::Find => "search line",
            Self::Note => "note dialog",
            Self::Delete => "question before deleting",
        }
    }
}

impl Action {
    /// The name in the keymap: `page-down`.
    #[must_use]
    pub fn name(self) -> String {
        let mut name = String::new();
        for c in format!("{self:?}").chars() {
            if (c.is_ascii_uppercase() || c.is_ascii_digit()) && !name.is_empty() {
                name.push('-');
            }
            name.push(c.to_ascii_lowercase());
        }
        name
    }

    /// The place of a pane action among the panes, from 0.
    #[must_use]
    pub const fn pane(self) -> Option<usize> {
        let (first, last) = (Self::Pane1 as usize, Self::Pane9 as usize);
        let this = self as usize;
        if this >= first && this <= last { Some(this - first) } else { None }
    }
}
