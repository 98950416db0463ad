//! Fragments: parts of the file that their owners read by themselves, with the places kept.

use std::{fmt, ops::Range, sync::Arc};

use serde::de::DeserializeOwned;
use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue, ValueDeserializer},
};

use crate::config::{
    Place, Problem,
    problem::{Lines, shown},
    reader::Source,
};

/// A table of the file that is handed on as it stands, such as `[[provider]]` or `[keys]`.
///
/// It keeps the file's text and finds its part in it again when it is read, which happens once: the
/// parsed form borrows from the text and cannot be kept beside it.
#[derive(Clone)]
pub struct Fragment {
    file: Arc<str>,
    text: Arc<str>,
    lines: Arc<Lines>,
    key: &'static str,
    /// Which table of an array it is.
    index: Option<usize>,
}

impl Fragment {
    pub(super) fn new(source: &Source, text: &Arc<str>, key: &'static str, index: Option<usize>) -> Self {
        Self {
            file: Arc::clone(&source.file),
            text: Arc::clone(text),
            lines: Arc::clone(&source.lines),
            key,
            index,
        }
    }

    /// The place of the whole table.
    #[must_use]
    pub fn place(&self) -> Place {
        self.with(|value| self.at(&value.span(), "")).unwrap_or_else(|| self.at(&(0..0), ""))
    }

    /// The place of one key's value, for problems that its owner finds; the whole table's where there is
    /// no such key.
    #[must_use]
    pub fn place_of(&self, key: &str) -> Place {
        let span = self.with(|value| value.get_ref().get(key).map(Spanned::span)).flatten();
        span.map_or_else(|| self.place(), |span| self.at(&span, key))
    }

    /// The keys of the table in the order of the file, each with the texts it is set to (one, or a
    /// list) and its place. What is neither a text nor a list of texts is `None`.
    #[must_use]
    pub fn texts(&self) -> Vec<(String, Option<Vec<String>>, Place)> {
        let text = |value: &Spanned<DeValue<'_>>| value.get_ref().as_str().map(str::to_owned);
        self.with(|value| {
            let mut rows: Vec<_> = value.get_ref().as_table()?.iter().collect();
            rows.sort_by_key(|(key, _)| key.span().start);
            let row = |(key, value): (&Spanned<DeString<'_>>, &Spanned<DeValue<'_>>)| {
                let texts = match value.get_ref() {
                    DeValue::Array(items) => items.iter().map(text).collect(),
                    _ => text(value).map(|text| vec![text]),
                };
                (key.get_ref().to_string(), texts, self.at(&value.span(), key.get_ref()))
            };
            Some(rows.into_iter().map(row).collect())
        })
        .flatten()
        .unwrap_or_default()
    }

    /// Reads the table as a type.
    ///
    /// # Errors
    /// The first problem that serde finds, with its place. Values are taken out of its sentence.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let read = self.with(|value| {
            T::deserialize(ValueDeserializer::from(value.clone())).map_err(|error| {
                let span = error.span().unwrap_or_else(|| value.span());
                Problem::error(self.at(&span, ""), without_values(value.get_ref(), error.message()))
            })
        });
        read.unwrap_or_else(|| Err(Problem::error(self.at(&(0..0), ""), "this table cannot be read")))
    }

    /// The table as plain TOML, without places.
    ///
    /// # Errors
    /// As for [`Fragment::read`].
    pub fn table(&self) -> Result<toml::Table, Problem> {
        self.read()
    }

    fn at(&self, span: &Range<usize>, key: &str) -> Place {
        let mut path = self.key.to_owned();
        if let Some(index) = self.index {
            path = format!("{path}[{}]", index + 1);
        }
        let key = if key.is_empty() { path } else { format!("{path}.{}", shown(key)) };
        Place { origin: Arc::clone(&self.file), at: Some(self.lines.at(span)), key }
    }

    /// The table, parsed again.
    fn with<T>(&self, then: impl FnOnce(&Spanned<DeValue<'_>>) -> T) -> Option<T> {
        let file = DeTable::parse(&self.text).ok()?;
        let value = file.get_ref().get(self.key)?;
        match self.index {
            Some(index) => value.get_ref().as_array()?.get(index).map(then),
            None => Some(then(value)),
        }
    }
}

