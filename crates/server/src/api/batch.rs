//! `POST /v1/batch`: many requests, one list of answers.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, Request};
use axum::response::Response;
use bytes::Bytes;
use orchestrator::{BatchAnswer, Error, Incoming, Priority};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use types::{Principal, RequestId};
use wire::{Operation, Protocol};

use super::Api;
use super::answer::{Received, cache_control, context_max, passed_on};
use super::answer::{priority, receive, trace};
use super::reply::{PRIVATE, Refusal, Reply};

/// Requests of one batch at most.
const ITEMS_MAX: usize = 1_000;

/// A batch as it is sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch {
    requests: Vec<Item>,
}

/// One request of a batch.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    /// Comes back with the answer.
    custom_id: Option<String>,
    /// The path that it would be posted to by itself.
    url: String,
    /// What would be posted.
    body: Box<RawValue>,
}

/// What came of one request.
#[derive(Debug, Serialize)]
struct Answered {
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_id: Option<String>,
    request_id: String,
    /// As the request by itself would have got it, like the body.
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    /// What `x-forebay-trimmed` would say.
    #[serde(skip_serializing_if = "Option::is_none")]
    trimmed: Option<String>,
    body: Box<RawValue>,
}

/// A list of answers in the order of the requests.
#[derive(Debug, Serialize)]
struct Answers {
    responses: Vec<Answered>,
}

/// What is known of a request while it is answered.
struct Pending {
    custom_id: Option<String>,
    request_id: RequestId,
    protocol: Protocol,
}

pub(super) async fn batch(State(api): State<Arc<Api>>, request: Request<Body>) -> Response {
    let request_id = api.request_ids.next();
    let reply = Reply::new(Protocol::OpenAiChat, &request_id);
    let Received { principal, head, body } = match receive(&api, &reply, request).await {
        Ok(received) => received,
        Err(refused) => return *refused,
    };
    let tenant = principal.tenant.clone();
    let (pending, requests) = match read(&api, &principal, &head.headers, &body) {
        Ok(read) => read,
        Err(refusal) => return reply.refused(&refusal),
    };
    let answers = api.gateway.answer_batch(requests).await;
    let answered = pending.into_iter().zip(answers).map(|(pending, answer)| told(pending, answer));
    let mut response = match serde_json::to_vec(&Answers { responses: answered.collect() }) {
        Ok(body) => reply.json(body),
        Err(error) => return reply.refused(&Refusal::Malformed { reason: error.to_string() }),
    };
    response.headers_mut().insert(CACHE_CONTROL, PRIVATE);
    super::rates::tell(&api.gateway.rates(&tenant), &mut response);
    response
}

/// The requests of a batch, in order. What is not urgent by itself makes way for what is.
fn read(
    api: &Api,
    principal: &Principal,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(Vec<Pending>, Vec<Incoming>), Refusal> {
    let malformed = |reason: String| Refusal::Malformed { reason };
    let batch: Batch =
        serde_json::from_slice(body).map_err(|error| malformed(error.to_string()))?;
    if batch.requests.is_empty() || batch.requests.len() > ITEMS_MAX {
        return Err(malformed(format!("requests are 1 to {ITEMS_MAX}")));
    }
    let priority = match headers.contains_key("x-forebay-priority") {
        true => priority(headers)?,
        false => Priority::Low,
    };
    let context_max = context_max(headers)?;
    let incoming = |(index, item): (usize, Item)| {
        let (protocol, operation) = asked_of(&item.url)
            .ok_or_else(|| malformed(format!("requests[{index}].url is none that answers")))?;
        let request_id = api.request_ids.next();
        let pending =
            Pending { custom_id: item.custom_id, request_id: request_id.clone(), protocol };
        let incoming = Incoming {
            protocol,
            operation,
            principal: principal.clone(),
            body: Bytes::from(Box::<str>::from(item.body).into_string()),
            cache_control: cache_control(headers),
            headers: passed_on(headers),
            context_max,
            session: None,
            priority,
            trace: trace(headers),
            request_id,
        };
        Ok((pending, incoming))
    };
    let read: Result<Vec<_>, Refusal> =
        batch.requests.into_iter().enumerate().map(incoming).collect();
    Ok(read?.into_iter().unzip())
}

fn asked_of(url: &str) -> Option<(Protocol, Operation)> {
    match url {
        "/v1/chat/completions" => Some((Protocol::OpenAiChat, Operation::Chat)),
        "/v1/responses" => Some((Protocol::OpenAiResponses, Operation::Chat)),
        "/v1/embeddings" => Some((Protocol::OpenAiChat, Operation::Embeddings)),
        "/v1/messages" => Some((Protocol::AnthropicMessages, Operation::Chat)),
        _ => None,
    }
}

/// What is told of one request. An answer that is no JSON came from no provider that was checked.
fn told(pending: Pending, answer: Result<BatchAnswer, Error>) -> Answered {
    let Pending { custom_id, request_id, protocol } = pending;
    let (status, source, trimmed, body) = match answer {
        Ok(BatchAnswer { source, trimmed, body }) => (200, Some(source), trimmed, body.to_vec()),
        Err(error) => {
            let (status, body) = Reply::new(protocol, &request_id).failure(&error);
            (status.as_u16(), None, None, body)
        }
    };
    let text = String::from_utf8(body).unwrap_or_default();
    let (provider, model) =
        source.map(|source| (source.provider.to_string(), source.model.to_string())).unzip();
    Answered {
        custom_id,
        request_id: request_id.to_string(),
        status,
        provider,
        model,
        trimmed: trimmed.map(|trimmed| trimmed.to_string()),
        body: RawValue::from_string(text).unwrap_or_else(|_| RawValue::NULL.to_owned()),
    }
}
