//! A found answer.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::Entry;

/// Where an answer was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tier {
    /// In this process.
    Memory,
    /// In the cache's file.
    Disk,
}

impl fmt::Display for Tier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Memory => "memory",
            Self::Disk => "disk",
        })
    }
}

/// An answer that the cache had.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The answer, shared with the cache.
    pub entry: Arc<Entry>,
    /// Where it was.
    pub tier: Tier,
    /// How long ago it was recorded.
    pub age: Duration,
    /// How much longer this tier keeps it.
    pub remaining: Duration,
}
