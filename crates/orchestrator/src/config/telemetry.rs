//! `[telemetry]`

use documented::DocumentedFields;
use serde::{Deserialize, Serialize};

/// Where OpenTelemetry's spans and metrics are sent.
#[derive(Clone, Debug, Default, Serialize, Deserialize, DocumentedFields)]
#[serde(default, deny_unknown_fields)]
pub struct TelemetrySection {
    /// A collector that takes OTLP over HTTP, such as `http://localhost:4318`; not set, nothing is
    /// sent. It gets spans and metrics of requests to models, without a word of prompts and answers.
    pub otlp_endpoint: Option<String>,
}
