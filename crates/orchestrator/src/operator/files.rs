//! Schemas, backups and the way back.

use std::path::Path;

use storage::{DataDirectory, Database, QueryPlan, Schema, SchemaStatus, Settings};

use super::store::{CACHE_FILE, LEDGER_FILE, PEPPER_FILE};
use super::{OperatorError, Store};
use crate::text_vectors;
use crate::{KNOWLEDGE_FILE, VECTORS_FILE};

/// Every database of the data directory, with its schema.
const DATABASES: [(&str, &Schema); 4] = [
    (LEDGER_FILE, &budget::SCHEMA),
    (CACHE_FILE, &cache::SCHEMA),
    (KNOWLEDGE_FILE, &::knowledge::SCHEMA),
    (VECTORS_FILE, &text_vectors::SCHEMA),
];

/// The secret of a backup on its way into a data directory.
const PEPPER_INCOMING: &str = "pepper.incoming";

/// Databases by file name, with what is known of their schemas.
pub type Schemas = Vec<(&'static str, SchemaStatus)>;

/// How current each database is; one that does not exist has version 0. Vectors that are kept to
/// spare work are made when they are first needed, so before that there is nothing to tell of them.
///
/// # Errors
/// What the files say.
pub fn schemas(directory: &Path) -> Result<Schemas, OperatorError> {
    let is_due = |file| file != VECTORS_FILE || directory.join(file).exists();
    let status =
        |(file, schema)| Ok((file, storage::schema_status(&directory.join(file), schema)?));
    DATABASES.into_iter().filter(|(file, _)| is_due(*file)).map(status).collect()
}

/// Creates every database or brings it to this version, indexes included.
///
/// # Errors
/// [`storage::Error::Held`] where a process owns the directory; what the files say. A step that
/// fails leaves its database as it was.
pub fn migrate(directory: &Path) -> Result<(), OperatorError> {
    let directory = DataDirectory::lock(directory)?;
    for database in open_all(&directory)? {
        database.close()?;
    }
    Ok(())
}

/// Creates missing indexes and asks for the plan of every listed query.
///
/// # Errors
/// As [`migrate`].
pub fn verify(directory: &Path) -> Result<Vec<QueryPlan>, OperatorError> {
    let directory = DataDirectory::lock(directory)?;
    let mut plans = Vec::new();
    for database in open_all(&directory)? {
        plans.extend(database.verify_queries()?);
        database.close()?;
    }
    Ok(plans)
}

fn open_all(directory: &DataDirectory) -> Result<Vec<Database>, OperatorError> {
    let open = |file: &str, schema| {
        Database::open(&directory.path().join(file), schema, &Settings::default())
    };
    let ledger = open(LEDGER_FILE, &budget::SCHEMA)?;
    let cache = cache::Cache::open_file(&directory.path().join(CACHE_FILE))?;
    let knowledge = open(KNOWLEDGE_FILE, &::knowledge::SCHEMA)?;
    let vectors = text_vectors::open_file(&directory.path().join(VECTORS_FILE))?;
    Ok(vec![ledger, cache, knowledge, vectors])
}

/// Copies the ledger of `store`, the secret that its keys are hashed with and what is known into a
/// new directory.
///
/// # Errors
/// [`OperatorError::Exists`] where there is something already; what the files say.
pub fn backup_files(store: &Store, target: &Path) -> Result<(), OperatorError> {
    if target.exists() {
        let advice = "name a directory that does not exist yet";
        return Err(OperatorError::Exists { path: target.to_owned(), advice });
    }
    // Locking creates the directory with the mode of a data directory.
    let target = DataDirectory::lock(target)?;
    store.file().backup_to(&target.path().join(LEDGER_FILE))?;
    store.knowledge().backup_to(&target.path().join(KNOWLEDGE_FILE))?;
    copy(&store.path().join(PEPPER_FILE), &target.path().join(PEPPER_FILE))
}

/// Brings a backup back into a data directory that nobody uses.
///
/// # Errors
/// [`OperatorError::Exists`] where there is a ledger and `replace` is false;
/// [`storage::Error::Held`] while a process owns the directory; what the files say. Of ledger and
/// knowledge each stays what it was where its backup cannot be used.
pub fn restore(source: &Path, directory: &Path, replace: bool) -> Result<(), OperatorError> {
    let directory = DataDirectory::lock(directory)?;
    let target = directory.path().join(LEDGER_FILE);
    if target.exists() && !replace {
        let advice = "pass --replace to put the backup in its place";
        return Err(OperatorError::Exists { path: target, advice });
    }
    // No key of the ledger is good without the secret, so the ledger waits for it.
    let incoming = directory.path().join(PEPPER_INCOMING);
    copy(&source.join(PEPPER_FILE), &incoming)?;
    let restored = storage::restore_from(&source.join(LEDGER_FILE), &target, &budget::SCHEMA);
    let placed = match &restored {
        Ok(()) => fs_err::rename(&incoming, directory.path().join(PEPPER_FILE)),
        Err(_) => fs_err::remove_file(&incoming),
    };
    restored?;
    placed.map_err(|source| OperatorError::Copy { source })?;
    let (known, target) = (source.join(KNOWLEDGE_FILE), directory.path().join(KNOWLEDGE_FILE));
    if known.exists() {
        storage::restore_from(&known, &target, &::knowledge::SCHEMA)?;
    }
    Ok(())
}

/// Copies a file with its mode, which lets the owner alone read it.
fn copy(source: &Path, target: &Path) -> Result<(), OperatorError> {
    fs_err::copy(source, target)
        .and_then(|_| fs_err::File::open(target)?.sync_all())
        .map_err(|source| OperatorError::Copy { source })
}
