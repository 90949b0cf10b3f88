//! `/v1/models`, in the shape of the SDK that asks.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use orchestrator::ServedModel;
use serde_json::{Value, json};
use wire::Protocol;

use super::Api;
use super::reply::{Refusal, Reply};

/// All models, whichever provider serves them. Both SDKs' shapes differ; Anthropic's sends its
/// version header.
pub(super) async fn list(State(api): State<Arc<Api>>, headers: HeaderMap) -> Response {
    let protocol = protocol_of(&headers);
    let request_id = api.request_ids.next();
    let reply = Reply::new(protocol, &request_id);
    let models = match api.gateway.models(super::answer::credential(&headers).as_ref()) {
        Ok(models) => models,
        Err(error) => return reply.failed(&error),
    };
    let entries: Vec<Value> = models.iter().map(|model| entry(protocol, model)).collect();
    let body = match protocol {
        Protocol::OpenAiChat | Protocol::OpenAiResponses => {
            json!({"object": "list", "data": entries})
        }
        Protocol::AnthropicMessages => json!({
            "first_id": models.first().map(|model| model.id.as_str()),
            "last_id": models.last().map(|model| model.id.as_str()),
            "data": entries,
            "has_more": false,
        }),
    };
    reply.document(&body)
}

/// One model.
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let protocol = protocol_of(&headers);
    let request_id = api.request_ids.next();
    let reply = Reply::new(protocol, &request_id);
    match api.gateway.models(super::answer::credential(&headers).as_ref()) {
        Ok(models) => match models.iter().find(|model| model.id.as_str() == name) {
            Some(model) => reply.document(&entry(protocol, model)),
            None => reply.refused(&Refusal::Nowhere),
        },
        Err(error) => reply.failed(&error),
    }
}

fn protocol_of(headers: &HeaderMap) -> Protocol {
    if headers.contains_key("anthropic-version") {
        Protocol::AnthropicMessages
    } else {
        Protocol::OpenAiChat
    }
}

fn entry(protocol: Protocol, model: &ServedModel) -> Value {
    match protocol {
        Protocol::OpenAiChat | Protocol::OpenAiResponses => json!({
            "id": model.id, "object": "model", "created": 0, "owned_by": model.provider,
        }),
        Protocol::AnthropicMessages => json!({
            "id": model.id, "type": "model", "display_name": model.id,
            "created_at": "1970-01-01T00:00:00Z",
        }),
    }
}
