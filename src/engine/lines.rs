//! The output formats without a screen.

use std::sync::{Arc, RwLock};

use jiff::tz::TimeZone;

use crate::{
    domain::record::Record,
    engine::{
        headless::Format,
        output::{json, text},
        rules::Rules,
    },
};

/// Why captures were lost, in the words of the interface: the memory limit evicted them.
const RETENTION: &str = "retention";

/// One JSON object a line.
pub struct Json {
    /// Explains checks.
    pub rules: Arc<RwLock<Arc<Rules>>>,
}

/// One line for people.
pub struct Text {
    /// Explains checks.
    pub rules: Arc<RwLock<Arc<Rules>>>,
    /// The zone of the times.
    pub zone: TimeZone,
    /// Colours and marks.
    pub look: text::Look,
}

/// Nothing at all.
pub struct Quiet;

impl Format for Json {
    fn capture(&mut self, record: &Record, out: &mut Vec<u8>) {
        json::capture_line(record, &Rules::current(&self.rules).explain(record), out);
    }

    fn delivery(&mut self, record: &Record, index: usize, out: &mut Vec<u8>) {
        json::delivery_line(&record.deliveries[index], out);
    }

    fn lost(&mut self, count: u64, out: &mut Vec<u8>) {
        json::lost_line(count, RETENTION, out);
    }
}

impl Format for Text {
    fn capture(&mut self, record: &Record, out: &mut Vec<u8>) {
        let explanation = Rules::current(&self.rules).explain(record);
        append(out, |line| text::capture_line(record, &explanation, &self.zone, self.look, line));
    }

    fn delivery(&mut self, record: &Record, index: usize, out: &mut Vec<u8>) {
        append(out, |line| text::delivery_line(&record.deliveries[index], &self.zone, self.look, line));
    }

    fn lost(&mut self, count: u64, out: &mut Vec<u8>) {
        append(out, |line| text::lost_line(count, RETENTION, self.look, line));
    }
}

impl Format for Quiet {
    fn capture(&mut self, _: &Record, _: &mut Vec<u8>) {}
    fn delivery(&mut self, _: &Record, _: usize, _: &mut Vec<u8>) {}
    fn lost(&mut self, _: u64, _: &mut Vec<u8>) {}
}

fn append(out: &mut Vec<u8>, write: impl FnOnce(&mut String)) {
    let mut line = String::new();
    write(&mut line);
    out.extend_from_slice(line.as_bytes());
}
