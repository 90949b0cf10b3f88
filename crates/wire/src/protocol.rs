//! The protocols that clients speak.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A way to ask a model and to be answered, as clients use it; in files `openai-chat`,
/// `openai-responses` and `anthropic-messages`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Protocol {
    /// `POST /v1/chat/completions`, as OpenAI defines it and local servers copy it.
    #[serde(rename = "openai-chat")]
    OpenAiChat,
    /// `POST /v1/responses`, as OpenAI defines it, without what needs stored responses.
    #[serde(rename = "openai-responses")]
    OpenAiResponses,
    /// `POST /v1/messages`, as Anthropic defines it.
    #[serde(rename = "anthropic-messages")]
    AnthropicMessages,
}

impl fmt::Display for Protocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::OpenAiChat => "openai chat completions",
            Self::OpenAiResponses => "openai responses",
            Self::AnthropicMessages => "anthropic messages",
        })
    }
}
