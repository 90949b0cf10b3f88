//! What a classifier says of a text.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Confidence;

/// What a classifier says of a text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Classified {
    /// The label; none where the text belongs to no label.
    pub label: Option<Arc<str>>,
    /// How sure that is: of texts with this confidence about this share is right.
    pub confidence: Confidence,
    /// The likeliest labels, at most three, and their probabilities if the text belongs to one.
    pub ranked: Vec<(Arc<str>, f64)>,
}

impl Classified {
    /// Whether a language model should be asked: below this confidence.
    pub fn is_unsure(&self, threshold: Confidence) -> bool {
        self.confidence < threshold
    }
}
