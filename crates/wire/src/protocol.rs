//! The protocols there are.

use std::fmt;

/// A way to ask a model and to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// `POST /v1/chat/completions`, as OpenAI defines it and Groq, Gemini and local servers copy it.
    OpenAiChat,
    /// `POST /v1/messages`, as Anthropic defines it.
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
