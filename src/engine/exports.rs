//! What the interface exports: captures to a private file, or one of them to the clipboard.

use std::path::Path;

use crate::{
    app::{
        Session,
        effect::{Export, Exported},
    },
    domain::{
        export::{Exporter, Format, Options, Summary},
        record::Record,
        redact::Redaction,
        target::Target,
    },
    engine::{
        lab::export::{Given, write},
        library::Library,
        outfile::{OutFile, TAKEN, told},
        rules::Rules,
    },
};

/// Writes captures to a file. Those that are gone before their turn comes are counted.
#[must_use]
pub fn to_file(
    export: &Export,
    kept: Option<Record>,
    library: &Library,
    rules: &Rules,
    session: &Session,
    dir: &Path,
) -> Exported {
    let path = dir.join(&export.path);
    let mut file = match OutFile::create(&path, export.replace) {
        Ok(file) => file,
        Err(why) if why == TAKEN => return Exported::Taken,
        Err(why) => return Exported::Failed(why),
    };
    let mut gone = 0;
    let ids = export.ids.clone().unwrap_or_else(|| library.ids(|_| true));
    let many = ids.len() > 1;
    let given = ids.into_iter().filter_map(|id| {
        let own = kept.as_ref().filter(|record| record.capture.id() == id);
        let record = library.record(id).ok().or_else(|| own.cloned());
        gone += usize::from(record.is_none());
        record.map(|record| Given { explanation: rules.explain(&record), record, base: None })
    });
    let options = options(session, export.raw, many, false);
    match write(given, export.format, options, &mut file) {
        Err(error) => Exported::Failed(told(&error)),
        Ok(summary) if summary.count == 0 => Exported::Failed(
            summary
                .skipped
                .into_iter()
                .next()
                .unwrap_or_else(|| "the captures are no longer kept".to_owned()),
        ),
        Ok(summary) => match file.finish() {
            Ok(()) => Exported::Done(sentence(&summary, gone, export, &path)),
            Err(why) => Exported::Failed(why),
        },
    }
}

/// A capture in a format, as one text, with what a person should know about it.
///
/// # Errors
/// Why there is none.
pub fn as_text(
    format: &'static Format,
    record: &Record,
    redact: bool,
    rules: &Rules,
    session: &Session,
) -> Result<(Vec<u8>, Vec<String>), String> {
    let mut exporter = Exporter::new(format, options(session, !redact, false, true));
    let mut out = Vec::new();
    exporter.push(record, None, &rules.explain(record), &mut out);
    let summary = exporter.finish(&mut out);
    match summary.skipped.into_iter().next() {
        Some(why) => Err(why),
        None => Ok((out, summary.notes)),
    }
}

fn options(session: &Session, raw: bool, many: bool, bare: bool) -> Options {
    let own = || Target { tls: false, host: "127.0.0.1".into(), port: 7878, path: String::new() };
    Options {
        base: session.url().and_then(|url| Target::parse(url).ok()).unwrap_or_else(own),
        redaction: if raw { Redaction::none() } else { (*session.redaction).clone() },
        many,
        bare,
        version: env!("CARGO_PKG_VERSION"),
    }
}

fn sentence(summary: &Summary, gone: usize, export: &Export, path: &Path) -> String {
    let word = if summary.count == 1 { "capture" } else { "captures" };
    let secrets = if export.raw { "secrets included" } else { "secrets redacted" };
    let mut text = format!("Exported {} {word} ({secrets}) to {}.", summary.count, path.display());
    let left = summary.skipped.len();
    if left > 0 {
        text.push_str(&format!(" Left out {left}: {}", summary.skipped[0]));
    }
    if gone > 0 {
        text.push_str(&format!(" {gone} were gone before."));
    }
    if let Some(note) = summary.notes.first() {
        text.push_str(&format!(" {note}"));
    }
    text
}
