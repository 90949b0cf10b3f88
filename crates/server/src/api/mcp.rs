//! `/mcp`: the tools of agents over streamable HTTP, without sessions.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::response::Response;
use wire::Protocol;

use super::Api;
use super::answer::{Received, receive};
use super::reply::Reply;

/// Takes the transport off; the rest is the protocol's.
pub(super) async fn mcp(State(api): State<Arc<Api>>, request: Request<Body>) -> Response {
    let request_id = api.request_ids.next();
    let reply = Reply::new(Protocol::OpenAiChat, &request_id);
    match receive(&api, &reply, request).await {
        Ok(Received { principal, head, body }) => {
            let request = Request::from_parts(head, body);
            reply.with_id(api.agents.answer(principal, request).await)
        }
        Err(refused) => *refused,
    }
}
