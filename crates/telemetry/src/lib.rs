//! What Forebay tells about itself: metrics for Prometheus and structured logs.
//!
//! - No metric has a developer, a key or a prompt as a label: the number of series is bounded by
//!   the configuration.
//! - Recording a metric never fails and never waits.
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
mod logs;
pub mod names;

pub use error::Error;
pub use exporter::Exporter;
pub use logs::{LogFormat, LogSettings};
