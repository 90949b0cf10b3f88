//! A small schema and what the tests do with it.

use std::path::{Path, PathBuf};
use std::sync::mpsc;

use forebay_storage::{
    Database, Durability, Index, ListedQuery, Migration, Pending, Schema, Settings,
};
use tempfile::TempDir;

pub(crate) static SCHEMA: Schema = Schema {
    name: "records",
    migrations: &[
        Migration {
            version: 1,
            name: "records",
            sql: "CREATE TABLE record (id INTEGER PRIMARY KEY, body BLOB NOT NULL)",
        },
        Migration {
            version: 2,
            name: "tags",
            sql: "ALTER TABLE record ADD COLUMN tag TEXT NOT NULL DEFAULT ''; \
                  CREATE TABLE tag (name TEXT NOT NULL) STRICT; \
                  INSERT INTO tag VALUES ('first');",
        },
    ],
    indexes: &[Index {
        name: "record_by_tag",
        sql: "CREATE INDEX IF NOT EXISTS record_by_tag ON record (tag)",
    }],
    queries: &[ListedQuery { name: "by tag", sql: "SELECT body FROM record WHERE tag = ?1" }],
};

/// A folder of its own and the path of a database in it.
pub(crate) fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("records.db");
    (folder, path)
}

pub(crate) fn open(path: &Path) -> Database {
    Database::open(path, &SCHEMA, &Settings::default()).unwrap()
}

/// Small pages, and a log that is folded every few writes, over a faulty file layer.
pub(crate) fn small(vfs: &'static str) -> Settings {
    Settings {
        readers: 1,
        page_size_bytes: 1 << 10,
        wal_max_bytes: 20 << 10,
        vfs: Some(vfs),
        ..Settings::default()
    }
}

/// A body that tells which record it belongs to.
pub(crate) fn body(id: i64) -> Vec<u8> {
    let mut body = vec![0xb0; 500];
    body[..8].copy_from_slice(&id.to_le_bytes());
    body
}

pub(crate) fn insert(database: &Database, durability: Durability, id: i64) -> Pending<()> {
    database.write(durability, move |connection| {
        let mut insert =
            connection.prepare_cached("INSERT INTO record (id, body) VALUES (?1, ?2)")?;
        insert.execute((id, body(id))).map(drop)
    })
}

pub(crate) fn ids(database: &Database) -> Vec<i64> {
    database
        .read(|connection| {
            let mut select = connection.prepare_cached("SELECT id FROM record ORDER BY id")?;
            select.query_map([], |row| row.get(0))?.collect()
        })
        .unwrap()
}

/// Keeps the writer busy until the sender is used or dropped, so that what follows piles up.
pub(crate) fn hold(database: &Database) -> (mpsc::Sender<()>, Pending<()>) {
    let (release, held) = mpsc::channel::<()>();
    let (started, running) = mpsc::channel();
    let pending = database.write(Durability::Written, move |_| {
        started.send(()).unwrap();
        let _ = held.recv();
        Ok(())
    });
    running.recv().unwrap();
    (release, pending)
}
