//! What Forebay tells about itself: metrics for Prometheus, structured logs, and, where a collector
//! is configured, OpenTelemetry's spans and metrics of requests to models.
//!
//! - No metric has a developer, a key or a prompt as a label: the number of series is bounded by
//!   the configuration.
//! - Recording a metric or telling of a request never fails and never waits.
//! - No span has a word of a prompt or an answer.
//!
//! ```
//! use forebay_telemetry::{Exporter, names};
//!
//! let exporter = Exporter::install()?;
//! metrics::counter!(names::REQUESTS, "protocol" => "openai-chat", "outcome" => "hit").increment(1);
//! assert!(exporter.render().contains("forebay_requests_total"));
//! # Ok::<(), forebay_telemetry::Error>(())
//! ```
#![forbid(unsafe_code)]

mod error;
mod exporter;
mod gen_ai;
mod logs;
mod model_answer;
mod model_attempt;
mod model_request;
pub mod names;
mod otlp;
mod otlp_settings;
mod request_trace;

pub use error::Error;
pub use exporter::Exporter;
pub use gen_ai::{GenAi, provider_name};
pub use logs::{LogFormat, LogSettings};
pub use model_answer::ModelAnswer;
pub use model_attempt::ModelAttempt;
pub use model_request::ModelRequest;
pub use otlp::Otlp;
pub use otlp_settings::OtlpSettings;
pub use request_trace::RequestTrace;
