//! All captures of a file: HAR with many entries, our own JSON lines, several curl commands, raw HTTP.

use std::collections::HashMap;

use serde_json::Value;

use crate::domain::{
    capture::CaptureId,
    export::http::MARK,
    import::{Entry, ImportError, capture, curl, facts, har, raw, words},
    time::Timestamp,
};

/// The longest file in bytes that is read whole as one JSON text: its tree takes several times as much.
pub const LONGEST_JSON: usize = 128 << 20;
/// The longest file in bytes.
pub const LONGEST: usize = 1 << 30;
/// The most captures of a file.
pub const MOST: usize = 200_000;
/// The most faulty entries that are told.
const TOLD: usize = 20;

/// What was read.
#[derive(Debug, Default)]
pub struct Batch {
    /// The captures in the order of the file.
    pub entries: Vec<Entry>,
    /// What could not be read, a sentence each.
    pub problems: Vec<String>,
    /// How many there are beside those that are told.
    pub more: usize,
}

/// Reads all captures. One that cannot be read is told and does not stop the others. `now` is the
/// arrival of those that have none.
///
/// # Errors
/// When the text is none of the forms, beyond the bounds, or nothing in it can be read.
pub fn batch(text: &[u8], now: Timestamp) -> Result<Batch, ImportError> {
    if text.len() > LONGEST {
        return Err(ImportError::Bound("the file is longer than 1 GiB"));
    }
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let start = text.trim_ascii_start();
    let mut batch = Batch::default();
    match start.first() {
        None => return Err(ImportError::Empty),
        Some(b'{' | b'[') => json(start, now, &mut batch)?,
        Some(_) if start.starts_with(MARK.as_bytes()) => marked(start, now, &mut batch)?,
        Some(_) if raw::is_request(start) => {
            let found = raw::read(start)?;
            batch.entries.push(Entry::of(found, now));
        }
        Some(_) => commands(start, now, &mut batch)?,
    }
    match (batch.entries.is_empty(), batch.problems.first()) {
        (true, Some(first)) => Err(ImportError::None(first.clone())),
        (true, None) => Err(ImportError::Unknown),
        (false, _) => Ok(batch),
    }
}

impl Batch {
    fn add(&mut self, number: usize, found: Result<Entry, ImportError>) -> Result<(), ImportError> {
        match found {
            Ok(entry) if self.entries.len() < MOST => self.entries.push(entry),
            Ok(_) => return Err(ImportError::Bound("there are more than 200,000 captures in the file")),
            Err(error) if self.problems.len() < TOLD => {
                self.problems.push(format!("entry {number}: {error}"))
            }
            Err(_) => self.more += 1,
        }
        Ok(())
    }
}

fn json(text: &[u8], now: Timestamp, batch: &mut Batch) -> Result<(), ImportError> {
    // JSON lines are read one by one: the first line alone is a whole text.
    let line = text.split(|&b| b == b'\n').next().unwrap_or_default();
    let first = serde_json::from_slice::<Value>(line).ok();
    let lines = first.as_ref().is_some_and(|first| first.get("type").is_some())
        && line.len() < text.trim_ascii().len();
    if lines {
        let texts = text.split(|&b| b == b'\n').filter(|line| !line.trim_ascii().is_empty());
        let values = texts.map(|line| {
            serde_json::from_slice::<Value>(line).map_err(|_| ImportError::Json("a line is not JSON"))
        });
        return objects(values, now, batch);
    }
    if text.len() > LONGEST_JSON {
        return Err(ImportError::Bound("the file is longer than 128 MiB, the most for one JSON text"));
    }
    let value = serde_json::from_slice::<Value>(text).map_err(|error| {
        if error.is_eof() {
            ImportError::Json("it ends in the middle")
        } else if error.to_string().starts_with("recursion limit") {
            ImportError::Json("it is nested deeper than 127 levels")
        } else {
            ImportError::Json("it is neither one JSON text nor one on each line")
        }
    })?;
    let list = match value {
        Value::Array(list) => list,
        Value::Object(mut object) => match object.get_mut("log") {
            Some(log) => match log.get_mut("entries") {
                Some(Value::Array(entries)) => std::mem::take(entries),
                Some(_) => return Err(ImportError::Json("log.entries is not a list")),
                None => return Err(ImportError::Json("it has a log without entries")),
            },
            None => vec![Value::Object(object)],
        },
        _ => return Err(ImportError::Unknown),
    };
    objects(list.into_iter().map(Ok), now, batch)
}

