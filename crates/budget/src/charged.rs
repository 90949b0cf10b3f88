//! What was charged for one provider.

use types::{Microdollars, ProviderId, TokenUsage};

/// What was charged for a provider since the ledger was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charged {
    /// The provider.
    pub provider: ProviderId,
    /// The money, what was estimated included.
    pub cost: Microdollars,
    /// The tokens, as far as they were metered.
    pub usage: TokenUsage,
}
