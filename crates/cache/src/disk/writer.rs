//! The thread that writes behind the requests.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};
use storage::{Database, Durability};
use types::Clock;

use super::batch::{Batch, ROWS_A_TURN, Total};
use super::filter::Filter;
use super::row::Row;
use super::{Shared, schema};
use crate::entry::codec::Encoder;
use crate::{CacheSettings, Entry, Error, Key};

/// How long the first entry of a batch waits for others: memory has it meanwhile.
const LINGER: Duration = Duration::from_millis(50);
/// From so many waiting commands on the threads that write keep their cores.
const CROWD: usize = 512;

/// What the writer is asked to do.
pub(super) enum Command {
    Put {
        key: Key,
        entry: Arc<Entry>,
    },
    /// Look at a row that a reader found damaged, and delete it if it still is.
    Verify {
        key: Key,
    },
    /// Answer when all that came before is done.
    Flush(Sender<()>),
}

/// Takes what is queued, as many as there are up to a batch, and writes it in one transaction.
/// While that one is committed the next batch gathers.
pub(super) struct Writer {
    database: Database,
    commands: Receiver<Command>,
    /// Rung after a flush was queued. An entry wakes nobody who lingers.
    bell: Receiver<()>,
    encoder: Encoder,
    ttl: Duration,
    bytes_max: i64,
    clock: Clock,
    shared: Arc<Shared>,
    total: Total,
    /// Keys that the filter was told since it was made anew.
    noted: usize,
}

impl Writer {
    pub(super) fn new(
        database: Database,
        commands: Receiver<Command>,
        bell: Receiver<()>,
        settings: &CacheSettings,
        clock: Clock,
        shared: Arc<Shared>,
    ) -> Result<Self, Error> {
        let total = count(&database).map_err(|source| Error::Count { source })?;
        let encoder = Encoder::new().map_err(|source| Error::Start { source })?;
        let ttl = settings.l2_ttl;
        let bytes_max = i64::try_from(settings.l2_bytes).unwrap_or(i64::MAX);
        let writer = Self {
            database,
            commands,
            bell,
            encoder,
            ttl,
            bytes_max,
            clock,
            shared,
            total,
            noted: 0,
        };
        writer.publish_total();
        Ok(writer)
    }

    /// Runs until the other end of the queue is gone and the queue is empty.
    pub(super) fn run(mut self) {
        self.learn_keys();
        let mut was_full = false;
        while let Ok(first) = self.commands.recv() {
            if !was_full && !matches!(first, Command::Flush(_)) {
                // Whether it was rung, in vain or not, or is over makes no difference.
                let _ = self.bell.recv_timeout(LINGER);
            }
            // Between two batches all that was noted is in the file.
            self.refresh_filter();
            let mut batch = Batch::default();
            let mut flushed = self.gather(first, &mut batch);
            while flushed.is_none()
                && !batch.is_full()
                && let Ok(command) = self.commands.try_recv()
            {
                flushed = self.gather(command, &mut batch);
                if batch.rows.len().is_multiple_of(ROWS_A_TURN) {
                    give_way(&self.commands);
                }
            }
            was_full = batch.is_full();
            self.write(batch);
            if let Some(flushed) = flushed {
                // Nobody waits any more where this fails.
                flushed.send(()).unwrap_or_default();
            }
        }
    }

    /// Adds a command to the batch; a flush closes it and is returned.
    fn gather(&mut self, command: Command, batch: &mut Batch) -> Option<Sender<()>> {
        match command {
            Command::Put { key, entry } => {
                self.shared.counters.queued_bytes.fetch_sub(entry.weight(), Ordering::Relaxed);
                let expires_at = entry.stored_at.saturating_add(self.ttl);
                match Row::new(&mut self.encoder, key, &entry, expires_at) {
                    Some(row) if row.size <= self.bytes_max => {
                        self.note(&key);
                        batch.push(row);
                    }
                    Some(_) | None => {
                        self.shared.counters.drops.fetch_add(1, Ordering::Relaxed);
                    }
                }
                None
            }
            Command::Verify { key } => {
                batch.suspects.push(key);
                None
            }
            Command::Flush(done) => Some(done),
        }
    }

    /// Tells the filter of a key before it is in the file.
    fn note(&mut self, key: &Key) {
        if let Some(filter) = self.shared.filter.read().as_ref() {
            filter.note(key.as_bytes());
            self.noted += 1;
        }
    }

    /// Makes a filter anew that was told of too many keys, some of which are long gone.
    fn refresh_filter(&mut self) {
        let capacity = self.shared.filter.read().as_ref().map(Filter::capacity);
        if capacity.is_some_and(|capacity| self.noted > capacity) {
            self.learn_keys();
        }
    }

    /// Makes the filter of the keys that are in the file. Where that fails every look-up goes there.
    fn learn_keys(&mut self) {
        let entries = usize::try_from(self.total.entries).unwrap_or(0);
        let filter = Filter::for_keys(entries.saturating_mul(2));
        let read = self.database.read(|connection| {
            let mut select = connection.prepare_cached(schema::LIST_KEYS)?;
            let mut rows = select.query([])?;
            while let Some(row) = rows.next()? {
                if let Ok(key) = row.get_ref(0)?.as_blob() {
                    filter.note(key);
                }
            }
            Ok(())
        });
        self.noted = entries;
        *self.shared.filter.write() = match read {
            Ok(()) => Some(filter),
            Err(error) => {
                self.shared.note_failure("read", &error);
                None
            }
        };
    }

    fn write(&mut self, mut batch: Batch) {
        if batch.is_empty() {
            return;
        }
        batch.total = self.total;
        batch.bytes_max = self.bytes_max;
        batch.now = i64::try_from(self.clock.now().as_millis()).unwrap_or(i64::MAX);
        let shared = Arc::clone(&self.shared);
        let commands = self.commands.clone();
        let written = self
            .database
            .write(Durability::Written, move |connection| {
                batch.write(connection, &shared.uses, || give_way(&commands))
            })
            .wait();
        match written {
            Ok(written) => {
                self.total = written.total;
                let counters = &self.shared.counters;
                counters.stores.fetch_add(written.stores, Ordering::Relaxed);
                counters.evictions.fetch_add(written.evictions, Ordering::Relaxed);
                counters.expirations.fetch_add(written.expirations, Ordering::Relaxed);
                counters.corrupt.fetch_add(written.corrupt, Ordering::Relaxed);
            }
            Err(error) => {
                self.shared.note_failure("write", &error);
                // What the failed transaction would have changed is not known here.
                self.total = count(&self.database).unwrap_or(self.total);
            }
        }
        self.publish_total();
    }

    fn publish_total(&self) {
        let counters = &self.shared.counters;
        let positive = |number: i64| u64::try_from(number).unwrap_or(0);
        counters.entries.store(positive(self.total.entries), Ordering::Relaxed);
        counters.bytes.store(positive(self.total.bytes), Ordering::Relaxed);
    }
}

/// Lets requests, which the same cores serve, go first, as long as few commands wait.
fn give_way(commands: &Receiver<Command>) {
    if commands.len() < CROWD {
        std::thread::yield_now();
    }
}

fn count(database: &Database) -> Result<Total, storage::Error> {
    database.read(|connection| {
        connection
            .prepare_cached(schema::COUNT)?
            .query_row([], |row| Ok(Total { entries: row.get(0)?, bytes: row.get(1)? }))
    })
}
