//! Vectors on disk.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use metrics::counter;
use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension, params};
use storage::{Database, Durability, OnCorrupt, Pending, Settings};
use telemetry::names;
use types::{Clock, Timestamp};

use super::schema::{self, SCHEMA};
use super::vector_cache::{Key, Vector};

/// The most vectors in the file: 100,000 of 384 numbers are about 200 MB.
const ROWS_MAX: usize = 100_000;
/// A use is noted once an hour, so that reading seldom writes.
const USE_NOTED_MS: i64 = 3_600_000;

/// Vectors in a file, written behind who makes them. What fails is counted, and the first of it
/// logged.
#[derive(Debug)]
pub(super) struct VectorFile {
    database: Database,
    /// Numbers of a vector.
    dimensions: usize,
    clock: Clock,
    rows: Arc<AtomicUsize>,
    rows_max: usize,
    /// The last write, waited for after the next one: so few wait, and a failure shows.
    written: Mutex<Option<Pending<()>>>,
    has_failed: AtomicBool,
}

/// A vector and when it was noted as used.
struct Row {
    id: i64,
    used_at: i64,
    vector: Vector,
}

/// Opens the file, or makes it. One that is damaged is set aside for an empty one.
pub(crate) fn open_file(path: &Path) -> Result<Database, storage::Error> {
    let settings = Settings { on_corrupt: OnCorrupt::SetAside, ..Settings::default() };
    Database::open(path, &SCHEMA, &settings)
}

impl VectorFile {
    pub(super) fn open(
        path: &Path,
        dimensions: usize,
        clock: Clock,
    ) -> Result<Self, storage::Error> {
        Self::bounded(path, dimensions, clock, ROWS_MAX)
    }

    pub(super) fn bounded(
        path: &Path,
        dimensions: usize,
        clock: Clock,
        rows_max: usize,
    ) -> Result<Self, storage::Error> {
        let database = open_file(path)?;
        let rows = Arc::new(AtomicUsize::new(database.read(count)?));
        let (written, has_failed) = (Mutex::new(None), AtomicBool::new(false));
        Ok(Self { database, dimensions, clock, rows, rows_max, written, has_failed })
    }

    /// What is there of `keys`, in order.
    pub(super) fn read(&self, keys: &[Key]) -> Vec<(Key, Vector)> {
        let read = self.database.read(|connection| {
            let mut statement = connection.prepare_cached(schema::LOOK_UP)?;
            let mut rows = Vec::new();
            for key in keys {
                let row = statement.query_row([key.as_slice()], |row| {
                    let bytes = row.get_ref(2)?.as_blob()?;
                    Ok(Row { id: row.get(0)?, used_at: row.get(1)?, vector: vector(bytes) })
                });
                rows.push(row.optional()?);
            }
            Ok(rows)
        });
        let rows = read.unwrap_or_else(|error| {
            self.note_failure("read", &error);
            Vec::new()
        });
        let found = keys.iter().zip(rows).filter_map(|(key, row)| Some((*key, row?)));
        // A row of another length is damaged; the vector that is made in its place replaces it.
        let found: Vec<_> = found.filter(|(_, row)| row.vector.len() == self.dimensions).collect();
        self.note_uses(found.iter().map(|(_, row)| row));
        found.into_iter().map(|(key, row)| (key, row.vector)).collect()
    }

    /// Queues vectors to be written.
    pub(super) fn write(&self, vectors: Vec<(Key, Vector)>) {
        let bytes = vectors.iter().map(|(_, vector)| size_of_val::<[f32]>(vector)).sum();
        let (now, rows, rows_max) =
            (millis(self.clock.now()), Arc::clone(&self.rows), self.rows_max);
        self.write_behind(bytes, move |connection| {
            let mut statement = connection.prepare_cached(schema::PUT)?;
            for (key, vector) in &vectors {
                statement.execute(params![key.as_slice(), now, self::bytes(vector)])?;
            }
            // One that replaces another counts twice until they are counted again.
            if rows.fetch_add(vectors.len(), Ordering::Relaxed) + vectors.len() > rows_max {
                rows.store(make_room(connection, rows_max)?, Ordering::Relaxed);
            }
            Ok(())
        });
    }

    pub(super) fn close(&self) -> Result<(), storage::Error> {
        let last = self.written.lock().take();
        self.wait_for(last);
        self.database.clone().close()
    }

    fn note_uses<'r>(&self, rows: impl Iterator<Item = &'r Row>) {
        let now = millis(self.clock.now());
        let is_due = |row: &&Row| now.saturating_sub(row.used_at) >= USE_NOTED_MS;
        let ids: Vec<i64> = rows.filter(is_due).map(|row| row.id).collect();
        if !ids.is_empty() {
            self.write_behind(0, move |connection| {
                let mut statement = connection.prepare_cached(schema::TOUCH)?;
                ids.iter().try_for_each(|id| statement.execute([*id, now]).map(drop))
            });
        }
    }

    fn write_behind(
        &self,
        bytes: usize,
        work: impl FnOnce(&Connection) -> rusqlite::Result<()> + Send + 'static,
    ) {
        let pending = self.database.write_sized(Durability::Soon, bytes, work);
        let before = self.written.lock().replace(pending);
        self.wait_for(before);
    }

    fn wait_for(&self, write: Option<Pending<()>>) {
        if let Some(Err(error)) = write.map(Pending::wait) {
            self.note_failure("write", &error);
        }
    }

    fn note_failure(&self, operation: &'static str, error: &storage::Error) {
        counter!(names::SWALLOWED_ERRORS, "operation" => "embeddings_file").increment(1);
        if !self.has_failed.swap(true, Ordering::Relaxed) {
            tracing::warn!(operation, %error, "the file of vectors fails; texts are embedded anew");
        }
    }
}

/// Deletes what was used longest ago, a sixteenth more than must go. Returns how many are left.
fn make_room(connection: &Connection, rows_max: usize) -> rusqlite::Result<usize> {
    let rows = count(connection)?;
    if rows <= rows_max {
        return Ok(rows);
    }
    let left = rows_max - rows_max / 16;
    let excess = i64::try_from(rows - left).unwrap_or(i64::MAX);
    let deleted = connection.prepare_cached(schema::EVICT)?.execute([excess])?;
    Ok(rows.saturating_sub(deleted))
}

fn count(connection: &Connection) -> rusqlite::Result<usize> {
    let rows: i64 = connection.prepare_cached(schema::COUNT)?.query_row([], |row| row.get(0))?;
    Ok(usize::try_from(rows).unwrap_or(0))
}

fn millis(time: Timestamp) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

fn bytes(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn vector(bytes: &[u8]) -> Vector {
    let (numbers, _) = bytes.as_chunks::<4>();
    numbers.iter().map(|number| f32::from_le_bytes(*number)).collect()
}
