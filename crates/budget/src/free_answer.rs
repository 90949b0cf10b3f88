//! An answer that cost nothing.

use types::{Microdollars, ModelId, ProviderId, RequestId, TokenUsage};

/// An answer out of the cache, or one shared with the request that paid for it.
#[derive(Clone, Debug)]
pub struct FreeAnswer {
    /// The request that was answered.
    pub request: RequestId,
    /// The request whose answer it was.
    pub origin: RequestId,
    /// Who had answered that one.
    pub provider: ProviderId,
    /// As which model.
    pub model: ModelId,
    /// The tokens of the answer.
    pub usage: TokenUsage,
    /// What the answer had cost.
    pub saved: Microdollars,
}
