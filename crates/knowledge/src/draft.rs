//! What may become an item.

use serde::{Deserialize, Serialize};
use types::{ProjectId, Timestamp};

use crate::{Confidence, Intent, Kind, Source, Validity};

/// What may become an item, once it was compared with those that there are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// What sort of knowledge it is.
    pub kind: Kind,
    /// The piece of work it belongs to; none for what holds everywhere.
    pub project: Option<ProjectId>,
    /// What it helps with, where that is known.
    pub intent: Option<Intent>,
    /// What it is about in a few words: the headings above it; may be empty.
    pub title: String,
    /// The knowledge itself.
    pub content: String,
    /// How sure it is.
    pub confidence: Confidence,
    /// When it holds.
    pub validity: Validity,
    /// Where it was learned.
    pub source: Source,
}

impl Draft {
    /// A draft of `content` from `source`: an abstract concept of no project and no title, certain,
    /// and valid since it was seen.
    pub fn new(content: impl Into<String>, source: Source) -> Self {
        Self {
            kind: Kind::AbstractConcept,
            project: None,
            intent: None,
            title: String::new(),
            content: content.into(),
            confidence: Confidence::FULL,
            validity: Validity::since(source.seen_at),
            source,
        }
    }

    /// The text that is embedded and compared: the title, a line break, the content.
    pub fn text(&self) -> String {
        text(&self.title, &self.content)
    }

    /// When it was seen.
    pub(crate) const fn seen_at(&self) -> Timestamp {
        self.source.seen_at
    }
}

/// The text that stands for an item.
pub(crate) fn text(title: &str, content: &str) -> String {
    if title.is_empty() { content.to_owned() } else { format!("{title}\n{content}") }
}
