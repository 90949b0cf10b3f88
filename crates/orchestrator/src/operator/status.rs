//! What runs and how it is.

use std::net::SocketAddr;
use std::path::PathBuf;

use budget::Window;
use cache::TierStatistics;
use inference::BreakerState;
use serde::{Deserialize, Serialize};
use types::{Microdollars, ModelId, ProviderId};

use super::{Running, Store};

/// What runs and how it is.
#[derive(Debug, Serialize, Deserialize)]
pub struct Status {
    /// This program's version.
    pub version: String,
    /// The data directory.
    pub data_directory: PathBuf,
    /// Where a gateway listens; none where none runs.
    pub address: Option<SocketAddr>,
    /// Why requests cannot be answered, where they cannot.
    pub not_ready: Option<String>,
    /// Seconds since the gateway started.
    pub up_seconds: u64,
    /// Answers that are being fetched.
    pub in_flight: usize,
    /// The month that is counted in.
    pub month: Window,
    /// Spent by all tenants this month.
    pub spent: Microdollars,
    /// Reserved by all tenants now.
    pub reserved: Microdollars,
    /// Providers in the order of the chain.
    pub providers: Vec<ProviderStatus>,
    /// Tiers of the cache.
    pub cache: Vec<TierStatus>,
    /// What the ledger did since the start.
    pub ledger: budget::Statistics,
}

/// One provider.
#[derive(Debug, Serialize, Deserialize)]
pub struct ProviderStatus {
    /// Which.
    pub provider: ProviderId,
    /// Its breaker: closed, open, hard_down or half_open.
    pub breaker: String,
    /// Seconds that it is left alone.
    pub rests_seconds: u64,
    /// Models that it is not asked for after their rate limits.
    pub limited: Vec<ModelId>,
    /// Requests in flight at it.
    pub in_flight: usize,
    /// Requests that it is given at once now.
    pub limit: usize,
    /// Requests that wait for a place at it.
    pub waiting: usize,
    /// Attempts that ended well since the start.
    pub succeeded: u64,
    /// Attempts that failed since the start.
    pub failed: u64,
}

/// One tier of the cache.
#[derive(Debug, Serialize, Deserialize)]
pub struct TierStatus {
    /// memory or disk.
    pub tier: String,
    /// Answers that it gave.
    pub hits: u64,
    /// Look-ups that it had no answer to.
    pub misses: u64,
    /// Answers that it holds.
    pub entries: u64,
    /// Bytes that it holds.
    pub bytes: u64,
}

pub(super) fn status(store: &Store, running: Option<&Running>) -> Status {
    let gateway = running.map(|running| &running.gateway);
    let parts = gateway.map(|gateway| gateway.parts());
    let accounts = store.ledger().accounts();
    let tenants =
        || accounts.iter().filter(|status| status.account.kind() == budget::AccountKind::Tenant);
    Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        data_directory: store.path().to_owned(),
        address: running.map(|running| running.address),
        not_ready: gateway.and_then(|gateway| gateway.readiness().err()).map(|why| why.to_string()),
        up_seconds: running.map_or(0, |_| store.clock().monotonic().as_secs()),
        in_flight: gateway.map_or(0, |gateway| gateway.in_flight()),
        month: store.ledger().window(),
        spent: tenants().map(|status| status.spent).sum(),
        reserved: tenants().map(|status| status.reserved).sum(),
        providers: parts.as_ref().map(|parts| providers(&parts.inference)).unwrap_or_default(),
        cache: parts.as_ref().map(|parts| tiers(&parts.cache)).unwrap_or_default(),
        ledger: store.ledger().statistics(),
    }
}

fn providers(inference: &inference::Inference) -> Vec<ProviderStatus> {
    let status = |health: inference::ProviderHealth| ProviderStatus {
        provider: health.provider,
        breaker: breaker_name(health.state).to_owned(),
        rests_seconds: health.wait.map_or(0, |wait| wait.as_secs()),
        limited: health.limited.into_iter().map(|(model, _)| model).collect(),
        in_flight: health.in_flight,
        limit: health.limit,
        waiting: health.waiting,
        succeeded: health.succeeded,
        failed: health.failed,
    };
    inference.health().into_iter().map(status).collect()
}

fn breaker_name(state: BreakerState) -> &'static str {
    match state {
        BreakerState::Closed => "closed",
        BreakerState::Open => "open",
        BreakerState::HardDown => "hard_down",
        BreakerState::HalfOpen => "half_open",
    }
}

fn tiers(cache: &cache::Cache) -> Vec<TierStatus> {
    let statistics = cache.statistics();
    let tier = |tier: &str, statistics: TierStatistics| TierStatus {
        tier: tier.to_owned(),
        hits: statistics.hits,
        misses: statistics.misses,
        entries: statistics.entries,
        bytes: statistics.bytes,
    };
    let memory = tier("memory", statistics.memory);
    std::iter::once(memory).chain(statistics.disk.map(|disk| tier("disk", disk))).collect()
}
