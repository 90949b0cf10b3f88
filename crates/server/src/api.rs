//! The endpoints.

mod analyze;
mod answer;
mod batch;
mod count_tokens;
mod knowledge;
mod mcp;
mod models;
mod probes;
mod rates;
mod reply;
mod request_ids;
mod responses;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::Request;
use axum::response::Response;
use axum::routing::{any, get, post};
use orchestrator::Gateway;
use telemetry::Exporter;
use wire::{Operation, Protocol};

use crate::Agents;

pub(crate) use probes::protocol_of;
pub(crate) use reply::{log_failure, panicked};
pub use request_ids::RequestIds;

/// What the endpoints need.
#[derive(Debug)]
pub struct Api {
    /// Answers requests.
    pub gateway: Gateway,
    /// Serves agents.
    pub agents: Agents,
    /// Renders `/metrics`.
    pub exporter: Exporter,
    /// Names requests.
    pub request_ids: RequestIds,
    /// Bytes of a body at most.
    pub body_bytes_max: usize,
    /// How long a body may take to arrive.
    pub body_read: Duration,
}

/// The routes of one gateway.
pub fn router(api: Api) -> Router {
    Router::new()
        .route("/v1/chat/completions", post(chat_completions))
        .route("/v1/responses", post(responses).get(responses::upgrade))
        .route("/v1/responses/{*rest}", any(responses::stored))
        .route("/v1/messages", post(messages))
        .route("/v1/messages/count_tokens", post(count_tokens::count_tokens))
        .route("/v1/embeddings", post(embeddings))
        .route("/v1/batch", post(batch::batch))
        .route("/v1/analyze", post(analyze::analyze))
        .route("/v1/classify", post(knowledge::classify))
        .route("/v1/knowledge", get(knowledge::list).post(knowledge::add))
        .route("/v1/knowledge/ask", post(knowledge::ask))
        .route("/v1/knowledge/learn", post(knowledge::learn))
        .route("/v1/knowledge/search", post(knowledge::search))
        .route(
            "/v1/knowledge/{id}",
            get(knowledge::show).patch(knowledge::update).delete(knowledge::forget),
        )
        .route("/mcp", post(mcp::mcp))
        .route("/v1/models", get(models::list))
        .route("/v1/models/{*model}", get(models::show))
        .route("/healthz", get(probes::healthy))
        .route("/readyz", get(probes::ready))
        .route("/metrics", get(probes::metrics))
        .route("/", get(probes::healthy))
        .fallback(probes::nowhere)
        .method_not_allowed_fallback(probes::wrong_method)
        .with_state(Arc::new(api))
}

async fn chat_completions(
    State(api): State<Arc<Api>>,
    request: Request<axum::body::Body>,
) -> Response {
    answer::answer(&api, (Protocol::OpenAiChat, Operation::Chat), request).await
}

async fn responses(State(api): State<Arc<Api>>, request: Request<axum::body::Body>) -> Response {
    answer::answer(&api, (Protocol::OpenAiResponses, Operation::Chat), request).await
}

async fn messages(State(api): State<Arc<Api>>, request: Request<axum::body::Body>) -> Response {
    answer::answer(&api, (Protocol::AnthropicMessages, Operation::Chat), request).await
}

async fn embeddings(State(api): State<Arc<Api>>, request: Request<axum::body::Body>) -> Response {
    answer::answer(&api, (Protocol::OpenAiChat, Operation::Embeddings), request).await
}
