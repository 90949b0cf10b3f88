//! Copies of a database, and the way back.

use std::io;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use crate::error::Reason;
use crate::{Error, Schema, Settings, connection, files, migrate};

/// Copies what `source`, a connection to `path`, sees now to `target`: whole or not at all.
pub(crate) fn back_up(source: &Connection, path: &Path, target: &Path) -> Result<(), Error> {
    let partial = files::beside(target, ".partial");
    let result = copy(source, path, &partial).and_then(|()| put_in_place(&partial, target));
    discard_after_failure(&partial, result)
}

/// Replaces the database at `target` by a backup of it: whole or not at all.
///
/// The caller holds the data directory, and the database is not open. An older backup is
/// migrated when it is opened next.
///
/// # Errors
/// [`Error::Corrupt`], [`Error::Foreign`] and [`Error::NewerSchema`] where the backup cannot be
/// used; `target` is left as it is.
pub fn restore_from(backup: &Path, target: &Path, schema: &'static Schema) -> Result<(), Error> {
    let incoming = files::beside(target, ".incoming");
    let source = connection::open_reader(backup, None)?;
    let result = copy(&source, backup, &incoming)
        .and_then(|()| check(&incoming, backup, schema))
        .and_then(|()| end_log(target, schema))
        .and_then(|()| put_in_place(&incoming, target));
    discard_after_failure(&incoming, result)
}

/// Copies all pages in one step, so that they are of one moment, into a file that needs no log.
fn copy(source: &Connection, path: &Path, target: &Path) -> Result<(), Error> {
    let failed = |error| Error::sqlite("back up", path, error);
    files::remove(target)
        .and_then(|()| files::create_private(target))
        .map_err(|error| Error::io("back up", target, error))?;
    let mut copy = Connection::open(target).map_err(failed)?;
    let step = Backup::new(source, &mut copy).and_then(|backup| backup.step(-1)).map_err(failed)?;
    if step != StepResult::Done {
        return Err(Error::busy("back up", path, Reason::Locked));
    }
    copy.pragma_update_and_check(None, "journal_mode", "delete", |_| Ok(())).map_err(failed)
}

/// Whether the copy is a sound database of this schema.
fn check(copy: &Path, backup: &Path, schema: &'static Schema) -> Result<(), Error> {
    let connection = connection::open_reader(copy, None)?;
    if migrate::version_for(&connection, backup, schema)? == 0 {
        return Err(Error::Foreign { path: backup.to_owned(), expected: schema.name });
    }
    connection::expect_ok(&connection, backup, "integrity_check")
}

/// Folds what the database at `target` still has in its log into it. Beside the restored file,
/// the log of the old one would be taken for its own. A log that cannot be folded belongs to a
/// file that cannot be used either.
fn end_log(target: &Path, schema: &'static Schema) -> Result<(), Error> {
    if target.exists() {
        // The last connection to go folds the log.
        drop(connection::open_writer(target, schema, &Settings::default()));
    }
    files::remove_companions(target).map_err(|error| Error::io("restore", target, error))
}

fn put_in_place(incoming: &Path, target: &Path) -> Result<(), Error> {
    let rename = || -> io::Result<()> {
        fs_err::File::open(incoming)?.sync_all()?;
        fs_err::rename(incoming, target)?;
        files::sync_folder(target)
    };
    rename().map_err(|error| Error::io("replace", target, error))
}

/// What counts is why the copy failed, not whether it could be removed.
fn discard_after_failure(copy: &Path, result: Result<(), Error>) -> Result<(), Error> {
    if result.is_err()
        && let Err(error) = files::remove(copy)
    {
        tracing::warn!(%error, "could not remove an unfinished copy");
    }
    result
}
