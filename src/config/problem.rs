//! Problems: what is wrong with a configuration, and where.

use std::{fmt, ops::Range, sync::Arc};

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The program runs, but not as the person may think.
    Warning,
    /// The program cannot run with this.
    Error,
}

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file's name, a flag (`--secret`) or an environment name.
    pub origin: Arc<str>,
    /// Line and column from 1, the column in characters; `None` outside of files.
    pub at: Option<(u32, u32)>,
    /// The path of the key (`endpoint[2].respond.status`, tables of an array counted from 1); may be
    /// empty.
    pub key: String,
}

/// One problem: a place and one sentence. The sentence never contains a configured value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// Where it is.
    pub place: Place,
    /// What is wrong and what to do, without a full stop.
    pub message: String,
}

/// A value with the place it came from, for problems that show up later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it was configured.
    pub place: Place,
}

impl Place {
    /// A place that is not in a file: a flag or an environment name.
    #[must_use]
    pub fn outside(origin: impl Into<Arc<str>>) -> Self {
        Self { origin: origin.into(), at: None, key: String::new() }
    }
}

impl Problem {
    /// A problem that keeps the program from running.
    #[must_use]
    pub fn error(place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, place, message: message.into() }
    }

    /// A problem that is only told.
    #[must_use]
    pub fn warning(place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, place, message: message.into() }
    }

    /// Whether the program cannot run with it.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// `hookglass.toml:12:9: endpoint[1].path` in the form that editors can jump to.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // File names may hold control characters, and this goes to a terminal.
        write!(f, "{}", shown(&self.origin))?;
        if let Some((line, column)) = self.at {
            write!(f, ":{line}:{column}")?;
        }
        if !self.key.is_empty() {
            write!(f, ": {}", self.key)?;
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.severity == Severity::Warning {
            f.write_str("warning: ")?;
        }
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// Where the lines of a text begin, so that a byte offset can be told as line and column after the
/// text is gone.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    starts: Vec<usize>,
    /// Offsets of bytes that continue a character; columns do not count them.
    inner: Vec<usize>,
}

impl Lines {
    pub(super) fn of(text: &[u8]) -> Self {
        let offsets = |wanted: fn(u8) -> bool| {
            text.iter().enumerate().filter(move |&(_, &byte)| wanted(byte)).map(|(offset, _)| offset)
        };
        let starts = std::iter::once(0).chain(offsets(|byte| byte == b'\n').map(|at| at + 1)).collect();
        Self { starts, inner: offsets(|byte| byte & 0xc0 == 0x80).collect() }
    }

    /// Line and column of a span's first byte, from 1.
    pub(super) fn at(&self, span: &Range<usize>) -> (u32, u32) {
        let line = self.starts.partition_point(|&start| start <= span.start).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let before = |offset| self.inner.partition_point(|&at| at < offset);
        let column = (span.start - start) - (before(span.start) - before(start)) + 1;
        (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
    }
}

/// A name as a message shows it: everything that is not printable is escaped, and long ones are cut.
pub(super) fn shown(name: &str) -> String {
    const LONGEST: usize = 200;
    let mut text: String = name.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if name.chars().nth(LONGEST).is_some() {
        text.push('…');
    }
    text.replace("\\'", "'").replace("\\\"", "\"").replace("\\\\", "\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_become_lines_and_columns() {
        let text = "a = 1\nü = \"é\" # x\r\n\nlast";
        let lines = Lines::of(text.as_bytes());
        for (needle, expected) in
            [("a", (1, 1)), ("1", (1, 5)), ("\"é", (2, 5)), ("#", (2, 9)), ("last", (4, 1))]
        {
            let start = text.find(needle).unwrap();
            assert_eq!(lines.at(&(start..start)), expected, "{needle}");
        }
        assert_eq!(Lines::of(b"").at(&(0..0)), (1, 1));
    }

    #[test]
    fn a_problem_reads_like_a_compiler_message() {
        let place = Place { origin: "a\u{1b}.toml".into(), at: Some((3, 7)), key: "listen.address".into() };
        assert_eq!(
            Problem::warning(place, "is odd").to_string(),
            "warning: a\\u{1b}.toml:3:7: listen.address: is odd"
        );
        assert_eq!(Problem::error(Place::outside("--port"), "is bad").to_string(), "--port: is bad");
    }
}
