//! Which captures of the session file are meant? Read beside whoever writes it, one at a time.

use crate::{
    archive::{ReadError, Reader},
    config::Settings,
    domain::{capture::CaptureId, record::Record, time::Timestamp, which::Which},
    engine::setup,
};

/// Opens the session file that is named, or the usual one, for reading.
///
/// # Errors
/// A sentence: there is none, or it cannot be read.
pub fn open(settings: &Settings) -> Result<Reader, String> {
    let path = setup::session_path(settings);
    let path = path.ok_or("there is no home directory with a session file; name one with --session")?;
    if !path.exists() {
        let hint = if settings.session.file.is_some() { "" } else { ": nothing was captured yet" };
        return Err(format!("there is no session file at {}{hint}", path.display()));
    }
    Reader::open(&path).map_err(|error| error.to_string())
}

/// The numbers of the captures that are meant, by rising number. Bodies are read only where a filter has to
/// see them.
///
/// # Errors
/// When the file cannot be read.
pub fn chosen(reader: &Reader, which: &Which, now: Timestamp) -> Result<Vec<CaptureId>, ReadError> {
    let rows = reader.rows()?;
    let count = rows.len() as u64;
    let mut ids = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        let newer = count - 1 - place as u64;
        let id = row.summary.id;
        let meant = match which.matches_row(row, newer, now) {
            Some(known) => known,
            None => match reader.record(id) {
                Ok(record) => record.is_some_and(|record| which.matches(&record, newer, now)),
                // Told when it is read to be shown; no filter can know what stands in it.
                Err(ReadError::Damaged(_)) => false,
                Err(error) => return Err(error),
            },
        };
        if meant {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// Shows the captures of these numbers one after the other. Those that cannot be read are told in a sentence.
pub fn records<'a>(
    reader: &'a Reader,
    ids: &'a [CaptureId],
    tell: &'a dyn Fn(String),
) -> impl Iterator<Item = Record> + 'a {
    ids.iter().filter_map(move |&id| match reader.record(id) {
        Ok(record) => record,
        Err(error) => {
            tell(format!("capture {id} is left out: {error}"));
            None
        }
    })
}
