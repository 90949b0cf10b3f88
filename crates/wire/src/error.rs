//! Failures of reading and translating.

use types::Class;

use crate::{ProviderProtocol, UpstreamError};

/// A request, an answer or a stream cannot be read or cannot be said in the other protocol.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request's body is not JSON, nests too deeply or holds text that is not Unicode.
    #[error("the body is not a json object that can be read: {source}")]
    Json {
        /// What is wrong and where.
        source: serde_json::Error,
    },
    /// An object of the request has the same key twice, and readers would differ on which counts.
    #[error("the key {key:?} occurs twice in one object: send it once")]
    DuplicateKey {
        /// The key, at most 64 characters of it.
        key: String,
    },
    /// A field that is acted on does not hold what it must.
    #[error("{field} {rule}")]
    Field {
        /// The field, such as `max_tokens` or `messages[2].role`.
        field: String,
        /// What it must be, such as `must be true or false`.
        rule: &'static str,
    },
    /// The request builds on a response or a conversation that is stored elsewhere. What it holds is
    /// not known here, so what it costs cannot be reserved.
    #[error("{field} refers to what is not stored here: send the whole conversation as input")]
    NotStored {
        /// The field, such as `previous_response_id`.
        field: String,
    },
    /// The request asks for something that changes the answer and that the other protocol lacks.
    #[error("{field} cannot be translated to {target}: {reason}")]
    Untranslatable {
        /// The field, such as `response_format` or `messages[2].content[0]`.
        field: String,
        /// The protocol that cannot say it.
        target: ProviderProtocol,
        /// Why not.
        reason: &'static str,
    },
    /// One event of a stream is larger than the limit.
    #[error("an event of the stream is larger than {limit} bytes")]
    EventTooLarge {
        /// The most bytes that an event may have.
        limit: usize,
    },
    /// The stream ended before its protocol's terminal event.
    #[error("the stream ended before it was complete")]
    Truncated,
    /// The answer is not what its protocol says.
    #[error("the answer cannot be read: {what}")]
    Unreadable {
        /// What is wrong with it.
        what: &'static str,
    },
    /// The provider reported an error, be it inside a 200.
    #[error("the provider reported an error: {0}")]
    Upstream(UpstreamError),
}

impl Error {
    /// What the failure asks of whoever sees it.
    pub fn class(&self) -> Class {
        match self {
            Self::Json { .. }
            | Self::DuplicateKey { .. }
            | Self::Field { .. }
            | Self::NotStored { .. }
            | Self::Untranslatable { .. } => Class::Caller,
            Self::EventTooLarge { .. } | Self::Truncated | Self::Unreadable { .. } => {
                Class::Upstream
            }
            Self::Upstream(error) => error.kind.class(),
        }
    }

    pub(crate) fn field(field: impl Into<String>, rule: &'static str) -> Self {
        Self::Field { field: field.into(), rule }
    }
}
