//! Which columns a list of some width has, and how wide they are.

/// A column of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// The sign of the selected row.
    Marker,
    /// Whether it is not saved, is marked or has a note.
    Mark,
    /// The number.
    Id,
    /// When it arrived.
    Time,
    /// The method.
    Method,
    /// The target.
    Path,
    /// Who sent it.
    Provider,
    /// The event type.
    Event,
    /// What the signature check says.
    Verdict,
    /// In what way it is invalid.
    Code,
    /// Bytes of the body.
    Size,
    /// The status that was answered.
    Answer,
    /// How the latest delivery went.
    Forward,
}

/// The order on the screen.
const ORDER: [Column; 12] = [
    Column::Marker,
    Column::Id,
    Column::Time,
    Column::Method,
    Column::Path,
    Column::Provider,
    Column::Event,
    Column::Verdict,
    Column::Code,
    Column::Size,
    Column::Answer,
    Column::Forward,
];

/// How a list grows with its width, step by step: a column comes in with its narrowest width, and one
/// that is there already gets wider by as much.
const STEPS: [(Column, usize); 20] = [
    (Column::Marker, 1),
    (Column::Path, 12),
    (Column::Verdict, 11),
    (Column::Id, 0),
    (Column::Method, 4),
    (Column::Event, 10),
    (Column::Answer, 3),
    (Column::Forward, 5),
    (Column::Path, 4),
    (Column::Time, 8),
    (Column::Event, 4),
    (Column::Path, 4),
    (Column::Provider, 9),
    (Column::Size, 8),
    (Column::Code, 17),
    (Column::Method, 2),
    (Column::Event, 4),
    (Column::Answer, 3),
    (Column::Forward, 9),
    (Column::Time, 4),
];
/// Most columns of the rest that the event gets; the path takes what is left.
const EVENT: usize = 16;

impl Column {
    /// The heading at some width.
    pub(super) const fn title(self, width: u16) -> &'static str {
        match self {
            Self::Marker | Self::Mark => "",
            Self::Id => "#",
            Self::Time => "time",
            Self::Method if width < 6 => "verb",
            Self::Method => "method",
            Self::Path => "path",
            Self::Provider => "provider",
            Self::Event => "event",
            Self::Verdict => "signature",
            Self::Code => "why",
            Self::Size => "size",
            Self::Answer if width >= 6 => "answer",
            Self::Answer => "ans",
            Self::Forward if width >= 7 => "forward",
            Self::Forward => "fwd",
        }
    }

    /// Whether its text stands at the right.
    pub(super) const fn right(self) -> bool {
        matches!(self, Self::Id | Self::Size)
    }

    /// Columns of space after it.
    pub(super) const fn gap(self) -> u16 {
        if matches!(self, Self::Marker) { 0 } else { 1 }
    }
}

/// The columns for a width. `digits` is how many the highest number has; without `forwards`, the
/// forward column comes last of all.
pub(super) fn fit(width: usize, digits: usize, forwards: bool, remarks: bool) -> Vec<(Column, u16)> {
    // A column that nobody uses costs nothing.
    let remarks = remarks && width >= 20;
    let mut columns = without_marks(if remarks { width - 2 } else { width }, digits, forwards);
    if remarks {
        columns.insert(1, (Column::Mark, 1));
    }
    columns
}

fn without_marks(width: usize, digits: usize, forwards: bool) -> Vec<(Column, u16)> {
    let mut chosen: Vec<(Column, usize)> = Vec::new();
    // The gap after the last column is not needed.
    let mut left = width + 1;
    let late = STEPS.iter().filter(|(column, _)| *column == Column::Forward);
    let early = STEPS.iter().filter(|(column, _)| forwards || *column != Column::Forward);
    for &(column, by) in early.chain(late.filter(|_| !forwards)) {
        let by = if column == Column::Id { digits.max(3) } else { by };
        if let Some((_, wide)) = chosen.iter_mut().find(|(c, _)| *c == column) {
            if left < by {
                break;
            }
            *wide += by;
            left -= by;
        } else {
            let whole = by + usize::from(column.gap());
            // Marker and path are always there.
            if left < whole && chosen.len() >= 2 {
                break;
            }
            chosen.push((column, by));
            left = left.saturating_sub(whole);
        }
    }
    for (column, wide) in &mut chosen {
        match column {
            Column::Event => {
                let share = (left / 3).min(EVENT);
                *wide += share;
                left -= share;
            }
            Column::Path => *wide = (*wide).min(width.saturating_sub(1).max(1)),
            _ => {}
        }
    }
    if let Some((_, path)) = chosen.iter_mut().find(|(c, _)| *c == Column::Path) {
        *path += left;
    }
    ORDER
        .iter()
        .filter_map(|column| chosen.iter().find(|(c, _)| c == column))
        .map(|&(column, wide)| (column, u16::try_from(wide).unwrap_or(u16::MAX)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_never_take_more_than_there_is() {
        for width in 2..400 {
            for (forwards, remarks) in [(false, false), (true, false), (true, true)] {
                let columns = fit(width, 5, forwards, remarks);
                let total: usize = columns.iter().map(|(c, w)| usize::from(*w + c.gap())).sum();
                assert!(total <= width + 1, "{width}: {columns:?}");
                assert!(columns.iter().any(|(c, _)| *c == Column::Path), "{width}");
                if width >= 30 {
                    assert_eq!(total, width + 1, "all of it is used at {width}");
                    assert!(columns.iter().any(|(c, _)| *c == Column::Verdict), "{width}");
                }
            }
        }
    }

    #[test]
    fn more_columns_come_with_more_room() {
        let mut before = 0;
        for width in 2..200 {
            let now = fit(width, 4, true, false).len();
            assert!(now >= before, "at {width}");
            before = now;
        }
        assert_eq!(before, ORDER.len());
    }
}
