//! The keymap: which key starts which action, where. One table feeds dispatch, footer, help and the
//! README.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

pub use crate::config::action::{Action, Context};
use crate::config::key::Key;

/// The table as shipped.
const BUILTIN: &str = include_str!("../../assets/keymap.toml");

/// One row of the table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// What it starts.
    pub action: Action,
    /// The keys, the first one is shown in the footer.
    pub keys: Vec<Key>,
    /// Where it works.
    #[serde(rename = "in")]
    pub contexts: Vec<Context>,
    /// Its part of the help.
    pub group: Group,
    /// The word in the footer.
    pub label: String,
    /// The sentence in the help; empty for one that another row speaks for.
    pub help: String,
    /// The place in the footer, 1 first; 0 keeps it out.
    pub footer: u16,
}

/// The parts of the help, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// Walking about.
    Move,
    /// Finding, and remembering what was found.
    Find,
    /// Sending, copying, writing to files.
    Send,
    /// Secrets and time.
    Signatures,
    /// What the screen shows, and the program itself.
    Screen,
    /// The keys that all dialogs share.
    Dialog,
}

impl Group {
    /// All of them, as the help orders them.
    pub const ALL: [Self; 6] =
        [Self::Move, Self::Find, Self::Send, Self::Signatures, Self::Screen, Self::Dialog];

    /// Its heading.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Move => "Move",
            Self::Find => "Find and keep",
            Self::Send => "Send, copy, write",
            Self::Signatures => "Secrets and time",
            Self::Screen => "Screen and program",
            Self::Dialog => "In a dialog",
        }
    }
}

/// What is wrong with a user's keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// The table as shipped cannot be read. A test keeps this from happening.
    #[error("the built-in keymap cannot be read: {0}")]
    Builtin(String),
    /// Not an action.
    #[error("keys.{0}: there is no such action{hint}", hint = nearest(.0).map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    Action(String),
    /// Neither a key nor a list of keys.
    #[error("keys.{0}: write one key or a list of keys, like \"j\" or [\"j\", \"down\"]")]
    Form(String),
    /// Not a key.
    #[error("keys.{0}: {1}")]
    Key(String, String),
    /// One key for two actions in one place.
    #[error("keys.{first} and keys.{second}: both want `{key}` in the {place}")]
    Taken {
        /// The key.
        key: String,
        /// The action that has it.
        first: String,
        /// The action that wants it too.
        second: String,
        /// Where.
        place: &'static str,
    },
}

/// The keys in force.
#[derive(Clone, Debug, Default)]
pub struct Keymap {
    rows: Vec<Binding>,
    index: BTreeMap<(Context, Key), Action>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    key: Vec<Binding>,
}

static DEFAULT: LazyLock<Result<Keymap, KeymapError>> = LazyLock::new(|| {
    let file: File = toml::from_str(BUILTIN).map_err(|error| KeymapError::Builtin(error.to_string()))?;
    let (keymap, errors) = Keymap::of(file.key);
    errors.into_iter().next().map_or(Ok(keymap), Err)
});

impl Keymap {
    /// The keys as shipped.
    #[must_use]
    pub fn builtin() -> Self {
        DEFAULT.as_ref().map_or_else(|_| Self::default(), Clone::clone)
    }

    /// The keys as shipped, with those of a user's `[keys]` table in their place: each entry names an
    /// action and gives all of its keys.
    ///
    /// # Errors
    /// All that is wrong with the table, together.
    pub fn patched(table: &toml::Table) -> Result<Self, Vec<KeymapError>> {
        let mut rows = Self::builtin().rows;
        let mut errors = Vec::new();
        for (name, value) in table {
            let Some(row) = rows.iter_mut().find(|row| row.action.name() == *name) else {
                errors.push(KeymapError::Action(name.clone()));
                continue;
            };
            match keys_of(name, value) {
                Ok(keys) => row.keys = keys,
                Err(mut found) => errors.append(&mut found),
            }
        }
        let (keymap, mut taken) = Self::of(rows);
        errors.append(&mut taken);
        if errors.is_empty() { Ok(keymap) } else { Err(errors) }
    }

    /// What a key starts in a place.
    #[must_use]
    pub fn action(&self, context: Context, key: Key) -> Option<Action> {
        self.index.get(&(context, key)).copied()
    }

    /// The first key of an action in a place, as it is shown.
    #[must_use]
    pub fn shown(&self, context: Context, action: Action) -> Option<String> {
        self.rows
            .iter()
            .find(|row| row.action == action && row.contexts.contains(&context))
            .and_then(|row| row.keys.first())
            .map(ToString::to_string)
    }

    /// The rows that work in a place, in the order of the table.
    pub fn in_context(&self, context: Context) -> impl Iterator<Item = &Binding> {
        self.rows.iter().filter(move |row| row.contexts.contains(&context))
    }

    /// The rows that the footer of a place shows, the most important first.
    #[must_use]
    pub fn footer(&self, context: Context) -> Vec<&Binding> {
        let mut rows: Vec<_> =
            self.in_context(context).filter(|row| row.footer > 0 && !row.keys.is_empty()).collect();
        rows.sort_by_key(|row| row.footer);
        rows
    }

