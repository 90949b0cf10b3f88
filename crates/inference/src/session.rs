//! What tells that requests belong to one conversation.

use std::fmt;

/// The digest of what a conversation is known by. Equal for requests of one conversation; two
/// conversations that share it by chance share a provider and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Session(u64);

impl Session {
    /// From a digest that holds whose conversation it is, too.
    pub fn new(digest: u64) -> Self {
        Self(digest)
    }
}

impl fmt::Display for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}
