//! The spans of a request: its own, and one below it for each call to a provider.

use std::num::NonZeroU64;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{Array, InstrumentationScope, KeyValue, StringValue, Value};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use types::TraceParent;

use crate::{ModelAnswer, ModelAttempt, ModelRequest};

pub(super) fn of(request: &ModelRequest) -> Vec<SpanData> {
    let ended = UNIX_EPOCH + Duration::from_millis(request.ended.as_millis());
    let began = ended.checked_sub(request.took).unwrap_or(UNIX_EPOCH);
    let own = request.trace.own;
    let attempts = request.attempts.iter().enumerate().map(|(number, attempt)| {
        let span = Span {
            own: own.of_attempt(number),
            above: Some(own.span()),
            kind: SpanKind::Client,
            name: format!("{} {}", request.operation, attempt.model),
            began: began + attempt.after,
            took: attempt.took,
            error: attempt.error,
        };
        span.with(attempt_attributes(request, attempt))
    });
    let root = Span {
        own,
        above: request.trace.above,
        kind: SpanKind::Server,
        name: format!("{} {}", request.operation, request.model),
        began,
        took: request.took,
        error: request.error,
    };
    std::iter::once(root.with(request_attributes(request))).chain(attempts).collect()
}

/// A span without its attributes.
struct Span {
    own: TraceParent,
    above: Option<NonZeroU64>,
    kind: SpanKind,
    name: String,
    began: SystemTime,
    took: Duration,
    error: Option<&'static str>,
}

impl Span {
    fn with(self, mut attributes: Vec<KeyValue>) -> SpanData {
        attributes.extend(self.error.map(|error| KeyValue::new("error.type", error)));
        let identity = SpanContext::new(
            TraceId::from_bytes(self.own.trace().get().to_be_bytes()),
            span_id(self.own.span()),
            TraceFlags::SAMPLED,
            false,
            TraceState::default(),
        );
        SpanData {
            span_context: identity,
            parent_span_id: self.above.map_or(SpanId::INVALID, span_id),
            parent_span_is_remote: self.kind == SpanKind::Server && self.above.is_some(),
            span_kind: self.kind,
            name: self.name.into(),
            start_time: self.began,
            end_time: self.began + self.took,
            attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: self.error.map_or(Status::Unset, Status::error),
            instrumentation_scope: InstrumentationScope::builder("forebay").build(),
        }
    }
}

fn span_id(span: NonZeroU64) -> SpanId {
    SpanId::from_bytes(span.get().to_be_bytes())
}

/// Tokens and the end of the answer are told of the call that has them, so that nobody who adds
/// spans up counts them twice.
fn request_attributes(request: &ModelRequest) -> Vec<KeyValue> {
    let mut attributes = vec![
        KeyValue::new("gen_ai.operation.name", request.operation),
        KeyValue::new("gen_ai.request.model", request.model.clone()),
        KeyValue::new("forebay.request.id", request.request_id.to_string()),
        KeyValue::new("forebay.outcome", request.outcome),
    ];
    let last = request.attempts.last();
    attributes.extend(last.map(|last| KeyValue::new("gen_ai.provider.name", last.system.clone())));
    attributes
}

fn attempt_attributes(request: &ModelRequest, attempt: &ModelAttempt) -> Vec<KeyValue> {
    let mut attributes = vec![
        KeyValue::new("gen_ai.operation.name", request.operation),
        KeyValue::new("gen_ai.provider.name", attempt.system.clone()),
        KeyValue::new("gen_ai.request.model", attempt.model.to_string()),
        KeyValue::new("forebay.provider", attempt.provider.to_string()),
    ];
    let id = attempt.upstream_request_id.as_ref();
    attributes.extend(id.map(|id| KeyValue::new("forebay.upstream.request_id", id.to_string())));
    if let Some(ModelAnswer { model, usage, finish }) = &attempt.answer {
        attributes.extend(model.clone().map(|model| KeyValue::new("gen_ai.response.model", model)));
        let usage = usage.map(|usage| {
            [
                ("gen_ai.usage.input_tokens", usage.total_input()),
                ("gen_ai.usage.cache_read.input_tokens", usage.cache_read),
                ("gen_ai.usage.cache_creation.input_tokens", usage.cache_written()),
                ("gen_ai.usage.output_tokens", usage.output),
                ("gen_ai.usage.reasoning.output_tokens", usage.reasoning),
            ]
        });
        for (name, tokens) in usage.into_iter().flatten() {
            let tokens = i64::try_from(tokens.get()).unwrap_or(i64::MAX);
            attributes.push(KeyValue::new(name, tokens));
        }
        if let Some(finish) = finish {
            let reasons = Array::String(vec![StringValue::from(finish.clone())]);
            attributes.push(KeyValue::new("gen_ai.response.finish_reasons", Value::Array(reasons)));
        }
    }
    attributes
}
