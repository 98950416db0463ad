//! How a run in a script ended: sentences for people, a code for the shell.

use std::time::Duration;

use crate::engine::{
    run::code,
    script::{junit, watch::Watch},
    talk::say,
};

/// How a run ended.
pub struct Ending {
    /// How long it took.
    pub took: Duration,
    /// Commands of `--exec` that ran, and those of them that failed.
    pub commands: Option<(u64, u64)>,
    /// Whether the time was up.
    pub timed_out: bool,
}

/// Tells how the run ended, writes the report, and returns the exit code.
pub(super) fn tell(watch: &Watch, ending: &Ending) -> u8 {
    let script = &watch.script;
    let mut sentences = Vec::new();
    let (mut held, mut missing) = (true, None);
    {
        let tally = watch.lock();
        let mut text = match tally.came {
            1 => "1 capture came".to_owned(),
            n => format!("{n} captures came"),
        };
        if script.filter.is_some() {
            text.push_str(&format!(", {} matched", tally.matched));
        }
        let verdicts: Vec<String> =
            tally.verdicts.iter().map(|(word, count)| format!("{count} {word}")).collect();
        if !verdicts.is_empty() {
            text.push_str(&format!(": {}", verdicts.join(", ")));
        }
        if tally.lost > 0 {
            text.push_str(&format!("; {} more were evicted before they could be looked at", tally.lost));
        }
        sentences.push(format!("{text}."));
        for (expected, (count, first)) in script.expect.iter().zip(&tally.failed) {
            if *count > 0 {
                held = false;
                let ids: Vec<String> = first.iter().map(|id| format!("#{id}")).collect();
                let more = if first.len() as u64 == *count { "" } else { ", ..." };
                sentences.push(format!(
                    "Not as expected ({}): {count} of {}: {}{more}.",
                    expected.text,
                    tally.matched,
                    ids.join(", ")
                ));
            }
        }
        let within =
            if ending.timed_out { format!(" within {}", seconds(ending.took)) } else { String::new() };
        match script.count {
            Some(count) if tally.matched < count => {
                missing = Some(format!("Only {} of {count} came{within}.", tally.matched));
            }
            None if tally.matched == 0 && !script.expect.is_empty() => {
                missing = Some(format!("None came{within} that could be as expected."));
            }
            _ => {}
        }
        held &= missing.is_none();
        sentences.extend(missing.clone());
        match ending.commands {
            Some((ran, failed)) if failed > 0 => {
                sentences.push(format!("{failed} of {ran} commands failed."))
            }
            _ => {}
        }
    }
    sentences.iter().for_each(|sentence| say(&format!("hookglass: {sentence}")));
    if let Some(file) = &script.junit
        && let Err(error) = junit::write(file, watch, ending, missing.as_deref())
    {
        say(&format!("hookglass: the report {} cannot be written: {error}.", file.display()));
        return code::UNUSABLE;
    }
    if held { code::DONE } else { code::FAILED }
}

pub(super) fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
