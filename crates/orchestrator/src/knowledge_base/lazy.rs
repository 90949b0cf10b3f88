//! What a team knows, opened when it is first asked for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::knowledge::Store;
use parking_lot::Mutex;
use types::Clock;

use super::{KNOWLEDGE_FILE, KnowledgeBase, KnowledgeError};

/// What a team knows, opened when it is first asked for: many gateways never are.
#[derive(Debug)]
pub struct LazyKnowledge {
    directory: PathBuf,
    clock: Clock,
    base: Mutex<Option<Arc<KnowledgeBase>>>,
}

impl LazyKnowledge {
    /// What the data directory `directory` holds.
    pub fn new(directory: &Path, clock: Clock) -> Self {
        Self { directory: directory.to_owned(), clock, base: Mutex::new(None) }
    }

    /// Opens it, or gives what is open. Reads files: only for a thread that may block.
    ///
    /// # Errors
    /// As [`KnowledgeBase::open`].
    pub fn open(&self) -> Result<Arc<KnowledgeBase>, KnowledgeError> {
        let mut base = self.base.lock();
        if let Some(base) = &*base {
            return Ok(Arc::clone(base));
        }
        let opened = Arc::new(KnowledgeBase::open(&self.directory, self.clock.clone())?);
        Ok(Arc::clone(base.insert(opened)))
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
