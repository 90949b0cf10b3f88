//! What is configured about the providers and their chain.

mod models;
mod provider;
mod upstream_url;

use std::time::Duration;

pub use models::NativeModels;
pub use provider::{Network, ProviderSettings, Timeouts};
pub(crate) use upstream_url::Target;
pub use upstream_url::UpstreamUrl;

use crate::backoff::BackoffSettings;
use crate::breaker::BreakerSettings;
use crate::queue::QueueSettings;
use crate::retry_budget::RetryBudgetSettings;

/// The providers in order, and how patient to be with them.
#[derive(Clone, Debug)]
pub struct InferenceSettings {
    /// The providers in the order of fail-over.
    pub chain: Vec<ProviderSettings>,
    /// When a provider is left alone, or a model at it. The same for all, each with a breaker of its
    /// own.
    pub breaker: BreakerSettings,
    /// Who waits where a provider has no place. The same for all, each with a queue of its own.
    pub queue: QueueSettings,
    /// Extra load by attempts after the first, over all providers.
    pub retry_budget: RetryBudgetSettings,
    /// How long a conversation stays with the provider that answered it last, as long as that is
    /// well and serves the same model. Default: 5 min, for which providers keep prompts.
    pub affinity: Duration,
    /// Waits before asking the same provider again.
    pub backoff: BackoffSettings,
    /// Attempts at one provider for one request, at least 1. Default: 2.
    pub attempts_per_provider: u32,
    /// The time for all attempts of a request until its first content, or its whole answer where
    /// it is no stream. Default: 600 s.
    pub deadline: Duration,
    /// Idle connections kept for each provider. Default: 32.
    pub idle_connections_max: usize,
    /// How long they are kept. Default: 90 s.
    pub idle_timeout: Duration,
    /// The most bytes of a whole answer or of all chunks of a stream. Default: 64 MiB.
    pub answer_bytes_max: usize,
    /// Chooses the jitter of the waits.
    pub jitter_seed: u64,
}

impl InferenceSettings {
    /// The defaults for a chain of providers.
    pub fn new(chain: Vec<ProviderSettings>) -> Self {
        Self {
            chain,
            breaker: BreakerSettings::default(),
            queue: QueueSettings::default(),
            retry_budget: RetryBudgetSettings::default(),
            affinity: Duration::from_secs(300),
            backoff: BackoffSettings::default(),
            attempts_per_provider: 2,
            deadline: Duration::from_secs(600),
            idle_connections_max: 32,
            idle_timeout: Duration::from_secs(90),
            answer_bytes_max: 64 << 20,
            jitter_seed: 0,
        }
    }
}
