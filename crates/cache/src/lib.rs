//! The cache of complete answers to exact requests, and the joining of equal requests in flight.
//!
//! - A [`Key`] is made from a tenant, an endpoint, a resolved model and every field of the request
//!   but the excluded ones; there is no other way to make one, so no look-up crosses tenants.
//! - An answer is in memory at once and on disk a moment later. Neither tier ever makes a request
//!   wait for a write, and whatever goes wrong on disk is a miss and a counter, never an error.
//! - A row of the disk tier whose bytes are not the ones written is a miss and is deleted.
//! - [`Admission`] says what may be looked up and what may be stored; everything else is refused
//!   with a named [`Refusal`].
//! - Of equal requests in flight one leads and the others follow, whoever leaves when
//!   ([`Flights`]).
//!
//! ```
//! use std::sync::Arc;
//!
//! use forebay_cache::{Cache, CacheSettings, Entry, Form, KeyParts, key};
//! use types::{Clock, Microdollars, ModelId, ProviderId, RequestId, TenantId, TokenUsage};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let clock = Clock::system();
//! let cache = Cache::new(&CacheSettings::default(), None, clock.clone())?;
//!
//! let fields = serde_json::json!({"messages": [{"role": "user", "content": "hello"}]});
//! let key = key(&KeyParts {
//!     tenant: &TenantId::new("acme")?,
//!     endpoint: "/v1/chat/completions",
//!     model: &ModelId::new("gpt-5-mini")?,
//!     fields: fields.as_object().ok_or("not an object")?,
//!     excluded: &["stream", "stream_options", "model"],
//! });
//! assert!(cache.get(&key, None).is_none());
//!
//! cache.put(
//!     key,
//!     Arc::new(Entry {
//!         form: Form::Complete,
//!         frames: vec![r#"{"choices":[]}"#.into()],
//!         provider: ProviderId::new("openai")?,
//!         model: ModelId::new("gpt-5-mini")?,
//!         usage: TokenUsage::default(),
//!         cost: Microdollars::new(120),
//!         origin: RequestId::new("req-1")?,
//!         stored_at: clock.now(),
//!     }),
//! );
//! assert!(cache.get(&key, None).is_some());
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

mod admission;
mod cache;
mod directives;
mod disk;
mod entry;
mod error;
mod flights;
mod hit;
mod key;
mod memory;
mod refusal;
mod settings;
mod statistics;
mod status;
#[cfg(test)]
mod testing;

pub use admission::{Admission, AnswerFacts, Ending, RequestFacts};
pub use cache::Cache;
pub use directives::Directives;
pub use disk::SCHEMA;
pub use entry::{Entry, Form};
pub use error::Error;
pub use flights::{Flights, Lead, Producer, Subscription, Turn};
pub use hit::{Hit, Tier};
pub use key::{Key, KeyParts, key};
pub use refusal::Refusal;
pub use settings::CacheSettings;
pub use statistics::{CacheStatistics, TierStatistics};
pub use status::{CacheStatus, Storing};
