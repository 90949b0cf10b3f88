//! `POST /v1/messages/count_tokens`

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::response::Response;
use serde_json::json;
use wire::Protocol;

use super::Api;
use super::answer::receive;
use super::reply::Reply;

/// How many tokens a request may have: a guess, for which no provider is asked.
pub(super) async fn count_tokens(State(api): State<Arc<Api>>, request: Request<Body>) -> Response {
    let request_id = api.request_ids.next();
    let reply = Reply::new(Protocol::AnthropicMessages, &request_id);
    let received = match receive(&api, &reply, request).await {
        Ok(received) => received,
        Err(refused) => return *refused,
    };
    match api.gateway.count_tokens(received.body).await {
        Ok(tokens) => reply.document(&json!({"input_tokens": tokens})),
        Err(error) => reply.failed(&error),
    }
}
