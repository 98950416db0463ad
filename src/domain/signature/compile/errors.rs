//! What is wrong with the tables of providers, collected.

use crate::domain::signature::{SpecError, spec::OneOrMany};

/// What was found wrong so far, and where.
pub(super) struct Errors {
    pub(super) provider: String,
    /// The scheme, as the key of a message names it.
    pub(super) scope: String,
    pub(super) list: Vec<SpecError>,
}

impl Errors {
    /// Adds one.
    pub(super) fn add(&mut self, key: &str, message: impl Into<String>) {
        let key = format!("{}{key}", self.scope);
        self.list.push(SpecError { provider: self.provider.clone(), key, message: message.into() });
    }

    /// What a text stands for, where one is given.
    pub(super) fn optional<T>(
        &mut self,
        key: &str,
        text: Option<&str>,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        parse(text?).map_err(|message| self.add(key, message)).ok()
    }

    /// What each of some texts stands for.
    pub(super) fn list<T>(
        &mut self,
        key: &str,
        texts: Option<&OneOrMany>,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Vec<T> {
        let texts = texts.map_or(&[][..], OneOrMany::as_slice);
        texts.iter().filter_map(|text| self.optional(key, Some(text), &parse)).collect()
    }

    /// A word of a closed list.
    pub(super) fn word<T: Copy>(&mut self, key: &str, text: &str, words: &[(&str, T)]) -> Option<T> {
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            self.add(key, format!("`{text}` is not known: use {}", known.join(", ")));
        }
        found
    }

    /// A word of a closed list, where one is given.
    pub(super) fn default<T: Copy + Default>(
        &mut self,
        key: &str,
        text: Option<&str>,
        words: &[(&str, T)],
    ) -> T {
        text.and_then(|text| self.word(key, text, words)).unwrap_or_default()
    }

    /// One ASCII character.
    pub(super) fn character(&mut self, key: &str, text: Option<&str>) -> Option<u8> {
        match text?.as_bytes() {
            [byte] if byte.is_ascii() => Some(*byte),
            _ => {
                self.add(key, "is not one ASCII character");
                None
            }
        }
    }
}
