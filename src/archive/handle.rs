//! The handle that the engine holds: opening, keeping, changing, reading, closing.

use std::{ops::ControlFlow, path::Path, sync::Arc};

use crate::{
    archive::{Change, CloseError, Event, OpenError, Opened, Options, ReadError, Totals, Unsaved, Which},
    domain::{
        capture::{Capture, CaptureId},
        record::{Record, Remark},
        signature::Check,
    },
};

/// An open session file. Cheap to clone.
#[derive(Clone)]
pub struct Archive {}

/// Opens a session file, or makes a new one. `tell` is called on the writer's thread; it must not block.
///
/// # Errors
/// When the path is no file, or is one that must not be touched, or the system refuses. A damaged file
/// is no error: it is put aside and reported in [`Opened::notices`].
pub fn open(
    path: &Path,
    _options: Options,
    _tell: Box<dyn Fn(Event) + Send + Sync>,
) -> Result<Opened, OpenError> {
    Err(OpenError::NoName { path: path.to_owned() })
}

impl Archive {
    /// Keeps a capture, which has its number already. Waits where too many bytes wait to be written;
    /// resolves after the commit. The capture is written even if the future is dropped after it was
    /// polled.
    ///
    /// # Errors
    /// When it could not be saved. It then stays pending, within a bound, and [`Event::Saved`] tells when
    /// it was written after all.
    pub fn keep(
        &self,
        _capture: Arc<Capture>,
        _check: Option<Arc<Check>>,
        _remark: Option<Arc<Remark>>,
    ) -> impl Future<Output = Result<(), Unsaved>> + Send + use<> {
        std::future::ready(Err(Unsaved::Closed))
    }

    /// Notes a change. Never waits. A change to a capture that is not in the file and not on its way
    /// there is forgotten.
    pub fn update(&self, _id: CaptureId, _change: Change) {}

    /// The whole record of a capture, the changes that are not written yet included; `None` when it is
    /// not there. Blocks on the disk.
    ///
    /// # Errors
    /// When the file cannot be read, or this capture is damaged.
    pub fn load(&self, _id: CaptureId) -> Result<Option<Record>, ReadError> {
        Ok(None)
    }

    /// Reads many records, one after the other, until `f` breaks. Blocks on the disk. Returns how many
    /// were passed over because they are damaged; those that are not there are passed over silently.
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

    /// The counters as they stand.
    #[must_use]
    pub fn totals(&self) -> Totals {
        Totals::default()
    }

    /// Writes everything that waits, folds the log into the file and gives up the lock. Blocks, but for
    /// a few seconds at most. Afterwards every clone of this handle is closed.
    ///
    /// # Errors
    /// When captures could not be saved, or the disk does not answer.
    pub fn close(self) -> Result<(), CloseError> {
        Ok(())
    }
}
