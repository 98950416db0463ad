//! Why a session file could not be opened, read, written or closed.

use std::{path::PathBuf, sync::Arc};

use crate::domain::capture::CaptureId;

/// Why a session file could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The path is a directory, a symbolic link, a pipe or a device.
    #[error("{} is {what}, not a file: name another session file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
        /// What it is, with its article.
        what: &'static str,
    },
    /// The path has no file name.
    #[error("{} does not name a file: name another session file", path.display())]
    NoName {
        /// The path.
        path: PathBuf,
    },
    /// The file has a later schema than this program knows. It was not touched.
    #[error("{} was written by a newer hookglass: please update, or name another session file", path.display())]
    Newer {
        /// The path.
        path: PathBuf,
    },
    /// The file has an earlier schema and may not be written.
    #[error("{} was written by an older hookglass: open it once with hookglass --session", path.display())]
    Older {
        /// The path.
        path: PathBuf,
    },
    /// A database that is not a session file. It was not touched.
    #[error("{} is a database of another program: name another session file", path.display())]
    Foreign {
        /// The path.
        path: PathBuf,
    },
    /// For a reader: there is no such file, or it is not a session file that can be read.
    #[error("{} cannot be read as a session file: {why}", path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// What the system or SQLite says.
        why: String,
    },
    /// A file or directory could not be made, opened or renamed.
    #[error("the session file {} cannot be used: {source}", path.display())]
    Io {
        /// The path that was touched.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// SQLite could not use a file that is not damaged.
    #[error("the session file {} cannot be used: {why}", path.display())]
    Database {
        /// The path.
        path: PathBuf,
        /// What SQLite says.
        why: String,
    },
}

/// Why a capture could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// What is stored of it is not what was written. It is not shown; the others can be read.
    #[error("capture {0} is damaged in the session file: its bytes are not those that were written")]
    Damaged(CaptureId),
    /// The file could not be read.
    #[error("the session file cannot be read: {0}")]
    Database(String),
}

/// Why a capture is not saved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsaved {
    /// Writing failed. The capture is pending, or was given up where too much is pending already.
    #[error("{0}")]
    Failing(Arc<str>),
    /// The body is larger than a database can hold in one value.
    #[error("the request is too large for the session file")]
    TooLarge,
    /// Another capture in the file has this number.
    #[error("the session file has another request with the number {0}")]
    Taken(CaptureId),
    /// This instance does not write.
    #[error("the session file is open for reading only")]
    ReadOnly,
    /// The file was closed.
    #[error("the session file is closed")]
    Closed,
}

/// Why closing was not clean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CloseError {
    /// These many captures are not in the file.
    #[error("{0} captures could not be saved in the session file")]
    Unsaved(u64),
    /// The writer did not end in time.
    #[error("the session file could not be closed in time; the disk does not answer")]
    Late,
    /// The last checkpoint failed. Everything that was acknowledged is in the file and its log.
    #[error("the session file could not be closed cleanly; everything acknowledged is in it")]
    Unclean,
}
