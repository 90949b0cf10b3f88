//! The ground of Forebay: values that every crate speaks of, and nothing that does anything.
//!
//! - Money is an integer number of micro-dollars and its arithmetic is checked.
//! - Ids are validated where they enter and cannot be mixed up afterwards.
//! - Time comes from a [`Clock`] that is passed in, so that tests own it.
//!
//! ```
//! use forebay_types::{Microdollars, ModelId};
//!
//! let limit = Microdollars::new(8_330_000);
//! assert_eq!(limit.to_string(), "$8.330000");
//! assert!(ModelId::new("gpt-5 mini").is_err());
//! ```
#![forbid(unsafe_code)]

mod chain;
mod class;
mod clock;
mod error;
mod ids;
mod microdollars;
mod principal;
mod timestamp;
mod token_count;
mod token_usage;
mod trace_parent;
mod upstream_request_id;

pub use chain::chain;
pub use class::Class;
pub use clock::{Clock, ManualClock};
pub use error::Error;
pub use ids::{DeveloperId, KeyId, ModelId, ProjectId, ProviderId, RequestId, TeamId, TenantId};
pub use microdollars::Microdollars;
pub use principal::Principal;
pub use timestamp::Timestamp;
pub use token_count::TokenCount;
pub use token_usage::TokenUsage;
pub use trace_parent::TraceParent;
pub use upstream_request_id::UpstreamRequestId;
