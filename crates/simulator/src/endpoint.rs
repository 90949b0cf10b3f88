//! What a path stands for.

use crate::protocol::Protocol;

/// What a path stands for; the same under any prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Chat(Protocol),
    Models,
    Control,
    Unknown,
}

impl Endpoint {
    /// The endpoint at `path`, which has no query.
    pub(crate) fn of(path: &str) -> Self {
        if path.starts_with("/simulator/") {
            Self::Control
        } else if path.ends_with("/chat/completions") {
            Self::Chat(Protocol::OpenAi)
        } else if path.ends_with("/messages") {
            Self::Chat(Protocol::Anthropic)
        } else if path.ends_with("/models") {
            Self::Models
        } else {
            Self::Unknown
        }
    }

    /// The protocol of a chat endpoint.
    pub(crate) fn protocol(self) -> Option<Protocol> {
        match self {
            Self::Chat(protocol) => Some(protocol),
            Self::Models | Self::Control | Self::Unknown => None,
        }
    }
}
