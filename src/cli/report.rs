//! What goes to stderr.

use std::io::Write;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::config::Problem;

/// The flags of later versions.
const LATER: [&str; 5] = ["--session", "--filter", "--count", "--timeout", "--expect"];

/// Writes a line to stderr. Where stderr is closed there is nobody to tell.
pub(super) fn line(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = writeln!(stderr, "{text}");
}

/// Writes each problem on a line of its own, and whether it stops the program.
pub(super) fn problems(problems: &[Problem]) {
    for problem in problems {
        let kind = if problem.is_error() { "error: " } else { "" };
        line(&format!("{kind}{problem}"));
    }
}

/// One sentence for an error of the argument parser. Its own messages repeat what was typed, and that
/// could be a secret in the wrong place.
pub(super) fn usage(error: &clap::Error) -> String {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.split([' ', '=']).next(),
        _ => None,
    };
    let argument = context(ContextKind::InvalidArg).filter(|name| is_flag(name));
    let sentence = match (error.kind(), argument) {
        (ErrorKind::UnknownArgument, Some(flag)) if LATER.contains(&flag) => {
            format!("{flag} is not in this version yet")
        }
        (ErrorKind::UnknownArgument, Some(flag)) => match context(ContextKind::SuggestedArg) {
            Some(meant) => format!("there is no flag {flag}; did you mean {meant}?"),
            None => format!("there is no flag {flag}"),
        },
        (ErrorKind::UnknownArgument, None) => "there is at most one TARGET beside the flags".into(),
        (ErrorKind::ArgumentConflict, Some(flag)) => format!("{flag} can be given only once"),
        (ErrorKind::InvalidValue | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues, Some(flag)) => {
            format!("{flag} needs a value")
        }
        (ErrorKind::TooManyValues, Some(flag)) => format!("{flag} takes no value"),
        (ErrorKind::InvalidUtf8, _) => "an argument is not UTF-8".into(),
        _ => "these arguments do not fit together".into(),
    };
    format!("{sentence} (see hookglass --help)")
}

/// Whether a text can be shown as a flag: short, and of the letters that flags have.
fn is_flag(text: &str) -> bool {
    text.starts_with('-') && text.len() <= 24 && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::command;

    #[test]
    fn usage_errors_are_one_sentence_without_values() {
        for (words, expected) in [
            (&["--prot", "1"][..], "there is no flag --prot; did you mean --port?"),
            (&["--session", "CANARY"], "--session is not in this version yet"),
            (&["--CANARY"], "there is at most one TARGET beside the flags"),
            (&["-w"], "there is no flag -w"),
            (&["1", "CANARY"], "there is at most one TARGET beside the flags"),
            (&["-s", "stripe", "1", "CANARY"], "there is at most one TARGET beside the flags"),
            (&["--port"], "--port needs a value"),
            (&["-p", "1", "-p", "CANARY"], "--port can be given only once"),
            (&["--ascii=CANARY"], "--ascii takes no value"),
        ] {
            let words: Vec<&str> = std::iter::once("hookglass").chain(words.iter().copied()).collect();
            let sentence = usage(&command().try_get_matches_from(&words).unwrap_err());
            assert_eq!(sentence, format!("{expected} (see hookglass --help)"), "{words:?}");
        }
    }
}
