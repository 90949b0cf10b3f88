//! Handles of what is counted at each request.

use std::sync::OnceLock;

use metrics::{Counter, Histogram, counter, histogram};
use parking_lot::RwLock;
use telemetry::names;
use types::ProviderId;

/// Handles of what is counted at each request, kept because finding one by its name takes longer
/// than counting. They are the recorder's that is installed when each is first asked for.
#[derive(Default)]
pub(crate) struct Meters {
    requests: Family<(&'static str, &'static str), Counter>,
    durations: Family<(&'static str, &'static str), Histogram>,
    lookups: Family<&'static str, Counter>,
    attempts: Family<(ProviderId, &'static str), Counter>,
    budget_check: OnceLock<Histogram>,
}

impl Meters {
    /// Requests of a protocol that ended so.
    pub(crate) fn requests(&self, protocol: &'static str, outcome: &'static str) -> Counter {
        self.requests.get(
            (protocol, outcome),
            |_| counter!(names::REQUESTS, "protocol" => protocol, "outcome" => outcome),
        )
    }

    /// How long something took, by protocol.
    pub(crate) fn duration(&self, metric: &'static str, protocol: &'static str) -> Histogram {
        self.durations.get((metric, protocol), |_| histogram!(metric, "protocol" => protocol))
    }

    /// Look-ups in the cache.
    pub(crate) fn lookups(&self, result: &'static str) -> Counter {
        self.lookups.get(result, |_| counter!(names::CACHE_LOOKUPS, "result" => result))
    }

    /// Attempts at a provider.
    pub(crate) fn attempts(&self, provider: &ProviderId, outcome: &'static str) -> Counter {
        self.attempts.get((provider.clone(), outcome), |(provider, _)| {
            let provider = provider.to_string();
            counter!(names::UPSTREAM_ATTEMPTS, "provider" => provider, "outcome" => outcome)
        })
    }

    /// How long a reservation took.
    pub(crate) fn budget_check(&self) -> &Histogram {
        self.budget_check.get_or_init(|| histogram!(names::BUDGET_CHECK))
    }
}

impl std::fmt::Debug for Meters {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Meters")
    }
}

/// The handles of one metric by the values of its labels, which are few: they come from the code
/// and the configuration.
struct Family<K, H>(RwLock<Vec<(K, H)>>);

impl<K, H> Default for Family<K, H> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K: PartialEq, H: Clone> Family<K, H> {
    fn get(&self, labels: K, make: impl FnOnce(&K) -> H) -> H {
        let find = |known: &[(K, H)]| {
            let found = known.iter().find(|(other, _)| *other == labels);
            found.map(|(_, handle)| handle.clone())
        };
        if let Some(handle) = find(&self.0.read()) {
            return handle;
        }
        let mut known = self.0.write();
        // Another thread may have come first.
        if let Some(handle) = find(&known) {
            return handle;
        }
        let handle = make(&labels);
        known.push((labels, handle.clone()));
        handle
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_made_once_for_the_same_labels() {
        let family = Family::default();
        let made = |labels| {
            let mut is_made = false;
            let handle = family.get(labels, |(first, second)| {
                is_made = true;
                format!("{first}{second}")
            });
            (handle, is_made)
        };
        assert_eq!(made(("a", "b")), ("ab".to_owned(), true));
        assert_eq!(made(("a", "c")), ("ac".to_owned(), true));
        assert_eq!(made(("a", "b")), ("ab".to_owned(), false));
    }
}
