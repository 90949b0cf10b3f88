//! Failures of indexes.

use std::time::Duration;

use types::Class;

/// What lies beneath a failure.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// An index could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No index can have so many dimensions.
    #[error("an index has 1 to {} dimensions, not {components}", crate::Dimension::MAX)]
    NoDimension {
        /// What was asked for.
        components: usize,
    },
    /// A kind is empty or too long.
    #[error("a kind has 1 to {} bytes, not {bytes}", crate::Kind::MAX_BYTES)]
    Kind {
        /// The length of what was given.
        bytes: usize,
    },
    /// A vector does not fit the index, or an index that exists does not fit what was asked for.
    #[error("{found} dimensions where there must be {expected}")]
    Dimension {
        /// What the index has.
        expected: usize,
        /// What was given.
        found: usize,
    },
    /// A vector has no direction: it is zero, or a component is not a finite number.
    #[error("a vector has no direction: {}", what_is_wrong(*.not_finite))]
    Direction {
        /// The first component that is not finite; without one the vector is zero.
        not_finite: Option<usize>,
    },
    /// The points for a rebuild or a verification could not be read.
    #[error("could not read the points")]
    Points {
        /// What the caller's iterator said.
        #[source]
        source: Cause,
    },
    /// The graph or the server failed, or the server refused.
    #[error("could not {operation}")]
    Backend {
        /// What was tried, as a verb.
        operation: &'static str,
        /// What it said.
        #[source]
        source: Cause,
    },
    /// The server cannot be reached.
    #[error("could not {operation}: the vector server cannot be reached")]
    Unreachable {
        /// What was tried, as a verb.
        operation: &'static str,
        /// What the network said.
        #[source]
        source: Cause,
    },
    /// The server did not answer in time. What was tried may have happened.
    #[error("could not {operation}: no answer from the vector server in {} ms", after.as_millis())]
    TimedOut {
        /// What was tried, as a verb.
        operation: &'static str,
        /// How long was waited.
        after: Duration,
    },
}

impl Error {
    /// What a caller can do about it.
    pub fn class(&self) -> Class {
        match self {
            Self::NoDimension { .. }
            | Self::Kind { .. }
            | Self::Dimension { .. }
            | Self::Direction { .. } => Class::Caller,
            Self::Unreachable { .. } | Self::TimedOut { .. } => Class::Busy,
            Self::Points { .. } | Self::Backend { .. } => Class::Fault,
        }
    }
}

fn what_is_wrong(not_finite: Option<usize>) -> String {
    not_finite.map_or_else(|| "it is zero".to_owned(), |at| format!("component {at} is not finite"))
}
