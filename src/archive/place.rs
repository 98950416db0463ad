//! The files of a session: where they stand, what may stand there, who may read them, and the lock.

use std::{
    ffi::OsString,
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::{archive::OpenError, domain::time::Timestamp};

/// What stands at the path of a session file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing.
    Nothing,
    /// A file of these many bytes.
    File(u64),
}

/// How long a lock is tried for. One that was given back is still held for a moment where a program is being
/// started by the process that had it: until then the new process has all its files.
const PATIENCE: Duration = Duration::from_millis(100);

/// The lock of the one instance that writes.
pub(super) enum Lock {
    /// It is ours until this is dropped; `None` on a file system without locks.
    Ours(Option<File>),
    /// Another instance has it.
    Taken,
    /// The system does not let the lock file be made.
    Refused(io::Error),
}

/// The path of a file that stands beside the session file: its whole name and a suffix.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The same path with the links of its directory resolved; that directory is made if it is missing, for
/// the user alone.
pub(super) fn settle(path: &Path, make: bool) -> Result<PathBuf, OpenError> {
    let name = path.file_name().ok_or_else(|| OpenError::NoName { path: path.to_owned() })?;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let failed = |source| OpenError::Io { path: folder.to_owned(), source };
    if make && !folder.exists() {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(failed)?;
    }
    Ok(folder.canonicalize().map_err(failed)?.join(name))
}

/// Looks what stands at the path. A link is not followed: what it points to may be anybody's.
pub(super) fn look(path: &Path) -> Result<Found, OpenError> {
    let what = match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => return Ok(Found::File(found.len())),
        Ok(found) if found.is_dir() => "a directory",
        Ok(found) if found.is_symlink() => "a symbolic link",
        Ok(_) => "a pipe, a socket or a device",
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(source) => return Err(OpenError::Io { path: path.to_owned(), source }),
    };
    Err(OpenError::NotAFile { path: path.to_owned(), what })
}

/// Makes an empty file that its owner alone may read, from its first moment on. There must be none yet.
pub(super) fn make(path: &Path) -> io::Result<File> {
    let file = private().read(true).write(true).create_new(true).open(path)?;
    // A mask may have taken too much away.
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
}

fn private() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only there the mode is set"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Takes the lock. It is on a file of its own: SQLite's locks on the session file end as soon as any
/// descriptor of it is closed. The system gives the lock back when a process ends in whatever way, so
/// that a lock file that was left behind means nothing; it is never removed, because another instance
/// might have it open.
pub(super) fn lock(path: &Path) -> Result<Lock, OpenError> {
    let path = beside(path, ".lock");
    look(&path)?;
    let file = match private().read(true).write(true).create(true).truncate(false).open(&path) {
        Ok(file) => file,
        Err(error) => return Ok(Lock::Refused(error)),
    };
    let begun = Instant::now();
    loop {
        return match file.try_lock() {
            Ok(()) => Ok(Lock::Ours(Some(file))),
            Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => {
                std::thread::sleep(PATIENCE / 10);
                continue;
            }
            Err(TryLockError::WouldBlock) => Ok(Lock::Taken),
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                Ok(Lock::Ours(None))
            }
            Err(TryLockError::Error(source)) => Err(OpenError::Io { path, source }),
        };
    }
}

/// Puts a damaged file and its log aside under a name that tells when. Returns the new path.
pub(super) fn put_aside(path: &Path, now: Timestamp) -> Result<PathBuf, OpenError> {
    let aside = free_name(path, now);
    let rename = |from: &Path, to: &Path| match fs::rename(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(OpenError::Io { path: from.to_owned(), source: error })
        }
        _ => Ok(()),
    };
    rename(path, &aside)?;
    for log in ["-wal", "-journal"] {
        rename(&beside(path, log), &beside(&aside, log))?;
    }
    discard(&beside(path, "-shm"))?;
    Ok(aside)
}

/// Removes a file that holds nothing of its own.
pub(super) fn discard(path: &Path) -> Result<(), OpenError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(OpenError::Io { path: path.to_owned(), source: error })
        }
        _ => Ok(()),
    }
}

fn free_name(path: &Path, now: Timestamp) -> PathBuf {
    let moment = now.format(&jiff::tz::TimeZone::UTC, "%Y%m%d-%H%M%S");
    let stem = path.file_stem().unwrap_or_default();
    let mut count = 1_u32;
    loop {
        let mut name = OsString::from(stem);
        name.push(format!(".damaged-{moment}"));
        if count > 1 {
            name.push(format!("-{count}"));
        }
        if let Some(ending) = path.extension() {
            name.push(".");
            name.push(ending);
        }
        let candidate = path.with_file_name(name);
        let taken = ["", "-wal", "-journal"]
            .iter()
            .any(|suffix| fs::symlink_metadata(beside(&candidate, suffix)).is_ok());
        if !taken {
            return candidate;
        }
        count += 1;
    }
}
