//! Failures of storing and reading.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::ErrorCode;
use types::Class;

/// What lies beneath a failure. Shared, since all works of a group fail of the same cause.
pub(crate) type Cause = Arc<dyn std::error::Error + Send + Sync>;

/// A database or the data directory could not do what was asked.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is locked by somebody else, or too much is waiting to be written.
    #[error("could not {operation} {path} now: it is busy; try again")]
    Busy {
        /// What was tried, as a verb.
        operation: &'static str,
        /// The database.
        path: PathBuf,
        /// SQLite's own words, or the queue's.
        source: Cause,
    },
    /// The disk is full. Reads go on, and writes again once there is space.
    #[error("could not {operation} {path}: the disk is full; free some space")]
    Full {
        /// What was tried, as a verb.
        operation: &'static str,
        /// The database.
        path: PathBuf,
        /// SQLite's own words, or the system's.
        source: Cause,
    },
    /// The disk or the system failed. Nothing of the failed write is kept.
    #[error("could not {operation} {path}: the disk or the system failed")]
    Io {
        /// What was tried, as a verb.
        operation: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// SQLite's own words, or the system's.
        source: Cause,
    },
    /// The file is damaged or is no database.
    #[error("{path} is damaged ({operation}); restore a backup, or move it away to start empty")]
    Corrupt {
        /// What was tried when it showed, as a verb.
        operation: &'static str,
        /// The database.
        path: PathBuf,
        /// What is wrong with it.
        source: Cause,
    },
    /// A newer program wrote the file. It was left as it is.
    #[error("{path} has schema version {found} and this program knows {known}; use a newer one")]
    NewerSchema {
        /// The database.
        path: PathBuf,
        /// The version of the file.
        found: u32,
        /// The newest version that this program can use.
        known: u32,
    },
    /// The file belongs to another program or another part of this one. It was left as it is.
    #[error("{path} is not the {expected} database of this program; give it another path")]
    Foreign {
        /// The database.
        path: PathBuf,
        /// The schema that was asked for.
        expected: &'static str,
    },
    /// Another process uses the data directory.
    #[error("{path} is in use by process {}; stop it or use another data directory", pid(*.by))]
    Held {
        /// The data directory.
        path: PathBuf,
        /// The process that holds it, where it could be read.
        by: Option<u32>,
    },
    /// A statement, a migration or a work is wrong: a mistake in this program.
    #[error("could not {operation} {path}: the statement failed")]
    Query {
        /// What was tried, as a verb.
        operation: &'static str,
        /// The database.
        path: PathBuf,
        /// SQLite's own words.
        source: Cause,
    },
    /// The database was closed before this was done.
    #[error("the database is closed")]
    Closed,
}

/// Causes that are not SQLite's or the system's.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Reason {
    #[error("{waiting} writes of {bytes} bytes are waiting")]
    QueueFull { waiting: usize, bytes: usize },
    #[error("the work panicked")]
    Panicked,
    #[error("the work ended the transaction of its group")]
    EndedTransaction,
    #[error("SQLite {found} may damage a write-ahead log; 3.51.3 or later is needed")]
    OldSqlite { found: &'static str },
    #[error("migrations of {schema} are not numbered 1, 2, 3 and so on")]
    Numbering { schema: &'static str },
    #[error("the journal mode is {found}, not wal")]
    JournalMode { found: String },
    #[error("{found}")]
    Check { found: String },
    #[error("somebody else has the file locked")]
    Locked,
    #[error("readers keep the log from being folded into the file")]
    HeldLog,
}

impl Error {
    /// What a caller can do about it.
    pub fn class(&self) -> Class {
        match self {
            Self::Busy { .. } | Self::Full { .. } | Self::Held { .. } | Self::Closed => Class::Busy,
            Self::Io { .. }
            | Self::Corrupt { .. }
            | Self::NewerSchema { .. }
            | Self::Foreign { .. }
            | Self::Query { .. } => Class::Fault,
        }
    }

    /// Sorts what SQLite said.
    pub(crate) fn sqlite(operation: &'static str, path: &Path, source: rusqlite::Error) -> Self {
        use ErrorCode as Code;
        let code = source.sqlite_error_code();
        let path = path.to_owned();
        let source = Arc::new(source);
        match code {
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => {
                Self::Busy { operation, path, source }
            }
            Some(Code::DiskFull) => Self::Full { operation, path, source },
            Some(Code::DatabaseCorrupt | Code::NotADatabase) => {
                Self::Corrupt { operation, path, source }
            }
            Some(code) if is_of_the_system(code) => Self::Io { operation, path, source },
            _ => Self::Query { operation, path, source },
        }
    }

    /// Sorts what the system said.
    pub(crate) fn io(operation: &'static str, path: &Path, source: io::Error) -> Self {
        let full = source.kind() == io::ErrorKind::StorageFull;
        let path = path.to_owned();
        let source = Arc::new(source);
        if full {
            Self::Full { operation, path, source }
        } else {
            Self::Io { operation, path, source }
        }
    }

    /// Damage that SQLite found but does not call an error.
    pub(crate) fn corrupt(operation: &'static str, path: &Path, reason: Reason) -> Self {
        Self::Corrupt { operation, path: path.to_owned(), source: Arc::new(reason) }
    }

    /// A failure of the disk that SQLite tells among the damage it found.
    pub(crate) fn unreadable(operation: &'static str, path: &Path, reason: Reason) -> Self {
        Self::Io { operation, path: path.to_owned(), source: Arc::new(reason) }
    }

    /// Something that passes.
    pub(crate) fn busy(operation: &'static str, path: &Path, reason: Reason) -> Self {
        Self::Busy { operation, path: path.to_owned(), source: Arc::new(reason) }
    }

    /// A mistake of this program that SQLite has no words for.
    pub(crate) fn query(operation: &'static str, path: &Path, reason: Reason) -> Self {
        Self::Query { operation, path: path.to_owned(), source: Arc::new(reason) }
    }
}

fn is_of_the_system(code: ErrorCode) -> bool {
    use ErrorCode as Code;
    matches!(
        code,
        Code::SystemIoFailure
            | Code::CannotOpen
            | Code::ReadOnly
            | Code::PermissionDenied
            | Code::OutOfMemory
            | Code::FileLockingProtocolFailed
            | Code::NoLargeFileSupport
    )
}

fn pid(by: Option<u32>) -> String {
    by.map_or_else(|| "unknown".to_owned(), |pid| pid.to_string())
}
