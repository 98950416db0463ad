//! What do captures look like to another program? Whoever has captures hands them over one by one: the
//! session file, the store, or a file that is converted.

use std::io::{self, Write};

use crate::{
    config::Settings,
    domain::{
        export::{Exporter, Format, Options, Summary},
        record::Record,
        redact::Redaction,
        signature::Catalog,
        target::Target,
    },
};

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
