//! The metrics of the conventions.

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Histogram, Meter};

use crate::{ModelAttempt, ModelRequest};

/// The buckets that the conventions ask for, in seconds.
const DURATION_SECONDS: [f64; 14] =
    [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const FIRST_TOKEN_SECONDS: [f64; 16] =
    [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
/// In tokens.
const TOKENS: [f64; 14] = [
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1_024.0,
    4_096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];

/// Calls to providers are measured as their client's, the time to the first token as the
/// gateway's own clients see it.
#[derive(Debug)]
pub(super) struct Instruments {
    duration: Histogram<f64>,
    tokens: Histogram<u64>,
    first_token: Histogram<f64>,
}

impl Instruments {
    pub(super) fn new(meter: &Meter) -> Self {
        let seconds = |name: &'static str, description: &'static str, boundaries: &[f64]| {
            let builder = meter.f64_histogram(name).with_unit("s").with_description(description);
            builder.with_boundaries(boundaries.to_vec()).build()
        };
        Self {
            duration: seconds(
                "gen_ai.client.operation.duration",
                "Time that a call to a provider took",
                &DURATION_SECONDS,
            ),
            tokens: meter
                .u64_histogram("gen_ai.client.token.usage")
                .with_unit("{token}")
                .with_description("Tokens of a call to a provider, as it says")
                .with_boundaries(TOKENS.to_vec())
                .build(),
            first_token: seconds(
                "gen_ai.server.time_to_first_token",
                "Time from a request to the first content of its stream",
                &FIRST_TOKEN_SECONDS,
            ),
        }
    }

    pub(super) fn record(&self, request: &ModelRequest) {
        for attempt in &request.attempts {
            let mut attributes = attributes(request, attempt);
            if let Some(usage) = attempt.answer.as_ref().and_then(|answer| answer.usage) {
                for (kind, tokens) in [("input", usage.total_input()), ("output", usage.output)] {
                    attributes.push(KeyValue::new("gen_ai.token.type", kind));
                    self.tokens.record(tokens.get(), &attributes);
                    attributes.pop();
                }
            }
            attributes.extend(attempt.error.map(|error| KeyValue::new("error.type", error)));
            self.duration.record(attempt.took.as_secs_f64(), &attributes);
        }
        if let (Some(first), Some(last)) = (request.first_content, request.attempts.last()) {
            self.first_token.record(first.as_secs_f64(), &attributes(request, last));
        }
    }
}

fn attributes(request: &ModelRequest, attempt: &ModelAttempt) -> Vec<KeyValue> {
    let mut attributes = vec![
        KeyValue::new("gen_ai.operation.name", request.operation),
        KeyValue::new("gen_ai.provider.name", attempt.system.clone()),
        KeyValue::new("gen_ai.request.model", attempt.model.to_string()),
        KeyValue::new("forebay.provider", attempt.provider.to_string()),
    ];
    let answered = attempt.answer.as_ref().and_then(|answer| answer.model.clone());
    attributes.extend(answered.map(|model| KeyValue::new("gen_ai.response.model", model)));
    attributes
}
