//! What somebody said, or a part of a document.

use types::Timestamp;

/// Who said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// A person.
    Person,
    /// A model or an agent.
    Agent,
    /// Nobody: a document says it.
    Document,
}

/// What somebody said, or a part of a document, without the secrets in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Passage {
    /// Who said it.
    pub speaker: Speaker,
    /// What.
    pub text: String,
    /// The headings above it, from the highest, joined by " › "; empty in talk.
    pub title: String,
    /// Names the passage in its source.
    pub section: String,
    /// The line where it begins, from 1.
    pub line: u64,
    /// When it was said, where the source tells.
    pub said_at: Option<Timestamp>,
}
