//! What marks are made of.

/// Which characters marks are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Marks {
    /// Control pictures and `‹…›`; printable characters stay as they are.
    #[default]
    Unicode,
    /// ASCII only, marks and text alike, for terminals that do not show UTF-8: on an 8-bit terminal
    /// the bytes of `É` (C3 89) or of an emoji hold C1 controls.
    Ascii,
}

impl Marks {
    /// What stands for text that was cut off: one column.
    #[must_use]
    pub const fn ellipsis(self) -> &'static str {
        match self {
            Self::Unicode => "…",
            Self::Ascii => "~",
        }
    }
}
