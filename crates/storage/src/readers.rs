//! A fixed number of connections for reading.
//!
//! The writer can ask for a moment in which nobody reads. An unfinished checkpoint leaves pages
//! unsynced that no later one would write again, so every checkpoint is made in such a moment.

use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use rusqlite::Connection;

use crate::{Error, Settings, connection};

/// Connections that are lent out one at a time.
pub(crate) struct Readers {
    shelf: Mutex<Shelf>,
    returned: Condvar,
}

struct Shelf {
    idle: Vec<Connection>,
    lent: usize,
    /// The writer wants the file for itself for a moment.
    paused: bool,
    closed: bool,
}

impl Readers {
    /// Opens all of them; at least one.
    pub(crate) fn open(path: &Path, settings: &Settings) -> Result<Self, Error> {
        let idle = (0..settings.readers.max(1))
            .map(|_| connection::open_reader(path, settings.vfs))
            .collect::<Result<Vec<_>, Error>>()?;
        Ok(Self {
            shelf: Mutex::new(Shelf { idle, lent: 0, paused: false, closed: false }),
            returned: Condvar::new(),
        })
    }

    /// Lends one to `work`, waiting until one is there.
    pub(crate) fn lend<T>(&self, work: impl FnOnce(&Connection) -> T) -> Result<T, Error> {
        let connection = self.take()?;
        let outcome = panic::catch_unwind(AssertUnwindSafe(|| work(&connection)));
        self.put_back(connection);
        outcome.map_or_else(|panic| panic::resume_unwind(panic), Ok)
    }

    /// Whether nobody reads. A checkpoint then folds all that is committed: whoever starts to
    /// read now sees the last commit, and holds nothing back.
    pub(crate) fn are_idle(&self) -> bool {
        self.shelf.lock().lent == 0
    }

    /// Runs `work` while nobody reads; new readers wait for it. None where those who read do not
    /// end within `patience`.
    pub(crate) fn pause<T>(&self, patience: Duration, work: impl FnOnce() -> T) -> Option<T> {
        let mut shelf = self.shelf.lock();
        shelf.paused = true;
        let waited = self.returned.wait_while_for(&mut shelf, |shelf| shelf.lent > 0, patience);
        drop(shelf);
        let outcome = (!waited.timed_out()).then(work);
        self.shelf.lock().paused = false;
        self.returned.notify_all();
        outcome
    }

    /// Lends no more. Those that are out are closed when they come back.
    pub(crate) fn close(&self) {
        let mut shelf = self.shelf.lock();
        shelf.closed = true;
        shelf.idle.clear();
        self.returned.notify_all();
    }

    fn take(&self) -> Result<Connection, Error> {
        let mut shelf = self.shelf.lock();
        loop {
            if shelf.closed {
                return Err(Error::Closed);
            }
            if !shelf.paused
                && let Some(connection) = shelf.idle.pop()
            {
                shelf.lent += 1;
                return Ok(connection);
            }
            self.returned.wait(&mut shelf);
        }
    }

    fn put_back(&self, connection: Connection) {
        if !connection.is_autocommit() {
            // A transaction that was left open would hold back the log for ever.
            let ended = connection.execute_batch("ROLLBACK");
            debug_assert!(ended.is_ok(), "a transaction that only read can be ended");
        }
        let mut shelf = self.shelf.lock();
        shelf.lent -= 1;
        if !shelf.closed {
            shelf.idle.push(connection);
        }
        // The writer may wait beside those who want to read.
        self.returned.notify_all();
    }
}
