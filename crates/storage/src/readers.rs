//! A fixed number of connections for reading.

use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

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
    closed: bool,
}

impl Readers {
    /// Opens all of them; at least one.
    pub(crate) fn open(path: &Path, settings: &Settings) -> Result<Self, Error> {
        let idle = (0..settings.readers.max(1))
            .map(|_| connection::open_reader(path, settings.vfs))
            .collect::<Result<Vec<_>, Error>>()?;
        Ok(Self { shelf: Mutex::new(Shelf { idle, closed: false }), returned: Condvar::new() })
    }

    /// Lends one to `work`, waiting until one is there.
    pub(crate) fn lend<T>(&self, work: impl FnOnce(&Connection) -> T) -> Result<T, Error> {
        let connection = self.take()?;
        let outcome = panic::catch_unwind(AssertUnwindSafe(|| work(&connection)));
        self.put_back(connection);
        outcome.map_or_else(|panic| panic::resume_unwind(panic), Ok)
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
            if let Some(connection) = shelf.idle.pop() {
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
        if !shelf.closed {
            shelf.idle.push(connection);
            self.returned.notify_one();
        }
    }
}
