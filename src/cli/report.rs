//! What goes to stderr.

use std::io::Write;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::{config::Problem, domain::text::visible, engine::run::code};

/// Writes a line to stderr. Where stderr is closed there is nobody to tell.
pub(super) fn line(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = writeln!(stderr, "{text}");
}

/// Writes data to stdout. A reader that has gone away has what it wanted; anything else that keeps it
/// from being written is told.
pub(super) fn data(bytes: &[u8]) -> Result<(), u8> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            line("error: standard output cannot be written");
            Err(code::UNUSABLE)
        }
        _ => Ok(()),
    }
}

/// Writes what ends a command: one sentence, with the exit code for usage.
pub(super) fn fault(sentence: &str) -> u8 {
    line(&format!("error: {}", visible(sentence.as_bytes())));
    code::USAGE
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
pub(super) fn usage(error: &clap::Error, command: Option<&str>) -> String {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.split([' ', '=']).next(),
        _ => None,
    };
    let argument = context(ContextKind::InvalidArg).filter(|name| is_flag(name));
    let sentence = match (error.kind(), argument) {
        (ErrorKind::UnknownArgument, Some(flag)) => match context(ContextKind::SuggestedArg) {
            Some(meant) => format!("there is no flag {flag}; did you mean {meant}?"),
            None => format!("there is no flag {flag}"),
        },
        (ErrorKind::UnknownArgument, None) if command.is_none_or(|name| name == "listen") => {
            "there is at most one TARGET beside the flags".into()
        }
        (ErrorKind::UnknownArgument, None) => "there is an argument too many".into(),
        (ErrorKind::MissingRequiredArgument, _) => match error.get(ContextKind::InvalidArg) {
            // The names of our own arguments, nothing that was typed.
            Some(ContextValue::Strings(names)) => {
                let names: Vec<&str> = names.iter().map(|name| name.trim_matches(['<', '>'])).collect();
                format!("{} is missing", names.join(" and "))
            }
            _ => "an argument is missing".into(),
        },
        (ErrorKind::ArgumentConflict, Some(flag)) => format!("{flag} can be given only once"),
        (ErrorKind::InvalidValue | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues, Some(flag)) => {
            format!("{flag} needs a value")
        }
        (ErrorKind::TooManyValues, Some(flag)) => format!("{flag} takes no value"),
        (ErrorKind::InvalidUtf8, _) => "an argument is not UTF-8".into(),
        _ => "these arguments do not fit together".into(),
    };
    match command {
        Some(command) => format!("{sentence} (see hookglass {command} --help)"),
        None => format!("{sentence} (see hookglass --help)"),
    }
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
            (&["--CANARY"], "there is at most one TARGET beside the flags"),
            (&["-w"], "there is no flag -w"),
            (&["1", "CANARY"], "there is at most one TARGET beside the flags"),
            (&["-s", "stripe", "1", "CANARY"], "there is at most one TARGET beside the flags"),
            (&["--port"], "--port needs a value"),
            (&["-p", "1", "-p", "CANARY"], "--port can be given only once"),
            (&["--ascii=CANARY"], "--ascii takes no value"),
        ] {
            let words: Vec<&str> = std::iter::once("hookglass").chain(words.iter().copied()).collect();
            let sentence = usage(&command().try_get_matches_from(&words).unwrap_err(), None);
            assert_eq!(sentence, format!("{expected} (see hookglass --help)"), "{words:?}");
        }
    }

    #[test]
    fn errors_of_commands_name_the_command() {
        for (words, expected) in [
            (&["verify", "a", "CANARY"][..], "there is an argument too many"),
            (&["sign"], "PROVIDER is missing"),
            (&["completions"], "SHELL is missing"),
            (&["send", "--brake", "x"], "there is no flag --brake; did you mean --break?"),
            (&["verify", "--at"], "--at needs a value"),
            (&["man", "CANARY"], "there is an argument too many"),
        ] {
            let all = std::iter::once("hookglass").chain(words.iter().copied());
            let sentence = usage(&command().try_get_matches_from(all).unwrap_err(), Some(words[0]));
            assert_eq!(sentence, format!("{expected} (see hookglass {} --help)", words[0]), "{words:?}");
        }
    }
}
