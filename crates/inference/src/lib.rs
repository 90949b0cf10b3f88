//! Asking language models: providers, routing, circuit breakers, retries, fail-over, over HTTP.
//!
//! - The address of a provider comes from its settings alone, is checked when the connection is
//!   made, and no redirect is followed. A key goes to its own provider only.
//! - Another provider is asked only while the client has seen nothing of an answer.
//! - A stream ends cleanly only when its protocol's own end was seen.
//! - Extra attempts are bounded by a budget over all requests, and each is asked for at a
//!   [`Gate`], behind which is the money.
//! - A provider is given as many requests at once as it takes; others wait in order of priority,
//!   age and deadline, a bounded number of them, and who cannot be served in time is told at once.
//! - Every wait has a limit of time, every answer a limit of bytes, and whatever happens ends in an
//!   answer or in one error.
//! - Nothing runs on: a reply that is dropped closes its connection.
//!
//! ```
//! use forebay_inference::{Inference, InferenceSettings, ProviderSettings};
//! use types::Clock;
//! use wire::Protocol;
//!
//! let url = "http://127.0.0.1:11434/v1".parse()?;
//! let mut local = ProviderSettings::new("local".parse()?, Protocol::OpenAiChat, url);
//! local.network.allow_plain_http = true;
//! local.network.allow_private_addresses = true;
//! local.native.push("qwen*".parse()?);
//! local.models.insert("fast".parse()?, "qwen3:4b".parse()?);
//!
//! let inference = Inference::new(InferenceSettings::new(vec![local]), Clock::system())?;
//! let route = inference.route("fast")?;
//! assert_eq!(route.candidates[0].model.as_str(), "qwen3:4b");
//! assert!(inference.route("gpt-5").is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod all_failed;
mod call;
mod error;
mod failure;
mod gate;
mod inference;
mod settings;

mod route;

mod dispatch;

mod attempt;
mod client;
mod deadline;
mod headers;
mod lanes;
mod learned;
mod piece_stream;
mod provider;
mod trace;
mod transport;

mod backoff;
mod breaker;
mod retry_after;
mod retry_budget;
mod verdict;

mod affinity;
mod limit;
mod pace;
mod places;
mod priority;
mod queue;
mod session;

mod address;
mod redactor;
mod resolver;
mod rests;

mod estimate;

pub use all_failed::{AllFailed, End, SkipReason, Skipped};
pub use backoff::BackoffSettings;
pub use breaker::{BreakerSettings, BreakerState};
pub use call::{AttemptRecord, Call, Reply, ReplyBody};
pub use error::Error;
pub use estimate::{bound_input, estimate_input, estimate_messages, guess_input, warm_up};
pub use failure::{Failure, FailureKind, Phase};
pub use gate::{Gate, GateQuestion, OpenGate};
pub use inference::Inference;
pub use piece_stream::PieceStream;
pub use priority::{Priority, UnknownPriority};
pub use provider::ProviderHealth;
pub use queue::QueueSettings;
pub use retry_budget::RetryBudgetSettings;
pub use route::{Candidate, Route, ServedModel};
pub use session::Session;
pub use settings::{
    InferenceSettings, NativeModels, Network, ProviderSettings, Timeouts, UpstreamUrl,
};
pub use trace::Trace;
