//! What OpenTelemetry is told of a request, where a collector is configured.

use std::time::Duration;

use inference::AttemptRecord;
use telemetry::{ModelAnswer, ModelAttempt, ModelRequest};
use types::{Class, UpstreamRequestId};
use wire::{AnswerSummary, Finish, Operation, ProviderProtocol};

use super::admit::Call;
use super::record;
use crate::{Error, Parts};

/// How a request ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End {
    pub(super) outcome: &'static str,
    error: Option<&'static str>,
}

impl End {
    pub(crate) const fn well(outcome: &'static str) -> Self {
        Self { outcome, error: None }
    }

    /// Without an answer.
    pub(super) fn without(error: &Error) -> Self {
        Self { outcome: record::unanswered(error), error: Some(error_type(error)) }
    }
}

/// What is seen of a fetch until it ends, however it ends. Times are since the request came.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) dispatched: Duration,
    pub(super) first_content: Option<Duration>,
    pub(super) attempts: Vec<AttemptRecord>,
    pub(super) summary: Option<AnswerSummary>,
}

impl Seen {
    /// What the provider calls the attempt whose answer had begun.
    pub(super) fn interrupted_id(&self) -> Option<&UpstreamRequestId> {
        let last = self.attempts.last().filter(|last| last.failure.is_none())?;
        last.upstream_request_id.as_ref()
    }
}

/// Tells of a request for which providers were asked.
pub(super) fn fetched(parts: &Parts, call: &Call, end: End, seen: Seen) {
    let took = since(parts, call);
    let attempts = || {
        let Seen { dispatched, mut attempts, summary, .. } = seen;
        let last = attempts.pop();
        let failed = attempts.into_iter().map(|failed| told(failed, dispatched));
        let last = last.map(|last| {
            let is_open = last.failure.is_none();
            let mut told = told(last, dispatched);
            if is_open {
                // It goes on after its first content, to the end of the request.
                told.took = told.took.max(took.saturating_sub(told.after));
                told.error = end.error;
                told.answer = summary.map(answer);
            }
            told
        });
        failed.chain(last).collect()
    };
    tell(parts, call, end, (seen.first_content, attempts));
}

/// Tells of a request for which nobody was asked.
pub(super) fn unfetched(parts: &Parts, call: &Call, end: End) {
    tell(parts, call, end, (None, Vec::new));
}

fn tell(
    parts: &Parts,
    call: &Call,
    end: End,
    (first_content, attempts): (Option<Duration>, impl FnOnce() -> Vec<ModelAttempt>),
) {
    let (Some(gen_ai), Some(trace)) = (&parts.gen_ai, call.telling) else { return };
    gen_ai.tell(&ModelRequest {
        trace,
        request_id: call.request_id.clone(),
        operation: match call.request.operation() {
            Operation::Chat => "chat",
            Operation::Embeddings => "embeddings",
        },
        model: call.request.model().to_owned(),
        ended: parts.clock.now(),
        took: since(parts, call),
        first_content,
        outcome: end.outcome,
        error: end.error,
        attempts: attempts(),
    });
}

/// How long ago the request came.
pub(super) fn since(parts: &Parts, call: &Call) -> Duration {
    parts.clock.monotonic().saturating_sub(call.received)
}

fn told(attempt: AttemptRecord, dispatched: Duration) -> ModelAttempt {
    ModelAttempt {
        system: system(attempt.candidate.protocol),
        provider: attempt.candidate.provider,
        model: attempt.candidate.model,
        after: dispatched + attempt.after,
        took: attempt.took,
        upstream_request_id: attempt.upstream_request_id,
        error: attempt.failure.map(|failure| failure.kind.name()),
        answer: None,
    }
}

fn answer(summary: AnswerSummary) -> ModelAnswer {
    let finish = summary.finish.map(|finish| match finish {
        Finish::Stop | Finish::StopSequence => "stop".to_owned(),
        Finish::Length => "length".to_owned(),
        Finish::ToolCalls => "tool_calls".to_owned(),
        Finish::ContentFilter => "content_filter".to_owned(),
        Finish::Other(word) => word,
    });
    ModelAnswer { model: summary.model, usage: summary.usage, finish }
}

/// The conventions' name for whoever made a protocol, which they want also of those who copy it.
fn system(protocol: ProviderProtocol) -> &'static str {
    match protocol {
        ProviderProtocol::OpenAiChat | ProviderProtocol::OpenAiResponses => "openai",
        ProviderProtocol::AnthropicMessages => "anthropic",
        ProviderProtocol::Gemini => "gcp.gemini",
        ProviderProtocol::Groq => "groq",
    }
}

fn error_type(error: &Error) -> &'static str {
    let error = if let Error::Shared(shared) = error { shared } else { error };
    if let Error::Inference(error) = error
        && let Some(failure) = error.failure()
    {
        return failure.kind.name();
    }
    match error.class() {
        Class::Caller => "refused",
        Class::Busy => "busy",
        Class::Upstream => "unavailable",
        Class::Fault => "fault",
    }
}
