//! What a team knows, opened when it is first asked for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::knowledge::Store;
use parking_lot::Mutex;
use types::Clock;

use super::{KNOWLEDGE_FILE, KnowledgeBase, KnowledgeError};
use crate::{LocalModel, TextVectors};

/// What a team knows, opened when it is first asked for: many gateways never are.
#[derive(Debug)]
pub struct LazyKnowledge {
    directory: PathBuf,
    model: Arc<LocalModel>,
    clock: Clock,
    base: Mutex<Option<Arc<KnowledgeBase>>>,
}

impl LazyKnowledge {
    /// What the data directory `directory` holds, found by meaning once `model` is installed.
    pub fn new(directory: &Path, model: Arc<LocalModel>, clock: Clock) -> Self {
        Self { directory: directory.to_owned(), model, clock, base: Mutex::new(None) }
    }

    /// Opens it, or gives what is open. Reads files: only for a thread that may block.
    ///
    /// # Errors
    /// As [`KnowledgeBase::open`].
    pub fn open(&self) -> Result<Arc<KnowledgeBase>, KnowledgeError> {
        let mut base = self.base.lock();
        let texts = self.texts();
        if let Some(base) = &*base {
            if let Some(texts) = texts {
                base.find_meaning_with(texts)?;
            }
            return Ok(Arc::clone(base));
        }
        let opened = KnowledgeBase::open(&self.directory, texts, self.clock.clone())?;
        Ok(Arc::clone(base.insert(Arc::new(opened))))
    }

    /// The model, where there is one that can be used. One that cannot is told of in the log, and
    /// things are found by their words alone, which every answer says.
    fn texts(&self) -> Option<Arc<TextVectors>> {
        self.model.text_vectors().unwrap_or_else(|error| {
            tracing::warn!(error = types::chain(&error), "the embedding model cannot be used");
            None
        })
    }

    /// Writes a consistent copy to `target`, where there is anything to copy.
    ///
    /// # Errors
    /// What the files say.
    pub fn backup_to(&self, target: &Path) -> Result<(), KnowledgeError> {
        let file = self.directory.join(KNOWLEDGE_FILE);
        let base = self.base.lock();
        if let Some(base) = &*base {
            return base.backup_to(target);
        }
        if file.exists() {
            // No model is needed to copy a file.
            let store = Store::open(&file, self.clock.clone())?;
            store.backup_to(target)?;
            store.close()?;
        }
        Ok(())
    }

    /// Writes what is waiting and closes the file, where it is open.
    ///
    /// # Errors
    /// What could not be written.
    pub fn close(&self) -> Result<(), KnowledgeError> {
        let base = self.base.lock().take();
        base.map_or(Ok(()), |base| base.close())
    }
}
