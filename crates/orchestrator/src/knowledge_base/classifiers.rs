//! Classifiers that were learned lately.

use std::num::NonZero;
use std::sync::Arc;

use ::knowledge::{Classifier, Example};
use lru::LruCache;
use parking_lot::Mutex;

use super::KnowledgeError;
use super::semantics::Semantics;

/// Sets of examples whose classifiers are kept.
const KEPT: NonZero<usize> = NonZero::<usize>::MIN.saturating_add(15);

/// Classifiers that were learned lately, by their examples.
pub(super) struct Classifiers(Mutex<LruCache<Vec<Example>, Arc<Classifier>>>);

impl Default for Classifiers {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(KEPT)))
    }
}

impl std::fmt::Debug for Classifiers {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Classifiers").field("kept", &self.0.lock().len()).finish()
    }
}

impl Classifiers {
    /// The classifier of these examples. Two callers may learn the same one at the same time.
    pub(super) fn of(
        &self,
        examples: &[Example],
        semantics: &Semantics,
    ) -> Result<Arc<Classifier>, KnowledgeError> {
        if let Some(known) = self.0.lock().get(examples) {
            return Ok(Arc::clone(known));
        }
        let texts = examples.iter().map(|example| example.text.clone()).collect();
        let vectors = semantics.embed_all(texts)?;
        let labels = examples.iter().map(|example| example.label.clone());
        let classifier = Arc::new(Classifier::train(&labels.zip(vectors).collect::<Vec<_>>())?);
        self.0.lock().put(examples.to_vec(), Arc::clone(&classifier));
        Ok(classifier)
    }
}
