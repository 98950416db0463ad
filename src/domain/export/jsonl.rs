//! JSON lines: the objects of `--output json`, each capture with its deliveries behind it.

use crate::domain::export::{
    Format, One,
    line::{capture_line, delivery_line},
    nothing,
};

/// The row of the table.
pub(super) const FORMAT: Format = Format {
    name: "jsonl",
    ending: "jsonl",
    about: "JSON lines as of --output json; import reads them back",
    begin: nothing,
    one,
    end: nothing,
};

fn one(one: &One<'_>, out: &mut Vec<u8>) -> Result<Vec<String>, String> {
    capture_line(one.record, one.explanation, out);
    if one.options.redaction.is_on() {
        // Within the object of the capture.
        out.truncate(out.len() - b"}\n".len());
        out.extend_from_slice(b",\"redacted\":true}\n");
    }
    for delivery in one.record.deliveries.iter() {
        delivery_line(delivery, out);
    }
    Ok(Vec::new())
}
