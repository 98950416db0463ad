//! The text of a `.env` file, read as python-dotenv reads it.
//!
//! That is: `KEY=value`, perhaps after `export`; values bare (a comment begins at ` #`), in single or
//! in double quotes, which may span lines; `\n` and the like in double quotes only; `${NAME}` and
//! `${NAME:-default}` stand for other variables, `$NAME` and `$(command)` for themselves; the last of
//! several wins; a line that cannot be read is skipped. Written here because the crates differ from
//! it where secrets are concerned: they replace `$NAME`, and refuse values with blanks.
//!
//! Reference: <https://github.com/theskumar/python-dotenv> (parser.py and variables.py of 1.2). Two
//! differences on purpose: a byte order mark is skipped, and a value is bounded in length.

use std::{collections::BTreeMap, fmt};

use zeroize::Zeroizing;

pub use crate::config::dotenv_line::line;
use crate::config::{Place, Problem};

/// The longest value in bytes: `${…}` doubles a value with each line.
const LONGEST_VALUE: usize = 64 << 10;

/// The variables of a `.env` file. `Debug` shows how many there are: even a name may be a line of a
/// key whose quote was forgotten.
#[derive(Clone, Default)]
pub struct Dotenv {
    /// `None` for a name without a value, which takes back an earlier one.
    values: BTreeMap<String, Option<Zeroizing<String>>>,
}

impl Dotenv {
    /// The value of a variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.as_ref().map(|value| value.as_str())
    }

    /// Whether there is no variable at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.values().all(Option::is_none)
    }
}

impl fmt::Debug for Dotenv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dotenv({} variables)", self.values.len())
    }
}

/// Reads the text of a `.env` file. `file` is the name that messages give; `env` is the environment,
/// which comes before the file's own variables inside `${…}`.
///
/// Problems are warnings, each with its line: what cannot be read is left out.
#[must_use]
pub fn parse(file: &str, bytes: &[u8], env: &dyn Fn(&str) -> Option<String>) -> (Dotenv, Vec<Problem>) {
    let warning = |line: usize, message: &str| {
        let at = Some((u32::try_from(line).unwrap_or(u32::MAX), 1));
        Problem::warning(Place { origin: file.into(), at, key: String::new() }, message)
    };
    let mut problems = Vec::new();
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let good = &bytes[..error.valid_up_to()];
            let line = good.iter().filter(|&&b| b == b'\n').count() + 1;
            problems.push(warning(line, "the file is not UTF-8, so nothing of it is used"));
            ""
        }
    };
    // As Python's text mode does, everywhere: also within quotes.
    let text = Zeroizing::new(text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n"));
    let mut rest = Cursor { text: &text, at: 0 };
    let mut dotenv = Dotenv::default();
    while rest.at < text.len() {
        rest.skip(space);
        let line = text[..rest.at].matches('\n').count() + 1;
        match rest.binding() {
            Some((Some(key), Some(value))) => match expand(&value, &dotenv, env) {
                Some(value) => drop(dotenv.values.insert(key, Some(value))),
                None => problems.push(warning(line, "the value is longer than 64 KiB and is not used")),
            },
            Some((Some(key), None)) => drop(dotenv.values.insert(key, None)),
            Some((None, _)) => {}
            None => {
                rest.skip(|c| c != '\n');
                problems.push(warning(line, "this line cannot be read and is not used"));
            }
        }
    }
    (dotenv, problems)
}

/// A place in the text.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

/// A key with its value: no key for a comment, no value for a key alone.
type Binding = (Option<String>, Option<Zeroizing<String>>);

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let skipped = &rest[..rest.find(|c| !wanted(c)).unwrap_or(rest.len())];
        self.at += skipped.len();
        skipped
    }

    /// One `KEY=value` to the end of its line, or a comment; `None` where it cannot be read.
    fn binding(&mut self) -> Option<Binding> {
        if self.rest().is_empty() {
            return Some((None, None));
        }
        if let Some(after) = self.rest().strip_prefix("export")
            && after.starts_with(blank)
        {
            self.at += "export".len();
            self.skip(blank);
        }
        let key = self.key()?;
        self.skip(blank);
        let mut value = None;
        if self.rest().starts_with('=') {
            self.at += 1;
            self.skip(blank);
            value = Some(self.value()?);
        }
        self.skip(blank);
        if self.rest().starts_with('#') {
            self.skip(|c| c != '\n');
        }
        if !self.rest().is_empty() && !self.rest().starts_with('\n') {
            return None;
        }
        self.at = self.text.len().min(self.at + 1);
        Some((key, value))
    }

    fn key(&mut self) -> Option<Option<String>> {
        let rest = self.rest();
        if rest.starts_with('#') {
            return Some(None);
        }
        if let Some(quoted) = rest.strip_prefix('\'') {
            let end = quoted.find('\'').filter(|&end| end > 0)?;
            self.at += end + 2;
            return Some(Some(quoted[..end].to_owned()));
        }
        let key = self.skip(|c| c != '=' && c != '#' && !space(c));
        (!key.is_empty()).then(|| Some(key.to_owned()))
    }

    fn value(&mut self) -> Option<Zeroizing<String>> {
        let rest = self.rest();
        match rest.chars().next() {
            Some(quote @ ('\'' | '"')) => {
                let end = closing(&rest[1..], quote)?;
                self.at += end + 2;
                Some(unescape(&rest[1..=end], quote))
            }
            _ => {
                let line = self.skip(|c| c != '\n');
                Some(Zeroizing::new(uncommented(line).trim_end_matches(space).to_owned()))
            }
        }
    }
}

