//! What a path stands for.

use crate::gemini;
use crate::protocol::Protocol;

/// What a path stands for; the same under any prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// A model is asked here, in this protocol.
    Model(Protocol),
    Models,
    Control,
    Unknown,
}

impl Endpoint {
    /// The endpoint at `path`, which has no query.
    pub(crate) fn of(path: &str) -> Self {
        if path.starts_with("/simulator/") {
            Self::Control
        } else if path.ends_with("/openai/v1/chat/completions") {
            Self::Model(Protocol::Groq)
        } else if path.ends_with("/chat/completions") {
            Self::Model(Protocol::OpenAi)
        } else if path.ends_with("/responses") {
            Self::Model(Protocol::Responses)
        } else if gemini::model_of(path).is_some() {
            Self::Model(Protocol::Gemini)
        } else if path.ends_with("/messages") {
            Self::Model(Protocol::Anthropic)
        } else if path.ends_with("/embeddings") {
            Self::Model(Protocol::OpenAiEmbeddings)
        } else if path.ends_with("/models") {
            Self::Models
        } else {
            Self::Unknown
        }
    }

    /// The protocol of an endpoint at which a model is asked.
    pub(crate) fn protocol(self) -> Option<Protocol> {
        match self {
            Self::Model(protocol) => Some(protocol),
            Self::Models | Self::Control | Self::Unknown => None,
        }
    }
}
