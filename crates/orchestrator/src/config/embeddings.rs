//! `[embeddings]`

use ::embeddings::{EngineChoice, Precision};
use documented::DocumentedFields;
use serde::{Deserialize, Serialize};

/// The model of this machine, which turns texts into vectors.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DocumentedFields)]
#[serde(default, deny_unknown_fields)]
pub struct EmbeddingsSection {
    /// What computes: auto (the faster one that is there), rten or onnx_runtime.
    pub engine: EngineChoice,
    /// The numbers of the weights: int8 or fp32. What was embedded in one is embedded anew in the
    /// other.
    pub precision: Precision,
}
