//! A session file that is only read: for export, doctor and replay, beside an instance that writes it.

use std::{ops::ControlFlow, path::Path};

use crate::{
    archive::{OpenError, ReadError, Which},
    domain::{
        capture::CaptureId,
        record::{Record, Row},
    },
};

/// A session file that is only read. Another instance may write it meanwhile.
pub struct Reader {}

impl Reader {
    /// Opens a session file for reading. Nothing is made and nothing is changed.
    ///
    /// # Errors
    /// When there is no such file, or it is not a session file.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Err(OpenError::NoName { path: path.to_owned() })
    }

    /// A line for each capture in it, by rising number.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn rows(&self) -> Result<Vec<Row>, ReadError> {
        Ok(Vec::new())
    }

    /// The whole record of a capture; `None` when it is not there.
    ///
    /// # Errors
    /// When the file cannot be read, or this capture is damaged.
    pub fn record(&self, _id: CaptureId) -> Result<Option<Record>, ReadError> {
        Ok(None)
    }

    /// Reads many records as [`Archive::each`](crate::archive::Archive::each) does.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn each<'a>(
        &self,
        _which: impl Into<Which<'a>>,
        _f: &mut dyn FnMut(Record) -> ControlFlow<()>,
    ) -> Result<u64, ReadError> {
        Ok(0)
    }
}
