//! `[knowledge]`

use ::knowledge::{Confidence, Weights};
use documented::DocumentedFields;
use serde::{Deserialize, Serialize};
use types::ModelId;

/// How knowledge is found, and which language models are asked about it.
#[derive(Clone, Debug, Serialize, Deserialize, DocumentedFields)]
#[serde(default, deny_unknown_fields)]
pub struct KnowledgeSection {
    /// How much each part of a score counts; they must sum to one.
    pub weights: Weights,
    /// The language model that answers questions from what was found. Default: none, and answers
    /// are sentences of what was found.
    pub answer_model: Option<ModelId>,
    /// The language model that looks for knowledge in what is learned from, beside the rules.
    /// Default: none.
    pub extraction_model: Option<ModelId>,
    /// The language model that is asked what a text is about where nearness leaves it open.
    /// Default: none.
    pub classification_model: Option<ModelId>,
    /// Below this confidence, from 0 to 1, the classification model is asked.
    pub classification_confidence_min: Confidence,
    /// The gRPC address of a Qdrant server that vectors are looked for on, such as
    /// http://localhost:6334. Default: none, and they are looked for in memory. Needs a forebay that
    /// was built with the feature qdrant.
    pub qdrant_url: Option<String>,
    /// The environment variable that holds the server's key, where it asks for one.
    pub qdrant_api_key_env: Option<String>,
    /// What the index is called on the server, in letters, digits, - and _; its collections are
    /// called so with - and a number behind, so it must not end like that itself. Gateways with data
    /// directories of their own need names of their own.
    pub qdrant_index: String,
}

/// The section, checked.
#[derive(Clone, Debug)]
pub struct KnowledgeConfig {
    /// How much each part of a score counts.
    pub weights: Weights,
    /// The language model that answers questions.
    pub answer_model: Option<ModelId>,
    /// The language model that looks for knowledge.
    pub extraction_model: Option<ModelId>,
    /// The language model that is asked what a text is about.
    pub classification_model: Option<ModelId>,
    /// Below this confidence it is asked.
    pub classification_confidence_min: Confidence,
    /// Where vectors are looked for.
    pub vector_place: VectorPlace,
}

/// Where vectors are looked for.
#[derive(Clone, Debug)]
pub enum VectorPlace {
    /// In the memory of this process.
    Here,
    /// On a server.
    #[cfg(feature = "qdrant")]
    Qdrant {
        /// Its gRPC address.
        url: String,
        /// The key that it asks for.
        key: Option<secrecy::SecretString>,
        /// What the index is called there.
        name: String,
    },
}

impl Default for KnowledgeSection {
    fn default() -> Self {
        Self {
            weights: Weights::default(),
            answer_model: None,
            extraction_model: None,
            classification_model: None,
            classification_confidence_min: Confidence::HALF,
            qdrant_url: None,
            qdrant_api_key_env: None,
            qdrant_index: "forebay".to_owned(),
        }
    }
}
