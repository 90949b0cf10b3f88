//! Where a request stands in its trace.

use std::num::NonZeroU64;

use types::TraceParent;

/// Where a request stands in its trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestTrace {
    /// The request's own span.
    pub own: TraceParent,
    /// The client's span above it.
    pub above: Option<NonZeroU64>,
}
