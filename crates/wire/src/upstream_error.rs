//! What a provider says when it fails.

mod classify;
mod message;

use std::time::Duration;

use serde_json_borrow::Value;
use types::Class;

use crate::ProviderProtocol;
use crate::json::borrowed::{self, is_empty, member, text};

/// A provider's error, as an error status or inside a 200.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamError {
    /// What it is.
    pub kind: UpstreamErrorKind,
    /// The provider's words: one line of at most 500 characters, without what looks like a key.
    pub message: String,
    /// When to try again, as the body says; the header is the caller's.
    pub retry_after: Option<Duration>,
}

/// What an error of a provider asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UpstreamErrorKind {
    /// Too many requests or tokens at once: wait, or ask another provider.
    RateLimited,
    /// The account has no money or quota left: waiting does not help.
    OutOfMoney,
    /// The key is wrong.
    Authentication,
    /// The key may not use this model, or somebody on the way refuses the prompt: it says nothing
    /// about other requests.
    Forbidden,
    /// It cannot serve this request, another provider may: the request alone is beyond the
    /// account's limit, or the model failed at it.
    Unable,
    /// This model or provider does not take a field or a value of the request; another may.
    Unsupported,
    /// No such model or path.
    NotFound,
    /// The request is wrong everywhere.
    InvalidRequest,
    /// The request has more tokens than this model takes.
    ContextLength,
    /// The body is too large.
    TooLarge,
    /// The provider has no capacity.
    Overloaded,
    /// The provider failed.
    Server,
    /// The provider gave up waiting for itself.
    Timeout,
}

impl UpstreamErrorKind {
    /// What the failure asks of whoever sees it.
    pub fn class(self) -> Class {
        match self {
            Self::Unsupported | Self::InvalidRequest | Self::ContextLength | Self::TooLarge => {
                Class::Caller
            }
            Self::RateLimited | Self::Overloaded => Class::Busy,
            Self::OutOfMoney
            | Self::Authentication
            | Self::Forbidden
            | Self::Unable
            | Self::NotFound
            | Self::Server
            | Self::Timeout => Class::Upstream,
        }
    }
}

impl std::fmt::Display for UpstreamError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// Reads an answer with an error status. Never fails: what cannot be read goes by its status.
pub fn decode_error(
    protocol: impl Into<ProviderProtocol>,
    status: u16,
    body: &[u8],
) -> UpstreamError {
    let protocol = protocol.into();
    let parsed = borrowed::parse(body).unwrap_or(Value::Null);
    let report = Report::of(&parsed).unwrap_or_default();
    let message = report.message().map_or_else(
        || format!("{protocol} provider answered with status {status}"),
        message::tidied,
    );
    let kind = classify::kind(&report, Some(status));
    UpstreamError { kind, message, retry_after: classify::retry_after(&report, kind) }
}

impl UpstreamError {
    /// The error that a frame or a body of a 200 carries, if it carries one.
    pub(crate) fn inside(value: &Value<'_>) -> Option<Self> {
        Some(Self::reported(&Report::of(value)?))
    }

    /// The error of a provider that says no more than this.
    pub(crate) fn said(words: &'static str) -> Self {
        Self::reported(&Report { error: Some(&Value::Str(words.into())) })
    }

    /// The model wrote a call of a tool that nobody can read: this request has no answer here.
    pub(crate) fn malformed_call() -> Self {
        let message = "the model's tool call is malformed".to_owned();
        Self { kind: UpstreamErrorKind::Unable, message, retry_after: None }
    }

    fn reported(report: &Report<'_>) -> Self {
        let message = report
            .message()
            .map_or_else(|| "the provider reported an error".to_owned(), message::tidied);
        let kind = classify::kind(report, None);
        Self { kind, message, retry_after: classify::retry_after(report, kind) }
    }
}

/// The part of a body that describes an error, whatever the dialect.
#[derive(Clone, Copy, Default)]
struct Report<'v> {
    /// An object, or text alone.
    error: Option<&'v Value<'v>>,
}

impl<'v> Report<'v> {
    fn of(value: &'v Value<'v>) -> Option<Self> {
        // Gemini wraps errors of streams in an array.
        let value = value.as_array().and_then(<[_]>::first).unwrap_or(value);
        let error = [member(value, "error"), member(member(value, "x_groq"), "error")]
            .into_iter()
            .find(|error| !is_empty(error));
        let is_bare = text(value, "type") == "error";
        let error = error.or_else(|| is_bare.then_some(value))?;
        Some(Self { error: Some(error) })
    }

    fn text(&self, name: &str) -> &'v str {
        self.error.map(|error| text(error, name)).unwrap_or_default()
    }

    fn message(&self) -> Option<&'v str> {
        let error = self.error?;
        let message = error.as_str().or_else(|| member(error, "message").as_str())?;
        (!message.is_empty()).then_some(message)
    }

    /// A status that the body repeats as its code.
    fn status(&self) -> Option<u16> {
        let code = member(self.error?, "code");
        let number = code.as_u64().or_else(|| code.as_str()?.parse().ok())?;
        u16::try_from(number).ok()
    }

    fn details(&self) -> &'v [Value<'v>] {
        self.error.and_then(|error| member(error, "details").as_array()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
