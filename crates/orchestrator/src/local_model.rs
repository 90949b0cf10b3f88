//! The model of this machine, started when it is first needed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use types::Clock;

use crate::config::EmbeddingsSection;
use crate::text_vectors::{self, TextVectors, TextVectorsError, VECTORS_FILE};

/// Where models are in the data directory, each in a folder of its name.
pub const MODELS_DIRECTORY: &str = "models";

/// The model of a data directory, once for all who use it. One that is installed later is found the
/// next time that somebody asks.
#[derive(Debug)]
pub struct LocalModel {
    directory: PathBuf,
    settings: EmbeddingsSection,
    clock: Clock,
    started: Mutex<Option<Arc<TextVectors>>>,
}

impl LocalModel {
    pub(crate) fn new(directory: &Path, settings: EmbeddingsSection, clock: Clock) -> Self {
        Self { directory: directory.to_owned(), settings, clock, started: Mutex::default() }
    }

    /// The model at work; `None` while none is installed. The first call loads it: call it where
    /// blocking is allowed.
    ///
    /// # Errors
    /// As [`TextVectors::open`].
    pub fn text_vectors(&self) -> Result<Option<Arc<TextVectors>>, TextVectorsError> {
        let mut started = self.started.lock();
        if started.is_none() {
            let (models, file) = (self.models(), self.directory.join(VECTORS_FILE));
            let opened = TextVectors::open(&models, &file, &self.settings, &self.clock)?;
            *started = opened.map(Arc::new);
        }
        Ok(started.clone())
    }

    /// Whether a model is installed, of which nothing is loaded.
    pub(crate) fn is_installed(&self) -> bool {
        matches!(text_vectors::installed(&self.models()), Ok(Some(_)))
    }

    pub(crate) fn close(&self) -> Result<(), TextVectorsError> {
        let started = self.started.lock().take();
        started.map_or(Ok(()), |texts| texts.close())
    }

    fn models(&self) -> PathBuf {
        self.directory.join(MODELS_DIRECTORY)
    }
}
