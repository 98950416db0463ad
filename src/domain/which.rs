//! Which captures a command is about: `all`, `marked`, `last:5`, numbers and ranges, else a filter.

use crate::domain::{
    capture::CaptureId,
    filter::{self, Filter, FilterError},
    record::{Record, Row},
    time::Timestamp,
};

/// Which captures are meant.
#[derive(Clone, Debug, PartialEq)]
pub enum Which {
    /// All of them.
    All,
    /// Those that a person marked.
    Marked,
    /// The newest ones, this many.
    Last(u64),
    /// Those with a number from the first to the last of one of these.
    Ids(Vec<(u64, u64)>),
    /// Those that match.
    Filter(Filter),
}

impl Which {
    /// Reads what a person wrote.
    ///
    /// # Errors
    /// What is wrong with it, as a filter, and where.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let text = text.trim();
        match text {
            "all" => return Ok(Self::All),
            "marked" => return Ok(Self::Marked),
            "last" => return Ok(Self::Last(1)),
            _ => {}
        }
        if let Some(count) = text.strip_prefix("last:") {
            return count
                .parse()
                .map(Self::Last)
                .map_err(|_| FilterError::new(text, "last:".len(), "write how many, such as last:5"));
        }
        if text.starts_with(|c: char| c.is_ascii_digit())
            && text.bytes().all(|b| b.is_ascii_digit() || b",- ".contains(&b))
        {
            return filter::ranges(text).map(Self::Ids);
        }
        Filter::parse(text).map(Self::Filter)
    }

    /// Whether a capture is meant. `newer` is how many captures there are that are newer.
    #[must_use]
    pub fn matches(&self, record: &Record, newer: u64, now: Timestamp) -> bool {
        match self {
            Self::Filter(filter) => filter.matches(record, now),
            other => other.names(record.capture.id(), record.is_marked(), newer),
        }
    }

    /// Whether a capture is meant, where its line tells; `None` where a filter has to see more.
    #[must_use]
    pub fn matches_row(&self, row: &Row, newer: u64, now: Timestamp) -> Option<bool> {
        match self {
            Self::Filter(filter) => filter.matches_row(row, now),
            other => Some(other.names(row.summary.id, row.is_marked(), newer)),
        }
    }

    /// Whether a capture is named, by something else than a filter.
    fn names(&self, id: CaptureId, marked: bool, newer: u64) -> bool {
        match self {
            Self::All => true,
            Self::Marked => marked,
            Self::Last(count) => newer < *count,
            Self::Ids(ranges) => ranges.iter().any(|(low, high)| (*low..=*high).contains(&id.0)),
            Self::Filter(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_numbers_and_filters_are_told_apart() {
        for (text, expected) in [
            ("all", Which::All),
            (" marked ", Which::Marked),
            ("last", Which::Last(1)),
            ("last:5", Which::Last(5)),
            ("7", Which::Ids(vec![(7, 7)])),
            ("1,3-5, 9-", Which::Ids(vec![(1, 1), (3, 5), (9, u64::MAX)])),
            ("id:1-5", Which::Filter(Filter::parse("id:1-5").unwrap())),
            ("provider:stripe !mark", Which::Filter(Filter::parse("provider:stripe !mark").unwrap())),
            ("3com", Which::Filter(Filter::parse("3com").unwrap())),
        ] {
            assert_eq!(Which::parse(text), Ok(expected), "{text}");
        }
        for (text, column) in
            [("last:x", 6), ("last:", 6), ("1,,2", 3), ("5-3", 1), ("1-2-3", 1), ("provider:", 10)]
        {
            assert_eq!(Which::parse(text).unwrap_err().column, column, "{text}");
        }
    }
}
