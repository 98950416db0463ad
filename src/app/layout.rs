//! Where things stand on the screen: what drawing found out and the next update needs.

/// A rectangle of cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// Leftmost column.
    pub x: u16,
    /// Topmost row.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

impl Area {
    /// Whether a cell lies within.
    #[must_use]
    pub const fn contains(self, column: u16, row: u16) -> bool {
        column >= self.x && row >= self.y && column - self.x < self.width && row - self.y < self.height
    }
}

/// The facts of one frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// The rows of the list, without its heading. Of no height when it is not shown.
    pub list: Area,
    /// The content of the pane. Of no height when it is not shown.
    pub detail: Area,
    /// Where each pane's tab stands.
    pub tabs: Vec<Area>,
    /// How many lines the pane has in all.
    pub detail_lines: usize,
    /// Where the text that is looked for stands in the pane: lines and columns.
    pub found: Vec<(usize, usize)>,
    /// Whether all of the pane was searched for it.
    pub found_all: bool,
    /// How many lines the open overlay has in all, and how many of them are seen.
    pub overlay: (usize, usize),
}
