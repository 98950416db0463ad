//! Themes: a few roles with a colour each. The many styles of the screen derive from them.

use std::fmt;

use serde::Deserialize;

/// The themes as shipped, by name; the first one is the default.
const BUILTIN: &[(&str, &str)] = &[
    ("dark", include_str!("../../assets/themes/dark.toml")),
    ("light", include_str!("../../assets/themes/light.toml")),
    ("mono", include_str!("../../assets/themes/mono.toml")),
];

/// A colour as the terminal is asked for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colour {
    /// The terminal's own.
    #[default]
    Default,
    /// One of the 256 of the palette.
    Palette(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

/// The roles.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Theme {
    /// The name.
    pub name: String,
    /// Whether colours are used at all; without, bold, underline and reverse tell things apart.
    pub colours: bool,
    /// Behind everything; the terminal's own unless the theme needs another.
    #[serde(default)]
    pub background: Colour,
    /// Ordinary text.
    #[serde(default)]
    pub text: Colour,
    /// Labels, headings, what matters less.
    #[serde(default)]
    pub dim: Colour,
    /// The product, the focus, keys to press.
    #[serde(default)]
    pub accent: Colour,
    /// Valid, 2xx.
    #[serde(default)]
    pub good: Colour,
    /// Invalid, 5xx, errors.
    #[serde(default)]
    pub bad: Colour,
    /// Warnings, unsigned, 4xx.
    #[serde(default)]
    pub warn: Colour,
    /// Rules between parts.
    #[serde(default)]
    pub border: Colour,
    /// Behind the header and the footer.
    #[serde(default)]
    pub bar: Colour,
    /// Behind the selected row.
    #[serde(default)]
    pub selection: Colour,
    /// Text on a banner of good, bad or warn.
    #[serde(default)]
    pub on_banner: Colour,
    /// Names in a document.
    #[serde(default)]
    pub key: Colour,
    /// Strings in a document.
    #[serde(default)]
    pub string: Colour,
    /// Numbers in a document.
    #[serde(default)]
    pub number: Colour,
    /// true, false and null in a document.
    #[serde(default)]
    pub word: Colour,
    /// The sign that stands for an invisible character.
    #[serde(default)]
    pub mark: Colour,
}

/// Why there is no such theme.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ThemeError {
    /// Not one of those shipped.
    #[error("there is no theme `{0}`: choose one of {names}", names = Theme::names().collect::<Vec<_>>().join(", "))]
    Unknown(String),
    /// A theme file that cannot be read.
    #[error("the theme cannot be read: {0}")]
    Form(String),
}

impl Theme {
    /// The names of the themes as shipped.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILTIN.iter().map(|(name, _)| *name)
    }

    /// A theme as shipped.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn named(name: &str) -> Result<Self, ThemeError> {
        let (_, text) = BUILTIN
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .ok_or_else(|| ThemeError::Unknown(name.to_owned()))?;
        Self::parse(text)
    }

    /// A theme from its TOML text.
    ///
    /// # Errors
    /// When it is not TOML, lacks its name, or has a role or colour that does not exist.
    pub fn parse(text: &str) -> Result<Self, ThemeError> {
        toml::from_str(text).map_err(|error| ThemeError::Form(error.to_string()))
    }

    /// The theme without colours, for `NO_COLOR`.
    #[must_use]
    pub fn mono() -> Self {
        Self::named("mono").unwrap_or_else(|_| Self { name: "mono".into(), ..Self::default() })
    }
}

impl<'de> Deserialize<'de> for Colour {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Visitor)
    }
}

struct Visitor;

impl serde::de::Visitor<'_> for Visitor {
    type Value = Colour;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"default\", a number of the 256 colour palette, or \"#rrggbb\"")
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Colour, E> {
        u8::try_from(number)
            .map(Colour::Palette)
            .map_err(|_| E::invalid_value(serde::de::Unexpected::Signed(number), &self))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Colour, E> {
        if text == "default" {
            return Ok(Colour::Default);
        }
        let invalid = || E::invalid_value(serde::de::Unexpected::Str(text), &"\"default\" or \"#rrggbb\"");
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii());
        let part = |at: usize| {
            digits.and_then(|digits| u8::from_str_radix(&digits[at..at + 2], 16).ok()).ok_or_else(invalid)
        };
        Ok(Colour::Rgb(part(0)?, part(2)?, part(4)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_theme_can_be_read_and_knows_its_name() {
        for name in Theme::names() {
            assert_eq!(Theme::named(name).unwrap().name, name);
        }
        assert!(!Theme::mono().colours);
        assert!(Theme::named("dark").unwrap().colours);
    }

    #[test]
    fn colours_are_read_in_three_forms() {
        let theme =
            Theme::parse("name = \"x\"\ncolours = true\ntext = \"default\"\ndim = 244\naccent = \"#0a1bff\"")
                .unwrap();
        assert_eq!(theme.text, Colour::Default);
        assert_eq!(theme.dim, Colour::Palette(244));
        assert_eq!(theme.accent, Colour::Rgb(10, 27, 255));
    }

    #[test]
    fn mistakes_are_named() {
        for (text, part) in [
            ("name = \"x\"\ncolours = true\ndim = 256", "256"),
            ("name = \"x\"\ncolours = true\ndim = \"#12345\"", "#12345"),
            ("name = \"x\"\ncolours = true\ndimm = 1", "dimm"),
        ] {
            let error = Theme::parse(text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        assert!(Theme::named("blue").unwrap_err().to_string().contains("dark, light, mono"));
    }
}
