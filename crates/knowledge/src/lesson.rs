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
    /// Whether passages that had come out of the store are skipped: for what agents say.
    pub(crate) skips_recalled: bool,
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
