//! The only door to SQLite: one writer thread with group commit, and a pool of readers.
//!
//! - One thread per file writes. Works run in the order in which they were queued, many to a
//!   transaction, each in a savepoint of its own: one that fails leaves its neighbours alone.
//! - A [`Pending`] resolves after its transaction is committed, never before. What was written
//!   [`Durability::Synced`] survives a power loss, and with it everything committed before it.
//! - After a failed sync the handle counts as lost: the file is opened anew and the log folded
//!   into it before anything else is written. A sync is never tried twice.
//! - Checkpoints run on the writer thread, and the write-ahead log is bounded.
//! - A migration happens whole or not at all; a file of a newer version or of another program is
//!   left untouched.
//!
//! What rows mean is the business of the crates above, which pass their [`Schema`] as data.
//!
//! ```
//! use forebay_storage::{Database, Durability, Migration, Schema, Settings};
//!
//! static SCHEMA: Schema = Schema {
//!     name: "notes",
//!     migrations: &[Migration {
//!         version: 1,
//!         name: "notes",
//!         sql: "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)",
//!     }],
//!     indexes: &[],
//!     queries: &[],
//! };
//!
//! # let folder = tempfile::tempdir()?;
//! let notes = Database::open(&folder.path().join("notes.db"), &SCHEMA, &Settings::default())?;
//! notes
//!     .write(Durability::Synced, |connection| {
//!         connection.prepare_cached("INSERT INTO note (text) VALUES (?1)")?.execute(["milk"])
//!     })
//!     .wait()?;
//! let text: String = notes.read(|connection| {
//!     connection.query_row("SELECT text FROM note WHERE id = 1", [], |row| row.get(0))
//! })?;
//! assert_eq!(text, "milk");
//! notes.close()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod backup;
mod boot_id;
mod connection;
mod data_directory;
mod database;
mod durability;
mod error;
mod files;
mod migrate;
mod pending;
mod plan;
mod readers;
mod schema;
mod settings;
mod slot;
mod slots;
mod statistics;
mod writer;

pub use backup::restore_from;
pub use boot_id::BootId;
pub use data_directory::DataDirectory;
pub use database::Database;
pub use durability::Durability;
pub use error::Error;
pub use migrate::{SchemaStatus, schema_status};
pub use pending::Pending;
pub use plan::QueryPlan;
pub use schema::{Index, ListedQuery, Migration, Schema};
pub use settings::{OnCorrupt, Settings};
pub use slot::Slot;
pub use slots::Slots;
pub use statistics::Statistics;
