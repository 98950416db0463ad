//! Files that are written for somebody: private, and never over another one by accident.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, ErrorKind, Write},
    path::{Path, PathBuf},
};

/// A file that is there under its name once [`finish`](OutFile::finish) was called, and not before.
#[derive(Debug)]
pub struct OutFile {
    file: BufWriter<File>,
    /// Where it is written.
    at: PathBuf,
    /// Where it is going to be.
    to: PathBuf,
    done: bool,
}

impl OutFile {
    /// Begins a file that only its owner may read. One of this name is replaced only when that is meant,
    /// and then at once, by a whole one.
    ///
    /// # Errors
    /// A sentence: the name is taken, or the place cannot be written.
    pub fn create(path: &Path, replace: bool) -> Result<Self, String> {
        let Some(name) = path.file_name() else { return Err("this is no name of a file".to_owned()) };
        if path.is_dir() {
            return Err("a folder has this name".to_owned());
        }
        if !replace && fs::symlink_metadata(path).is_ok() {
            return Err(TAKEN.to_owned());
        }
        let mut at = path.to_owned();
        if replace {
            at.set_file_name(format!(".{}.{}.part", name.to_string_lossy(), std::process::id()));
        }
        // `create_new` follows no link and takes no file that is there (O_EXCL).
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&at).map_err(|error| told(&error))?;
        Ok(Self { file: BufWriter::with_capacity(1 << 16, file), at, to: path.to_owned(), done: false })
    }

    /// Ends it and puts it under its name.
    ///
    /// # Errors
    /// A sentence when it could not be written to its end.
    pub fn finish(mut self) -> Result<(), String> {
        self.file.flush().map_err(|error| told(&error))?;
        if self.at != self.to {
            fs::rename(&self.at, &self.to).map_err(|error| told(&error))?;
        }
        self.done = true;
        Ok(())
    }
}

/// Why a file is not written over another one.
pub const TAKEN: &str = "a file of this name is there already";

impl Write for OutFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for OutFile {
    fn drop(&mut self) {
        // Half a file would pass for a whole one.
        if !self.done {
            let _ = fs::remove_file(&self.at);
        }
    }
}

/// What went wrong, in words.
#[must_use]
pub fn told(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::AlreadyExists => TAKEN,
        ErrorKind::NotFound => "there is no such folder",
        ErrorKind::PermissionDenied => "the folder or file may not be written",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "there is no room left on the disk",
        ErrorKind::ReadOnlyFilesystem => "the disk can only be read",
        ErrorKind::InvalidFilename => "this is no name of a file",
        _ => "the file cannot be written",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_private_whole_and_never_written_over() {
        let folder = std::env::temp_dir().join(format!("hookglass-outfile-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("a.har");
        let write = |replace, text: &str| {
            let mut file = OutFile::create(&path, replace)?;
            file.write_all(text.as_bytes()).unwrap();
            file.finish()
        };
        write(false, "one").unwrap();
        assert_eq!(write(false, "two").unwrap_err(), TAKEN);
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
        drop(OutFile::create(&path, true).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "one", "what was not finished replaces nothing");
        write(true, "two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::{PermissionsExt, symlink};
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            let link = folder.join("link");
            symlink(folder.join("nowhere"), &link).unwrap();
            assert_eq!(OutFile::create(&link, false).unwrap_err(), TAKEN);
            assert!(!folder.join("nowhere").exists());
        }
        assert!(OutFile::create(&folder, false).is_err() && OutFile::create(Path::new("/"), true).is_err());
        fs::remove_dir_all(&folder).unwrap();
    }
}
