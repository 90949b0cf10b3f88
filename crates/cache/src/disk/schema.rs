//! The tables of the cache's file.

use storage::{Index, ListedQuery, Migration, Schema};

/// What the cache keeps in its file. The file may be deleted at any time.
///
/// The value comes last, so that the other columns are read without it. A row is never updated: an
/// entry that takes another's place gets a new id, so ids ascend with the time of storing.
pub static SCHEMA: Schema = Schema {
    name: "cache",
    migrations: &[Migration {
        version: 1,
        name: "entries",
        sql: "CREATE TABLE entries (
                  id INTEGER PRIMARY KEY,
                  key BLOB NOT NULL UNIQUE,
                  expires_at INTEGER NOT NULL, -- milliseconds since 1970
                  size INTEGER NOT NULL,       -- bytes of the row
                  checksum BLOB NOT NULL,
                  value BLOB NOT NULL
              ) STRICT;",
    }],
    indexes: &[Index {
        name: "entries_by_expiry",
        sql: "CREATE INDEX IF NOT EXISTS entries_by_expiry ON entries (expires_at, size)",
    }],
    queries: &[
        ListedQuery { name: "look up an entry", sql: LOOK_UP },
        ListedQuery { name: "find an entry", sql: FIND },
        ListedQuery { name: "count the entries", sql: COUNT },
        ListedQuery { name: "list the keys", sql: LIST_KEYS },
        ListedQuery { name: "list expired entries", sql: LIST_EXPIRED },
        ListedQuery { name: "list the oldest entries", sql: LIST_OLDEST },
        ListedQuery { name: "delete an entry by key", sql: DELETE_KEY },
        ListedQuery { name: "delete an entry", sql: DELETE },
    ],
};

pub(super) const LOOK_UP: &str =
    "SELECT id, expires_at, checksum, value FROM entries WHERE key = ?1";
pub(super) const FIND: &str = "SELECT id, size FROM entries WHERE key = ?1";
/// Answered from the index on expiry alone, whatever the values weigh.
pub(super) const COUNT: &str = "SELECT count(*), coalesce(sum(size), 0) FROM entries";
pub(super) const LIST_KEYS: &str = "SELECT key FROM entries";
pub(super) const LIST_EXPIRED: &str =
    "SELECT id, size FROM entries WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2";
pub(super) const LIST_OLDEST: &str =
    "SELECT id, size FROM entries WHERE id > ?1 ORDER BY id LIMIT ?2";
pub(super) const DELETE_KEY: &str = "DELETE FROM entries WHERE key = ?1 RETURNING id, size";
pub(super) const DELETE: &str = "DELETE FROM entries WHERE id = ?1";
pub(super) const INSERT: &str =
    "INSERT INTO entries (key, expires_at, size, checksum, value) VALUES (?1, ?2, ?3, ?4, ?5)";
