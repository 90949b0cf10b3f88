//! How much extra load attempts after the first may be.

use std::time::Duration;

/// How many attempts beyond the first of each request are allowed.
#[derive(Clone, Debug)]
pub struct RetryBudgetSettings {
    /// Extra attempts per hundred requests. Default: 20.
    pub percent: u32,
    /// Extra attempts a second that are allowed besides. Default: 10.
    pub floor_per_second: u32,
    /// How long requests and extra attempts count, at least 1 s. Default: 10 s.
    pub window: Duration,
}

impl Default for RetryBudgetSettings {
    fn default() -> Self {
        Self { percent: 20, floor_per_second: 10, window: Duration::from_secs(10) }
    }
}

const SLOTS: u64 = 10;
/// What one extra attempt costs; a request earns `percent` of this unit.
const ATTEMPT: i64 = 100;

/// Whenever an extra attempt is granted, those of the window that ends then are at most
/// `percent` of its requests and the floor.
///
/// The window moves in ten steps, as that of tower's `TpsBudget` does.
#[derive(Debug)]
pub(crate) struct RetryBudget {
    settings: RetryBudgetSettings,
    slot: Duration,
    /// What each slot earned less what it spent, the newest last used.
    balances: [i64; 10],
    newest: u64,
}

impl RetryBudget {
    pub(crate) fn new(settings: RetryBudgetSettings) -> Self {
        let slot = settings.window.max(Duration::from_secs(1)) / 10;
        Self { settings, slot, balances: [0; 10], newest: 0 }
    }

    /// Other shares. What the window holds counts on, unless its length is another one: then it
    /// begins anew.
    pub(crate) fn follow(&mut self, settings: RetryBudgetSettings) {
        if settings.window == self.settings.window {
            self.settings = settings;
        } else {
            *self = Self::new(settings);
        }
    }

    /// Counts a request.
    pub(crate) fn deposit(&mut self, now: Duration) {
        let earned = i64::from(self.settings.percent);
        let balance = self.current(now);
        *balance = balance.saturating_add(earned);
    }

    /// Whether an extra attempt may be made; counts it if so.
    pub(crate) fn withdraw(&mut self, now: Duration) -> bool {
        self.current(now);
        let sum = self.balances.iter().fold(self.floor(), |sum, slot| sum.saturating_add(*slot));
        let granted = sum >= ATTEMPT;
        if granted {
            let balance = self.current(now);
            *balance = balance.saturating_sub(ATTEMPT);
        }
        granted
    }

    fn floor(&self) -> i64 {
        let seconds = self.settings.window.max(Duration::from_secs(1)).as_secs();
        let attempts = u64::from(self.settings.floor_per_second).saturating_mul(seconds);
        i64::try_from(attempts).unwrap_or(i64::MAX).saturating_mul(ATTEMPT)
    }

    /// The balance of the slot that `now` falls in, after those that left the window are cleared.
    fn current(&mut self, now: Duration) -> &mut i64 {
        let number = u64::try_from(now.as_nanos() / self.slot.as_nanos()).unwrap_or(u64::MAX);
        let number = number.max(self.newest);
        let passed = (number - self.newest).min(SLOTS);
        for step in 0..passed {
            self.balances[index(number - step)] = 0;
        }
        self.newest = number;
        &mut self.balances[index(number)]
    }
}

fn index(slot: u64) -> usize {
    usize::try_from(slot % SLOTS).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_floor_alone_allows_its_share_and_no_more() {
        let mut budget = RetryBudget::new(RetryBudgetSettings::default());
        let granted = (0..500).filter(|_| budget.withdraw(SECOND)).count();
        assert_eq!(granted, 100);
        assert!(budget.withdraw(11 * SECOND + SECOND), "the window has passed");
    }

    #[test]
    fn five_requests_earn_one_extra_attempt() {
        let settings = RetryBudgetSettings { floor_per_second: 0, ..Default::default() };
        let mut budget = RetryBudget::new(settings);
        (0..4).for_each(|_| budget.deposit(SECOND));
        assert!(!budget.withdraw(SECOND));
        budget.deposit(SECOND);
        assert!(budget.withdraw(SECOND));
        assert!(!budget.withdraw(SECOND));
    }

    #[test]
    fn what_was_spent_stays_spent_under_other_shares() {
        let spend = |budget: &mut RetryBudget| (0..500).filter(|_| budget.withdraw(SECOND)).count();
        let mut budget = RetryBudget::new(RetryBudgetSettings::default());
        assert_eq!(spend(&mut budget), 100);
        budget.follow(RetryBudgetSettings { percent: 100, ..Default::default() });
        assert_eq!(spend(&mut budget), 0);
        budget.follow(RetryBudgetSettings { floor_per_second: 12, ..Default::default() });
        assert_eq!(spend(&mut budget), 20);
        let window = 5 * SECOND;
        budget.follow(RetryBudgetSettings { window, ..Default::default() });
        assert_eq!(spend(&mut budget), 50, "another window begins anew");
    }

    #[test]
    fn random_traffic_never_exceeds_the_share_and_the_floor() {
        for seed in 0..200 {
            check_traffic(seed);
        }
    }

    /// Counts from a plain list of events what the window held at each grant.
    fn check_traffic(seed: u64) {
        let mut random = StdRng::seed_from_u64(seed);
        let floor = random.random_range(0..3_u32);
        let settings = RetryBudgetSettings { floor_per_second: floor, ..Default::default() };
        let mut budget = RetryBudget::new(settings);
        let (mut requests, mut extras) = (Vec::new(), Vec::new());
        let mut now = Duration::ZERO;
        for _ in 0..600 {
            now += Duration::from_millis(random.random_range(0..200));
            if random.random_bool(0.5) {
                requests.push(now.as_secs());
                budget.deposit(now);
            } else if budget.withdraw(now) {
                extras.push(now.as_secs());
                let inside = |times: &[u64]| {
                    times.iter().filter(|time| **time + 10 > now.as_secs()).count() as u64
                };
                let allowed = inside(&requests) * 20 + u64::from(floor) * 10 * 100;
                assert!(inside(&extras) * 100 <= allowed, "seed {seed} at {now:?}");
            }
        }
    }
}
