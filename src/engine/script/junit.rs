//! The JUnit report: a test case for each matching capture and expectation.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::Path,
    time::Duration,
};

use crate::{
    domain::{record::Record, text::visible},
    engine::script::{verdict::Ending, watch::Watch},
};

/// A test case.
#[derive(Clone, Debug)]
pub struct Case {
    name: String,
    group: String,
    took: Duration,
    /// What is wrong, and what is known about the capture.
    failure: Option<(String, String)>,
}

impl Case {
    /// The case of a capture and what was expected of it.
    #[must_use]
    pub fn of(record: &Record, expected: Option<&str>, failed: bool) -> Self {
        let summary = &*record.capture.summary;
        let shown = |bytes: &[u8]| visible(bytes).into_owned();
        let mut name = format!("#{} {} {}", summary.id, shown(summary.method()), shown(summary.target()));
        if let Some(event) = summary.event() {
            name.push_str(&format!(" {}", shown(event.as_bytes())));
        }
        if let Some(expected) = expected {
            name.push_str(&format!(": {}", shown(expected.as_bytes())));
        }
        let failure = failed.then(|| {
            let expected = shown(expected.unwrap_or_default().as_bytes());
            (format!("#{} is not as expected: {expected}", summary.id), facts(record))
        });
        let provider = summary.provider.as_deref().unwrap_or("unknown");
        let took = record.deliveries.last().and_then(|delivery| delivery.outcome.as_ref());
        Self {
            name,
            group: format!("hookglass.{}", shown(provider.as_bytes())),
            took: took.map_or(Duration::ZERO, |outcome| outcome.took),
            failure,
        }
    }
}

/// What is known about a capture, a line each.
fn facts(record: &Record) -> String {
    let summary = &*record.capture.summary;
    let mut lines =
        vec![format!("received: {}", summary.received_at), format!("body: {} bytes", summary.size)];
    if let Some(check) = &record.check {
        let code = check.verdict.code().map(|code| format!(" ({})", code.as_str())).unwrap_or_default();
        lines.push(format!("signature: {}{code}", check.verdict.as_str()));
        lines.extend(check.cause.iter().map(|cause| format!("cause: {}", visible(cause.as_bytes()))));
    }
    if let Some(answered) = &record.answered {
        lines.push(format!("answered: {}", answered.status));
    }
    for delivery in record.deliveries.iter() {
        let url = visible(delivery.url.as_bytes());
        lines.push(match &delivery.outcome {
            None => format!("sent to {url}: under way"),
            Some(outcome) => match &outcome.result {
                Ok(reply) => format!("sent to {url}: {}", reply.status),
                Err(why) => format!("sent to {url}: {}", visible(why.as_bytes())),
            },
        });
    }
    lines.join("\n")
}

/// Writes the report for its owner alone. A file that is there is replaced as a whole.
pub(super) fn write(file: &Path, watch: &Watch, ending: &Ending, missing: Option<&str>) -> io::Result<()> {
    let text = document(watch, ending, missing);
    let mut options = OpenOptions::new();
    options.write(true);
    // A pipe or a device is written to, not replaced.
    if fs::metadata(file).is_ok_and(|facts| !facts.is_file()) {
        return options.open(file)?.write_all(text.as_bytes());
    }
    let mut beside = file.as_os_str().to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    options.create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&beside).and_then(|mut opened| {
        opened.write_all(text.as_bytes())?;
        opened.sync_all()
    });
    let done = written.and_then(|()| fs::rename(&beside, file));
    if done.is_err() {
        let _ = fs::remove_file(&beside);
    }
    done
}

fn document(watch: &Watch, ending: &Ending, missing: Option<&str>) -> String {
    let tally = watch.lock();
    let whole = Case {
        name: "the run".to_owned(),
        group: "hookglass".to_owned(),
        took: ending.took,
        failure: missing.map(|sentence| (sentence.to_owned(), String::new())),
    };
    let last = (missing.is_some() || tally.cases.is_empty()).then_some(&whole);
    let cases: Vec<&Case> = tally.cases.iter().chain(last).collect();
    let failures = cases.iter().filter(|case| case.failure.is_some()).count();
    let counts = format!("tests=\"{}\" failures=\"{failures}\" errors=\"0\"", cases.len());
    let time = ending.took.as_secs_f64();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {counts} time=\"{time:.3}\">\n  \
         <testsuite name=\"hookglass\" {counts} skipped=\"0\" time=\"{time:.3}\">\n"
    );
    for case in cases {
        let (name, group) = (escape(&case.name), escape(&case.group));
        let took = case.took.as_secs_f64();
        out.push_str(&format!("    <testcase classname=\"{group}\" name=\"{name}\" time=\"{took:.3}\""));
        match &case.failure {
            None => out.push_str("/>\n"),
            Some((message, facts)) => {
                let (message, facts) = (escape(message), escape(facts));
                out.push_str(&format!(
                    ">\n      <failure message=\"{message}\">{facts}</failure>\n    </testcase>\n"
                ));
            }
        }
    }
    if tally.more_cases > 0 {
        out.push_str(&format!(
            "    <system-out>{} more cases are not listed</system-out>\n",
            tally.more_cases
        ));
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

/// Text for XML 1.0: what it may not hold at all becomes U+FFFD.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' => out.push('\n'),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{7f}'..='\u{9f}') => {
                out.push('\u{fffd}')
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_place() {
        let hostile = "\"><x a='1'>&amp;]]>\u{0}\u{1b}\u{85}\u{fffe}\u{1F600}";
        assert_eq!(
            escape(hostile),
            "&quot;&gt;&lt;x a=&apos;1&apos;&gt;&amp;amp;]]&gt;\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{1F600}"
        );
    }
}
