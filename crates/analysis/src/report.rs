//! All that is known of a document.

use serde::{Deserialize, Serialize};

use crate::{Entropies, Finding, Format, Readability, Score, Verdict};

/// All that is known of a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// What it was read as.
    pub format: Format,
    /// Bytes as they came.
    pub bytes: u64,
    /// Byte sequences that are not UTF-8 and count as U+FFFD.
    pub replaced: u64,
    /// Unicode scalar values.
    pub characters: u64,
    /// Lines.
    pub lines: u64,
    /// Words of prose.
    pub words: u64,
    /// Sentences of prose.
    pub sentences: u64,
    /// Headings.
    pub headings: u64,
    /// Entropies.
    pub entropies: Entropies,
    /// Readability; none without words.
    pub readability: Option<Readability>,
    /// One for each dialect that was chosen.
    pub verdicts: Vec<Verdict>,
    /// In the order of their places.
    pub findings: Vec<Finding>,
    /// The quality.
    pub score: Score,
}
