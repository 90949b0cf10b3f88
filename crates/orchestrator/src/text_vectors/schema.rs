//! The table of the file of vectors.

use storage::{Index, ListedQuery, Migration, Schema};

/// What the file holds. It may be deleted at any time.
///
/// The vector comes last, so that the other columns are read without it.
pub(crate) static SCHEMA: Schema = Schema {
    name: "embeddings",
    migrations: &[Migration {
        version: 1,
        name: "vectors",
        sql: "CREATE TABLE vectors (
                  id INTEGER PRIMARY KEY,
                  key BLOB NOT NULL UNIQUE,
                  used_at INTEGER NOT NULL, -- milliseconds since 1970
                  vector BLOB NOT NULL      -- 32-bit floats, little-endian
              ) STRICT;",
    }],
    indexes: &[Index {
        name: "vectors_by_use",
        sql: "CREATE INDEX IF NOT EXISTS vectors_by_use ON vectors (used_at)",
    }],
    queries: &[
        ListedQuery { name: "look up a vector", sql: LOOK_UP },
        ListedQuery { name: "count the vectors", sql: COUNT },
        ListedQuery { name: "note a use", sql: TOUCH },
        ListedQuery { name: "delete what was used longest ago", sql: EVICT },
    ],
};

pub(super) const LOOK_UP: &str = "SELECT id, used_at, vector FROM vectors WHERE key = ?1";
/// Answered from the index on use alone, whatever the vectors weigh.
pub(super) const COUNT: &str = "SELECT count(*) FROM vectors";
pub(super) const TOUCH: &str = "UPDATE vectors SET used_at = ?2 WHERE id = ?1";
pub(super) const EVICT: &str =
    "DELETE FROM vectors WHERE id IN (SELECT id FROM vectors ORDER BY used_at LIMIT ?1)";
pub(super) const PUT: &str =
    "INSERT OR REPLACE INTO vectors (key, used_at, vector) VALUES (?1, ?2, ?3)";
