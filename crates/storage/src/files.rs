//! The files of a database as files.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use fs_err::os::unix::fs::OpenOptionsExt;
use fs_err::{File, OpenOptions};

/// What is kept beside a database: the log, its index, the journal of a file not in WAL, the mark.
const COMPANIONS: [&str; 4] = ["-wal", "-shm", "-journal", SUSPECT];

/// Marks a database that showed damage while it was used.
const SUSPECT: &str = ".suspect";

/// `path` with `suffix` after its last letter.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Creates an empty file for this user alone where it is lacking; SQLite gives the files beside a
/// database the same mode.
pub(crate) fn create_private(path: &Path) -> io::Result<()> {
    let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match created {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
        Ok(_) => sync_folder(path),
    }
}

/// Makes the names in the folder of `path` durable.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    File::open(folder)?.sync_all()
}

/// Removes the file where it is there.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs_err::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes what is kept beside the database.
pub(crate) fn remove_companions(path: &Path) -> io::Result<()> {
    COMPANIONS.iter().try_for_each(|suffix| remove(&beside(path, suffix)))
}

/// Remembers, for when the database is opened next, that it showed damage while it was used.
pub(crate) fn mark_suspect(path: &Path) {
    if let Err(error) = create_private(&beside(path, SUSPECT)) {
        tracing::warn!(%error, "could not mark a damaged database");
    }
}

/// Whether the database was marked.
pub(crate) fn is_suspect(path: &Path) -> bool {
    beside(path, SUSPECT).exists()
}

/// Takes the mark away: the database was found sound.
pub(crate) fn clear_suspicion(path: &Path) -> io::Result<()> {
    remove(&beside(path, SUSPECT))
}

/// Renames the database to `*.damaged`, and drops the log, which means nothing without it.
pub(crate) fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let aside = beside(path, ".damaged");
    fs_err::rename(path, &aside)?;
    remove_companions(path)?;
    sync_folder(path)?;
    Ok(aside)
}
