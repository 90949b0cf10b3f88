//! What is told of an answer.

use types::TokenUsage;

/// What is known of an answer.
#[derive(Clone, Debug, Default)]
pub struct ModelAnswer {
    /// The model that the provider says has answered.
    pub model: Option<String>,
    /// The tokens, as the provider says; of an answer that broke off or was left, as metered.
    pub usage: Option<TokenUsage>,
    /// Why it ended.
    pub finish: Option<String>,
}
