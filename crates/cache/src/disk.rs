//! The disk tier: rows of one SQLite file, written behind the requests.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Sender, TrySendError, bounded};
use storage::{Database, OnCorrupt, Settings};
use types::{Clock, Timestamp};

use crate::{CacheSettings, Entry, Error, Key, TierStatistics};
use counters::Counters;
use filter::Filter;
use parking_lot::RwLock;
use row::Looked;
use uses::Uses;
use writer::{Command, Writer};

mod batch;
mod counters;
mod filter;
mod row;
mod schema;
#[cfg(test)]
mod tests;
mod uses;
mod writer;

pub use schema::SCHEMA;

/// The most entries that wait to be written.
const QUEUE_ENTRIES_MAX: usize = 4_096;
/// The most bytes that wait to be written.
const QUEUE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Answers kept in a file.
pub(crate) struct Disk {
    database: Database,
    ttl: Duration,
    clock: Clock,
    shared: Arc<Shared>,
    /// None only while it is dropped, which ends the writer.
    queue: Option<Sender<Command>>,
    /// Wakes a writer who waits for others to share a transaction. Goes with the queue.
    bell: Option<Sender<()>>,
    writer: Option<JoinHandle<()>>,
}

/// What readers and the writer both touch.
#[derive(Default)]
struct Shared {
    counters: Counters,
    uses: Uses,
    /// None until the keys of the file are known: then nothing is certainly not there.
    filter: RwLock<Option<Filter>>,
    has_failed: AtomicBool,
}

/// An entry on disk.
pub(crate) struct Found {
    pub(crate) entry: Entry,
    pub(crate) age: Duration,
    pub(crate) remaining: Duration,
}

/// Opens the cache's file as a cache should be: a damaged one is set aside for an empty one.
pub(crate) fn open(path: &Path) -> Result<Database, storage::Error> {
    let settings = Settings { on_corrupt: OnCorrupt::SetAside, ..Settings::default() };
    Database::open(path, &SCHEMA, &settings)
}

impl Disk {
    pub(crate) fn new(
        database: Database,
        settings: &CacheSettings,
        clock: Clock,
    ) -> Result<Self, Error> {
        let shared = Arc::<Shared>::default();
        let (queue, commands) = bounded(QUEUE_ENTRIES_MAX);
        let (bell, rung) = bounded(1);
        let state = Arc::clone(&shared);
        let writer = Writer::new(database.clone(), commands, rung, settings, clock.clone(), state)?;
        let writer = std::thread::Builder::new()
            .name("cache to disk".to_owned())
            .spawn(move || writer.run())
            .map_err(|source| Error::Start { source })?;
        let (queue, bell, writer) = (Some(queue), Some(bell), Some(writer));
        Ok(Self { database, ttl: settings.l2_ttl, clock, shared, queue, bell, writer })
    }

    /// The entry, where it is there, whole, still alive and not older than `max_age`. A failure is a
    /// miss and a counter.
    pub(crate) fn get(&self, key: &Key, max_age: Option<Duration>) -> Option<Found> {
        let found = self.look_up(key).filter(|found| {
            max_age.is_none_or(|max_age| !max_age.is_zero() && found.age <= max_age)
        });
        let counters = &self.shared.counters;
        let counter = if found.is_some() { &counters.hits } else { &counters.misses };
        counter.fetch_add(1, Ordering::Relaxed);
        found
    }

    /// Queues an entry to be written. Where the queue is full it is dropped and counted.
    pub(crate) fn put(&self, key: Key, entry: Arc<Entry>) {
        let bytes = entry.weight();
        let counters = &self.shared.counters;
        let waiting = counters.queued_bytes.fetch_add(bytes, Ordering::Relaxed);
        let fits = waiting.saturating_add(bytes) <= QUEUE_BYTES_MAX;
        if !fits || !self.try_send(Command::Put { key, entry }) {
            counters.queued_bytes.fetch_sub(bytes, Ordering::Relaxed);
            counters.drops.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Blocks until what was queued before is committed, or has failed.
    pub(crate) fn flush(&self) {
        let (done, is_done) = bounded(1);
        let sent = self.queue.as_ref().map(|queue| queue.send(Command::Flush(done)));
        if let Some(bell) = &self.bell {
            // A full bell was rung and not heard yet.
            let _ = bell.try_send(());
        }
        // Either end is gone only when the writer is, and then nothing is left to wait for.
        if let Some(Ok(())) = sent {
            is_done.recv().unwrap_or_default();
        }
    }

    pub(crate) fn statistics(&self) -> TierStatistics {
        self.shared.counters.statistics()
    }

    fn look_up(&self, key: &Key) -> Option<Found> {
        if self.shared.filter.read().as_ref().is_some_and(|filter| !filter.may_hold(key)) {
            return None;
        }
        match self.database.read(|connection| row::look_up(connection, key)) {
            Ok(Looked::Whole { id, expires_at, entry }) => {
                let found = self.alive(entry, expires_at)?;
                self.shared.uses.count(id);
                Some(found)
            }
            Ok(Looked::Nothing) => None,
            Ok(Looked::Damaged) => {
                // Where the queue is full the row is found damaged again at the next look-up.
                self.try_send(Command::Verify { key: *key });
                None
            }
            Err(error) => {
                self.shared.note_failure("read", &error);
                None
            }
        }
    }

    /// An entry that seems to come from the future is not used: the wall clock was set back, and
    /// nobody can say how old it is.
    fn alive(&self, entry: Entry, expires_at: Timestamp) -> Option<Found> {
        let now = self.clock.now();
        if entry.stored_at > now {
            return None;
        }
        let age = now.saturating_since(entry.stored_at);
        // The life by today's settings, where they were shortened since it was written.
        let remaining =
            std::cmp::min(expires_at.saturating_since(now), self.ttl.saturating_sub(age));
        (!remaining.is_zero()).then_some(Found { entry, age, remaining })
    }

    fn try_send(&self, command: Command) -> bool {
        let Some(queue) = &self.queue else { return false };
        match queue.try_send(command) {
            Ok(()) => true,
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => false,
        }
    }
}

impl Shared {
    /// Counts a failure; the first one is logged as well.
    fn note_failure(&self, operation: &str, error: &storage::Error) {
        self.counters.failures.fetch_add(1, Ordering::Relaxed);
        if !self.has_failed.swap(true, Ordering::Relaxed) {
            tracing::warn!(operation, %error, "the disk cache fails; requests go on without it");
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.queue = None;
        self.bell = None;
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the writer of the disk cache panicked");
        }
    }
}
