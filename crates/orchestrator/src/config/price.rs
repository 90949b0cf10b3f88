//! `[[prices]]`

use documented::DocumentedFields;
use serde::{Deserialize, Serialize};
use types::{ModelId, ProviderId};

/// The price of one model, in dollars per million tokens, in quotes.
#[derive(Clone, Debug, Serialize, Deserialize, DocumentedFields)]
#[serde(deny_unknown_fields)]
pub struct PriceOverride {
    /// The provider's name in this file.
    pub provider: ProviderId,
    /// The provider's name for the model.
    pub model: ModelId,
    /// Dollars per million input tokens.
    pub input_usd: String,
    /// Dollars per million output tokens.
    pub output_usd: String,
    /// Dollars per million input tokens read from the provider's prompt cache. This and the four
    /// options that follow stay as built in where the model is known and costs no more than
    /// there; otherwise this is what input costs.
    pub cached_input_usd: Option<String>,
    /// Dollars per million input tokens stored in the provider's prompt cache, for five minutes
    /// where there are two kinds; otherwise twice what input costs.
    pub cache_write_usd: Option<String>,
    /// Dollars per million input tokens stored in the provider's prompt cache for an hour;
    /// otherwise twice what input costs.
    pub cache_write_1h_usd: Option<String>,
    /// The most output tokens that the model writes. A request without a maximum of its own is
    /// given no more; where the model stands in for another or is asked in another protocol than
    /// the client's, one with a larger maximum is not either.
    pub max_output_tokens: Option<u64>,
    /// What requests of more input tokens than a threshold cost, all of their tokens; `[]` where
    /// they cost the same. Each can have `cached_input_usd`, `cache_write_usd` and
    /// `cache_write_1h_usd` as well.
    pub above: Option<Vec<TierOverride>>,
}

/// The price of requests above a threshold of input tokens.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierOverride {
    /// Requests with more input tokens than this.
    pub tokens: u64,
    /// Dollars per million input tokens.
    pub input_usd: String,
    /// Dollars per million output tokens.
    pub output_usd: String,
    /// Dollars per million input tokens read from the provider's prompt cache.
    pub cached_input_usd: Option<String>,
    /// Dollars per million input tokens stored in the provider's prompt cache.
    pub cache_write_usd: Option<String>,
    /// Dollars per million input tokens stored in the provider's prompt cache for an hour.
    pub cache_write_1h_usd: Option<String>,
}
