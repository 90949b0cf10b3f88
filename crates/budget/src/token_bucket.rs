//! A rate a minute, with no more saved up than a minute's worth.

use std::time::Duration;

/// Parts of one unit, so that what a nanosecond brings is a whole number of them.
const PARTS: i128 = 60_000_000_000;

/// A bucket that holds what one minute allows and is filled evenly. It is told the time, counts in
/// whole numbers, and may be overdrawn by what is only known afterwards.
#[derive(Clone, Debug)]
pub(crate) struct TokenBucket {
    per_minute: u64,
    level: i128,
    at: Duration,
}

impl TokenBucket {
    /// A full one.
    pub(crate) fn new(per_minute: u64, now: Duration) -> Self {
        Self { per_minute, level: i128::from(per_minute) * PARTS, at: now }
    }

    pub(crate) fn per_minute(&self) -> u64 {
        self.per_minute
    }

    /// Takes `amount`, all or nothing; where there is not enough, says how long that takes. More
    /// than the bucket can hold is taken from a full one, or it could never be had.
    pub(crate) fn take(&mut self, amount: u64, now: Duration) -> Result<(), Duration> {
        self.fill(now);
        let needed = i128::from(amount.min(self.per_minute)) * PARTS;
        if self.level < needed {
            return Err(self.time_for(needed - self.level));
        }
        self.level -= needed;
        Ok(())
    }

    /// Puts the true amount in the place of one that was taken.
    pub(crate) fn correct(&mut self, taken: u64, actual: u64, now: Duration) {
        self.fill(now);
        let taken = i128::from(taken.min(self.per_minute));
        let level = self.level + (taken - i128::from(actual)) * PARTS;
        self.level = level.min(self.capacity());
    }

    /// What could be taken now, in whole units.
    pub(crate) fn remaining(&mut self, now: Duration) -> u64 {
        self.fill(now);
        u64::try_from(self.level.max(0) / PARTS).unwrap_or(u64::MAX)
    }

    /// How long until it is full.
    pub(crate) fn full_after(&mut self, now: Duration) -> Duration {
        self.fill(now);
        self.time_for(self.capacity() - self.level)
    }

    /// The same use under another rate.
    pub(crate) fn set_per_minute(&mut self, per_minute: u64, now: Duration) {
        self.fill(now);
        let used = self.capacity() - self.level;
        self.per_minute = per_minute;
        self.level = self.capacity() - used;
    }

    fn capacity(&self) -> i128 {
        i128::from(self.per_minute) * PARTS
    }

    fn fill(&mut self, now: Duration) {
        let elapsed = now.saturating_sub(self.at).as_nanos();
        let elapsed = i128::try_from(elapsed).unwrap_or(i128::MAX);
        let brought = elapsed.saturating_mul(i128::from(self.per_minute));
        self.level = self.level.saturating_add(brought).min(self.capacity());
        self.at = self.at.max(now);
    }

    fn time_for(&self, parts: i128) -> Duration {
        let rate = i128::from(self.per_minute.max(1));
        let nanoseconds = (parts + rate - 1) / rate;
        Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_minute_brings_what_it_says() {
        let mut bucket = TokenBucket::new(3, Duration::ZERO);
        let took = |bucket: &mut TokenBucket, now| bucket.take(1, now);
        (0..3).for_each(|_| took(&mut bucket, Duration::ZERO).unwrap());
        assert_eq!(took(&mut bucket, Duration::ZERO), Err(20 * SECOND));
        assert_eq!(took(&mut bucket, 19 * SECOND), Err(SECOND));
        took(&mut bucket, 20 * SECOND).unwrap();
        assert_eq!(bucket.full_after(20 * SECOND), 60 * SECOND);
        assert_eq!(bucket.remaining(200 * SECOND), 3, "no more is saved up");
    }

    #[test]
    fn a_clock_that_goes_back_brings_nothing() {
        let mut bucket = TokenBucket::new(60, 100 * SECOND);
        bucket.take(60, 100 * SECOND).unwrap();
        assert_eq!(bucket.remaining(50 * SECOND), 0);
        assert_eq!(bucket.remaining(101 * SECOND), 1);
    }

    #[test]
    fn more_than_a_minute_allows_takes_all_of_it() {
        let mut bucket = TokenBucket::new(100, Duration::ZERO);
        bucket.take(1, Duration::ZERO).unwrap();
        assert!(bucket.take(1_000, Duration::ZERO).is_err());
        bucket.take(1_000, SECOND).unwrap();
        bucket.correct(1_000, 150, SECOND);
        assert_eq!(bucket.remaining(SECOND), 0, "overdrawn");
        assert_eq!(bucket.full_after(SECOND), 90 * SECOND);
    }

    #[test]
    fn what_was_used_stays_used_under_another_rate() {
        let mut bucket = TokenBucket::new(100, Duration::ZERO);
        bucket.take(80, Duration::ZERO).unwrap();
        bucket.set_per_minute(90, Duration::ZERO);
        assert_eq!(bucket.remaining(Duration::ZERO), 10);
        bucket.set_per_minute(50, Duration::ZERO);
        assert_eq!(bucket.remaining(Duration::ZERO), 0);
    }

    /// From the list of all that was granted: the level at a time is what was there and was
    /// brought, held to the capacity at each grant, in exact fractions of a sixtieth of a
    /// thousandth.
    #[test]
    fn random_traffic_goes_as_a_list_of_grants_says() {
        for seed in 0..500 {
            let mut random = StdRng::seed_from_u64(seed);
            let rate = random.random_range(1..5_000_u64);
            let mut bucket = TokenBucket::new(rate, Duration::ZERO);
            let mut grants: Vec<(u64, u64)> = Vec::new();
            let mut now = 0_u64;
            for _ in 0..100 {
                now += random.random_range(0..4_000);
                let amount = random.random_range(1..=rate);
                let mut level = i128::from(rate) * 60_000;
                let mut last = 0;
                for (at, granted) in grants.iter().chain([&(now, 0)]) {
                    let brought = i128::from(at - last) * i128::from(rate);
                    level = (level + brought).min(i128::from(rate) * 60_000);
                    level -= i128::from(*granted) * 60_000;
                    last = *at;
                }
                let granted = bucket.take(amount, Duration::from_millis(now)).is_ok();
                assert_eq!(granted, level >= i128::from(amount) * 60_000, "seed {seed} at {now}");
                if granted {
                    grants.push((now, amount));
                }
            }
        }
    }
}
