//! The protocols that providers speak.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Protocol;

/// What a provider speaks; in files `openai-chat`, `openai-responses`, `anthropic-messages`,
/// `gemini` and `groq`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ProviderProtocol {
    /// OpenAI chat completions, which many servers copy.
    #[serde(rename = "openai-chat")]
    OpenAiChat,
    /// OpenAI Responses.
    #[serde(rename = "openai-responses")]
    OpenAiResponses,
    /// Anthropic Messages.
    #[serde(rename = "anthropic-messages")]
    AnthropicMessages,
    /// Gemini's own: `generateContent` and `streamGenerateContent?alt=sse`.
    #[serde(rename = "gemini")]
    Gemini,
    /// OpenAI chat completions as Groq takes them: some fields are refused.
    #[serde(rename = "groq")]
    Groq,
}

impl ProviderProtocol {
    /// The client protocol whose requests it takes, and whose answers it gives, as they are.
    pub fn client(self) -> Option<Protocol> {
        match self {
            Self::OpenAiChat | Self::Groq => Some(Protocol::OpenAiChat),
            Self::OpenAiResponses => Some(Protocol::OpenAiResponses),
            Self::AnthropicMessages => Some(Protocol::AnthropicMessages),
            Self::Gemini => None,
        }
    }

    /// The smallest limit of output tokens that it takes; a translation asks for no less.
    pub fn output_limit_min(self) -> u64 {
        match self {
            Self::OpenAiResponses => 16,
            Self::OpenAiChat | Self::Groq | Self::AnthropicMessages | Self::Gemini => 1,
        }
    }
}

impl From<Protocol> for ProviderProtocol {
    fn from(protocol: Protocol) -> Self {
        match protocol {
            Protocol::OpenAiChat => Self::OpenAiChat,
            Protocol::OpenAiResponses => Self::OpenAiResponses,
            Protocol::AnthropicMessages => Self::AnthropicMessages,
        }
    }
}

impl fmt::Display for ProviderProtocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.client()) {
            (Self::Groq, _) => formatter.write_str("groq"),
            (_, Some(client)) => client.fmt(formatter),
            (_, None) => formatter.write_str("gemini"),
        }
    }
}
