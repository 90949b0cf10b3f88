//! What agents try beside `POST /v1/responses`, answered at once so that they go on without.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::UPGRADE;
use axum::response::Response;
use wire::Protocol;

use super::Api;
use super::reply::{Refusal, Reply};

/// Agents open a WebSocket first; at this status they turn to plain HTTP.
pub(super) async fn upgrade(State(api): State<Arc<Api>>, headers: HeaderMap) -> Response {
    let refusal =
        if headers.contains_key(UPGRADE) { Refusal::NoWebSocket } else { Refusal::WrongMethod };
    Reply::new(Protocol::OpenAiResponses, &api.request_ids.next()).refused(&refusal)
}

/// Stored responses, their compaction and their cancelling.
pub(super) async fn stored(State(api): State<Arc<Api>>) -> Response {
    Reply::new(Protocol::OpenAiResponses, &api.request_ids.next()).refused(&Refusal::NotStored)
}