    fn of(rows: Vec<Binding>) -> (Self, Vec<KeymapError>) {
        let mut index = BTreeMap::new();
        // Once for two actions, however many places they share.
        let mut taken = BTreeMap::new();
        for row in &rows {
            for (&context, &key) in row.contexts.iter().flat_map(|c| row.keys.iter().map(move |k| (c, k))) {
                if let Some(first) = index.insert((context, key), row.action)
                    && first != row.action
                {
                    taken.entry((first, row.action, key)).or_insert_with(|| KeymapError::Taken {
                        key: key.to_string(),
                        first: first.name(),
                        second: row.action.name(),
                        place: context.title(),
                    });
                }
            }
        }
        (Self { rows, index }, taken.into_values().collect())
    }
}

/// The table of keys for the README, as Markdown.
#[must_use]
pub fn markdown() -> String {
    let mut out = String::from("| key | where | what it does |\n|---|---|---|\n");
    for row in Keymap::builtin().rows.iter().filter(|row| !row.help.is_empty()) {
        let keys: Vec<String> = row.keys.iter().map(|key| format!("`{key}`")).collect();
        let places: Vec<&str> = row.contexts.iter().map(|context| context.title()).collect();
        let places = if places.len() == Context::ALL.len() { "everywhere".into() } else { places.join(", ") };
        out.push_str(&format!("| {} | {places} | {} |\n", keys.join(" "), row.help));
    }
    out
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

fn keys_of(name: &str, value: &toml::Value) -> Result<Vec<Key>, Vec<KeymapError>> {
    let texts: Vec<&str> = match value {
        toml::Value::String(text) => vec![text],
        toml::Value::Array(items) => items.iter().map(|item| item.as_str().unwrap_or("")).collect(),
        _ => return Err(vec![KeymapError::Form(name.to_owned())]),
    };
    let (keys, errors): (Vec<_>, Vec<_>) = texts.into_iter().map(str::parse::<Key>).partition(Result::is_ok);
    if errors.is_empty() {
        return Ok(keys.into_iter().flatten().collect());
    }
    Err(errors
        .into_iter()
        .filter_map(Result::err)
        .map(|error| KeymapError::Key(name.to_owned(), error.to_string()))
        .collect())
}

/// The action whose name shares the longest beginning with a wrong one.
fn nearest(name: &str) -> Option<String> {
    let common = |other: &str| name.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    Keymap::builtin()
        .rows
        .iter()
        .map(|row| row.action.name())
        .max_by_key(|other| common(other))
        .filter(|other| common(other) >= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builtin_table_is_sound() {
        let keymap = DEFAULT.as_ref().unwrap();
        for row in &keymap.rows {
            assert!(!row.keys.is_empty(), "{:?} has no key", row.action);
            assert!(!row.contexts.is_empty(), "{:?} works nowhere", row.action);
            assert!(!row.label.is_empty(), "{:?} has no label", row.action);
            assert!(!row.help.is_empty() || row.action.pane().is_some(), "{:?} has no help", row.action);
        }
        for number in 0..=Action::Clear as usize {
            let found = keymap.rows.iter().filter(|row| row.action as usize == number).count();
            assert_eq!(found, 1, "action number {number} has one row");
        }
    }

    #[test]
    fn names_are_those_of_the_table() {
        for row in Keymap::builtin().rows {
            let line = format!("action = \"{}\"", row.action.name());
            assert!(BUILTIN.contains(&line), "{line}");
        }
    }

    #[test]
    fn a_user_table_replaces_keys() {
        let table = "replay = \"ctrl-r\"\ndown = [\"z\", \"down\"]".parse().unwrap();
        let keymap = Keymap::patched(&table).unwrap();
        let action = |key: &str| keymap.action(Context::List, key.parse().unwrap());
        assert_eq!(action("^r"), Some(Action::Replay));
        assert_eq!(action("r"), None);
        assert_eq!(action("z"), Some(Action::Down));
        assert_eq!(action("j"), None);
        assert_eq!(keymap.shown(Context::List, Action::Replay).unwrap(), "^r");
    }

    #[test]
    fn all_errors_of_a_user_table_come_together() {
        let table = "replya = \"x\"\ncopy = \"r\"\nup = [\"kk\", \"zz\"]\nsend = 7".parse().unwrap();
        let errors: Vec<String> =
            Keymap::patched(&table).unwrap_err().iter().map(ToString::to_string).collect();
        assert_eq!(errors.len(), 5, "{errors:#?}");
        for part in [
            "did you mean `replay`",
            "keys.send: write",
            "`kk` is not a key",
            "`zz`",
            "both want `r` in the list",
        ] {
            assert!(errors.iter().any(|error| error.contains(part)), "{part} in {errors:#?}");
        }
    }

    #[test]
    fn the_readme_table_has_a_row_for_every_help_text() {
        let table = markdown();
        assert!(
            table.contains(
                "| `j` `down` | list, detail, help, copy menu, export dialog | one row or line down |"
            ),
            "{table}"
        );
        assert!(table.contains("| `^c` | everywhere |"));
    }
}
