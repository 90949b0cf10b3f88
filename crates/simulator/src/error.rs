//! Failures of starting a simulator.

use std::io;
use std::net::SocketAddr;

use types::Class;

/// A simulator could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address is in use or not this machine's.
    #[error("could not listen on {address}; choose another address or port 0 for a free port")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The shortest latency is above the longest.
    #[error("latency.min_ms is {min_ms}, which is above latency.max_ms {max_ms}; swap them")]
    Latency {
        /// The configured minimum in milliseconds.
        min_ms: u64,
        /// The configured maximum in milliseconds.
        max_ms: u64,
    },
    /// An answer would be too short to say that it is simulated, or too long to keep in memory.
    #[error("output_tokens is {tokens}; it must be {least} to {most}")]
    OutputTokens {
        /// The configured number.
        tokens: u64,
        /// The smallest number allowed.
        least: u64,
        /// The largest number allowed.
        most: u64,
    },
    /// A stream needs at least one piece of text.
    #[error("chunks is 0; it must be at least 1")]
    Chunks,
}

impl Error {
    /// What the failure asks of whoever sees it.
    pub fn class(&self) -> Class {
        match self {
            Self::Listen { .. } => Class::Fault,
            Self::Latency { .. } | Self::OutputTokens { .. } | Self::Chunks => Class::Caller,
        }
    }
}
