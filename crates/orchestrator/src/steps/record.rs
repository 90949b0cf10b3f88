//! What is counted, and what the usage report will know.

use budget::{AccountPath, FreeAnswer, RateKind};
use cache::{Hit, Tier};
use inference::{AttemptRecord, SkipReason};
use metrics::counter;
use telemetry::names;
use types::{Class, Microdollars, TokenUsage, UpstreamRequestId};
use wire::{Operation, Protocol, Request};

use super::admit::Call;
use super::tell;
use crate::item::Source;
use crate::{Error, Parts};

/// The name of what a request speaks, in metrics and cache keys.
pub(super) fn request_label(request: &Request) -> &'static str {
    label(request.operation(), request.protocol())
}

/// The same before it is decoded.
pub(crate) fn label(operation: Operation, protocol: Protocol) -> &'static str {
    match (operation, protocol) {
        (Operation::Embeddings, _) => "openai-embeddings",
        (Operation::Chat, Protocol::OpenAiChat) => "openai-chat",
        (Operation::Chat, Protocol::OpenAiResponses) => "openai-responses",
        (Operation::Chat, Protocol::AnthropicMessages) => "anthropic-messages",
    }
}

/// Counts a request that ended.
pub(crate) fn outcome(parts: &Parts, label: &'static str, outcome: &'static str) {
    parts.meters.requests(label, outcome).increment(1);
}

/// How a request without an answer ends: refused for what is wrong with it or for what is full
/// here, failed where it was good and providers have no answer to it, be it for a limit of theirs.
pub(super) fn unanswered(error: &Error) -> &'static str {
    match (error, error.class()) {
        (Error::Shared(error), _) => unanswered(error),
        (Error::Inference(_) | Error::GivenUp, Class::Busy) => "failed",
        (_, Class::Caller | Class::Busy) => "refused",
        (_, Class::Upstream | Class::Fault) => "failed",
    }
}

/// Notes how long the first content took.
pub(crate) fn began(parts: &Parts, call: &Call) {
    elapsed(parts, call, names::TIME_TO_FIRST_CONTENT);
}

/// Notes how long the whole answer took.
pub(crate) fn ended(parts: &Parts, call: &Call) {
    elapsed(parts, call, names::REQUEST_DURATION);
}

fn elapsed(parts: &Parts, call: &Call, metric: &'static str) {
    let protocol = request_label(&call.request);
    parts.meters.duration(metric, protocol).record(tell::since(parts, call));
}

/// Counts a request that is over what its tenant may use in a minute.
pub(super) fn rate_limited(error: &budget::Error) {
    if let budget::Error::RateLimited { kind, .. } = error {
        let kind = match kind {
            RateKind::Requests => "requests",
            RateKind::Tokens => "tokens",
        };
        counter!(names::RATE_REFUSALS, "kind" => kind).increment(1);
    }
}

/// Counts a look-up.
pub(super) fn lookup(parts: &Parts, result: &'static str) {
    parts.meters.lookups(result).increment(1);
}

/// Counts a look-up that found an answer and notes what it saved.
pub(super) fn hit(parts: &Parts, call: &Call, hit: &Hit) {
    let tier = match hit.tier {
        Tier::Memory => "memory",
        Tier::Disk => "disk",
    };
    lookup(parts, tier);
    let entry = &hit.entry;
    let answer = FreeAnswer {
        request: call.request_id.clone(),
        origin: entry.origin.clone(),
        provider: entry.provider.clone(),
        model: entry.model.clone(),
        usage: entry.usage,
        saved: entry.cost,
    };
    free(parts, call, answer);
}

/// Notes an answer that was shared with the request that paid for it.
pub(crate) fn joined(parts: &Parts, call: &Call, source: &Source) {
    let answer = FreeAnswer {
        request: call.request_id.clone(),
        origin: source.origin.clone(),
        provider: source.provider.clone(),
        model: source.model.clone(),
        usage: TokenUsage::default(),
        saved: Microdollars::ZERO,
    };
    free(parts, call, answer);
}

fn free(parts: &Parts, call: &Call, answer: FreeAnswer) {
    counter!(names::SAVED).increment(answer.saved.get());
    // A report that lacks a line after a crash is no loss that an answer should wait for.
    drop(parts.ledger.record_free(&AccountPath::of(&call.principal), answer));
}

/// Counts the attempts of a call.
pub(crate) fn attempts(parts: &Parts, attempts: &[AttemptRecord]) {
    for attempt in attempts {
        let outcome = if attempt.failure.is_none() { "ok" } else { "failed" };
        parts.meters.attempts(&attempt.candidate.provider, outcome).increment(1);
    }
}

/// Counts a request of a conversation that was answered before.
pub(super) fn conversation(stayed: Option<bool>) {
    if let Some(stayed) = stayed {
        let outcome = if stayed { "stayed" } else { "moved" };
        counter!(names::CONVERSATIONS, "outcome" => outcome).increment(1);
    }
}

/// Counts the providers that had too many waiting to let another one wait.
pub(crate) fn shed(error: &inference::Error) {
    let inference::Error::AllFailed(all) = error else { return };
    for skipped in all.skipped.iter().filter(|skipped| skipped.reason == SkipReason::Shed) {
        counter!(names::SHED, "provider" => skipped.provider.to_string()).increment(1);
    }
}

/// Logs that there is no answer; what is wrong with a request is its client's to mend.
/// `interrupted_id` is what the provider calls the answer that broke off.
pub(super) fn no_answer(call: &Call, error: &Error, interrupted_id: Option<&UpstreamRequestId>) {
    let request_id = &call.request_id;
    let error_text = error.logged();
    if error.class() == Class::Caller {
        tracing::debug!(%request_id, error = error_text, "refused by a provider");
        return;
    }
    tracing::warn!(
        %request_id,
        upstream_request_id = interrupted_id.map(tracing::field::display),
        error = error_text,
        "no answer"
    );
}
