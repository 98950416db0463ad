//! What stands at the path, who may read it, and who writes.

use super::*;

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(path).unwrap().permissions()) & 0o777
}

#[cfg(unix)]
#[test]
fn every_file_is_its_owners_alone() {
    let folder = Folder::new();
    let path = folder.0.join("deep/er/session.sqlite");
    let opened = open_plain(&path);
    keep(&opened.archive, &capture(1, b"secret")).unwrap();
    opened.archive.load(CaptureId(1)).unwrap();
    for suffix in ["", "-wal", "-shm", ".lock"] {
        let path = place::beside(&path, suffix);
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    assert_eq!(mode(&folder.0.join("deep")), 0o700);
    assert_eq!(mode(&folder.0.join("deep/er")), 0o700);
}

fn refused(path: &Path) -> String {
    match open(path, options(), Box::new(|_| ())) {
        Ok(_) => panic!("opened"),
        Err(error) => error.to_string(),
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_refused_by_name() {
    let folder = Folder::new();
    let (link, pipe) = (folder.0.join("link"), folder.0.join("pipe"));
    std::fs::write(folder.0.join("target"), "x").unwrap();
    std::os::unix::fs::symlink(folder.0.join("target"), &link).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert!(refused(&link).contains("a symbolic link"), "{}", refused(&link));
    assert!(refused(&pipe).contains("a pipe"), "{}", refused(&pipe));
    assert!(refused(&folder.0).contains("a directory"), "{}", refused(&folder.0));
    assert!(refused(Path::new("/")).contains("does not name a file"));
    assert!(refused(&folder.0.join("target/session.sqlite")).contains("cannot be used"));
    // A link instead of the lock is not followed either.
    std::os::unix::fs::symlink(folder.0.join("made"), folder.0.join("session.sqlite.lock")).unwrap();
    assert!(refused(&folder.file()).contains("a symbolic link"));
    assert!(!folder.names().contains(&"made".to_owned()));
    assert_eq!(std::fs::read(folder.0.join("target")).unwrap(), b"x");
}

#[test]
fn a_second_instance_reads_and_says_so() {
    let folder = Folder::new();
    let first = open_plain(&folder.file());
    keep(&first.archive, &capture(1, b"one")).unwrap();
    let second = open_plain(&folder.file());
    assert_eq!((second.mode, ids(&second.rows), second.next), (Mode::ReadOnly, vec![1], 2));
    assert!(second.notices[0].contains("another hookglass writes to it"), "{:?}", second.notices);
    assert_eq!(keep(&second.archive, &capture(2, b"")), Err(Unsaved::ReadOnly));
    assert_eq!(second.archive.load(CaptureId(1)).unwrap().unwrap().capture.body(), b"one");
    // Its own second capture is another one.
    keep(&first.archive, &capture(2, b"two")).unwrap();
    assert!(second.archive.load(CaptureId(2)).unwrap().is_none());
    second.archive.close().unwrap();
    keep(&first.archive, &capture(3, b"three")).unwrap();
    first.archive.close().unwrap();
    let third = open_plain(&folder.file());
    assert_eq!((third.mode, ids(&third.rows)), (Mode::Writing, vec![1, 2, 3]));
}

#[test]
fn of_many_that_start_together_one_writes() {
    let folder = Folder::new();
    let path = folder.file();
    let start = std::sync::Barrier::new(8);
    let modes: Vec<Opened> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    open_plain(&path)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(modes.iter().filter(|opened| opened.mode == Mode::Writing).count(), 1);
}

#[test]
fn a_lock_file_that_was_left_behind_means_nothing() {
    let folder = Folder::new();
    std::fs::write(place::beside(&folder.file(), ".lock"), "").unwrap();
    assert_eq!(open_plain(&folder.file()).mode, Mode::Writing);
}

#[test]
fn an_empty_file_becomes_a_session_file() {
    let folder = Folder::new();
    std::fs::write(folder.file(), "").unwrap();
    let opened = open_plain(&folder.file());
    assert_eq!((opened.mode, opened.notices.len()), (Mode::Writing, 0));
}

#[test]
fn a_reader_reads_beside_the_writer_and_changes_nothing() {
    let folder = Folder::new();
    assert!(Reader::open(&folder.file()).is_err());
    assert_eq!(folder.names(), Vec::<String>::new(), "nothing is made");
    let opened = open_plain(&folder.file());
    keep(&opened.archive, &capture(1, b"one")).unwrap();
    let reader = Reader::open(&folder.file()).unwrap();
    keep(&opened.archive, &capture(2, b"two")).unwrap();
    assert_eq!(ids(&reader.rows().unwrap()), [1, 2]);
    assert_eq!(reader.record(CaptureId(2)).unwrap().unwrap().capture.body(), b"two");
    opened.archive.close().unwrap();
    drop(reader);
    let before = std::fs::read(folder.file()).unwrap();
    let reader = Reader::open(&folder.file()).unwrap();
    let mut seen = 0;
    reader
        .each(CaptureId(0)..=CaptureId(9), &mut |_| {
            seen += 1;
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!((seen, reader.notices().len()), (2, 0));
    assert!(reader.record(CaptureId(3)).unwrap().is_none());
    drop(reader);
    assert_eq!(std::fs::read(folder.file()).unwrap(), before);
}

/// Whether this process has locked a part of the file, as Linux tells it.
#[cfg(target_os = "linux")]
fn is_locked(file: &std::path::Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    let inode = format!(":{} ", std::fs::metadata(file).unwrap().ino());
    let owner = format!(" {} ", std::process::id());
    let seen = || {
        let all = std::fs::read_to_string("/proc/locks").unwrap();
        all.lines().any(|line| line.contains(&inode) && line.contains(&owner))
    };
    // The list is told in pieces, and one that other tests make shorter meanwhile has a gap.
    (0..50).any(|_| seen())
}

#[cfg(target_os = "linux")]
#[test]
fn the_file_stays_locked_while_its_log_is_folded() {
    let folder = Folder::new();
    let opened = open_plain(&folder.file());
    // Folded beside the commits, and then by the writer, a few times.
    for id in 1..=1_200 {
        keep(&opened.archive, &capture(id, &vec![b'x'; 100_000])).unwrap();
        opened.archive.load(CaptureId(id)).unwrap().unwrap();
        assert!(is_locked(&folder.file()), "{id}");
    }
    let size = std::fs::metadata(folder.file()).unwrap().len();
    assert!(size > 60 << 20, "{size}");
    opened.archive.close().unwrap();
    assert!(!is_locked(&folder.file()));
}
