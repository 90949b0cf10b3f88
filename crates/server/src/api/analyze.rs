//! `/v1/analyze`: what a document is worth.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Request};
use axum::response::Response;
use orchestrator::DocumentBody;
use wire::Protocol;

use super::Api;
use super::answer::{Received, receive};
use super::reply::Reply;

/// Takes the transport off, has the document analysed, writes the report.
pub(super) async fn analyze(State(api): State<Arc<Api>>, request: Request<Body>) -> Response {
    let request_id = api.request_ids.next();
    let reply = Reply::new(Protocol::OpenAiChat, &request_id);
    let Received { head, body, .. } = match receive(&api, &reply, request).await {
        Ok(received) => received,
        Err(refused) => return *refused,
    };
    match api.gateway.analyze(body, kind(&head.headers)).await {
        Ok(report) => reply.document(&serde_json::json!(report)),
        Err(error) => reply.failed(&error),
    }
}

/// JSON unless the content type names a format of documents.
fn kind(headers: &HeaderMap) -> DocumentBody {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    let format = match essence.trim().to_ascii_lowercase().as_str() {
        "text/markdown" => "markdown",
        "text/html" | "application/xhtml+xml" => "html",
        "text/x-rst" | "text/prs.fallenstein.rst" => "rst",
        "text/plain" => "plain",
        _ => return DocumentBody::Json,
    };
    format.parse().map_or(DocumentBody::Json, DocumentBody::Raw)
}
