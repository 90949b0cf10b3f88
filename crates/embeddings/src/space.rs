//! What vectors have in common.

use std::fmt;

use types::ModelId;

use crate::manifest::GRAPH_FORM;
use crate::{EmbeddingKey, Precision};

/// Everything that decides what vector a text gets. Vectors of two spaces must not be compared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EmbeddingSpace {
    model: ModelId,
    precision: Precision,
    tokens_max: usize,
}

impl EmbeddingSpace {
    pub(crate) fn new(model: &ModelId, precision: Precision, tokens_max: usize) -> Self {
        Self { model: model.clone(), precision, tokens_max }
    }

    /// The name under which a vector of `text` can be kept.
    pub fn key(&self, text: &str) -> EmbeddingKey {
        EmbeddingKey::new(&self.to_string(), text)
    }
}

/// `MODEL/PRECISION/POOLING/TOKENS/FORM`, such as `all-MiniLM-L6-v2/int8/mean/256/1`: a name for a
/// collection of vectors.
impl fmt::Display for EmbeddingSpace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { model, precision, tokens_max } = self;
        write!(formatter, "{model}/{precision}/mean/{tokens_max}/{GRAPH_FORM}")
    }
}