fn objects(
    values: impl Iterator<Item = Result<Value, ImportError>>,
    now: Timestamp,
    batch: &mut Batch,
) -> Result<(), ImportError> {
    let mut places: HashMap<u64, usize> = HashMap::new();
    for (index, value) in values.enumerate() {
        let number = index + 1;
        let value = match value {
            Ok(value) => value,
            Err(error) => {
                batch.add(number, Err(error))?;
                continue;
            }
        };
        if capture::is_capture(&value) {
            let found = capture::entry(&value, now);
            let id = found.as_ref().ok().and_then(|entry| entry.id);
            batch.add(number, found)?;
            if let (Some(CaptureId(id)), Some(last)) = (id, batch.entries.len().checked_sub(1)) {
                places.insert(id, last);
            }
        } else if value.get("type").and_then(Value::as_str) == Some("delivery") {
            // A delivery of a capture that is not in the file belongs to nothing.
            let place = value.get("capture").and_then(Value::as_u64).and_then(|id| places.get(&id));
            if let Some(entry) = place.and_then(|&place| batch.entries.get_mut(place)) {
                match facts::delivery(&value, entry.incoming.received_at) {
                    Ok(delivery) => {
                        // While it was under way it stood there already.
                        entry.deliveries.retain(|known| known.attempt != delivery.attempt);
                        entry.deliveries.push(delivery);
                    }
                    Err(error) => batch.add(number, Err(error))?,
                }
            }
        } else if value.get("type").is_none() {
            let found = if har::is_entry(&value) {
                har::entry(&value, now)
            } else {
                Err(ImportError::Json("it has no request with a method and a URL"))
            };
            batch.add(number, found)?;
        }
    }
    Ok(())
}

/// Requests behind a line each, as our own export writes them.
fn marked(text: &[u8], now: Timestamp, batch: &mut Batch) -> Result<(), ImportError> {
    const FAULT: ImportError = ImportError::Json("a line `### hookglass` does not say what follows");
    let mut rest = text;
    let mut number = 0;
    while let Some(after) = rest.strip_prefix(MARK.as_bytes()) {
        number += 1;
        let end = memchr::memchr(b'\n', after).ok_or(FAULT)?;
        let line = std::str::from_utf8(&after[..end]).map_err(|_| FAULT)?;
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let [id, at, remote, size] = words[..] else { return Err(FAULT) };
        let size: usize = size.parse().map_err(|_| FAULT)?;
        let request = after.get(end + 1..end + 1 + size).ok_or(ImportError::Request(
            "the file ends before its last request does, or its line ends were changed",
        ))?;
        let mut found = raw::read(request).map(|found| Entry::of(found, now));
        if let Ok(entry) = &mut found {
            entry.notes.clear();
            entry.id = id.parse().ok().map(CaptureId);
            if let Ok(moment) = at.parse::<jiff::Timestamp>() {
                entry.incoming.received_at = Timestamp::from_micros(moment.as_microsecond());
            }
            if let Ok(remote) = remote.parse() {
                entry.incoming.remote = remote;
            }
        }
        batch.add(number, found)?;
        rest = after[end + 1 + size..].trim_ascii_start();
    }
    if rest.is_empty() { Ok(()) } else { Err(FAULT) }
}

/// curl commands, one after the other, with comments between them.
fn commands(text: &[u8], now: Timestamp, batch: &mut Batch) -> Result<(), ImportError> {
    for (index, command) in words::commands(text).into_iter().enumerate() {
        if !curl::is_command(command) {
            // A script may begin with `set -e` or a prompt; a text that is none at all ends here.
            if batch.entries.is_empty() && batch.problems.is_empty() && index > 20 {
                return Err(ImportError::Unknown);
            }
            continue;
        }
        batch.add(index + 1, curl::read(command).map(|found| Entry::of(found, now)))?;
    }
    Ok(())
}
