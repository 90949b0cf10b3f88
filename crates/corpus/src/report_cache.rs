//! Reports of documents that were analysed before.

use std::path::Path;

use analysis::{Format, Report, RuleSet, Settings, Sketch};
use rusqlite::OptionalExtension as _;
use storage::{Database, Durability, Index, ListedQuery, Migration, OnCorrupt, Schema};

use crate::{Found, Place};

/// The version of what a report holds; raise it with every change of the analysis that the
/// version of this package does not tell.
const REPORT_VERSION: u32 = 2;
/// What a row weighs beside its report.
const ROW_BYTES: usize = 64;
/// Rows that one transaction deletes.
const DELETED_MAX: i64 = 1_024;

/// What the cache keeps in its file, which may be deleted at any time. Ids ascend with the time of
/// writing, so the oldest go first.
pub static SCHEMA: Schema = Schema {
    name: "reports",
    migrations: &[Migration {
        version: 1,
        name: "reports",
        sql: "CREATE TABLE reports (
                  id INTEGER PRIMARY KEY,
                  key BLOB NOT NULL UNIQUE,
                  size INTEGER NOT NULL,       -- bytes of the row
                  report BLOB NOT NULL         -- sketch, then JSON; compressed
              ) STRICT;",
    }],
    indexes: &[Index {
        name: "reports_by_id",
        sql: "CREATE INDEX IF NOT EXISTS reports_by_id ON reports (id, size)",
    }],
    queries: &[
        ListedQuery { name: "look up a report", sql: LOOK_UP },
        ListedQuery { name: "weigh the reports", sql: WEIGH },
        ListedQuery { name: "delete the oldest reports", sql: DELETE_OLDEST },
    ],
};

const LOOK_UP: &str = "SELECT report FROM reports WHERE key = ?1";
const WEIGH: &str = "SELECT coalesce(sum(size), 0) FROM reports INDEXED BY reports_by_id";
const INSERT: &str = "INSERT OR REPLACE INTO reports (key, size, report) VALUES (?1, ?2, ?3)";
const DELETE_OLDEST: &str =
    "DELETE FROM reports WHERE id IN (SELECT id FROM reports ORDER BY id LIMIT ?1)";

/// Reports by what they depend on: the bytes of the document, its format, the settings, the rules
/// and the version of the analysis. A failure is a miss, never an error of the batch.
pub struct ReportCache {
    database: Database,
    settings: blake3::Hash,
    bytes_max: u64,
}

impl ReportCache {
    /// Opens the file, which is set aside where it is damaged, for reports under `settings`.
    ///
    /// # Errors
    /// What [`Database::open`] says.
    pub fn open(path: &Path, settings: &Settings, bytes_max: u64) -> Result<Self, storage::Error> {
        let opened =
            storage::Settings { on_corrupt: OnCorrupt::SetAside, ..storage::Settings::default() };
        let database = Database::open(path, &SCHEMA, &opened)?;
        Ok(Self { database, settings: hash_of(settings), bytes_max })
    }

    pub(crate) fn key(&self, bytes: &[u8], format: Format) -> Key {
        let mut hasher = blake3::Hasher::new_keyed(self.settings.as_bytes());
        hasher.update(format!("{format:?}\0").as_bytes()).update(bytes);
        Key(hasher.finalize().into())
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Found> {
        let look_up = |connection: &rusqlite::Connection| {
            let mut statement = connection.prepare_cached(LOOK_UP)?;
            statement.query_row([key.0.as_slice()], |row| row.get::<_, Vec<u8>>(0)).optional()
        };
        let packed = self.database.read(look_up).ok()??;
        unpacked(&lz4_flex::decompress_size_prepended(&packed).ok()?)
    }

    /// Queues the report. Where the queue is full it is left out.
    pub(crate) fn put(&self, key: Key, found: &Found) {
        let mut bytes = found.sketch.to_bytes().to_vec();
        if serde_json::to_writer(&mut bytes, &(&found.report, &found.places)).is_err() {
            return;
        }
        let packed = lz4_flex::compress_prepend_size(&bytes);
        let size = packed.len() + ROW_BYTES;
        let row_size = i64::try_from(size).unwrap_or(i64::MAX);
        let pending = self.database.write_sized(Durability::Written, size, move |connection| {
            connection.prepare_cached(INSERT)?.execute((
                key.0.as_slice(),
                row_size,
                packed.as_slice(),
            ))
        });
        drop(pending);
    }

    /// Deletes the oldest reports until the rest fits the bound, and closes the file.
    ///
    /// # Errors
    /// What the database says.
    pub fn close(self) -> Result<(), storage::Error> {
        while self.weigh()? > self.bytes_max {
            let deleted = self
                .database
                .write(Durability::Written, |connection| {
                    connection.execute(DELETE_OLDEST, [DELETED_MAX])
                })
                .wait()?;
            if deleted == 0 {
                break;
            }
        }
        self.database.close()
    }

    /// Bytes of all rows, after everything that is queued was written.
    fn weigh(&self) -> Result<u64, storage::Error> {
        let weigh = |connection: &rusqlite::Connection| {
            connection.query_row(WEIGH, [], |row| row.get::<_, i64>(0))
        };
        let bytes = self.database.write(Durability::Written, weigh).wait()?;
        Ok(u64::try_from(bytes).unwrap_or(0))
    }
}

impl std::fmt::Debug for ReportCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReportCache").field("bytes_max", &self.bytes_max).finish_non_exhaustive()
    }
}

/// What a report is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key([u8; 32]);

fn unpacked(bytes: &[u8]) -> Option<Found> {
    let (sketch, json) = bytes.split_first_chunk()?;
    let (report, places) = serde_json::from_slice::<(Report, Vec<Place>)>(json).ok()?;
    Some(Found { report, places, sketch: Sketch::from_bytes(sketch), findings_of_stream: None })
}

fn hash_of(settings: &Settings) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    let version = format!("{REPORT_VERSION} {} {}\0", RuleSet::VERSION, env!("CARGO_PKG_VERSION"));
    // The debug form holds every field, those that are added later too.
    hasher.update(version.as_bytes()).update(format!("{settings:?}\0").as_bytes());
    hasher.finalize()
}

#[cfg(test)]
mod tests;
