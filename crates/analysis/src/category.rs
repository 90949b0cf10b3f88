//! What a rule looks at.

use serde::{Deserialize, Serialize};

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Headings, sections, anchors.
    Structural,
    /// Sentences and words.
    Linguistic,
    /// Terms, acronyms, versions.
    Technical,
    /// Markup and white space.
    Formatting,
    /// What is said and what is missing.
    Semantic,
    /// Secrets and personal data.
    Safety,
}
