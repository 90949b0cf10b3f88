//! What the cache did for a request, as RFC 9211 writes it.

use std::fmt;
use std::time::Duration;

use crate::{Refusal, Tier};

#[cfg(test)]
mod tests;

/// Whether the answer to a forwarded request was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storing {
    /// It was.
    Stored,
    /// It was not, for this reason.
    Refused(Refusal),
    /// The header leaves before the answer has ended, so nobody knows.
    Undecided,
}

/// The value of the `Cache-Status` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheStatus {
    /// Answered from the cache.
    Hit {
        /// Where the answer was.
        tier: Tier,
        /// How much longer it is kept there; written in whole seconds, rounded down.
        remaining: Duration,
    },
    /// Nothing was found and the request was sent on.
    Miss(Storing),
    /// The request's own directives did not allow an answer from the cache.
    Refresh(Storing),
    /// The request joined one in flight; no call was made for it.
    Collapsed,
    /// The cache stayed out of it.
    Bypass(Refusal),
    /// The request was to be answered from the cache or not at all, and could not be.
    NotCached,
}

impl fmt::Display for CacheStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("forebay; ")?;
        match self {
            Self::Hit { tier, remaining } => {
                write!(formatter, "hit; ttl={}; detail={tier}", remaining.as_secs())
            }
            Self::Miss(storing) => write!(formatter, "fwd=miss{storing}"),
            Self::Refresh(storing) => write!(formatter, "fwd=request{storing}"),
            Self::Collapsed => formatter.write_str("fwd=miss; collapsed"),
            Self::Bypass(reason) => write!(formatter, "fwd=bypass; detail={reason}"),
            Self::NotCached => formatter.write_str("detail=only-if-cached"),
        }
    }
}

impl fmt::Display for Storing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stored => formatter.write_str("; stored"),
            Self::Refused(reason) => write!(formatter, "; detail={reason}"),
            Self::Undecided => Ok(()),
        }
    }
}
