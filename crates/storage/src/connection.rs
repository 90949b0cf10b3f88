//! Connections, each set up the same way.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::Reason;
use crate::{Error, Schema, Settings, files, migrate};

/// How long a statement waits for a lock that somebody outside holds.
pub(crate) const BUSY_WAIT: Duration = Duration::from_secs(2);

/// Statements that stay prepared per connection.
const PREPARED_STATEMENTS: usize = 128;

/// Files up to this size are checked whole when they are opened, larger ones by their structure.
const CHECKED_WHOLE_MAX_BYTES: u64 = 64 << 20;

/// Refuses an SQLite that may damage a write-ahead log when it is reset.
pub(crate) fn check_sqlite(path: &Path) -> Result<(), Error> {
    if rusqlite::version_number() >= 3_051_003 {
        return Ok(());
    }
    Err(Error::query("open", path, Reason::OldSqlite { found: rusqlite::version() }))
}

/// A connection that reads and writes; the file is created where it is lacking. The file of
/// somebody else, or of a newer program, is left as it is.
pub(crate) fn open_writer(
    path: &Path,
    schema: &'static Schema,
    settings: &Settings,
) -> Result<Connection, Error> {
    files::create_private(path).map_err(|source| Error::io("open", path, source))?;
    let connection = open(path, settings.vfs, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    migrate::version_for(&connection, path, schema)?;
    let mode = set_up_writer(&connection, settings)
        .map_err(|source| Error::sqlite("open", path, source))?;
    match mode.as_str() {
        "wal" => Ok(connection),
        _ => Err(Error::query("open", path, Reason::JournalMode { found: mode })),
    }
}

/// A connection that cannot write.
pub(crate) fn open_reader(path: &Path, vfs: Option<&'static str>) -> Result<Connection, Error> {
    open(path, vfs, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn open(path: &Path, vfs: Option<&str>, access: OpenFlags) -> Result<Connection, Error> {
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = match vfs {
        Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs),
        None => Connection::open_with_flags(path, flags),
    };
    opened
        .and_then(|connection| {
            connection.busy_timeout(BUSY_WAIT)?;
            connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
            // A plan must not depend on the values bound, or each new value is planned for anew.
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
            connection.execute_batch(
                "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;
                 PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0;",
            )?;
            Ok(connection)
        })
        .map_err(|source| Error::sqlite("open", path, source))
}

/// Sets up the file and the connection; page size and vacuum take effect in a new file only.
fn set_up_writer(connection: &Connection, settings: &Settings) -> rusqlite::Result<String> {
    connection.pragma_update(None, "page_size", settings.page_size_bytes)?;
    if settings.incremental_vacuum {
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    }
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let mode = connection
        .pragma_update_and_check(None, "journal_mode", "wal", |row| row.get::<_, String>(0))?;
    // Checkpoints are the writer's: by itself SQLite runs one inside somebody's commit.
    connection.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
    Ok(mode)
}

/// Looks for damage: everywhere in a small file and in one that showed some while it was used; in
/// the header and the schema of others.
pub(crate) fn check(connection: &Connection, path: &Path) -> Result<(), Error> {
    let failed = |source| Error::sqlite("check", path, source);
    connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))
        .map_err(failed)?;
    let size_bytes = fs_err::metadata(path).map_or(0, |metadata| metadata.len());
    if size_bytes > CHECKED_WHOLE_MAX_BYTES && !files::is_suspect(path) {
        return Ok(());
    }
    expect_ok(connection, path, "quick_check")?;
    files::clear_suspicion(path).map_err(|source| Error::io("check", path, source))
}

/// Runs one of SQLite's own checks, which answers `ok` or what is wrong.
pub(crate) fn expect_ok(
    connection: &Connection,
    path: &Path,
    pragma: &'static str,
) -> Result<(), Error> {
    let found = connection
        .pragma_query_value(None, pragma, |row| row.get::<_, String>(0))
        .map_err(|source| Error::sqlite("check", path, source))?;
    match found.as_str() {
        "ok" => Ok(()),
        _ if is_unreadable(&found) => {
            Err(Error::unreadable("check", path, Reason::Check { found }))
        }
        _ => Err(Error::corrupt("check", path, Reason::Check { found })),
    }
}

/// Whether a check stopped because the disk failed, which it tells among the damage it found.
fn is_unreadable(found: &str) -> bool {
    let mut codes = found.split("error code=").skip(1).filter_map(|rest| {
        let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        rest[..end].parse::<i32>().ok()
    });
    codes.any(|code| code & 0xff != rusqlite::ffi::SQLITE_CORRUPT)
}
