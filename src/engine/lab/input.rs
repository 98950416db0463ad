//! What stands in a file or comes from a pipe, and what time is meant.

use std::{
    fs::File,
    io::{self, ErrorKind, IsTerminal, Read},
    path::Path,
};

use crate::domain::time::Timestamp;

/// The longest input in bytes: twice the largest body that is captured by default.
const LONGEST: u64 = 64 << 20;

/// All bytes of a file; of standard input for `-` or where no name is given.
///
/// # Errors
/// A sentence. The name is not repeated: it could be a secret in the wrong place.
pub fn read(name: Option<&str>, dir: &Path) -> Result<Vec<u8>, String> {
    read_up_to(name, dir, LONGEST)
}

/// As [`read`], up to a length in bytes.
///
/// # Errors
/// A sentence.
pub fn read_up_to(name: Option<&str>, dir: &Path, longest: u64) -> Result<Vec<u8>, String> {
    let stdin = || {
        let stdin = io::stdin();
        if stdin.is_terminal() && name.is_none() {
            return Err("name a file, or pipe the request in".to_owned());
        }
        take(stdin.lock(), longest)
    };
    match name {
        None | Some("-") => stdin(),
        Some(name) => {
            let path = dir.join(name);
            if path.is_dir() {
                return Err("this is a directory and not a file".to_owned());
            }
            take(File::open(path).map_err(|error| told(&error))?, longest)
        }
    }
}

/// Bytes that are given on the command line: of the file of that name where there is one, of standard
/// input for `-`, else the text itself.
///
/// # Errors
/// A sentence when the file cannot be read.
pub fn text_or_file(text: &str, dir: &Path) -> Result<Vec<u8>, String> {
    // No file name is that long, and asking the system about a whole body would be an error.
    let named = text.len() < 4_096 && !text.contains('\0') && dir.join(text).is_file();
    if text == "-" || named { read(Some(text), dir) } else { Ok(text.as_bytes().to_vec()) }
}

/// A moment: RFC 3339, or seconds since the Unix epoch.
///
/// # Errors
/// A sentence when it is neither.
pub fn moment(text: &str) -> Result<Timestamp, String> {
    const FAULT: &str = "a time is written as 2026-11-21T22:26:09Z or in seconds since 1970";
    let text = text.trim();
    let micros = match text.parse::<i64>() {
        Ok(secs) => secs.checked_mul(1_000_000).ok_or(FAULT)?,
        Err(_) => text.parse::<jiff::Timestamp>().map_err(|_| FAULT)?.as_microsecond(),
    };
    Ok(Timestamp::from_micros(micros))
}

/// Sixteen random bytes.
///
/// # Errors
/// A sentence when the system gives none.
pub fn random() -> Result<[u8; 16], String> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| "the system gives no random numbers".to_owned())?;
    Ok(bytes)
}

fn take(from: impl Read, longest: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    from.take(longest + 1).read_to_end(&mut bytes).map_err(|error| told(&error))?;
    if bytes.len() as u64 > longest {
        return Err(format!("the input is longer than {} MiB", longest >> 20));
    }
    Ok(bytes)
}

fn told(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => "there is no such file",
        ErrorKind::PermissionDenied => "the file may not be read",
        ErrorKind::IsADirectory => "this is a directory and not a file",
        _ => "the file cannot be read",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_two_ways() {
        for (text, expected) in [
            ("2026-11-21T22:26:40Z", Some(1_795_300_000_000_000)),
            ("2026-11-21T23:26:40.5+01:00", Some(1_795_300_000_500_000)),
            ("1795300000", Some(1_795_300_000_000_000)),
            ("yesterday", None),
            ("", None),
            ("99999999999999999", None),
        ] {
            assert_eq!(moment(text).ok().map(Timestamp::as_micros), expected, "{text}");
        }
    }

    #[test]
    fn text_is_taken_as_it_is_unless_a_file_has_its_name() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(text_or_file("{\"a\":1}", dir).unwrap(), b"{\"a\":1}");
        assert!(text_or_file("Cargo.toml", dir).unwrap().starts_with(b"[package]"));
        assert_eq!(text_or_file("src", dir).unwrap(), b"src");
        assert!(read(Some("src"), dir).is_err() && read(Some("none"), dir).is_err());
    }
}
