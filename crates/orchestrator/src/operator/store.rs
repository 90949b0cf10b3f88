//! The data directory, opened.

use std::path::Path;
use std::sync::Arc;

use budget::{KeyStore, Ledger};
use storage::{DataDirectory, Database, Settings};
use types::Clock;

use super::OperatorError;
use crate::config::Config;
use crate::{LazyKnowledge, LocalModel};

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
    local_model: Arc<LocalModel>,
    clock: Clock,
}

impl Store {
    /// Locks the data directory, brings its ledger to this version and recovers what was open.
    ///
    /// # Errors
    /// [`storage::Error::Held`] where another process owns the directory; what the files say.
    pub fn open(config: &Config, clock: Clock) -> Result<Self, OperatorError> {
        let directory = DataDirectory::lock(&config.data_directory)?;
        let path = directory.path().join(LEDGER_FILE);
        let file = Database::open(&path, &budget::SCHEMA, &Settings::default())?;
        let boot = DataDirectory::boot_id();
        let ledger = Ledger::open(file.clone(), config.ledger, boot, clock.clone())?;
        let keys = KeyStore::open(file.clone(), directory.path(), clock.clone())?;
        let embeddings = config.embeddings.clone();
        let local_model = LocalModel::new(directory.path(), embeddings, clock.clone());
        let (local_model, directory) = (Arc::new(local_model), Arc::new(directory));
        let (model, place) = (Arc::clone(&local_model), config.knowledge.vector_place.clone());
        let knowledge = LazyKnowledge::open(directory.path(), model, place, clock.clone())?;
        let knowledge = Arc::new(knowledge);
        Ok(Self { directory, file, ledger, keys, knowledge, local_model, clock })
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

    /// The model of this machine.
    pub fn local_model(&self) -> &Arc<LocalModel> {
        &self.local_model
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
        let embedded = self.local_model.close();
        self.ledger.close().await?;
        self.file.close()?;
        known?;
        Ok(embedded?)
    }
}
