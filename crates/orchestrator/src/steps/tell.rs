//! What OpenTelemetry is told of a request, where a collector is configured.

use std::borrow::Cow;
use std::time::Duration;

use inference::{AttemptRecord, Candidate};
use telemetry::{ModelAnswer, ModelAttempt, ModelRequest};
use types::{Class, TokenUsage, UpstreamRequestId};
use wire::{AnswerSummary, Finish, Operation, ProviderProtocol};

use super::admit::Call;
use super::record;
use crate::{Error, Parts};

/// The outcome of a request that its client has left.
const CANCELLED: &str = "cancelled";

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
    /// Who is being asked, and since when.
    pub(super) asked: Option<(Candidate, Duration)>,
    /// The tokens of an answer that has begun.
    pub(super) metered: Option<TokenUsage>,
    /// What is known of an answer that is whole.
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
        let Seen { dispatched, attempts, asked, metered, mut summary, .. } = seen;
        let left = (end.outcome == CANCELLED).then_some(CANCELLED);
        let answered = attempts.into_iter().map(|attempt| {
            let is_open = attempt.failure.is_none();
            let mut told = told(parts, attempt, dispatched);
            if is_open {
                // It goes on after its first content, to the end of the request.
                told.took = told.took.max(took.saturating_sub(told.after));
                told.error = end.error.or(left);
                let as_metered = || ModelAnswer { usage: metered, ..ModelAnswer::default() };
                told.answer = Some(summary.take().map_or_else(as_metered, answer));
            }
            told
        });
        let open = asked.map(|(candidate, after)| ModelAttempt {
            took: took.saturating_sub(after),
            after,
            error: end.error.or(left),
            ..begun(parts, candidate)
        });
        answered.chain(open).collect()
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

fn told(parts: &Parts, attempt: AttemptRecord, dispatched: Duration) -> ModelAttempt {
    ModelAttempt {
        after: dispatched + attempt.after,
        took: attempt.took,
        upstream_request_id: attempt.upstream_request_id,
        error: attempt.failure.map(|failure| failure.kind.name()),
        ..begun(parts, attempt.candidate)
    }
}

/// A call of which no more is known than who is asked.
fn begun(parts: &Parts, candidate: Candidate) -> ModelAttempt {
    ModelAttempt {
        system: system(parts, &candidate),
        provider: candidate.provider,
        model: candidate.model,
        after: Duration::ZERO,
        took: Duration::ZERO,
        upstream_request_id: None,
        error: None,
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

/// The conventions' name for a provider, by its host. At any other host it is that of the protocol's
/// maker, except for OpenAI's, which everybody speaks: there it is the configuration's own.
fn system(parts: &Parts, candidate: &Candidate) -> Cow<'static, str> {
    let host = parts.inference.host(&candidate.provider);
    let name = host.and_then(telemetry::provider_name).or(match candidate.protocol {
        ProviderProtocol::OpenAiChat | ProviderProtocol::OpenAiResponses => None,
        ProviderProtocol::AnthropicMessages => Some("anthropic"),
        ProviderProtocol::Gemini => Some("gcp.gemini"),
        ProviderProtocol::Groq => Some("groq"),
    });
    name.map_or_else(|| candidate.provider.to_string().into(), Cow::Borrowed)
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
