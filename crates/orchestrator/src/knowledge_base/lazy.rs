//! What a team knows, with what finds it started when it is first asked for.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use ::knowledge::Store;
use parking_lot::Mutex;
use types::{Clock, TenantId};

use super::{KNOWLEDGE_FILE, KnowledgeBase, KnowledgeError};
use crate::config::VectorPlace;
use crate::{LocalModel, TextVectors};

/// What a team knows. The file is open; the rules, the model and the index are made when somebody
/// first asks, because many gateways are never asked.
#[derive(Debug)]
pub struct LazyKnowledge {
    store: Store,
    model: Arc<LocalModel>,
    place: VectorPlace,
    base: Mutex<Option<Arc<KnowledgeBase>>>,
}

impl LazyKnowledge {
    /// Opens the file of the data directory `directory`. Things are found by meaning once `model` is
    /// installed, their vectors at `place`.
    ///
    /// # Errors
    /// What the file says.
    pub fn open(
        directory: &Path,
        model: Arc<LocalModel>,
        place: VectorPlace,
        clock: Clock,
    ) -> Result<Self, KnowledgeError> {
        let store = Store::open(&directory.join(KNOWLEDGE_FILE), clock)?;
        Ok(Self { store, model, place, base: Mutex::new(None) })
    }

    /// What is known, ready to be asked. The first call loads the model: only for a thread that may
    /// block.
    ///
    /// # Errors
    /// What the store or the index says.
    pub fn base(&self) -> Result<Arc<KnowledgeBase>, KnowledgeError> {
        let mut made = self.base.lock();
        let base = match &*made {
            Some(base) => Arc::clone(base),
            None => Arc::new(KnowledgeBase::new(self.store.clone())?),
        };
        if let Some(texts) = self.texts() {
            base.find_meaning_with(texts, &self.place)?;
        }
        Ok(Arc::clone(made.insert(base)))
    }

    /// The model, where there is one that can be used. One that cannot is told of in the log, and
    /// things are found by their words alone, which every answer says.
    fn texts(&self) -> Option<Arc<TextVectors>> {
        self.model.text_vectors().unwrap_or_else(|error| {
            tracing::warn!(error = types::chain(&error), "the embedding model cannot be used");
            None
        })
    }

    /// Whether nothing is known of any of these tenants.
    ///
    /// # Errors
    /// What the store says.
    pub fn is_empty(&self, tenants: &BTreeSet<TenantId>) -> Result<bool, KnowledgeError> {
        for tenant in tenants {
            if self.store.counts(tenant)?.items > 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Writes a consistent copy to `target`.
    ///
    /// # Errors
    /// What the files say.
    pub fn backup_to(&self, target: &Path) -> Result<(), KnowledgeError> {
        Ok(self.store.backup_to(target)?)
    }

    /// Writes what is waiting and closes the file.
    ///
    /// # Errors
    /// What could not be written.
    pub fn close(&self) -> Result<(), KnowledgeError> {
        self.base.lock().take();
        Ok(self.store.clone().close()?)
    }
}
