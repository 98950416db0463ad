//! What a failed write means to a person.

use std::path::Path;

use rusqlite::{Error, ErrorCode};

use crate::archive::{connect, salvage::shown};

/// One sentence that says what happened and what to do.
pub(super) fn sentence(error: &Error, path: &Path) -> String {
    let file = shown(path);
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => {
            format!("The disk is full: captures are not saved in {file} until there is room again.")
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            format!("Another program keeps {file} locked: captures are not saved until it lets go.")
        }
        Some(ErrorCode::ReadOnly) => {
            format!("{file} may no longer be written: captures are not saved until it may.")
        }
        _ if connect::is_damage(error) => format!(
            "{file} is damaged: captures are not saved. Start hookglass again: it keeps the damaged file \
             beside a new one."
        ),
        _ => format!("{file} cannot be written ({error}): captures are not saved until it can."),
    }
}

/// Whether a failure ends by itself, so that a new connection would change nothing.
pub(super) fn passes(error: &Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}
