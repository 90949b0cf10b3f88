//! Forebay's own errors, in the words of the client's protocol.

use std::borrow::Cow;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::{Protocol, responses};

/// Why a request gets no answer. The HTTP status belongs to whoever speaks HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReplyKind {
    /// The request is wrong.
    InvalidRequest,
    /// The key is missing, wrong or expired.
    Authentication,
    /// The key may not do this.
    Permission,
    /// There is no such path or thing.
    NotFound,
    /// The body is too large.
    TooLarge,
    /// The conversation is longer than the model's context.
    ContextLength,
    /// Too many requests.
    RateLimited,
    /// Open reservations take the rest of the budget: try again.
    BudgetReserved,
    /// The budget is spent: trying again does not help.
    BudgetExhausted,
    /// Forebay or every provider is at its limit.
    Overloaded,
    /// The provider failed.
    Upstream,
    /// The provider did not answer in time.
    UpstreamTimeout,
    /// Forebay failed.
    Internal,
    /// Nothing serves the model that was asked for.
    UnknownModel,
    /// The request builds on a stored response, and none is stored here.
    NotStored,
}

impl ReplyKind {
    /// The error's `type`, and its `code` where the protocol has codes.
    pub fn type_and_code(self, protocol: Protocol) -> (&'static str, Option<&'static str>) {
        match protocol {
            Protocol::OpenAiChat | Protocol::OpenAiResponses => self.openai(),
            Protocol::AnthropicMessages => (self.anthropic(), None),
        }
    }

    fn openai(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::InvalidRequest => ("invalid_request_error", None),
            Self::Authentication => ("invalid_request_error", Some("invalid_api_key")),
            Self::Permission => ("invalid_request_error", Some("permission_denied")),
            Self::NotFound => ("invalid_request_error", Some("not_found")),
            Self::TooLarge => ("invalid_request_error", Some("request_too_large")),
            Self::ContextLength => ("invalid_request_error", Some("context_length_exceeded")),
            Self::RateLimited | Self::BudgetReserved => {
                ("rate_limit_exceeded", Some("rate_limit_exceeded"))
            }
            Self::BudgetExhausted => ("insufficient_quota", Some("insufficient_quota")),
            Self::Overloaded => ("server_error", Some("overloaded")),
            Self::Upstream => ("server_error", Some("upstream_error")),
            Self::UpstreamTimeout => ("server_error", Some("timeout")),
            Self::Internal => ("server_error", Some("internal_error")),
            Self::UnknownModel => ("invalid_request_error", Some("model_not_found")),
            Self::NotStored => ("invalid_request_error", Some("previous_response_not_found")),
        }
    }

    fn anthropic(self) -> &'static str {
        match self {
            Self::InvalidRequest | Self::ContextLength | Self::NotStored => "invalid_request_error",
            Self::Authentication => "authentication_error",
            Self::Permission => "permission_error",
            Self::NotFound | Self::UnknownModel => "not_found_error",
            Self::TooLarge => "request_too_large",
            Self::RateLimited | Self::BudgetReserved => "rate_limit_error",
            Self::BudgetExhausted => "billing_error",
            Self::Overloaded => "overloaded_error",
            Self::Upstream | Self::Internal => "api_error",
            Self::UpstreamTimeout => "timeout_error",
        }
    }
}

/// The body of an error answer. Anthropic's names the request; for OpenAI a header does.
pub fn error_body(protocol: Protocol, kind: ReplyKind, message: &str, request_id: &str) -> Bytes {
    let mut body = envelope(protocol, kind, message);
    if protocol == Protocol::AnthropicMessages {
        body["request_id"] = request_id.into();
    }
    Bytes::from(body.to_string())
}

/// The error event that ends a stream which cannot go on. No terminal event of a good answer
/// follows it. `sent` is the last frame that was sent, or several, after which it is numbered where
/// the protocol numbers frames.
pub fn error_frame(protocol: Protocol, kind: ReplyKind, message: &str, sent: &[u8]) -> Bytes {
    let data = envelope(protocol, kind, message);
    match protocol {
        Protocol::OpenAiChat => Bytes::from(format!("data: {data}\n\n")),
        Protocol::OpenAiResponses => responses::failed(&data["error"], sent),
        Protocol::AnthropicMessages => Bytes::from(format!("event: error\ndata: {data}\n\n")),
    }
}

/// The stream of a response that fails before it begins, whole: to who asked for one, some errors
/// mean nothing anywhere else.
pub fn failed_response(kind: ReplyKind, message: &str) -> Bytes {
    responses::failed_at_once(&envelope(Protocol::OpenAiResponses, kind, message)["error"])
}

fn envelope(protocol: Protocol, kind: ReplyKind, message: &str) -> Value {
    let (name, code) = kind.type_and_code(protocol);
    match protocol {
        Protocol::OpenAiChat | Protocol::OpenAiResponses => json!({
            "error": {"message": message, "type": name, "param": null, "code": code}
        }),
        Protocol::AnthropicMessages => json!({
            "type": "error",
            "error": {"type": name, "message": anthropic_words(kind, message)}
        }),
    }
}

/// The message, of an overflow in the words by which Anthropic's agents know it. They know another
/// sentence too, in which they read how much room there is for the answer.
fn anthropic_words(kind: ReplyKind, message: &str) -> Cow<'_, str> {
    const TOO_LONG: &str = "prompt is too long: ";
    const NO_ROOM: &str = "exceed context limit: ";
    if message.contains(NO_ROOM) {
        return message.into();
    }
    match (kind, message.find(TOO_LONG)) {
        (ReplyKind::ContextLength, Some(at)) => message.get(at..).unwrap_or(message).into(),
        (ReplyKind::ContextLength, None) => format!("{TOO_LONG}{message}").into(),
        _ => message.into(),
    }
}

#[cfg(test)]
mod tests;
