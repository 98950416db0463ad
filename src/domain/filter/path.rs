//! A place in a JSON body: `.data.items[0].name`, `[]` for any item. Only what stands on the way is
//! looked at; nothing else of the document is built.

use std::{borrow::Cow, fmt};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Most steps of a path.
const LONGEST: usize = 64;

/// The steps from the root to a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Item(usize),
    Any,
}

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// Where it goes wrong, in bytes, and a sentence.
    pub(super) fn parse(text: &str) -> Result<Self, (usize, &'static str)> {
        let mut steps = Vec::new();
        let mut rest = text;
        let mut first = true;
        while !rest.is_empty() {
            let at = text.len() - rest.len();
            if steps.len() == LONGEST {
                return Err((at, "a path has at most 64 steps"));
            }
            if let Some(after) = rest.strip_prefix('[') {
                let (step, after) = bracket(after).map_err(|message| (at, message))?;
                steps.push(step);
                rest = after;
            } else {
                let after = match rest.strip_prefix('.') {
                    Some("") if first => break,
                    Some(after) => after,
                    None if first => rest,
                    None => return Err((at, "a step begins with . or [")),
                };
                if first && after.starts_with('[') {
                    rest = after;
                    first = false;
                    continue;
                }
                if after.starts_with('"') {
                    let (key, after) = quoted(after).map_err(|message| (at, message))?;
                    steps.push(Step::Key(key));
                    rest = after;
                } else {
                    let end = after.find(['.', '[', ']', '"']).unwrap_or(after.len());
                    if end == 0 {
                        return Err((at, "a name must follow the point"));
                    }
                    steps.push(Step::Key(after[..end].to_owned()));
                    rest = &after[end..];
                }
            }
            first = false;
        }
        Ok(Self(steps))
    }

    /// Whether some value at this place fulfils a condition. It is handed the text of a scalar, a string
    /// without its quotes, or `None` for an object or an array. What comes before a fault in a document
    /// counts.
    pub(super) fn any(&self, json: &[u8], mut holds: impl FnMut(Option<&str>) -> bool) -> bool {
        let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
        let mut found = false;
        let mut reader = serde_json::Deserializer::from_slice(json);
        let seed = Walk { steps: &self.0, holds: &mut holds, found: &mut found };
        // A body that is no JSON has nothing at any place.
        let _ = seed.deserialize(&mut reader);
        found
    }
}

fn bracket(after: &str) -> Result<(Step, &str), &'static str> {
    const WRONG: &str = "brackets hold a number, a name in quotes, or nothing for any item";
    if after.starts_with('"') {
        let (key, after) = quoted(after)?;
        return after.strip_prefix(']').map(|after| (Step::Key(key), after)).ok_or(WRONG);
    }
    let (inner, after) = after.split_once(']').ok_or("a bracket is not closed")?;
    let step = match inner {
        "" | "*" => Step::Any,
        digits => Step::Item(digits.parse().map_err(|_| WRONG)?),
    };
    Ok((step, after))
}

/// A name in quotes, as JSON writes it.
fn quoted(text: &str) -> Result<(String, &str), &'static str> {
    let mut names = serde_json::Deserializer::from_str(text).into_iter::<String>();
    match names.next() {
        Some(Ok(name)) => {
            let end = names.byte_offset();
            Ok((name, &text[end..]))
        }
        _ => Err("this name in quotes is not closed, or not written as JSON writes it"),
    }
}

struct Walk<'a, F> {
    steps: &'a [Step],
    holds: &'a mut F,
    found: &'a mut bool,
}

impl<'de, F: FnMut(Option<&str>) -> bool> DeserializeSeed<'de> for Walk<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if *self.found {
            return deserializer.deserialize_ignored_any(IgnoredAny).map(drop);
        }
        if !self.steps.is_empty() {
            return deserializer.deserialize_any(self);
        }
        let raw = <&RawValue as serde::Deserialize>::deserialize(deserializer)?.get();
        *self.found = match raw.as_bytes().first() {
            Some(b'{' | b'[') => (self.holds)(None),
            Some(b'"') => serde_json::from_str::<Text<'_>>(raw).is_ok_and(|text| (self.holds)(Some(&text.0))),
            _ => (self.holds)(Some(raw)),
        };
        Ok(())
    }
}

/// A string that is borrowed where it has no escapes.
#[derive(serde::Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de, F: FnMut(Option<&str>) -> bool> Visitor<'de> for Walk<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let wanted = match self.steps.first() {
            Some(Step::Key(key)) => Some(key),
            _ => None,
        };
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            if Some(key.as_ref()) == wanted.map(String::as_str) {
                map.next_value_seed(Walk {
                    steps: &self.steps[1..],
                    holds: &mut *self.holds,
                    found: &mut *self.found,
                })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        for index in 0.. {
            let here = match self.steps.first() {
                Some(Step::Any) => true,
                Some(Step::Item(item)) => *item == index,
                _ => false,
            };
            let more = if here {
                let walk = Walk { steps: &self.steps[1..], holds: &mut *self.holds, found: &mut *self.found };
                seq.next_element_seed(walk)?.is_some()
            } else {
                seq.next_element::<IgnoredAny>()?.is_some()
            };
            if !more {
                break;
            }
        }
        Ok(())
    }

    // A scalar has nothing within.
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// The path as it is written, each name in the shortest way that reads back.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str(".");
        }
        for step in &self.0 {
            match step {
                Step::Key(key)
                    if !key.is_empty()
                        && key
                            .chars()
                            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$' | '@' | '/')) =>
                {
                    write!(f, ".{key}")?;
                }
                Step::Key(key) => write!(f, "[{}]", serde_json::Value::from(key.as_str()))?,
                Step::Item(index) => write!(f, "[{index}]")?,
                Step::Any => f.write_str("[]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(path: &str, json: &str) -> Vec<Option<String>> {
        let mut found = Vec::new();
        Path::parse(path).unwrap().any(json.as_bytes(), |value| {
            found.push(value.map(str::to_owned));
            false
        });
        found
    }

    #[test]
    fn values_are_found_at_their_places() {
        let json = r#"{"a":{"b":[1,{"c":"x\ny"},true]},"a.b":null,"n":12345678901234567890123,"a":{"b":2}}"#;
        let text = |text: &str| Some(text.to_owned());
        for (path, expected) in [
            (".a.b[0]", vec![text("1")]),
            ("a.b[1].c", vec![text("x\ny")]),
            (".a.b[].c", vec![text("x\ny")]),
            (".a.b[]", vec![text("1"), None, text("true")]),
            ("[\"a.b\"]", vec![text("null")]),
            (".\"a.b\"", vec![text("null")]),
            (".n", vec![text("12345678901234567890123")]),
            (".a.b", vec![None, text("2")]),
            (".", vec![None]),
            (".a.b[7]", vec![]),
            (".n.x", vec![]),
            (".x", vec![]),
        ] {
            assert_eq!(at(path, json), expected, "{path}");
            let again = Path::parse(path).unwrap().to_string();
            assert_eq!(Path::parse(&again), Path::parse(path), "{again}");
        }
        assert_eq!(at(".a", "{\"a\":1,"), [text("1")], "what comes before a fault counts");
        assert_eq!(at(".a", "\u{feff}{\"a\":1}"), [text("1")]);
        assert_eq!(at(".a", &format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))), []);
    }
}
