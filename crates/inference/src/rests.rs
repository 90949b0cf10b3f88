//! Which models of a provider are left alone after its rate limits.

use std::collections::BTreeMap;
use std::time::Duration;

use types::ModelId;

use crate::BreakerSettings;

/// Models that rest at once; beyond them the one whose rest ends first is asked again.
const MODELS_MAX: usize = 1_024;

/// Rate limits count by model: while one is over its limit, the others are served. Each model rests
/// until a moment of monotonic time.
#[derive(Debug)]
pub(crate) struct Rests {
    settings: BreakerSettings,
    until: BTreeMap<ModelId, Duration>,
}

impl Rests {
    pub(crate) fn new(settings: BreakerSettings) -> Self {
        Self { settings, until: BTreeMap::new() }
    }

    /// Other bounds for the rests that come.
    pub(crate) fn follow(&mut self, settings: BreakerSettings) {
        self.settings = settings;
    }

    /// Leaves `model` alone for `wait`, held to the settings' bounds; never shortens an earlier
    /// wait.
    pub(crate) fn add(&mut self, model: &ModelId, wait: Option<Duration>, now: Duration) {
        let BreakerSettings { cooldown_min, cooldown_max, cooldown_default, .. } = self.settings;
        let wait = wait.unwrap_or(cooldown_default).max(cooldown_min).min(cooldown_max);
        // Clients name models, so those that no longer rest are not kept, nor any number of others.
        self.until.retain(|_, until| *until > now);
        if self.until.len() >= MODELS_MAX && !self.until.contains_key(model) {
            let first = self.until.iter().min_by_key(|(_, until)| **until);
            if let Some(first) = first.map(|(model, _)| model.clone()) {
                self.until.remove(&first);
            }
        }
        let until = self.until.entry(model.clone()).or_default();
        *until = (*until).max(now.saturating_add(wait));
    }

    /// How long `model` is left alone from now on.
    pub(crate) fn left(&self, model: &ModelId, now: Duration) -> Option<Duration> {
        let left = self.until.get(model)?.checked_sub(now)?;
        (!left.is_zero()).then_some(left)
    }

    /// Every model that is left alone now, and for how long from now on.
    pub(crate) fn all(&self, now: Duration) -> Vec<(ModelId, Duration)> {
        let left = |model: &ModelId| Some((model.clone(), self.left(model, now)?));
        self.until.keys().filter_map(left).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn model(name: &str) -> ModelId {
        ModelId::new(name).unwrap()
    }

    fn rests() -> Rests {
        Rests::new(BreakerSettings::default())
    }

    #[test]
    fn waits_are_held_to_their_bounds() {
        for (asked, waits) in [
            (Some(Duration::ZERO), Duration::from_millis(500)),
            (Some(7 * SECOND), 7 * SECOND),
            (Some(Duration::MAX), 300 * SECOND),
            (None, 10 * SECOND),
        ] {
            let mut rests = rests();
            rests.add(&model("a"), asked, SECOND);
            assert_eq!(rests.left(&model("a"), SECOND), Some(waits), "{asked:?}");
            assert_eq!(rests.left(&model("a"), SECOND + waits), None);
        }
    }

    #[test]
    fn each_model_rests_alone_and_as_long_as_the_longest_wait() {
        let mut rests = rests();
        rests.add(&model("a"), Some(20 * SECOND), Duration::ZERO);
        rests.add(&model("a"), Some(SECOND), SECOND);
        rests.add(&model("b"), Some(SECOND), SECOND);
        assert_eq!(rests.left(&model("a"), SECOND), Some(19 * SECOND));
        assert_eq!(rests.left(&model("c"), SECOND), None);
        assert_eq!(rests.all(SECOND), [(model("a"), 19 * SECOND), (model("b"), SECOND)]);
        assert_eq!(rests.all(2 * SECOND), [(model("a"), 18 * SECOND)]);
    }

    #[test]
    fn what_rests_no_longer_is_forgotten() {
        let mut rests = rests();
        for second in 0..1_000 {
            rests.add(&model(&second.to_string()), Some(SECOND), second * SECOND);
        }
        assert_eq!(rests.until.len(), 1);
    }

    #[test]
    fn so_many_rest_and_no_more() {
        let mut rests = rests();
        for at in 0..=MODELS_MAX {
            let wait = Duration::from_millis(1_000 + u64::try_from(at).unwrap());
            rests.add(&model(&at.to_string()), Some(wait), Duration::ZERO);
        }
        assert_eq!(rests.until.len(), MODELS_MAX);
        assert_eq!(rests.left(&model("0"), Duration::ZERO), None);
        assert!(rests.left(&model("1"), Duration::ZERO).is_some());
    }
}
