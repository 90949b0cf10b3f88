//! `[budget]`

use documented::DocumentedFields;
use serde::{Deserialize, Serialize};

/// Limits and reservations. Amounts are dollars in quotes, so that they stay exact.
#[derive(Clone, Debug, Serialize, Deserialize, DocumentedFields)]
#[serde(default, deny_unknown_fields)]
pub struct BudgetSection {
    /// Dollars a developer may spend in a calendar month (UTC) unless `budget set` says otherwise.
    pub developer_limit_usd: String,
    /// Output tokens, reasoning included, that a request without a maximum is given, so that one
    /// request does not reserve a month. A model whose own maximum is in the price list is given
    /// that, but no more than 32,000 where this is less: agents that set none write long files.
    pub output_tokens_default: u64,
    /// Dollars of headroom moved into memory at a time; what a power loss may over-count.
    pub lease_usd: String,
}

impl Default for BudgetSection {
    fn default() -> Self {
        Self {
            developer_limit_usd: "8.33".to_owned(),
            output_tokens_default: 8_192,
            lease_usd: "1.00".to_owned(),
        }
    }
}
