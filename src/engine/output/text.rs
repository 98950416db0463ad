//! `--output text`: one line for people, in columns, safe for a terminal and readable without colour.

use std::borrow::Cow;

use jiff::tz::TimeZone;

use crate::domain::{
    delivery::Delivery,
    record::Record,
    signature::{Check, Verdict},
    sink::AnsweredBy,
    text::{Marks, fit_with, visible_with, width},
};

/// How lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Whether colours may be used.
    pub colour: bool,
    /// What marks and signs are made of.
    pub marks: Marks,
}

/// A column: what is shorter is filled up, what is longer moves the rest of its line to the right up
/// to a limit, because a path that is cut in the middle is of no use in a log.
struct Column {
    least: usize,
    most: usize,
}

const METHOD: Column = Column { least: 6, most: 16 };
const TARGET: Column = Column { least: 28, most: 80 };
const ORIGIN: Column = Column { least: 24, most: 64 };
const VERDICT: Column = Column { least: 25, most: 25 };

const PLAIN: &str = "";
const DIM: &str = "\x1b[2m";
const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const RESET: &str = "\x1b[0m";

/// Appends the line of a capture: time in `zone`, id, method, target, provider and event, verdict,
/// size, what was answered. For an invalid signature the explanation follows.
pub fn capture_line(record: &Record, explanation: &str, zone: &TimeZone, look: Look, out: &mut String) {
    let summary = &record.capture.summary;
    let mut line = Line { look, out };
    line.styled(DIM, &summary.received_at.format(zone, "%H:%M:%S"));
    line.plain(&format!(" {:>5}  ", summary.id));
    line.column(&METHOD, PLAIN, &line.visible(summary.method()));
    line.column(&TARGET, PLAIN, &line.visible(summary.target()));
    let origin = [summary.provider.as_deref(), summary.event()];
    let origin = origin.into_iter().flatten().collect::<Vec<_>>().join(" ");
    line.column(&ORIGIN, PLAIN, &line.visible(origin.as_bytes()));
    let (style, verdict) = verdict(record.check.as_deref());
    line.column(&VERDICT, style, &verdict);
    line.plain(&format!("{:>8}  ", size(summary.size)));
    match record.answered.map(|answered| answered.status) {
        Some(0) => line.styled(YELLOW, &format!("{} no answer sent", line.arrow())),
        Some(status) => line.styled(status_style(status), &format!("{} {status}", line.arrow())),
        None => line.styled(DIM, &format!("{} ...", line.arrow())),
    }
    if let Some(AnsweredBy::Handshake(handshake)) = record.answered.map(|answered| answered.by) {
        line.plain(&format!("  handshake: {}", handshake.as_str()));
    }
    if let Some(cut) = summary.cut {
        line.styled(YELLOW, &format!("  cut: {}", cut.as_str()));
    }
    if let Some(refusal) = record.capture.refusal() {
        line.plain(&format!("  {}", line.visible(refusal.as_bytes())));
    }
    if record.check.as_ref().is_some_and(|c| c.verdict.code().is_some()) && !explanation.is_empty() {
        line.plain(&format!("  {}", line.visible(explanation.as_bytes())));
    }
    line.end();
}

/// Appends the line of a delivery.
pub fn delivery_line(delivery: &Delivery, zone: &TimeZone, look: Look, out: &mut String) {
    let mut line = Line { look, out };
    line.styled(DIM, &delivery.started_at.format(zone, "%H:%M:%S"));
    line.plain(&format!(" {:>5}  {} #{} ", delivery.capture, delivery.kind.as_str(), delivery.attempt));
    line.plain(&format!("{} {}  ", line.arrow(), line.visible(delivery.url.as_bytes())));
    match &delivery.outcome {
        None => line.styled(DIM, "under way"),
        Some(outcome) => match &outcome.result {
            Ok(reply) => {
                line.styled(status_style(reply.status), &reply.status.to_string());
                line.plain(&format!(" in {} ms", outcome.took.as_millis()));
            }
            Err(error) => {
                line.styled(RED, "failed");
                line.plain(&format!(
                    " after {} ms: {}",
                    outcome.took.as_millis(),
                    line.visible(error.as_bytes())
                ));
            }
        },
    }
    line.end();
}

/// Appends the line that says how many events were not shown, and why.
pub fn lost_line(count: u64, reason: &str, look: Look, out: &mut String) {
    let mut line = Line { look, out };
    let events = if count == 1 { "event" } else { "events" };
    let text = format!("{count} {events} not shown: {}", line.visible(reason.as_bytes()));
    line.styled(YELLOW, &text);
    line.end();
}

struct Line<'o> {
    look: Look,
    out: &'o mut String,
}

impl Line<'_> {
    fn visible<'t>(&self, bytes: &'t [u8]) -> Cow<'t, str> {
        visible_with(bytes, self.look.marks)
    }

    const fn arrow(&self) -> &'static str {
        match self.look.marks {
            Marks::Unicode => "→",
            Marks::Ascii => "->",
        }
    }

    fn plain(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn styled(&mut self, style: &str, text: &str) {
        let style = if self.look.colour { style } else { PLAIN };
        self.out.push_str(style);
        self.out.push_str(text);
        self.out.push_str(if style.is_empty() { "" } else { RESET });
    }

    fn column(&mut self, column: &Column, style: &str, text: &str) {
        let text = fit_with(text, column.most, self.look.marks);
        self.styled(style, &text);
        let fill = column.least.saturating_sub(width(&text)) + 2;
        self.out.extend(std::iter::repeat_n(' ', fill));
    }

    fn end(&mut self) {
        self.out.push('\n');
    }
}

