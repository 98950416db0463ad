//! A body seen as lines.

use crate::domain::{
    decode::{Kind, Span, choose::Chooser, form, hex, json, media::Media, plain, span::Window},
    text::Marks,
};

/// Most lines that a document has. A body of 32 MiB can have 16 million (`[1,1,1,…`), and an index of
/// them would be six times as large as the body; the hex view always has all of it.
pub const MOST_LINES: usize = 4_000_000;

/// A view of a body: which kind, how many lines, and where each begins. It does not hold the body:
/// every method that needs it takes it, and it has to be the same one.
#[derive(Debug)]
pub struct Document {
    view: View,
    note: Option<String>,
    complete: bool,
}

/// The index of each kind of view.
#[derive(Debug)]
pub(super) enum View {
    Json(json::Index),
    Form(form::Index),
    Text(plain::Index),
    Hex { size: usize },
    Empty,
}

impl Document {
    /// Chooses the view of a body by its content type, then by its bytes, and indexes it.
    ///
    /// `forced` overrides the choice, except that what is not JSON is never shown as JSON. With a
    /// `limit` it stops after that many lines: the first screen of a body of any size, at once. What
    /// comes after them is not checked then, so the document without a limit may be of another kind.
    #[must_use]
    pub fn of(content_type: Option<&[u8]>, body: &[u8], forced: Option<Kind>, limit: Option<usize>) -> Self {
        if body.is_empty() {
            return Self { view: View::Empty, note: None, complete: true };
        }
        let media = Media::of(content_type);
        let mut chooser = Chooser { body, limit, notes: Vec::new() };
        let (view, indexed) = chooser.view(&media, forced);
        let capped = !indexed && limit.is_none_or(|limit| limit >= MOST_LINES);
        if capped {
            chooser.notes.push(format!("only the first {MOST_LINES} lines are shown; hex shows all"));
        }
        chooser.note_encoding(&media, &view, forced);
        let note = (!chooser.notes.is_empty()).then(|| chooser.notes.join("; "));
        Self { view, note, complete: indexed || capped }
    }

    /// Which view it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self.view {
            View::Json(_) => Kind::Json,
            View::Form(_) => Kind::Form,
            View::Text(_) => Kind::Text,
            View::Hex { .. } => Kind::Hex,
            View::Empty => Kind::Empty,
        }
    }

    /// What has to be said about the view: why it is not the one that the content type asks for, what
    /// it does not show. Printable text.
    #[must_use]
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// Whether all lines are there. Not when a limit stopped the index before the end.
    #[must_use]
    pub const fn complete(&self) -> bool {
        self.complete
    }

    /// How many lines there are (so far, while it is not complete).
    #[must_use]
    pub const fn lines(&self) -> usize {
        match &self.view {
            View::Json(index) => index.lines(),
            View::Form(index) => index.lines(),
            View::Text(index) => index.lines(),
            View::Hex { size } => hex::lines(*size),
            View::Empty => 0,
        }
    }

    /// The part of a line from column `skip` on, at most `columns` wide; nothing for a line that does
    /// not exist. Costs what is in view and, a little, what is to the left of it.
    #[must_use]
    pub fn line<'b>(
        &self,
        body: &'b [u8],
        index: usize,
        skip: usize,
        columns: usize,
        marks: Marks,
    ) -> Vec<Span<'b>> {
        let mut window = Window::new(skip, columns, marks);
        match &self.view {
            View::Json(lines) => lines.line(body, index, &mut window),
            View::Form(lines) => lines.line(body, index, &mut window),
            View::Text(lines) => lines.line(body, index, &mut window),
            View::Hex { .. } => hex::line(body, index, &mut window),
            View::Empty => (),
        }
        window.finish()
    }
}
