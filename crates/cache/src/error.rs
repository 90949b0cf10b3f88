//! Failures of setting up the cache.

use types::Class;

/// Why a cache cannot be set up. Once it is, it has no errors: what goes wrong is a miss and a
/// counter.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The cache's file could not be opened.
    #[error("could not open the cache's file; it may be deleted at any time")]
    Open {
        /// What is wrong with it.
        #[source]
        source: storage::Error,
    },
    /// The rows of the cache's file could not be counted.
    #[error("could not count what the cache's file holds; it may be deleted at any time")]
    Count {
        /// What is wrong with it.
        #[source]
        source: storage::Error,
    },
    /// The thread that writes to disk, or its compressor, could not be started.
    #[error("could not start the writer of the disk cache; free some memory or raise its limits")]
    Start {
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

impl Error {
    /// What the caller can do about it.
    pub fn class(&self) -> Class {
        match self {
            Self::Open { source } | Self::Count { source } => source.class(),
            Self::Start { .. } => Class::Fault,
        }
    }
}
