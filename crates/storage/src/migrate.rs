//! From the schema that a file has to the one that this program knows.

use std::path::Path;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::error::Reason;
use crate::{Error, Index, Migration, Schema, connection};

/// How far a file's schema is from today's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaStatus {
    /// The version of the file; 0 where there is no file or nothing in it.
    pub current: u32,
    /// The version that this program knows.
    pub latest: u32,
    /// The indexes of today that the file lacks.
    pub missing_indexes: Vec<&'static str>,
}

impl SchemaStatus {
    /// Whether nothing is to be done.
    pub fn is_current(&self) -> bool {
        self.current == self.latest && self.missing_indexes.is_empty()
    }
}

/// Tells what opening the file would change, and changes nothing.
///
/// # Errors
/// [`Error::Foreign`] and [`Error::NewerSchema`] where opening it would be refused.
pub fn schema_status(path: &Path, schema: &'static Schema) -> Result<SchemaStatus, Error> {
    if !path.exists() {
        let missing_indexes = schema.indexes.iter().map(|index| index.name).collect();
        return Ok(SchemaStatus { current: 0, latest: schema.latest(), missing_indexes });
    }
    let connection = connection::open_reader(path, None)?;
    let current = version_for(&connection, path, schema)?;
    let missing = missing_indexes(&connection, schema)
        .map_err(|source| Error::sqlite("inspect", path, source))?;
    let missing_indexes = missing.iter().map(|index| index.name).collect();
    Ok(SchemaStatus { current, latest: schema.latest(), missing_indexes })
}

/// Brings the file to today's schema. Interrupted anywhere, the next call goes on from there.
pub(crate) fn migrate(
    connection: &Connection,
    path: &Path,
    schema: &'static Schema,
) -> Result<(), Error> {
    if !schema.is_numbered() {
        return Err(Error::query("migrate", path, Reason::Numbering { schema: schema.name }));
    }
    let failed = |source| Error::sqlite("migrate", path, source);
    let current = version_for(connection, path, schema)?;
    for migration in schema.migrations.iter().filter(|migration| migration.version > current) {
        apply(connection, schema, migration).map_err(failed)?;
        tracing::info!(
            path = %path.display(), version = migration.version, name = migration.name, "migrated"
        );
    }
    for index in missing_indexes(connection, schema).map_err(failed)? {
        connection.execute_batch(index.sql).map_err(failed)?;
        tracing::info!(path = %path.display(), name = index.name, "created index");
    }
    Ok(())
}

/// The file's version, if the file is new or of this schema and not of a newer program.
pub(crate) fn version_for(
    connection: &Connection,
    path: &Path,
    schema: &'static Schema,
) -> Result<u32, Error> {
    let stamp = Stamp::read(connection).map_err(|source| Error::sqlite("inspect", path, source))?;
    if stamp.is_new() {
        return Ok(0);
    }
    if stamp.application_id != schema.application_id() {
        return Err(Error::Foreign { path: path.to_owned(), expected: schema.name });
    }
    if stamp.version > schema.latest() {
        let (found, known) = (stamp.version, schema.latest());
        return Err(Error::NewerSchema { path: path.to_owned(), found, known });
    }
    Ok(stamp.version)
}

/// What a file says about itself.
struct Stamp {
    application_id: i32,
    version: u32,
    objects: i64,
}

impl Stamp {
    fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get(0));
        let objects =
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        let version = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        Ok(Self { application_id: number("application_id")?, version, objects })
    }

    fn is_new(&self) -> bool {
        self.application_id == 0 && self.version == 0 && self.objects == 0
    }
}

/// One migration and its stamp, together or not at all.
fn apply(connection: &Connection, schema: &Schema, migration: &Migration) -> rusqlite::Result<()> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    transaction.execute_batch(migration.sql)?;
    transaction.pragma_update(None, "application_id", schema.application_id())?;
    transaction.pragma_update(None, "user_version", migration.version)?;
    transaction.commit()
}

fn missing_indexes(
    connection: &Connection,
    schema: &'static Schema,
) -> rusqlite::Result<Vec<&'static Index>> {
    let mut find =
        connection.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?1")?;
    let mut missing = Vec::new();
    for index in schema.indexes {
        if !find.exists([index.name])? {
            missing.push(index);
        }
    }
    Ok(missing)
}
