//! What went wrong with one attempt.

use std::fmt;
use std::time::Duration;

use wire::UpstreamErrorKind;

/// A stage of an attempt that has a time-out of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// From the request's last byte to the answer's headers.
    Headers,
    /// To the first content of a stream.
    FirstContent,
    /// Between two chunks of a stream that has begun.
    BetweenChunks,
    /// One attempt, its whole stream included.
    Total,
    /// All attempts of a request together: no fault of the provider that was being asked.
    Request,
}

impl fmt::Display for Phase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Headers => "waiting for its headers",
            Self::FirstContent => "waiting for its first content",
            Self::BetweenChunks => "waiting for its next chunk",
            Self::Total => "working on the answer",
            Self::Request => "when the request's time was over",
        })
    }
}

/// What kind of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// No connection: name, address, TCP, TLS, or its time-out.
    Connect,
    /// The time of this phase ran out after the request was sent.
    Timeout(Phase),
    /// The connection broke or spoke no HTTP.
    Broken,
    /// The answer ended without its protocol's own end.
    Truncated,
    /// The answer is not what the protocol allows, or too large.
    Rubbish,
    /// The provider said what is wrong.
    Upstream(UpstreamErrorKind),
}

impl FailureKind {
    /// Its name where people count failures: one of few, in snake case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Timeout(_) => "timeout",
            Self::Broken => "broken",
            Self::Truncated => "truncated",
            Self::Rubbish => "rubbish",
            Self::Upstream(kind) => match kind {
                UpstreamErrorKind::RateLimited => "rate_limited",
                UpstreamErrorKind::OutOfMoney => "out_of_money",
                UpstreamErrorKind::Authentication => "authentication",
                UpstreamErrorKind::Forbidden => "forbidden",
                UpstreamErrorKind::Unable => "unable",
                UpstreamErrorKind::Unsupported => "unsupported",
                UpstreamErrorKind::NotFound => "not_found",
                UpstreamErrorKind::InvalidRequest => "invalid_request",
                UpstreamErrorKind::ContextLength => "context_length",
                UpstreamErrorKind::TooLarge => "too_large",
                UpstreamErrorKind::Overloaded => "overloaded",
                UpstreamErrorKind::Server => "server",
                UpstreamErrorKind::Timeout => "timeout",
            },
        }
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Connect => "cannot be reached",
            Self::Timeout(phase) => return write!(formatter, "timed out {phase}"),
            Self::Broken => "broke the connection",
            Self::Truncated => "stopped in the middle of its answer",
            Self::Rubbish => "sent something that is no answer",
            Self::Upstream(kind) => return formatter.write_str(words(*kind)),
        };
        formatter.write_str(text)
    }
}

fn words(kind: UpstreamErrorKind) -> &'static str {
    match kind {
        UpstreamErrorKind::RateLimited => "is limiting requests",
        UpstreamErrorKind::OutOfMoney => "wants its account paid",
        UpstreamErrorKind::Authentication => "refused the configured key",
        UpstreamErrorKind::Forbidden => "does not allow the request",
        UpstreamErrorKind::Unable => "cannot serve the request",
        UpstreamErrorKind::Unsupported => "does not take what the request has",
        UpstreamErrorKind::NotFound => "does not know what was asked for",
        UpstreamErrorKind::InvalidRequest => "refused the request",
        UpstreamErrorKind::ContextLength => "has too small a context for the request",
        UpstreamErrorKind::TooLarge => "refused the request's size",
        UpstreamErrorKind::Overloaded => "is overloaded",
        UpstreamErrorKind::Server => "failed",
        UpstreamErrorKind::Timeout => "ran out of time",
    }
}

/// What went wrong with one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The kind, which decides what follows.
    pub kind: FailureKind,
    /// The provider's own words, bounded and free of its credentials; empty where it said nothing
    /// or where they are about our account.
    pub message: String,
    /// How long the provider asks to be left alone.
    pub retry_after: Option<Duration>,
    /// Whether the provider may charge for the attempt.
    pub may_be_billed: bool,
}

impl Failure {
    pub(crate) fn unbilled(kind: FailureKind) -> Self {
        Self { kind, message: String::new(), retry_after: None, may_be_billed: false }
    }

    pub(crate) fn billed(kind: FailureKind) -> Self {
        Self { may_be_billed: true, ..Self::unbilled(kind) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(formatter)?;
        if self.message.is_empty() { Ok(()) } else { write!(formatter, ": {}", self.message) }
    }
}
