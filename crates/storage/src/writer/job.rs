//! A queued work, whatever it returns.

use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

use rusqlite::Connection;

use crate::error::Reason;
use crate::pending::{self, Resolver};
use crate::{Durability, Error, Pending};

/// A work and what the queue must know of it.
pub(crate) struct Job {
    pub(crate) durability: Durability,
    /// What the caller declared that it holds and writes.
    pub(crate) bytes: usize,
    task: Box<dyn Task>,
}

impl Job {
    /// A job that runs `work`, and the promise of what it returns.
    pub(crate) fn new<T: Send + 'static>(
        durability: Durability,
        bytes: usize,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> (Self, Pending<T>) {
        let (resolver, pending) = pending::channel();
        let task = Typed { work: Some(work), value: None, resolver };
        (Self { durability, bytes, task: Box::new(task) }, pending)
    }

    /// Runs the work, keeping its value; a panic is an error.
    pub(crate) fn run(&mut self, connection: &Connection, path: &Path) -> Result<(), Error> {
        let task = AssertUnwindSafe(|| self.task.run(connection));
        match panic::catch_unwind(task) {
            Ok(result) => result.map_err(|source| Error::sqlite("write", path, source)),
            Err(_) => Err(Error::query("write", path, Reason::Panicked)),
        }
    }

    /// Tells whoever waits: the value where `outcome` is good.
    pub(crate) fn resolve(self, outcome: Result<(), Error>) {
        self.task.resolve(outcome);
    }
}

trait Task: Send {
    fn run(&mut self, connection: &Connection) -> rusqlite::Result<()>;
    fn resolve(self: Box<Self>, outcome: Result<(), Error>);
}

struct Typed<W, T> {
    work: Option<W>,
    value: Option<T>,
    resolver: Resolver<T>,
}

impl<W, T> Task for Typed<W, T>
where
    W: FnOnce(&Connection) -> rusqlite::Result<T> + Send,
    T: Send,
{
    fn run(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        if let Some(work) = self.work.take() {
            self.value = Some(work(connection)?);
        }
        Ok(())
    }

    fn resolve(self: Box<Self>, outcome: Result<(), Error>) {
        let Self { value, resolver, .. } = *self;
        resolver.resolve(outcome.and_then(|()| value.ok_or(Error::Closed)));
    }
}
