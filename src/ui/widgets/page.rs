//! The content of a pane: rows that are few, and documents of which only the visible part is made.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use crate::{
    app::{
        content::Lines,
        detail::Scroll,
        find::{Find, MOST, columns},
    },
    ui::widgets::{kit::Kit, safe, wrap},
};

/// Columns of the label before a value.
pub(in crate::ui) const LABEL: usize = 12;
/// Most lines that one value may take; the Raw pane has all of it.
const VALUE_LINES: usize = 40;

/// A page under construction.
pub(in crate::ui) struct Page<'a> {
    kit: &'a Kit,
    columns: usize,
    parts: Vec<Part<'a>>,
}

enum Part<'a> {
    Rows(Vec<Line<'a>>),
    Document(&'a dyn Lines),
}

impl<'a> Page<'a> {
    /// An empty page of some width.
    pub(in crate::ui) const fn new(kit: &'a Kit, columns: usize) -> Self {
        Self { kit, columns, parts: Vec::new() }
    }

    /// The width.
    pub(in crate::ui) const fn columns(&self) -> usize {
        self.columns
    }

    /// Adds a line.
    pub(in crate::ui) fn line(&mut self, line: impl Into<Line<'a>>) {
        match self.parts.last_mut() {
            Some(Part::Rows(rows)) => rows.push(line.into()),
            _ => self.parts.push(Part::Rows(vec![line.into()])),
        }
    }

    /// Adds an empty line.
    pub(in crate::ui) fn gap(&mut self) {
        self.line("");
    }

    /// Adds a heading, after a gap unless it comes first.
    pub(in crate::ui) fn heading(&mut self, text: impl Into<String>) {
        if !self.parts.is_empty() {
            self.gap();
        }
        self.line(Span::styled(text.into(), self.kit.style.accent));
    }

    /// Adds sentences, broken between words.
    pub(in crate::ui) fn sentence(&mut self, text: &str, style: Style) {
        let text = safe::text(text.as_bytes(), self.kit.ascii).into_owned();
        for line in wrap::words(&text, self.columns) {
            self.line(Span::styled(line, style));
        }
    }

    /// Adds a label and a value of the program's own or of others.
    pub(in crate::ui) fn field(&mut self, label: &str, value: impl AsRef<[u8]>, style: Style) {
        let pieces = self.pieces(value.as_ref(), style);
        self.labelled(label, &pieces);
    }

    /// Adds a label and sentences, broken between words.
    pub(in crate::ui) fn said(&mut self, label: &str, text: &str, style: Style) {
        let room = self.columns.saturating_sub(LABEL.min(self.columns / 3));
        let text = safe::text(text.as_bytes(), self.kit.ascii).into_owned();
        for (index, line) in wrap::words(&text, room).into_iter().take(VALUE_LINES).enumerate() {
            self.labelled(if index == 0 { label } else { "" }, &[(style, line)]);
        }
    }

    /// Adds a label and facts. A fact stays whole: where it does not fit into the rest of a line, it
    /// begins the next one.
    pub(in crate::ui) fn facts(&mut self, label: &str, facts: &[(Style, String)]) {
        let room = self.columns.saturating_sub(LABEL.min(self.columns / 3));
        let mut lines: Vec<Vec<(Style, String)>> = vec![Vec::new()];
        let mut used = 0;
        for (style, text) in facts {
            let bare = text.trim_start();
            let next = used > 0 && used + safe::width(text) > room && safe::width(bare) <= room;
            if next {
                lines.push(Vec::new());
                used = 0;
            }
            let text = if next { bare } else { text };
            used += safe::width(text);
            if let Some(line) = lines.last_mut() {
                line.push((*style, text.to_owned()));
            }
        }
        for (index, line) in lines.iter().enumerate() {
            self.labelled(if index == 0 { label } else { "" }, line);
        }
    }

    /// Adds a label and styled pieces, which must be safe already.
    pub(in crate::ui) fn labelled(&mut self, label: &str, pieces: &[(Style, String)]) {
        let label_width = LABEL.min(self.columns / 3);
        let label =
            format!("{:<label_width$}", safe::fit(label, label_width.saturating_sub(1), self.kit.ascii));
        self.hanging(Span::styled(label, self.kit.style.dim), label_width, pieces);
    }

    /// Adds styled pieces after a first span; further lines are indented by its width.
    pub(in crate::ui) fn hanging(&mut self, first: Span<'a>, indent: usize, pieces: &[(Style, String)]) {
        let room = self.columns.saturating_sub(indent).max(1);
        let (lines, more) = wrap::hard(pieces, room, VALUE_LINES);
        let mut first = Some(first);
        for mut line in lines {
            line.spans.insert(0, first.take().unwrap_or_else(|| Span::raw(" ".repeat(indent))));
            self.line(line);
        }
        if more {
            self.line(Span::styled(
                format!(
                    "{}{} goes on; the Raw pane has all of it",
                    " ".repeat(indent),
                    self.kit.sign.ellipsis
                ),
                self.kit.style.dim,
            ));
        }
    }

    /// Adds styled pieces whose further lines are indented.
    pub(in crate::ui) fn hung(&mut self, pieces: &[(Style, String)], indent: usize) {
        let indent = indent.min(self.columns / 2);
        let (first, rest) = wrap::head(pieces, self.columns);
        self.line(first);
        if !rest.is_empty() {
            self.hanging(Span::raw(" ".repeat(indent)), indent, &rest);
        }
    }

    /// Bytes as safe pieces, marks in their own style.
    pub(in crate::ui) fn pieces(&self, bytes: &[u8], style: Style) -> Vec<(Style, String)> {
        // No more than can be shown: a value may be as long as the whole head.
        let most = self.columns.saturating_mul(VALUE_LINES).saturating_mul(4).saturating_add(64);
        safe::pieces(&bytes[..bytes.len().min(most)], self.kit.ascii)
            .into_iter()
            .map(|piece| (if piece.mark { self.kit.style.mark } else { style }, piece.text))
            .collect()
    }

    /// Adds a document.
    pub(in crate::ui) fn document(&mut self, document: &'a dyn Lines) {
        self.parts.push(Part::Document(document));
    }

    /// The text of its rows.
    #[cfg(test)]
    pub(in crate::ui) fn texts(&self) -> Vec<String> {
        let rows = self.parts.iter().filter_map(|part| match part {
            Part::Rows(rows) => Some(rows),
            Part::Document(_) => None,
        });
        rows.flatten().map(ToString::to_string).collect()
    }

    /// How many lines there are.
    pub(in crate::ui) fn lines(&self) -> usize {
        self.parts.iter().map(Part::lines).sum()
    }

    /// Where a text stands, in lines and columns of the page; whether all of it was searched. Documents
    /// were searched elsewhere.
    pub(in crate::ui) fn find(&self, find: &Find) -> (Vec<(usize, usize)>, bool) {
        let (mut places, mut all, mut above) = (Vec::new(), true, 0);
        for part in &self.parts {
            match part {
                Part::Rows(rows) => {
                    for (index, row) in rows.iter().enumerate() {
                        let found = columns(&row.to_string(), &find.text);
                        places.extend(found.into_iter().map(|column| (above + index, column)));
                    }
                }
                Part::Document(document) => match find.found(*document) {
                    Some(found) => {
                        places.extend(found.places.iter().map(|&(line, column)| (above + line, column)));
                    }
                    None => all = false,
                },
            }
            above += part.lines();
        }
        places.truncate(MOST);
        (places, all)
    }

    /// Draws the part that is seen; says whether a line of it goes on at the right.
    pub(in crate::ui) fn draw(&self, area: Rect, buffer: &mut Buffer, scroll: Scroll) -> bool {
        let mut cut = false;
        let height = usize::from(area.height);
        let mut skip = scroll.line.min(self.lines().saturating_sub(height));
        let mut y = area.y;
        for part in &self.parts {
            let lines = part.lines();
            if skip >= lines {
                skip -= lines;
                continue;
            }
            for index in skip..lines {
                if y >= area.bottom() {
                    return cut;
                }
                match part {
                    Part::Rows(rows) => {
                        if let Some(line) = rows.get(index) {
                            buffer.set_line(area.x, y, line, area.width);
                        }
                    }
                    Part::Document(document) => {
                        cut |= self.document_line(*document, index, scroll.column, area, y, buffer);
                    }
                }
                y += 1;
            }
            skip = 0;
        }
        cut
    }

    fn document_line(
        &self,
        document: &dyn Lines,
        index: usize,
        skip: usize,
        area: Rect,
        y: u16,
        buffer: &mut Buffer,
    ) -> bool {
        let mut x = area.x;
        // One column more than there is shows whether the line goes on.
        for (role, text) in document.line(index, skip, usize::from(area.width) + 1, self.kit.ascii) {
            // Documents are visible already; this costs one look and makes sure of it.
            let text = safe::text(text.as_bytes(), self.kit.ascii);
            let room = area.right().saturating_sub(x);
            if safe::width(&text) > usize::from(room) {
                buffer.set_stringn(x, y, &text, usize::from(room), self.kit.role(role));
                if area.width > 1 {
                    buffer.set_stringn(area.right() - 1, y, self.kit.sign.more, 1, self.kit.style.mark);
                }
                return true;
            }
            (x, _) = buffer.set_stringn(x, y, text, usize::from(room), self.kit.role(role));
        }
        false
    }
}

impl Part<'_> {
    fn lines(&self) -> usize {
        match self {
            Self::Rows(rows) => rows.len(),
            Self::Document(document) => document.count(),
        }
    }
}
