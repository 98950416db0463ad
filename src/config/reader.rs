//! Typed reading of a TOML table: each value with its place, each problem noted, nothing stopped at.

use std::{cell::RefCell, ops::Range, sync::Arc};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::config::{
    Located, Place, Problem, nearest,
    problem::{Lines, shown},
    value::{Parsed, kind},
};

/// A file that is being read: its name, its lines and the problems found so far.
pub(super) struct Source {
    pub(super) file: Arc<str>,
    pub(super) lines: Arc<Lines>,
    problems: RefCell<Vec<Problem>>,
}

/// One table of a file.
#[derive(Clone)]
pub(super) struct Section<'a> {
    pub(super) source: &'a Source,
    /// The path that messages give: empty for the whole file.
    pub(super) path: String,
    span: Range<usize>,
    table: &'a DeTable<'a>,
}

impl Source {
    pub(super) fn new(file: &str, text: &[u8]) -> Self {
        Self { file: file.into(), lines: Arc::new(Lines::of(text)), problems: RefCell::default() }
    }

    pub(super) fn place(&self, span: &Range<usize>, key: impl Into<String>) -> Place {
        Place { origin: Arc::clone(&self.file), at: Some(self.lines.at(span)), key: key.into() }
    }

    pub(super) fn error(&self, span: &Range<usize>, key: impl Into<String>, message: impl Into<String>) {
        self.problems.borrow_mut().push(Problem::error(self.place(span, key), message));
    }

    /// The problems in the order of their lines.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|problem| problem.place.at);
        problems
    }
}

impl<'a> Section<'a> {
    /// The whole file.
    pub(super) fn root(source: &'a Source, table: &'a Spanned<DeTable<'a>>) -> Self {
        Self { source, path: String::new(), span: table.span(), table: table.get_ref() }
    }

    /// Notes every key that is not among the known ones.
    pub(super) fn only(self, known: &[&str]) -> Self {
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if !known.contains(&name) {
                let message = match nearest(name, known.iter().copied()) {
                    Some(meant) => format!("this key is not known; did you mean `{meant}`?"),
                    None => format!("this key is not known here; known are {}", known.join(", ")),
                };
                self.source.error(&key.span(), self.path_of(name), message);
            }
        }
        self
    }

    /// The path of a key in messages.
    pub(super) fn path_of(&self, key: &str) -> String {
        let bare = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        let key = if !key.is_empty() && key.len() <= 64 && key.bytes().all(bare) {
            key.to_owned()
        } else {
            let cut: String = key.chars().take(64).collect();
            format!("\"{}\"", shown(&cut))
        };
        if self.path.is_empty() { key } else { format!("{}.{key}", self.path) }
    }

    /// A value as it stands.
    pub(super) fn raw(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table.get(key)
    }

    /// Keys and values in the order of the file.
    pub(super) fn entries(&self) -> Vec<(&'a str, Range<usize>, &'a Spanned<DeValue<'a>>)> {
        let mut entries: Vec<_> =
            self.table.iter().map(|(key, value)| (key.get_ref().as_ref(), key.span(), value)).collect();
        entries.sort_by_key(|(_, span, _)| span.start);
        entries
    }

    /// Notes an error at a key of this table, or at the table where the key is missing.
    pub(super) fn error(&self, key: &str, message: impl Into<String>) {
        let span = self.raw(key).map_or_else(|| self.span.clone(), Spanned::span);
        self.source.error(&span, self.path_of(key), message);
    }

    /// Notes a warning at a key of this table.
    pub(super) fn warning(&self, key: &str, message: impl Into<String>) {
        let span = self.raw(key).map_or_else(|| self.span.clone(), Spanned::span);
        let place = self.source.place(&span, self.path_of(key));
        self.source.problems.borrow_mut().push(Problem::warning(place, message));
    }

    /// A value read by a parser; `None` where it is missing or faulty, which is noted.
    pub(super) fn get<T>(&self, key: &str, parse: impl Fn(&DeValue<'_>) -> Parsed<T>) -> Option<T> {
        self.located(key, parse).map(|located| located.value)
    }

    /// The same with its place.
    pub(super) fn located<T>(
        &self,
        key: &str,
        parse: impl Fn(&DeValue<'_>) -> Parsed<T>,
    ) -> Option<Located<T>> {
        self.raw(key).and_then(|value| self.read(value, self.path_of(key), &parse))
    }

    /// Sets a field to the value of a key, if there is a good one.
    pub(super) fn set<T>(&self, key: &str, field: &mut T, parse: impl Fn(&DeValue<'_>) -> Parsed<T>) {
        if let Some(value) = self.get(key, parse) {
            *field = value;
        }
    }

    /// The good items of a list; a single value counts as a list of one.
    pub(super) fn list<T>(&self, key: &str, parse: impl Fn(&DeValue<'_>) -> Parsed<T>) -> Vec<Located<T>> {
        let Some(value) = self.raw(key) else { return Vec::new() };
        match value.get_ref() {
            DeValue::Array(items) => items
                .iter()
                .enumerate()
                .filter_map(|(index, item)| {
                    self.read(item, format!("{}[{}]", self.path_of(key), index + 1), &parse)
                })
                .collect(),
            _ => self.read(value, self.path_of(key), &parse).into_iter().collect(),
        }
    }

    /// A table below this one.
    pub(super) fn table(&self, key: &str) -> Option<Section<'a>> {
        self.raw(key).and_then(|value| self.section(value, self.path_of(key)))
    }

    /// The tables of an array below this one (`[[endpoint]]`, or a list of inline tables), counted
    /// from 1.
    pub(super) fn tables(&self, key: &str) -> Vec<Section<'a>> {
        let Some(value) = self.raw(key) else { return Vec::new() };
        let Some(items) = value.get_ref().as_array() else {
            let message = if value.get_ref().is_table() && self.path.is_empty() {
                format!("this is written with two brackets: [[{key}]]")
            } else {
                format!("this must be a list of tables, not {}", kind(value.get_ref()))
            };
            self.error(key, message);
            return Vec::new();
        };
        items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| self.section(item, format!("{}[{}]", self.path_of(key), index + 1)))
            .collect()
    }

    fn section(&self, value: &'a Spanned<DeValue<'a>>, path: String) -> Option<Section<'a>> {
        let Some(table) = value.get_ref().as_table() else {
            let message = format!("this must be a table, not {}", kind(value.get_ref()));
            self.source.error(&value.span(), path, message);
            return None;
        };
        Some(Section { source: self.source, path, span: value.span(), table })
    }

    fn read<T>(
        &self,
        value: &Spanned<DeValue<'_>>,
        path: String,
        parse: impl Fn(&DeValue<'_>) -> Parsed<T>,
    ) -> Option<Located<T>> {
        match parse(value.get_ref()) {
            Ok(parsed) => Some(Located { value: parsed, place: self.source.place(&value.span(), path) }),
            Err(message) => {
                self.source.error(&value.span(), path, message);
                None
            }
        }
    }
}
