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
}
