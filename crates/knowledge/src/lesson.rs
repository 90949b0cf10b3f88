//! How far a source was read.

use types::Timestamp;

/// How far a source was read. Whatever lies before the position was learned and is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lesson {
    /// The source.
    pub name: String,
    /// Bytes of it that were read.
    pub position: u64,
    /// Lines of it that were read.
    pub line: u64,
    /// Of what was read last, which tells whether the source still begins as it did.
    pub digest: [u8; 16],
    /// Whether people or agents talk. What they repeat from the store is not learned again; what a
    /// document says in one place does not contradict what it says in another.
    pub(crate) is_talk: bool,
}

/// A lesson that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastLesson {
    /// The source.
    pub name: String,
    /// Bytes of it that were read.
    pub position: u64,
    /// Lines of it that were read.
    pub line: u64,
    /// When it was read last.
    pub learned_at: Timestamp,
}