/// The place alone: a value could be a secret in the wrong place.
impl fmt::Debug for Fragment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fragment({})", self.place())
    }
}

/// A sentence of serde without the configured values it may quote: somebody may have written the
/// secret where the name of its encoding belongs. What the sentence lists as expected is no value.
fn without_values(value: &DeValue<'_>, message: &str) -> String {
    let (said, expected) = match message.find(", expected ") {
        Some(at) => message.split_at(at),
        None => (message, ""),
    };
    let mut said = said.to_owned();
    let mut values = Vec::new();
    collect(value, &mut values);
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    for value in values {
        let escaped: String = value.escape_debug().collect();
        for form in [value.as_str(), escaped.as_str()] {
            said = said.replace(&format!("`{form}`"), "").replace(&format!("\"{form}\""), "");
            // Short ones could be parts of the sentence's own words.
            if form.len() >= 6 {
                said = said.replace(form, "…");
            }
        }
    }
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    shown(&format!("{said}{expected}"))
}

/// Every text and number below a value.
fn collect(value: &DeValue<'_>, into: &mut Vec<String>) {
    match value {
        DeValue::String(text) if !text.is_empty() => into.push(text.to_string()),
        DeValue::Array(items) => items.iter().for_each(|item| collect(item.get_ref(), into)),
        DeValue::Table(table) => table.values().for_each(|item| collect(item.get_ref(), into)),
        DeValue::Integer(number) => into.push(number.to_string()),
        DeValue::Float(number) => into.push(number.to_string()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Form {
        Utf8,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Scheme {
        #[expect(dead_code, reason = "only read to see serde's errors")]
        id: String,
        #[expect(dead_code, reason = "only read to see serde's errors")]
        key: Form,
    }

    fn fragment(text: &str) -> Fragment {
        Fragment::new(&Source::new("f.toml", text.as_bytes()), &text.into(), "provider", Some(1))
    }

    #[test]
    fn problems_have_their_line_and_no_value() {
        let first = "[[provider]]\nid = \"first\"\n\n[[provider]]\n";
        for (rest, expected) in [
            ("id = \"a\"\nkey = \"CANARY\"", "f.toml:6:7: provider[2]: unknown variant, expected `utf8`"),
            ("id = \"a\"\nkey = \"utf8\"\nx = \"CANARY\"", "unknown field `x`"),
            ("id = [\"CANARY\"]\nkey = \"utf8\"", "f.toml:5:6: provider[2]: invalid type: sequence"),
            ("id = \"CANARY\"", "missing field `key`"),
        ] {
            let problem = fragment(&format!("{first}{rest}")).read::<Scheme>().unwrap_err().to_string();
            assert!(problem.contains(expected), "{problem}");
            assert!(!problem.contains("CANARY"), "{problem}");
        }
        assert!(fragment(&format!("{first}id = \"a\"\nkey = \"utf8\"")).read::<Scheme>().is_ok());
    }

    #[test]
    fn rows_of_texts_come_in_the_order_of_the_file() {
        let fragment = fragment("[[provider]]\n[[provider]]\nz = \"q\"\na = [\"j\", \"k\"]\nb = 1\n");
        let rows: Vec<_> =
            fragment.texts().into_iter().map(|(key, texts, place)| (key, texts, place.at)).collect();
        let list = |texts: &[&str]| Some(texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>());
        assert_eq!(
            rows,
            [
                ("z".to_owned(), list(&["q"]), Some((3, 5))),
                ("a".to_owned(), list(&["j", "k"]), Some((4, 5))),
                ("b".to_owned(), None, Some((5, 5))),
            ]
        );
        assert_eq!(fragment.table().unwrap().len(), 3);
        assert_eq!(fragment.place_of("b").to_string(), "f.toml:5:5: provider[2].b");
        assert_eq!(fragment.place_of("c").to_string(), "f.toml:2:1: provider[2]");
        assert_eq!(format!("{fragment:?}"), "Fragment(f.toml:2:1: provider[2])");
    }
}
