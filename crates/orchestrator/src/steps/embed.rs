//! Answering with the model of this machine: nothing to pay, nobody to call.

use std::sync::Arc;

use types::RequestId;
use wire::{EmbeddingsAsk, Request};

use crate::outgoing::{Outgoing, OutgoingBody};
use crate::{Error, Parts};

/// A request that the model of this machine answers.
#[derive(Debug)]
pub(crate) struct LocalCall {
    pub(super) request: Arc<Request>,
    pub(super) ask: EmbeddingsAsk,
    pub(super) request_id: RequestId,
}

/// Embeds what is asked for.
pub(crate) async fn embed(parts: &Parts, call: LocalCall) -> Result<Outgoing, Error> {
    let LocalCall { request, ask, request_id } = call;
    let embedded = parts.local_embeddings.embed(request, ask).await;
    let source = parts.local_embeddings.source(request_id);
    let body = OutgoingBody::Complete(embedded?);
    Ok(Outgoing { cache_status: None, source, trimmed: None, body })
}
