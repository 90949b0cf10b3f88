//! What is told of one request to a model.

use std::time::Duration;

use types::{RequestId, Timestamp};

use crate::{ModelAttempt, RequestTrace};

/// What one request came to. It holds no word of the prompt or the answer.
#[derive(Clone, Debug)]
pub struct ModelRequest {
    /// Its span, and the client's span above it.
    pub trace: RequestTrace,
    /// What the client and the logs know it by.
    pub request_id: RequestId,
    /// What is asked for: `chat` or `embeddings`.
    pub operation: &'static str,
    /// The model that was asked for.
    pub model: String,
    /// When it ended.
    pub ended: Timestamp,
    /// From its last byte to the answer's last byte.
    pub took: Duration,
    /// To the first content of a stream.
    pub first_content: Option<Duration>,
    /// What became of it, such as `answered` or `hit`.
    pub outcome: &'static str,
    /// Why it has no answer.
    pub error: Option<&'static str>,
    /// Every call to a provider, in order.
    pub attempts: Vec<ModelAttempt>,
}
