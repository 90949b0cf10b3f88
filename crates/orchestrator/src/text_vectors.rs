//! The model of this machine at work, with the vectors that it has made before.

mod error;
mod memory;
mod schema;
#[cfg(test)]
mod tests;
mod vector_cache;
mod vector_file;

use std::path::Path;
use std::sync::Arc;

use embeddings::{Embedder, EmbedderSettings, ModelSpec};
use types::{Clock, ModelId, TokenCount};

use crate::config::EmbeddingsSection;
use crate::model_store;

pub use error::TextVectorsError;
pub(crate) use schema::SCHEMA;
pub(crate) use vector_file::open_file;

use vector_cache::VectorCache;
use vector_file::VectorFile;

/// The file of the data directory that holds vectors; it may be deleted at any time.
pub const VECTORS_FILE: &str = "embeddings.db";

/// The model of this machine at work. A text that was embedded before is not embedded again: its
/// vector is kept in memory and on disk, by its hash and by everything that decides the vector.
#[derive(Debug)]
pub struct TextVectors {
    embedder: Embedder,
    space: ModelId,
    cache: VectorCache,
}

impl TextVectors {
    /// Starts the model that is installed in `models`, with the vectors of `cache_file`; `None`
    /// where none is installed, or not all of one.
    ///
    /// # Errors
    /// What the model's files or the cache's file say.
    pub fn open(
        models: &Path,
        cache_file: &Path,
        settings: &EmbeddingsSection,
        clock: &Clock,
    ) -> Result<Option<Self>, TextVectorsError> {
        let Some(model) = installed(models)? else { return Ok(None) };
        let settings = EmbedderSettings {
            engine: settings.engine,
            precision: settings.precision,
            onnx_runtime: model_store::onnx_runtime(models),
            ..EmbedderSettings::default()
        };
        let embedder = Embedder::start(&model, &settings, clock)?;
        let space = ModelId::new(&embedder.space().to_string())?;
        let file = VectorFile::open(cache_file, embedder.dimensions(), clock.clone())?;
        Ok(Some(Self { embedder, space, cache: VectorCache::new(file) }))
    }

    /// The vectors of `texts`, in order, each of length one. Equal texts are embedded once. Blocks:
    /// call it where that is allowed.
    ///
    /// # Errors
    /// Where the model fails, too much waits already, or these texts alone are too much. The cache
    /// never fails: what it cannot do is counted, and made anew.
    pub fn embed(&self, mut texts: Vec<String>) -> Result<Vec<Arc<[f32]>>, TextVectorsError> {
        let space = self.embedder.space();
        let keys: Vec<_> = texts.iter().map(|text| *space.key(text).as_bytes()).collect();
        self.cache.get_or_make(&keys, |unknown| {
            let texts = unknown.iter().map(|place| std::mem::take(&mut texts[*place])).collect();
            let vectors = self.embedder.embed_now(texts)?;
            Ok(vectors.into_iter().map(|vector| vector.into_vec().into()).collect())
        })
    }

    /// The vector of a text that is still in memory.
    pub fn remembered(&self, text: &str) -> Option<Arc<[f32]>> {
        self.cache.remembered(self.embedder.space().key(text).as_bytes())
    }

    /// The tokens of `text` that the model reads.
    ///
    /// # Errors
    /// What the tokenizer says.
    pub fn token_count(&self, text: &str) -> Result<TokenCount, TextVectorsError> {
        Ok(self.embedder.token_count(text)?)
    }

    /// The name of everything that decides a vector; vectors of two spaces must not be compared.
    pub fn space(&self) -> &ModelId {
        &self.space
    }

    /// How many numbers a vector has.
    pub fn dimensions(&self) -> usize {
        self.embedder.dimensions()
    }

    /// Writes what is waiting and closes the file.
    ///
    /// # Errors
    /// What could not be written.
    pub fn close(&self) -> Result<(), TextVectorsError> {
        Ok(self.cache.close()?)
    }
}

/// The model in `models`, where one is installed whole.
pub(crate) fn installed(models: &Path) -> Result<Option<embeddings::Model>, TextVectorsError> {
    let id = ModelId::new(ModelSpec::DEFAULT)?;
    let Some(spec) = ModelSpec::known(&id) else { return Ok(None) };
    match spec.open(&models.join(ModelSpec::DEFAULT)) {
        Ok(model) => Ok(Some(model)),
        Err(embeddings::Error::Missing { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
