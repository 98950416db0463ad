//! What do captures look like to another program? Whoever has captures hands them over one by one: the
//! session file, the store, or a file that is converted.

use std::io::{self, Write};

use crate::{
    config::Settings,
    domain::{
        capture::CaptureId,
        export::{Exporter, Format, Options, Summary},
        record::Record,
        redact::Redaction,
        signature::Catalog,
        target::Target,
    },
};

/// Which captures are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    All,
    /// Those that a person marked.
    Marked,
    /// Those within these ranges, both ends included.
    Ranges(Vec<(CaptureId, CaptureId)>),
}

impl Which {
    /// Reads `all`, `marked`, or numbers and ranges (`3`, `1-5,9`).
    ///
    /// # Errors
    /// One sentence when it is none of these.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const FAULT: &str = "this is all, marked, or numbers and ranges such as 3 or 1-5,9";
        match text.trim() {
            "all" => return Ok(Self::All),
            "marked" => return Ok(Self::Marked),
            _ => {}
        }
        let number = |text: &str| text.trim().parse().map(CaptureId).map_err(|_| FAULT);
        let range = |part: &str| match part.split_once('-') {
            Some((from, to)) => Ok((number(from)?, number(to)?)),
            None => number(part).map(|id| (id, id)),
        };
        text.split(',').map(range).collect::<Result<_, _>>().map(Self::Ranges)
    }

    /// Whether a capture is one of them.
    #[must_use]
    pub fn has(&self, record: &Record) -> bool {
        let id = record.capture.id();
        match self {
            Self::All => true,
            Self::Marked => record.is_marked(),
            Self::Ranges(ranges) => ranges.iter().any(|(from, to)| (from..=to).contains(&&id)),
        }
    }
}

/// A capture that is handed over.
#[derive(Debug)]
pub struct Given {
    /// The capture.
    pub record: Record,
    /// Why its check came out as it did.
    pub explanation: String,
    /// Where commands send it to, in place of the base URL of the options.
    pub base: Option<Target>,
}

/// Writes captures as they come; what is written never has to be kept whole in memory.
///
/// # Errors
/// When nothing more can be written.
pub fn write(
    given: impl IntoIterator<Item = Given>,
    format: &'static Format,
    options: Options,
    out: &mut dyn Write,
) -> io::Result<Summary> {
    let mut exporter = Exporter::new(format, options);
    let mut bytes = Vec::new();
    for given in given {
        exporter.push(&given.record, given.base.as_ref(), &given.explanation, &mut bytes);
        out.write_all(&bytes)?;
        bytes.clear();
    }
    let summary = exporter.finish(&mut bytes);
    out.write_all(&bytes)?;
    Ok(summary)
}

/// What is taken out of an export that is not raw.
#[must_use]
pub fn redaction(settings: &Settings, catalog: &Catalog) -> Redaction {
    Redaction::secrets()
        .with_signed(catalog.signature_headers())
        .with_signatures(settings.export.redact_signatures)
        .with(&settings.export.redact)
}

/// What is hidden on the screen.
#[must_use]
pub fn hiding(settings: &Settings, catalog: &Catalog) -> Redaction {
    Redaction::everything().with_signed(catalog.signature_headers()).with(&settings.export.redact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_ranges_are_read() {
        for (text, expected) in [
            ("all", Some(Which::All)),
            ("marked", Some(Which::Marked)),
            ("3", Some(Which::Ranges(vec![(CaptureId(3), CaptureId(3))]))),
            ("1-5, 9", Some(Which::Ranges(vec![(CaptureId(1), CaptureId(5)), (CaptureId(9), CaptureId(9))]))),
            ("", None),
            ("x", None),
            ("1-", None),
        ] {
            assert_eq!(Which::parse(text).ok(), expected, "{text}");
        }
    }
}
