//! Which captures does a file hold? They are checked as if they had arrived at the time that the file
//! names, and go wherever the caller lets them go. Nothing is sent.

use std::{path::Path, sync::Arc};

use crate::{
    domain::{
        capture::{Capture, CaptureId},
        headers::Head,
        import::{self, Batch, Entry},
        record::Record,
        summary::Origin,
    },
    engine::{ears::now, lab::input, rules::Rules},
};

/// A capture out of a file.
#[derive(Clone, Debug)]
pub struct Found {
    /// The capture and what is known of it.
    pub record: Record,
    /// Why its check came out as it did.
    pub explanation: String,
    /// The URL that it was sent to, where the file has one.
    pub url: Option<String>,
}

/// What the files hold.
#[derive(Debug, Default)]
pub struct Findings {
    /// The captures in order, with numbers that none of them shares.
    pub found: Vec<Found>,
    /// What could not be read, and what a person should know, a sentence each.
    pub notes: Vec<String>,
}

/// Reads all captures of some files; standard input for `-` or where none is named.
///
/// # Errors
/// A sentence for the first file that cannot be read at all.
pub fn read(names: &[String], dir: &Path, rules: &Rules) -> Result<Findings, String> {
    let mut findings = Findings::default();
    let names: Vec<Option<&str>> =
        if names.is_empty() { vec![None] } else { names.iter().map(|name| Some(name.as_str())).collect() };
    let several = names.len() > 1;
    for (index, name) in names.into_iter().enumerate() {
        let place = if several { format!("file {}: ", index + 1) } else { String::new() };
        let text =
            input::read_up_to(name, dir, import::LONGEST as u64).map_err(|why| format!("{place}{why}"))?;
        let batch = import::batch(&text, now()).map_err(|error| format!("{place}{error}"))?;
        drop(text);
        take(batch, rules, &place, &mut findings);
    }
    Ok(findings)
}

fn take(batch: Batch, rules: &Rules, place: &str, findings: &mut Findings) {
    let problems = batch.problems.into_iter().map(|problem| format!("{place}{problem}"));
    findings.notes.extend(problems);
    if batch.more > 0 {
        findings.notes.push(format!("{place}{} more entries cannot be read", batch.more));
    }
    let mut taken: std::collections::HashSet<CaptureId> =
        findings.found.iter().map(|found| found.record.capture.id()).collect();
    let mut next = taken.iter().max().map_or(1, |id| id.0 + 1);
    for entry in batch.entries {
        // A number of its own is kept where it is free.
        let id = match entry.id.filter(|id| !taken.contains(id)) {
            Some(id) => id,
            None => {
                while taken.contains(&CaptureId(next)) {
                    next += 1;
                }
                CaptureId(next)
            }
        };
        taken.insert(id);
        for note in &entry.notes {
            findings.notes.push(format!("{place}capture {id}: {note}"));
        }
        findings.found.push(settle(entry, id, rules));
    }
}

/// Makes a record of an entry: recognised and checked where the file says nothing.
#[must_use]
pub fn settle(mut entry: Entry, id: CaptureId, rules: &Rules) -> Found {
    let known = |origin: &Origin| origin.event.is_some() || origin.delivery_id.is_some();
    if !known(&entry.origin) {
        let head = Head::new(&entry.incoming.head);
        let provider = entry.origin.provider.clone();
        entry.origin = rules.catalog.recognise(head, &entry.incoming.body, provider.as_deref());
    }
    let (url, explanation) = (entry.url.take(), std::mem::take(&mut entry.explanation));
    let mut record = entry.into_record(id);
    let mut found_explanation = explanation;
    if record.check.is_none() {
        let check = check(&record.capture, rules);
        found_explanation = rules.catalog.explain(&check, record.capture.summary.provider.as_deref());
        record.check = Some(Arc::new(check));
    }
    Found { record, explanation: found_explanation, url }
}

fn check(capture: &Capture, rules: &Rules) -> crate::domain::signature::Check {
    rules.check(capture, rules.endpoint_of(capture))
}
