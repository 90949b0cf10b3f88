//! Whether a document may enter a corpus.

use serde::{Deserialize, Serialize};

use crate::{Entropies, Verdict};

/// Whether a document may enter a corpus, and what says so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Screening {
    /// Whether every demand of every chosen dialect is met.
    pub passed: bool,
    /// Entropies.
    pub entropies: Entropies,
    /// One for each dialect that was chosen.
    pub verdicts: Vec<Verdict>,
}