fn verdict(check: Option<&Check>) -> (&'static str, String) {
    let Some(check) = check else { return (DIM, "checking".to_owned()) };
    let style = match check.verdict {
        Verdict::Valid => GREEN,
        Verdict::Invalid(_) => RED,
        Verdict::Unsigned | Verdict::Unchecked => YELLOW,
        Verdict::Unknown => DIM,
    };
    let text = match check.verdict {
        // The code alone: each names a way in which a check fails, and the column stays narrow.
        Verdict::Invalid(code) => format!("invalid {}", code.as_str()),
        Verdict::Valid if check.weak.is_some() => "valid (weak)".to_owned(),
        other => other.as_str().to_owned(),
    };
    (style, text)
}

const fn status_style(status: u16) -> &'static str {
    match status {
        200..=299 => GREEN,
        500.. => RED,
        _ => YELLOW,
    }
}

/// Bytes as people say them, in powers of 1000: `999 B`, `1.2 kB`, `25.0 MB`.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let (mut tenths, mut unit) = (bytes / 100, 0);
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        (tenths, unit) = (tenths / 1000, unit + 1);
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{capture::Cut, text::is_special},
        engine::output::samples,
    };

    const ASCII: Look = Look { colour: false, marks: Marks::Ascii };
    const COLOUR: Look = Look { colour: true, marks: Marks::Unicode };

    fn capture(record: &Record, explanation: &str, look: Look) -> String {
        let mut out = String::new();
        capture_line(record, explanation, &TimeZone::UTC, look, &mut out);
        out
    }

    #[test]
    fn a_capture_is_one_line_in_columns() {
        assert_eq!(
            capture(&samples::stripe(), "The body was changed.", Look::default()),
            "22:26:40     1  POST    /stripe?x=1                   stripe invoice.paid       \
             invalid body_modified           8 B  → 200  The body was changed.\n"
        );
        let mut other = samples::odd(b"GET", "/", b"", None);
        other.check = Some(std::sync::Arc::new(Check::bare(Verdict::Unknown)));
        assert_eq!(
            capture(&other, "not said", ASCII),
            "00:00:00     1  GET     /                                                       \
             unknown                         0 B  -> ...\n"
        );
    }

    #[test]
    fn the_time_is_that_of_the_zone() {
        let zone = TimeZone::fixed(jiff::tz::offset(-5));
        let mut out = String::new();
        capture_line(&samples::stripe(), "", &zone, ASCII, &mut out);
        assert!(out.starts_with("17:26:40 "), "{out}");
    }

    #[test]
    fn hostile_text_is_visible_and_stays_on_its_line() {
        let target = format!("/\u{1b}]0;x\u{7}\r\u{202e}{}", "界".repeat(200));
        let line = capture(&samples::odd(b"P\x9bST", &target, b"x", Some(Cut::Refused)), "", Look::default());
        let text = line.strip_suffix('\n').expect("a line");
        assert_eq!(text.chars().find(|&c| is_special(c)), None, "{text}");
        assert!(text.contains("P‹x9B›ST  /␛]0;x␇␍‹U+202E›界") && text.contains("…  "), "{text}");
        assert!(text.ends_with("→ ...  cut: refused  a ␀ in a header"), "{text}");
    }

    #[test]
    fn colour_is_used_only_when_asked() {
        let record = samples::stripe();
        let (with, without) = (capture(&record, "x", COLOUR), capture(&record, "x", Look::default()));
        assert!(
            with.contains("\x1b[31minvalid body_modified\x1b[0m") && with.contains("\x1b[32m→ 200\x1b[0m")
        );
        assert!(!without.contains('\x1b'));
        let stripped = [DIM, RED, GREEN, YELLOW, RESET].iter().fold(with, |text, sgr| text.replace(sgr, ""));
        assert_eq!(stripped, without);
    }

    #[test]
    fn deliveries_and_losses_are_one_line_each() {
        let (answered, failed, under_way) = samples::deliveries();
        for (delivery, expected) in [
            (&answered, "22:26:40     1  forward #2 → http://localhost:3000/w  500 in 12 ms\n"),
            (
                &failed,
                "22:26:40     1  forward #2 → http://localhost:3000/w  failed after 1003 ms: refused ␛\n",
            ),
            (&under_way, "22:26:40     1  forward #2 → http://localhost:3000/w  under way\n"),
        ] {
            let mut out = String::new();
            delivery_line(delivery, &TimeZone::UTC, Look::default(), &mut out);
            assert_eq!(out, expected);
        }
        let mut out = String::new();
        lost_line(3, "the reader was too slow", ASCII, &mut out);
        lost_line(1, "a\nb", COLOUR, &mut out);
        assert_eq!(
            out,
            "3 events not shown: the reader was too slow\n\x1b[33m1 event not shown: a␊b\x1b[0m\n"
        );
    }

    #[test]
    fn sizes_are_short() {
        for (bytes, expected) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (1_299, "1.2 kB"),
            (999_999, "999.9 kB"),
            (1_000_000, "1.0 MB"),
            (25_000_000, "25.0 MB"),
            (u64::MAX, "18446.7 PB"),
        ] {
            assert_eq!(size(bytes), expected);
        }
    }
}
