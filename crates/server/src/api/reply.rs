//! Where an error becomes an HTTP answer: status, headers, body and log level.

use std::any::Any;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use metrics::counter;
use orchestrator::Error;
use telemetry::names;
use types::{Class, RequestId};
use wire::{Protocol, ReplyKind};

/// Answers are for whoever asked; no shared cache on the way may keep them.
pub(super) const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-store");

/// What the transport refuses before the gateway sees the request.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("the body is larger than {limit} bytes; send less, or raise server.body_bytes_max")]
    BodyTooLarge { limit: usize },
    #[error(
        "the body is encoded ({encoding}) and is read as it is only: send it without content-encoding"
    )]
    BodyEncoded { encoding: String },
    #[error("the body did not arrive whole; send the request again")]
    BodyBroken,
    #[error("the body took too long to arrive; send it faster, or raise server.body_read_seconds")]
    BodyTooSlow,
    #[error("the request is not right: {reason}")]
    Malformed { reason: String },
    #[error(
        "responses are neither stored nor compacted here: post the whole conversation to /v1/responses"
    )]
    NotStored,
    #[error("there is no WebSocket here: post to /v1/responses and read server-sent events")]
    NoWebSocket,
    #[error("there is nothing at this path; see /v1/models for what is served")]
    Nowhere,
    #[error("this path does not take this method")]
    WrongMethod,
}

/// Answers one request in its protocol.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reply<'a> {
    protocol: Protocol,
    request_id: &'a RequestId,
}

impl<'a> Reply<'a> {
    pub(super) fn new(protocol: Protocol, request_id: &'a RequestId) -> Self {
        Self { protocol, request_id }
    }

    pub(super) fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// The response with this request's id, under the names that the SDKs surface.
    pub(super) fn with_id(&self, mut response: Response) -> Response {
        if let Ok(value) = HeaderValue::try_from(self.request_id.as_str()) {
            let name = match self.protocol {
                Protocol::OpenAiChat | Protocol::OpenAiResponses => "x-request-id",
                Protocol::AnthropicMessages => "request-id",
            };
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
        response
    }

    /// A JSON document as the answer.
    pub(super) fn document(&self, document: &serde_json::Value) -> Response {
        self.json(document.to_string())
    }

    /// The same, already written.
    pub(super) fn json(&self, document: impl Into<Body>) -> Response {
        let mut response = self.with_id(Response::new(document.into()));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }

    /// The status and body of the answer to a request that has none.
    pub(super) fn failure(&self, error: &Error) -> (StatusCode, Vec<u8>) {
        log_failure(self.request_id, error.class(), &error.logged());
        let kind = error.reply_kind();
        let body = wire::error_body(self.protocol, kind, &error.told(), self.request_id.as_str());
        (status(self.protocol, kind), body.to_vec())
    }

    pub(super) fn refused(&self, refusal: &Refusal) -> Response {
        let (status, kind) = match refusal {
            Refusal::BodyTooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, ReplyKind::TooLarge),
            Refusal::Malformed { .. } => (StatusCode::BAD_REQUEST, ReplyKind::InvalidRequest),
            Refusal::BodyEncoded { .. } => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, ReplyKind::InvalidRequest)
            }
            Refusal::BodyBroken => (StatusCode::BAD_REQUEST, ReplyKind::InvalidRequest),
            Refusal::BodyTooSlow => (StatusCode::REQUEST_TIMEOUT, ReplyKind::InvalidRequest),
            Refusal::NotStored => (StatusCode::NOT_FOUND, ReplyKind::NotFound),
            Refusal::NoWebSocket => (StatusCode::UPGRADE_REQUIRED, ReplyKind::InvalidRequest),
            Refusal::Nowhere => (StatusCode::NOT_FOUND, ReplyKind::NotFound),
            Refusal::WrongMethod => (StatusCode::METHOD_NOT_ALLOWED, ReplyKind::InvalidRequest),
        };
        self.with_body(status, kind, &refusal.to_string())
    }

    /// The answer to a request that has none.
    pub(super) fn failed(&self, error: &Error) -> Response {
        let (status, body) = self.failure(error);
        let mut response = self.json(body);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        let is_busy = matches!(status.as_u16(), 429 | 503 | 529) && !error.is_final();
        // Who is told nothing may come back at once, and all of them together.
        if let Some(wait) = error.retry_after().or(is_busy.then_some(Duration::ZERO)) {
            let seconds = wait.as_millis().div_ceil(1_000).max(1);
            let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(status) = error.cache_status()
            && let Ok(status) = HeaderValue::try_from(status.to_string())
        {
            headers.insert("cache-status", status);
        }
        if error.is_final() {
            // SDKs retry every 429 and 5xx unless they are told that it does not help.
            headers.insert("x-should-retry", HeaderValue::from_static("false"));
        }
        response
    }

    /// Whether who asked for a stream is told of this in one: Codex makes a conversation shorter at
    /// an event, and takes every error status for a wrong request.
    pub(super) fn is_told_in_stream(&self, error: &Error) -> bool {
        self.protocol == Protocol::OpenAiResponses && error.reply_kind() == ReplyKind::ContextLength
    }

    /// The answer to a request for a stream of which nothing was sent, as a stream that fails.
    pub(super) fn failed_stream(&self, error: &Error) -> Response {
        log_failure(self.request_id, error.class(), &error.logged());
        let events = wire::failed_response(error.reply_kind(), &error.told());
        let mut response = self.stream(events);
        response.headers_mut().insert(CACHE_CONTROL, PRIVATE);
        response
    }

    /// Server-sent events.
    pub(super) fn stream(&self, events: impl Into<Body>) -> Response {
        const EVENTS: HeaderValue = HeaderValue::from_static("text/event-stream; charset=utf-8");
        let mut response = self.with_id(Response::new(events.into()));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, EVENTS);
        // A reverse proxy such as nginx keeps events back until it has some KiB of them.
        headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
        response
    }

    fn with_body(&self, status: StatusCode, kind: ReplyKind, message: &str) -> Response {
        let body = wire::error_body(self.protocol, kind, message, self.request_id.as_str());
        let mut response = self.json(body);
        *response.status_mut() = status;
        response
    }
}

