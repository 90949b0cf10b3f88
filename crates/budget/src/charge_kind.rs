//! How sure a charge is.

use serde::{Deserialize, Serialize};

/// Where the amount of a charge comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeKind {
    /// The provider's own usage.
    Settled,
    /// What was metered until the call was given up.
    Estimated,
    /// The worst case of what a dead process or a power loss left open.
    Unreconciled,
    /// What an operator found on the provider's bill in place of an unreconciled amount.
    Reconciled,
    /// Nothing: the answer came from the cache or was another request's.
    Free,
}

impl ChargeKind {
    /// The name that the ledger stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::Estimated => "estimated",
            Self::Unreconciled => "unreconciled",
            Self::Reconciled => "reconciled",
            Self::Free => "free",
        }
    }
}
