//! The kinds of views.

/// How a body is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// JSON, its source tokens re-indented (RFC 8259).
    Json,
    /// A form as names and values, decoded (`application/x-www-form-urlencoded`).
    Form,
    /// Lines of text as they are.
    Text,
    /// Offset, bytes and ASCII, 16 bytes a line.
    Hex,
    /// No bytes.
    Empty,
}

impl Kind {
    /// The name of the view on the screen.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Form => "form",
            Self::Text => "text",
            Self::Hex => "hex",
            Self::Empty => "empty",
        }
    }
}
