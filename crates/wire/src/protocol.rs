//! The protocols there are.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A way to ask a model and to be answered; in files `openai-chat` and `anthropic-messages`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Protocol {
    /// `POST /v1/chat/completions`, as OpenAI defines it and Groq, Gemini and local servers copy it.
    #[serde(rename = "openai-chat")]
    OpenAiChat,
    /// `POST /v1/messages`, as Anthropic defines it.
    #[serde(rename = "anthropic-messages")]
    AnthropicMessages,
}

impl fmt::Display for Protocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::OpenAiChat => "openai chat completions",
            Self::AnthropicMessages => "anthropic messages",
        })
    }
}
