//! Health, readiness, metrics, and what is said where nothing is.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use wire::Protocol;

use super::Api;
use super::reply::{Refusal, Reply};

/// The process answers.
pub(super) async fn healthy() -> &'static str {
    "ok\n"
}

/// Requests can be answered: the ledger can be written and a provider takes requests.
pub(super) async fn ready(State(api): State<Arc<Api>>) -> Response {
    match api.gateway.readiness() {
        Ok(()) => (StatusCode::OK, "ready\n").into_response(),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")).into_response(),
    }
}

/// Prometheus text.
pub(super) async fn metrics(State(api): State<Arc<Api>>) -> Response {
    api.gateway.parts().publish();
    let text = api.exporter.render();
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

pub(super) async fn nowhere(State(api): State<Arc<Api>>, uri: Uri) -> Response {
    Reply::new(protocol_of(&uri), &api.request_ids.next()).refused(&Refusal::Nowhere)
}

pub(super) async fn wrong_method(State(api): State<Arc<Api>>, uri: Uri) -> Response {
    Reply::new(protocol_of(&uri), &api.request_ids.next()).refused(&Refusal::WrongMethod)
}

/// The protocol whose errors a client at this path understands.
pub(crate) fn protocol_of(uri: &Uri) -> Protocol {
    if uri.path().starts_with("/v1/messages") {
        Protocol::AnthropicMessages
    } else {
        Protocol::OpenAiChat
    }
}
