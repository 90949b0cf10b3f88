//! What is told of an answer.

use types::TokenUsage;

/// What is known of an answer.
#[derive(Clone, Debug, Default)]
pub struct ModelAnswer {
    /// The model that the provider says has answered.
    pub model: Option<String>,
    /// The tokens, as the provider says.
    pub usage: Option<TokenUsage>,
    /// Why it ended.
    pub finish: Option<String>,
}
