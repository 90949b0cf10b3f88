//! How a database is opened.

use std::num::NonZero;
use std::thread;

/// What to do with a file that turns out damaged when it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnCorrupt {
    /// Refuse to open it; nothing is touched.
    Refuse,
    /// Rename it to `*.damaged`, in place of an earlier one, and start empty.
    SetAside,
}

/// How a database is opened.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Connections for reading; one per core, at least 2 and at most 16.
    pub readers: usize,
    /// Size of a page of a new file; 4 KiB: a small change writes a whole page to the log.
    pub page_size_bytes: u32,
    /// Whether a new file keeps what `PRAGMA incremental_vacuum` needs to shrink it; not.
    pub incremental_vacuum: bool,
    /// Size of the write-ahead log at which it is folded into the file even under load; 64 MiB.
    pub wal_max_bytes: u64,
    /// What to do with a damaged file; refuse it.
    pub on_corrupt: OnCorrupt,
    /// The SQLite file layer to use by its registered name; the system's own.
    pub vfs: Option<&'static str>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            readers: thread::available_parallelism().map_or(2, NonZero::get).clamp(2, 16),
            page_size_bytes: 4 << 10,
            incremental_vacuum: false,
            wal_max_bytes: 64 << 20,
            on_corrupt: OnCorrupt::Refuse,
            vfs: None,
        }
    }
}