/// The last event of a stream that broke off after `sent`.
pub(super) fn last_frame(protocol: Protocol, error: &Error, sent: &[u8]) -> Bytes {
    wire::error_frame(protocol, error.reply_kind(), &error.told(), sent)
}

/// The answer to a request whose handler panicked. What it said is for the log.
pub(crate) fn panicked(
    protocol: Protocol,
    request_id: &RequestId,
    panic: &(dyn Any + Send),
) -> Response {
    counter!(names::PANICS).increment(1);
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    log_failure(request_id, Class::Fault, text.unwrap_or("a panic without words"));
    let message = "the gateway failed to answer this; its log says why";
    let reply = Reply::new(protocol, request_id);
    reply.with_body(status(protocol, ReplyKind::Internal), ReplyKind::Internal, message)
}

/// The status that each protocol's SDKs expect for a kind of error.
fn status(protocol: Protocol, kind: ReplyKind) -> StatusCode {
    match kind {
        ReplyKind::InvalidRequest | ReplyKind::ContextLength | ReplyKind::NotStored => {
            StatusCode::BAD_REQUEST
        }
        ReplyKind::Authentication => StatusCode::UNAUTHORIZED,
        ReplyKind::Permission => StatusCode::FORBIDDEN,
        ReplyKind::NotFound | ReplyKind::UnknownModel => StatusCode::NOT_FOUND,
        ReplyKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ReplyKind::RateLimited | ReplyKind::BudgetReserved => StatusCode::TOO_MANY_REQUESTS,
        ReplyKind::BudgetExhausted => match protocol {
            Protocol::OpenAiChat | Protocol::OpenAiResponses => StatusCode::TOO_MANY_REQUESTS,
            Protocol::AnthropicMessages => StatusCode::PAYMENT_REQUIRED,
        },
        ReplyKind::Overloaded => match protocol {
            Protocol::OpenAiChat | Protocol::OpenAiResponses => StatusCode::SERVICE_UNAVAILABLE,
            Protocol::AnthropicMessages => overloaded(),
        },
        ReplyKind::Upstream => StatusCode::BAD_GATEWAY,
        ReplyKind::UpstreamTimeout => StatusCode::GATEWAY_TIMEOUT,
        ReplyKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Anthropic's own status for an overloaded service.
fn overloaded() -> StatusCode {
    StatusCode::from_u16(529).unwrap_or(StatusCode::SERVICE_UNAVAILABLE)
}

/// What is the caller's to mend is theirs to know; what an operator must mend is logged.
pub(crate) fn log_failure(request_id: &RequestId, class: Class, error: &str) {
    match class {
        Class::Caller | Class::Busy => tracing::debug!(%request_id, error, "refused"),
        Class::Upstream => tracing::warn!(%request_id, error, "no provider answered"),
        Class::Fault => tracing::error!(%request_id, error, "failed"),
    }
}
