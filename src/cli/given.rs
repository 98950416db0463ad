//! What a person gave: a flag, else the variable of the same name.

use crate::config::{Located, Place, Problem};

/// The variable of a flag: `HOOKGLASS_FORWARD_TO` for `forward-to`.
#[must_use]
pub fn variable(flag: &str) -> String {
    format!("HOOKGLASS_{}", flag.replace('-', "_").to_ascii_uppercase())
}

/// The environment, asked by flag.
#[derive(Clone, Copy)]
pub(super) struct Given<'a>(pub(super) &'a dyn Fn(&str) -> Option<String>);

impl Given<'_> {
    /// A flag's text, else its variable's. An empty variable is none, so that a script can take one
    /// back.
    pub(super) fn text(self, name: &str, flag: Option<&String>) -> Option<Located<String>> {
        match flag {
            Some(text) => Some(Located { value: text.clone(), place: Place::outside(format!("--{name}")) }),
            None => self.variable(name),
        }
    }

    /// All texts of a repeatable flag, else the comma-separated ones of its variable.
    pub(super) fn texts(self, name: &str, flags: &[String]) -> Vec<Located<String>> {
        if !flags.is_empty() {
            let place = Place::outside(format!("--{name}"));
            return flags.iter().map(|text| Located { value: text.clone(), place: place.clone() }).collect();
        }
        let Some(found) = self.variable(name) else { return Vec::new() };
        let parts = found.value.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| Located { value: part.to_owned(), place: found.place.clone() }).collect()
    }

    /// Whether a switch is on: by its flag, else by its variable; `None` where nobody said anything.
    pub(super) fn switch(self, name: &str, flag: bool, problems: &mut Vec<Problem>) -> Option<bool> {
        if flag {
            return Some(true);
        }
        let found = self.variable(name)?;
        match found.value.trim().to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => Some(true),
            "0" | "false" | "no" | "off" => Some(false),
            _ => {
                problems.push(Problem::error(found.place, "this must be 1 or 0, true or false, yes or no"));
                None
            }
        }
    }

    fn variable(self, name: &str) -> Option<Located<String>> {
        let name = variable(name);
        let value = (self.0)(&name).filter(|value| !value.trim().is_empty())?;
        Some(Located { value, place: Place::outside(name) })
    }
}
