//! The gauges of the providers.

use std::collections::BTreeSet;

use inference::ProviderHealth;
use metrics::gauge;
use parking_lot::Mutex;
use telemetry::names;
use types::ProviderId;

/// Tells how the providers are doing, and remembers of which it told last: a gauge stays in the
/// exporter, so that of a provider that is configured no more has to be taken back.
#[derive(Debug, Default)]
pub(crate) struct ProviderGauges(Mutex<BTreeSet<ProviderId>>);

impl ProviderGauges {
    /// Brings the gauges up to date. A provider that is not among these any more is neither
    /// available nor not, and it is given nothing more. What is in flight at it goes on untold, as
    /// does what was begun with another key of a provider that is.
    pub(crate) fn publish(&self, providers: &[ProviderHealth]) {
        let mut told = self.0.lock();
        let ids = providers.iter().map(|health| health.provider.clone()).collect();
        let before = std::mem::replace(&mut *told, ids);
        for gone in before.difference(&told) {
            set(gone, f64::NAN, [0, 0, 0, 0]);
        }
        for health in providers {
            let available = if health.wait.is_some() { 0.0 } else { 1.0 };
            let ProviderHealth { limited, limit, in_flight, waiting, .. } = health;
            set(&health.provider, available, [limited.len(), *limit, *in_flight, *waiting]);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float; 2^53 requests are not reached")]
fn count(requests: usize) -> f64 {
    requests as f64
}

fn set(provider: &ProviderId, available: f64, [limited, limit, in_flight, waiting]: [usize; 4]) {
    let provider = provider.to_string();
    gauge!(names::PROVIDER_AVAILABLE, "provider" => provider.clone()).set(available);
    gauge!(names::PROVIDER_LIMITED_MODELS, "provider" => provider.clone()).set(count(limited));
    gauge!(names::PROVIDER_LIMIT, "provider" => provider.clone()).set(count(limit));
    gauge!(names::PROVIDER_IN_FLIGHT, "provider" => provider.clone()).set(count(in_flight));
    gauge!(names::PROVIDER_WAITING, "provider" => provider).set(count(waiting));
}
