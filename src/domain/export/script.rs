//! Comments, for shells and for programs.

use crate::domain::{
    export::{One, Options, REDACTED},
    text::visible,
};

/// The longest comment in characters.
const LONGEST: usize = 160;

/// The first lines of a shell script.
pub(super) fn begin(options: &Options, out: &mut Vec<u8>) {
    if options.bare {
        return;
    }
    out.extend_from_slice(b"#!/bin/sh\n");
    if options.redaction.is_on() {
        shell_comment(REDACTED, out);
    }
}

/// What stands before a command of a script: which capture it is, and what the command cannot do.
pub(super) fn before(one: &One<'_>, notes: &[String], out: &mut Vec<u8>) {
    if !one.options.bare {
        shell_comment(&title(one), out);
        notes.iter().for_each(|note| shell_comment(note, out));
    }
}

/// A comment in a shell script. It may be pasted into a shell that takes a comment for a command: so
/// nothing stands in it that is special to any shell.
fn shell_comment(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"# ");
    for c in text.chars().take(LONGEST) {
        let plain = c.is_ascii_alphanumeric() || " ./:,_-".contains(c);
        out.push(if plain { u8::try_from(c).unwrap_or(b'_') } else { b'_' });
    }
    out.push(b'\n');
}

/// A line comment of a program, whose sign is `#` or `//`.
pub(super) fn comment(sign: &str, text: &str, out: &mut Vec<u8>) {
    let text = visible(text.as_bytes());
    let text: String = text.chars().take(LONGEST).collect();
    out.extend_from_slice(format!("{sign} {text}\n").as_bytes());
}

/// Which capture it is, in words.
pub(super) fn title(one: &One<'_>) -> String {
    let capture = &one.record.capture;
    let target = String::from_utf8_lossy(capture.summary.target()).into_owned();
    let path = target.split('?').next().unwrap_or_default();
    let method = String::from_utf8_lossy(capture.summary.method()).into_owned();
    let event = capture.summary.event().map(|event| format!(" {event}")).unwrap_or_default();
    format!("{} {method} {path}{event} {}", capture.id(), capture.summary.received_at)
}
