//! The data directory, opened.

use std::path::Path;
use std::sync::Arc;

use budget::{KeyStore, Ledger, LedgerSettings};
use storage::{DataDirectory, Database, Settings};
use types::Clock;

use super::OperatorError;
use crate::LazyKnowledge;

/// The ledger's file in the data directory.
pub(super) const LEDGER_FILE: &str = "ledger.db";
/// The cache's file in the data directory.
pub(super) const CACHE_FILE: &str = "cache.db";
/// The secret of the key hashes.
pub(super) const PEPPER_FILE: &str = "pepper";

/// The lock of a data directory, with its ledger and keys. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    directory: Arc<DataDirectory>,
    file: Database,
    ledger: Ledger,
    keys: KeyStore,
    knowledge: Arc<LazyKnowledge>,
    clock: Clock,
}

impl Store {
    /// Locks `directory`, brings its ledger to this version and recovers what was open.
    ///
    /// # Errors
    /// [`storage::Error::Held`] where another process owns the directory; what the files say.
    pub fn open(
        directory: &Path,
        settings: LedgerSettings,
        clock: Clock,
    ) -> Result<Self, OperatorError> {
        let directory = DataDirectory::lock(directory)?;
        let path = directory.path().join(LEDGER_FILE);
        let file = Database::open(&path, &budget::SCHEMA, &Settings::default())?;
        let boot = DataDirectory::boot_id();
        let ledger = Ledger::open(file.clone(), settings, boot, clock.clone())?;
        let keys = KeyStore::open(file.clone(), directory.path(), clock.clone())?;
        let knowledge = Arc::new(LazyKnowledge::new(directory.path(), clock.clone()));
        let directory = Arc::new(directory);
        Ok(Self { directory, file, ledger, keys, knowledge, clock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Accounts and charges.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Virtual keys.
    pub fn keys(&self) -> &KeyStore {
        &self.keys
    }

    /// The clock that all of it was opened with.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(super) fn file(&self) -> &Database {
        &self.file
    }

    /// Opens the disk tier of the cache.
    ///
    /// # Errors
    /// Where the file cannot be used; one that is damaged is set aside.
    pub fn open_cache(&self) -> Result<Database, OperatorError> {
        Ok(cache::Cache::open_file(&self.path().join(CACHE_FILE))?)
    }

    /// What is known.
    pub fn knowledge(&self) -> &Arc<LazyKnowledge> {
        &self.knowledge
    }

    /// Gives unspent leases back and closes the ledger's file, for all clones.
    ///
    /// # Errors
    /// What could not be written; then the leases count as in use until the next start.
    pub async fn close(self) -> Result<(), OperatorError> {
        let known = self.knowledge.close();
        self.ledger.close().await?;
        self.file.close()?;
        Ok(known?)
    }
}
