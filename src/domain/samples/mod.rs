//! Events as providers send them, to test a handler with.
//!
//! Their words and numbers are made up; their shape is that of the providers' documentation. To add
//! one: a file `assets/samples/<provider>/<event>.json` (or `.form`) and a row in `table`. In a file
//! stand, for what no two deliveries share, `{{id}}`, `{{uuid}}`, `{{number}}`, `{{number9}}`,
//! `{{hex32}}`, and for the time of sending `{{unix}}`, `{{unix_ms}}`, `{{iso}}`. One delivery has
//! one value for each.

mod fill;
mod table;

pub use self::{fill::Unique, table::SAMPLES};

/// One event of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The provider's id in the catalogue.
    pub provider: &'static str,
    /// The event, as a person names it.
    pub event: &'static str,
    /// The event as the provider's header writes it, where that differs.
    pub header: Option<&'static str>,
    /// The type of the body.
    pub content_type: &'static str,
    /// Further headers that this provider sends.
    pub headers: &'static [(&'static str, &'static str)],
    /// The body with its places for unique values.
    body: &'static str,
}

impl Sample {
    /// The body with values of its own.
    #[must_use]
    pub fn body(&self, unique: &Unique) -> String {
        unique.fill(self.body)
    }
}

/// The samples of a provider; the first is the usual one.
pub fn of(provider: &str) -> impl Iterator<Item = &'static Sample> {
    SAMPLES.iter().filter(move |sample| sample.provider == provider)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{headers::Head, signature::Catalog, time::Timestamp};

    fn unique() -> Unique {
        Unique::of([0x5a; 16], Timestamp::from_micros(1_795_300_000_120_000))
    }

    #[test]
    fn every_file_has_a_row_and_every_row_its_file() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples");
        let mut files = Vec::new();
        for provider in std::fs::read_dir(folder).unwrap() {
            for file in std::fs::read_dir(provider.unwrap().path()).unwrap() {
                files.push(std::fs::read_to_string(file.unwrap().path()).unwrap());
            }
        }
        let mut rows: Vec<&str> = SAMPLES.iter().map(|sample| sample.body).collect();
        files.sort_unstable();
        rows.sort_unstable();
        assert_eq!(files, rows);
    }

    #[test]
    fn every_sample_is_whole_and_recognised_with_its_event() {
        for sample in SAMPLES {
            let name = format!("{} {}", sample.provider, sample.event);
            let body = sample.body(&unique());
            assert!(!body.contains("{{") && !body.contains("}}\""), "{name}: {body}");
            if sample.content_type == "application/json" {
                serde_json::from_str::<serde_json::Value>(&body)
                    .unwrap_or_else(|error| panic!("{name}: {error}"));
            } else {
                assert!(body.is_ascii() && !body.contains([' ', '\n']), "{name}");
            }
            let provider = Catalog::builtin().provider(sample.provider);
            assert!(provider.is_some(), "{name}");
            let head = format!("POST / HTTP/1.1\r\nContent-Type: {}\r\n\r\n", sample.content_type);
            let origin = Catalog::builtin().recognise(
                Head::new(head.as_bytes()),
                body.as_bytes(),
                Some(sample.provider),
            );
            assert!(origin.event.is_none_or(|event| !event.is_empty()), "{name}");
        }
    }

    #[test]
    fn there_are_samples_for_many_providers_and_no_two_of_a_name() {
        let mut names: Vec<_> = SAMPLES.iter().map(|sample| (sample.provider, sample.event)).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
        names.dedup_by_key(|(provider, _)| *provider);
        assert!(names.len() >= 25, "{}", names.len());
    }
}
