//! Requests out of texts: what a person has at hand when a signature fails.
//!
//! | form | known by |
//! |---|---|
//! | raw HTTP | a request line |
//! | a curl command line | the word `curl`, alone or behind a pipe |
//! | HAR, one of its entries, or one of their requests | a JSON object with `log`, `request`, or `method` and `url` |
//! | captures of `--output json` | JSON lines with `"type":"capture"` |
//!
//! [`import`] reads one request, [`batch`] all that a file holds. Nothing that is imported is sent by
//! itself.
//!
//! All input is hostile: nothing is executed, no file is read, nesting is bounded by the JSON parser
//! and sizes by who reads the input. Errors say what is wrong and never repeat the input.

mod batch;
mod capture;
mod curl;
mod entry;
mod facts;
mod har;
mod raw;
mod request;
mod words;

use serde_json::Value;

pub use self::{
    batch::{Batch, LONGEST, LONGEST_JSON, MOST, batch},
    entry::Entry,
    request::Imported,
};

/// The form that a text was read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A request as it stands on the wire.
    Raw,
    /// A curl command line.
    Curl,
    /// An entry of an HTTP archive (HAR 1.2).
    Har,
    /// A capture as `--output json` writes it.
    Capture,
}

/// Why a text is not a request. No message holds any of the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Nothing is there.
    #[error("there is no request: the input is empty")]
    Empty,
    /// None of the forms.
    #[error(
        "this is none of the forms that are read: raw HTTP (POST /path HTTP/1.1 and headers), a curl \
         command, HAR, or a line of --output json"
    )]
    Unknown,
    /// JSON that cannot be read.
    #[error("the JSON cannot be read: {0}")]
    Json(&'static str),
    /// Several requests, and none was chosen.
    #[error("there are {0} requests: choose one with --entry 1 to --entry {0}")]
    Several(usize),
    /// A request that is not there.
    #[error("--entry: there are {0} requests, counted from 1")]
    Entry(usize),
    /// Beyond a bound.
    #[error("{0}")]
    Bound(&'static str),
    /// Nothing in a file with several could be read; the first reason.
    #[error("nothing in it can be read: {0}")]
    None(String),
    /// Something that a request cannot have.
    #[error("{0}")]
    Request(&'static str),
    /// A curl command that does more than send what stands in it.
    #[error("the curl command cannot be read: {0}")]
    Curl(String),
}

/// Reads one request; of several, the one with the number `entry`, counted from 1.
///
/// # Errors
/// When the text is no request, or holds several and none was chosen.
pub fn import(text: &[u8], entry: Option<usize>) -> Result<Imported, ImportError> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let start = text.trim_ascii_start();
    match start.first() {
        None => Err(ImportError::Empty),
        Some(b'{' | b'[') => json(start, entry),
        Some(_) if curl::is_command(start) => only(entry).and_then(|()| curl::read(start)),
        Some(_) if raw::is_request(start) => only(entry).and_then(|()| raw::read(start)),
        Some(_) => Err(ImportError::Unknown),
    }
}

/// These forms hold one request.
fn only(entry: Option<usize>) -> Result<(), ImportError> {
    if entry.is_none_or(|entry| entry == 1) { Ok(()) } else { Err(ImportError::Entry(1)) }
}

fn json(text: &[u8], entry: Option<usize>) -> Result<Imported, ImportError> {
    let found: Vec<Value> = match serde_json::from_slice(text) {
        Ok(Value::Array(list)) => list,
        Ok(Value::Object(mut archive)) => match archive.get_mut("log").and_then(|log| log.get_mut("entries"))
        {
            Some(Value::Array(entries)) => std::mem::take(entries),
            Some(_) => return Err(ImportError::Json("log.entries is not a list")),
            None => vec![Value::Object(archive)],
        },
        Ok(_) => return Err(ImportError::Unknown),
        Err(_) => lines(text)?,
    };
    let captures = found.iter().any(capture::is_capture);
    let mut requests: Vec<Value> = found;
    requests.retain(|value| if captures { capture::is_capture(value) } else { har::is_entry(value) });
    let count = requests.len();
    let chosen = match (count, entry) {
        (0, _) => return Err(ImportError::Unknown),
        (1, None) => 0,
        (_, None) => return Err(ImportError::Several(count)),
        (_, Some(number)) if (1..=count).contains(&number) => number - 1,
        _ => return Err(ImportError::Entry(count)),
    };
    let request = requests.swap_remove(chosen);
    if captures { capture::read(&request) } else { har::read(&request) }
}

/// One object a line, as `--output json` writes them.
fn lines(text: &[u8]) -> Result<Vec<Value>, ImportError> {
    text.split(|&b| b == b'\n')
        .filter(|line| !line.trim_ascii().is_empty())
        .map(|line| {
            serde_json::from_slice(line)
                .map_err(|_| ImportError::Json("it is neither one JSON text nor one on each line"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_request_is_refused() {
        let deep = format!("{{\"request\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
        for (text, expected) in [
            ("", ImportError::Empty),
            (" \n", ImportError::Empty),
            ("hello", ImportError::Unknown),
            ("{}", ImportError::Unknown),
            ("[1,2]", ImportError::Unknown),
            ("{\"log\":{\"entries\":1}}", ImportError::Json("log.entries is not a list")),
            ("{", ImportError::Json("it is neither one JSON text nor one on each line")),
            (&deep, ImportError::Json("it is neither one JSON text nor one on each line")),
        ] {
            assert_eq!(import(text.as_bytes(), None).unwrap_err(), expected);
        }
        assert_eq!(import(b"GET / HTTP/1.1\n\n", Some(2)).unwrap_err(), ImportError::Entry(1));
    }

    #[test]
    fn any_bytes_are_read_or_refused() {
        proptest::proptest!(|(start in "(curl |GET / |\\{\"request\":|\\{\"type\":\"capture\",)?", rest: Vec<u8>)| {
            let text = [start.as_bytes(), &rest].concat();
            if let Ok(found) = import(&text, None) {
                assert!(found.head.ends_with(b"\n"));
            }
        });
    }
}
