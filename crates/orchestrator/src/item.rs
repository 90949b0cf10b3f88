//! What the callers of one answer share.

use std::sync::Arc;

use bytes::Bytes;
use types::{ModelId, ProviderId, RequestId};
use wire::Piece;

use crate::Error;

/// One entry of the log that all callers of a flight read from the start.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    /// A provider began to answer.
    Opened(Source),
    /// A piece of a streamed answer.
    Piece(Piece),
    /// The whole of an answer that was not streamed.
    Complete(Bytes),
    /// There is no answer, or no more of it.
    Failed(Arc<Error>),
}

/// Where an answer came from.
#[derive(Clone, Debug)]
pub struct Source {
    /// The provider that answered.
    pub provider: ProviderId,
    /// The provider's name for the model.
    pub model: ModelId,
    /// The request that was sent upstream and paid for.
    pub origin: RequestId,
}
