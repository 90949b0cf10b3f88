//! One file and the threads around it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};

use crossbeam_channel::Sender;
use parking_lot::Mutex;
use rusqlite::Connection;

use crate::error::Reason;
use crate::readers::Readers;
use crate::writer::{Command, Gauges, Handle, Job, Writer};
use crate::{
    Durability, Error, OnCorrupt, Pending, QueryPlan, Schema, Settings, Statistics, backup,
    connection, files, migrate, pending, plan,
};

/// The most works that wait to be written; more are refused as busy.
const QUEUE_WORKS_MAX: usize = 16_384;

/// The most declared bytes that wait to be written, but for a single work that declares more.
const QUEUE_BYTES_MAX: usize = 64 << 20;

/// An open database. Clones share it; it is closed with the last of them.
#[derive(Clone)]
pub struct Database(Arc<Shared>);

struct Shared {
    path: PathBuf,
    schema: &'static Schema,
    readers: Arc<Readers>,
    gauges: Arc<Gauges>,
    /// Taken when the last clone goes, which ends the writer.
    queue: Option<Sender<Command>>,
    /// Wakes a writer who waits for others to share a transaction.
    bell: Sender<()>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Database {
    /// Opens the file, creates it where it is lacking, and brings it to today's schema.
    ///
    /// # Errors
    /// [`Error::NewerSchema`] and [`Error::Foreign`] leave the file as it is;
    /// [`Error::Corrupt`] where it is damaged and `settings` do not say to set it aside.
    pub fn open(path: &Path, schema: &'static Schema, settings: &Settings) -> Result<Self, Error> {
        connection::check_sqlite(path)?;
        let connection = match prepare(path, schema, settings) {
            Err(Error::Corrupt { source, .. }) if settings.on_corrupt == OnCorrupt::SetAside => {
                let aside = files::set_aside(path)
                    .map_err(|source| Error::io("set aside", path, source))?;
                tracing::warn!(aside = %aside.display(), %source, "set a damaged database aside");
                prepare(path, schema, settings)?
            }
            prepared => prepared?,
        };
        Self::start(path, schema, settings, connection)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Queues `work` at once and in order, to run on the writer thread in a transaction with
    /// others. What it returns comes after the commit. It must not begin or end a transaction, nor
    /// wait for another write.
    ///
    /// Where the queue is full the answer is [`Error::Busy`], and `work` never runs.
    pub fn write<T: Send + 'static>(
        &self,
        durability: Durability,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Pending<T> {
        self.write_sized(durability, 0, work)
    }

    /// Like [`write`](Self::write), for a work that holds many bytes: they count against the
    /// 64 MiB that may wait and the 4 MiB that go into one transaction.
    pub fn write_sized<T: Send + 'static>(
        &self,
        durability: Durability,
        bytes: usize,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Pending<T> {
        let (job, pending) = Job::new(durability, bytes, work);
        let Some(queue) = &self.0.queue else { return pending };
        let queued_bytes = &self.0.gauges.queued_bytes;
        let waiting = queue.len();
        let waiting_bytes = queued_bytes.fetch_add(bytes, Ordering::Relaxed);
        let has_room = waiting_bytes == 0 || waiting_bytes.saturating_add(bytes) <= QUEUE_BYTES_MAX;
        if has_room && waiting < QUEUE_WORKS_MAX {
            // Where the writer is gone the job is dropped, which tells whoever waits.
            drop(queue.send(Command::Run(job)));
            if durability > Durability::Soon {
                self.0.ring();
            }
        } else {
            queued_bytes.fetch_sub(bytes, Ordering::Relaxed);
            let reason = Reason::QueueFull { waiting, bytes: waiting_bytes };
            job.resolve(Err(Error::busy("write", &self.0.path, reason)));
        }
        pending
    }

    /// Resolves when everything that was queued before is committed, or has failed: with it a read
    /// sees what nobody waited for as well.
    pub fn flush(&self) -> Pending<()> {
        self.write(Durability::Written, |_| Ok(()))
    }

    /// Runs `work` on a connection that cannot write, on this thread; waits until one is free.
    ///
    /// It sees all that was committed before it started, but not what is [queued](Self::flush);
    /// two of its statements see the same moment only in a transaction. It must not read through
    /// the database again, nor wait for a write.
    pub fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        let result = self.0.readers.lend(work)?;
        result.map_err(|source| {
            let error = Error::sqlite("read", &self.0.path, source);
            if let Error::Corrupt { path, .. } = &error {
                files::mark_suspect(path);
            }
            error
        })
    }

    /// How SQLite would run each listed query of the schema.
    pub fn verify_queries(&self) -> Result<Vec<QueryPlan>, Error> {
        self.read(|connection| {
            self.0.schema.queries.iter().map(|query| plan::explain(connection, query)).collect()
        })
    }

    /// Copies the database with all that was queued before to `target`, in place of a file of that
    /// name, while others go on reading and writing. [`crate::restore_from`] is the way back.
    pub fn backup_to(&self, target: &Path) -> Result<(), Error> {
        self.flush().wait()?;
        self.0.readers.lend(|source| backup::back_up(source, &self.0.path, target))?
    }

    /// What has been done since the database was opened, and what is waiting.
    pub fn statistics(&self) -> Statistics {
        let queued_works = self.0.queue.as_ref().map_or(0, Sender::len);
        let queued_bytes = self.0.gauges.queued_bytes.load(Ordering::Relaxed);
        Statistics { queued_works, queued_bytes, ..*self.0.gauges.statistics.lock() }
    }

    /// Writes what is queued, folds the log into the file and closes it, for all clones.
    ///
    /// # Errors
    /// Those of the last checkpoint; the file is closed all the same, and nothing committed is
    /// lost by it.
    pub fn close(self) -> Result<(), Error> {
        self.0.readers.close();
        let (resolver, closed) = pending::channel();
        let result = match self.0.queue.as_ref().map(|queue| queue.send(Command::Close(resolver))) {
            Some(Ok(())) => {
                self.0.ring();
                closed.wait()
            }
            Some(Err(_)) | None => Err(Error::Closed),
        };
        self.0.join();
        result
    }

    fn start(
        path: &Path,
        schema: &'static Schema,
        settings: &Settings,
        connection: Connection,
    ) -> Result<Self, Error> {
        let readers = Arc::new(Readers::open(path, settings)?);
        let (queue, works) = crossbeam_channel::unbounded();
        let gauges = Arc::<Gauges>::default();
        let handle = Handle::new(path, schema, settings, Arc::clone(&readers), connection);
        let (bell, rung) = crossbeam_channel::bounded(1);
        let writer = Writer::new(handle, works, rung, Arc::clone(&gauges));
        let thread = thread::Builder::new()
            .name(format!("write {}", schema.name))
            .spawn(|| writer.run())
            .map_err(|source| Error::io("open", path, source))?;
        Ok(Self(Arc::new(Shared {
            path: path.to_owned(),
            schema,
            readers,
            gauges,
            queue: Some(queue),
            bell,
            writer: Mutex::new(Some(thread)),
        })))
    }
}

/// The connection of the writer, to a file that is sound and of today's schema.
fn prepare(path: &Path, schema: &'static Schema, settings: &Settings) -> Result<Connection, Error> {
    let connection = connection::open_writer(path, schema, settings)?;
    connection::check(&connection, path)?;
    migrate::migrate(&connection, path, schema)?;
    Ok(connection)
}

impl Shared {
    /// Tells the writer that somebody is in a hurry.
    fn ring(&self) {
        // A full bell was rung and not heard yet; without a writer nobody is left to hear it.
        let _ = self.bell.try_send(());
    }

    /// Waits for the writer, unless this is it.
    fn join(&self) {
        let Some(writer) = self.writer.lock().take() else { return };
        if writer.thread().id() != thread::current().id() && writer.join().is_err() {
            tracing::error!(path = %self.path.display(), "the writer panicked");
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.readers.close();
        self.queue = None;
        self.ring();
        self.join();
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Database").field("path", &self.0.path).finish_non_exhaustive()
    }
}
