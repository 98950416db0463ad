//! The flags for scripts and CI, read into [`Script`].

use std::{path::PathBuf, time::Duration};

use crate::{
    cli::{Flags, given::Given},
    config::{Expression, Located, Place, Problem, Script, quantity},
    domain::filter::Filter,
};

/// Reads them.
pub(super) fn script(flags: &Flags, given: Given<'_>, problems: &mut Vec<Problem>) -> Script {
    let mut note = |place: Place, message: String| problems.push(Problem::error(place, message));
    let mut script = Script { command: flags.command.clone(), ..Script::default() };
    if let Some(text) = given.text("filter", flags.filter.as_ref()) {
        script.filter = expression(text, &mut note).filter(|expression| !expression.filter.is_all());
    }
    // An expression may hold commas: a variable has one.
    let typed = flags.expect.iter().map(|text| given.text("expect", Some(text)));
    let expected: Vec<_> =
        if flags.expect.is_empty() { vec![given.text("expect", None)] } else { typed.collect() };
    for text in expected.into_iter().flatten() {
        script.expect.extend(expression(text, &mut note));
    }
    if let Some(count) = given.text("count", flags.count.as_ref()) {
        match count.value.trim().parse() {
            Ok(number) if number > 0 => script.count = Some(number),
            _ => note(count.place, "this must be a whole number from 1".into()),
        }
    }
    if let Some(timeout) = given.text("timeout", flags.timeout.as_ref()) {
        match duration(timeout.value.trim()) {
            Ok(time) if !time.is_zero() => script.timeout = Some(time),
            Ok(_) => note(timeout.place, "this must be longer than nothing".into()),
            Err(message) => note(timeout.place, message.into()),
        }
    }
    if let Some(file) = given.text("junit", flags.junit.as_ref()) {
        let path = PathBuf::from(&file.value);
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if path.is_dir() || folder.is_some_and(|folder| !folder.is_dir()) {
            note(file.place, "this must be a file in a folder that exists".into());
        }
        script.junit = Some(path);
    }
    script.exec = given.text("exec", flags.exec.as_ref()).map(|command| command.value);
    script
}

fn expression(text: Located<String>, note: &mut impl FnMut(Place, String)) -> Option<Expression> {
    match Filter::parse(&text.value) {
        Ok(filter) => Some(Expression { text: text.value.trim().to_owned(), filter }),
        Err(error) => {
            note(text.place, error.to_string());
            None
        }
    }
}

/// A duration; a number alone means seconds, as `timeout` and `sleep` have it.
fn duration(text: &str) -> Result<Duration, &'static str> {
    match text.parse::<u32>() {
        Ok(seconds) => Ok(Duration::from_secs(seconds.into())),
        Err(_) => quantity::duration(text),
    }
}