/// White space as Python has it: with the four separators of ASCII.
fn space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// White space that is no line end.
fn blank(c: char) -> bool {
    space(c) && c != '\n'
}

/// Where a quoted value ends: at the first quote without a backslash before it or, where there is
/// none, at the last one with.
fn closing(text: &str, quote: char) -> Option<usize> {
    let bytes = text.as_bytes();
    text.match_indices(quote)
        .map(|(at, _)| at)
        .find(|&at| at == 0 || bytes[at - 1] != b'\\')
        .or_else(|| text.rfind(quote))
}

/// A bare value without its comment, which begins at a `#` after white space.
fn uncommented(line: &str) -> &str {
    let mut before = None;
    for (at, c) in line.char_indices() {
        if c == '#' && before.is_some_and(space) {
            return &line[..at];
        }
        before = Some(c);
    }
    line
}

fn unescape(text: &str, quote: char) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(text.len()));
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let escaped = match (c, chars.clone().next()) {
            ('\\', Some(next @ ('\\' | '\''))) => Some(next),
            ('\\', Some(next)) if quote == '"' => match next {
                '"' => Some('"'),
                'a' => Some('\u{7}'),
                'b' => Some('\u{8}'),
                'f' => Some('\u{c}'),
                'n' => Some('\n'),
                'r' => Some('\r'),
                't' => Some('\t'),
                'v' => Some('\u{b}'),
                _ => None,
            },
            _ => None,
        };
        if escaped.is_some() {
            chars.next();
        }
        out.push(escaped.unwrap_or(c));
    }
    out
}

/// Puts in what `${NAME}` and `${NAME:-default}` stand for; `None` when that grows too long.
fn expand(value: &str, known: &Dotenv, env: &dyn Fn(&str) -> Option<String>) -> Option<Zeroizing<String>> {
    let mut out = Zeroizing::new(String::with_capacity(value.len()));
    let mut rest = value;
    while let Some((before, name, default, after)) = variable(rest) {
        out.push_str(before);
        match env(name).map(Zeroizing::new) {
            Some(value) => out.push_str(&value),
            None if known.values.contains_key(name) => out.push_str(known.get(name).unwrap_or_default()),
            None => out.push_str(default),
        }
        if out.len() > LONGEST_VALUE {
            return None;
        }
        rest = after;
    }
    out.push_str(rest);
    (out.len() <= LONGEST_VALUE).then_some(out)
}

/// The first `${NAME}` or `${NAME:-default}` of a text: what is before it, its parts, what is after.
fn variable(text: &str) -> Option<(&str, &str, &str, &str)> {
    for (at, _) in text.match_indices("${") {
        let inner = &text[at + 2..];
        let end = inner.find([':', '}'])?;
        if inner[end..].starts_with('}') {
            return Some((&text[..at], &inner[..end], "", &inner[end + 1..]));
        }
        if let Some(default) = inner[end..].strip_prefix(":-") {
            let close = default.find('}')?;
            return Some((&text[..at], &inner[..end], &default[..close], &default[close + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<(String, String)>, Vec<u32>) {
        let (dotenv, problems) =
            parse(".env", text.as_bytes(), &|name| (name == "OUT").then(|| "out".into()));
        let values = dotenv
            .values
            .iter()
            .filter_map(|(key, value)| Some((key.clone(), value.as_ref()?.as_str().to_owned())))
            .collect();
        (values, problems.iter().filter_map(|problem| problem.place.at).map(|(line, _)| line).collect())
    }

    /// Each line: the text, what python-dotenv 1.2.2 makes of it (the tests' own record), and the
    /// lines it could not read.
    #[test]
    fn values_are_those_of_python_dotenv() {
        let table: Vec<(String, BTreeMap<String, String>, Vec<u32>)> =
            serde_json::from_str(include_str!("../../tests/fixtures/dotenv.json")).unwrap();
        assert!(table.len() > 50);
        for (text, values, lines) in table {
            let expected = (values.into_iter().collect::<Vec<_>>(), lines);
            assert_eq!(read(&text), expected, "{text:?}");
        }
    }

    #[test]
    fn nothing_is_expanded_as_a_shell_would() {
        let (values, _) = read("A=$HOME\nB=$(id)\nC=`id`\nD=~/x\nE=\"$OUT*\"\n");
        let values: Vec<&str> = values.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["$HOME", "$(id)", "`id`", "~/x", "$OUT*"]);
    }

    #[test]
    fn a_value_that_doubles_with_each_line_is_bounded() {
        let mut text = String::from("A0=xxxxxxxxxxxxxxxx\n");
        (1..40).for_each(|n| text.push_str(&format!("A{n}=${{A{}}}${{A{}}}\n", n - 1, n - 1)));
        let (values, lines) = read(&text);
        assert!(values.iter().all(|(_, value)| value.len() <= LONGEST_VALUE));
        assert!(!lines.is_empty());
    }

    #[test]
    fn debug_output_and_problems_hold_no_value() {
        let (dotenv, problems) = parse(".env", b"A=CANARY\nB='CANARY\n\"CANARY=1", &|_| None);
        assert!(!problems.is_empty());
        assert_eq!(dotenv.get("A"), Some("CANARY"));
        assert!(!format!("{dotenv:?} {problems:?}").contains("CANARY"));
        let (dotenv, problems) = parse(".env", b"A=1\n\xff=CANARY", &|_| None);
        assert!(dotenv.is_empty());
        let expected = "warning: .env:2:1: the file is not UTF-8, so nothing of it is used";
        assert_eq!(problems[0].to_string(), expected);
    }
}
