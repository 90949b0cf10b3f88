use std::time::Duration;

use types::{ManualClock, Timestamp};

use super::*;
use crate::TierStatistics;
use crate::testing::{self, key_of};

struct Bench {
    folder: tempfile::TempDir,
    hand: ManualClock,
    cache: Cache,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let hand = ManualClock::new(Timestamp::from_millis(1_000_000_000));
        let cache = open(folder.path(), &hand);
        Self { folder, hand, cache }
    }

    fn restarted(self) -> Self {
        let Self { folder, hand, cache } = self;
        drop(cache);
        let cache = open(folder.path(), &hand);
        Self { folder, hand, cache }
    }

    fn put(&self, key: Key, mark: u64) {
        self.cache.put(key, entry(mark, self.hand.clock().now()));
        self.cache.flush();
    }

    fn wait(&self, seconds: u64) {
        self.hand.advance(Duration::from_secs(seconds));
    }

    /// Tier, mark, age and remaining life of what is found.
    #[track_caller]
    fn check(&self, number: u64, expected: Option<(Tier, u64, u64, u64)>) {
        let found = self.cache.get(&key_of("acme", number), None).map(|hit| {
            (hit.tier, hit.entry.cost.get(), hit.age.as_secs(), hit.remaining.as_secs())
        });
        assert_eq!(found, expected);
    }
}

fn open(folder: &Path, hand: &ManualClock) -> Cache {
    let database = Cache::open_file(&folder.join("cache.db")).unwrap();
    Cache::new(&CacheSettings::default(), Some(database), hand.clock()).unwrap()
}

fn entry(mark: u64, stored_at: Timestamp) -> Arc<Entry> {
    testing::entry(mark, vec!["{}".into()], stored_at)
}

#[test]
fn an_answer_goes_from_memory_to_disk_and_back() {
    let bench = Bench::new();
    bench.check(1, None);
    bench.put(key_of("acme", 1), 7);
    bench.wait(60);
    bench.check(1, Some((Tier::Memory, 7, 60, 240)));
    bench.wait(240);
    bench.check(1, Some((Tier::Disk, 7, 300, 3_300)));
    bench.check(1, Some((Tier::Memory, 7, 300, 300)));
    bench.wait(299);
    bench.check(1, Some((Tier::Memory, 7, 599, 1)));
}

#[test]
fn promotion_does_not_lengthen_a_life() {
    let bench = Bench::new();
    bench.put(key_of("acme", 1), 7);
    bench.wait(3_500);
    bench.check(1, Some((Tier::Disk, 7, 3_500, 100)));
    bench.check(1, Some((Tier::Memory, 7, 3_500, 100)));
    bench.wait(100);
    bench.check(1, None);
}

#[test]
fn a_restart_keeps_answers() {
    let bench = Bench::new();
    bench.put(key_of("acme", 1), 7);
    let bench = bench.restarted();
    bench.check(1, Some((Tier::Disk, 7, 0, 3_600)));
}

#[test]
fn the_last_answer_counts_in_both_tiers() {
    let bench = Bench::new();
    bench.put(key_of("acme", 1), 7);
    bench.wait(1);
    bench.put(key_of("acme", 1), 8);
    bench.check(1, Some((Tier::Memory, 8, 0, 300)));
    let bench = bench.restarted();
    bench.check(1, Some((Tier::Disk, 8, 0, 3_600)));
}

#[test]
fn an_answer_that_was_stored_long_ago_has_that_much_less_life() {
    let bench = Bench::new();
    let before = bench.hand.clock().now();
    bench.wait(200);
    bench.cache.put(key_of("acme", 1), entry(7, before));
    bench.check(1, Some((Tier::Memory, 7, 200, 100)));
}

#[test]
fn a_maximum_age_holds_in_both_tiers() {
    let bench = Bench::new();
    bench.put(key_of("acme", 1), 7);
    bench.wait(10);
    let found = |seconds| {
        let found = bench.cache.get(&key_of("acme", 1), Some(Duration::from_secs(seconds)));
        found.map(|hit| hit.tier)
    };
    assert_eq!(found(9), None);
    assert_eq!(found(10), Some(Tier::Memory));
    bench.wait(290);
    assert_eq!(found(299), None);
    assert_eq!(found(300), Some(Tier::Disk));
}

#[test]
fn a_step_of_wall_time_leaves_memory_alone() {
    let bench = Bench::new();
    bench.put(key_of("acme", 1), 7);
    bench.hand.set_wall(Timestamp::from_millis(1));
    bench.check(1, Some((Tier::Memory, 7, 0, 300)));
    bench.hand.set_wall(Timestamp::from_millis(u64::MAX));
    bench.check(1, Some((Tier::Memory, 7, 0, 300)));
    bench.wait(300);
    bench.check(1, None);
}

#[test]
fn without_a_file_there_is_memory_alone() {
    let clock = ManualClock::new(Timestamp::from_millis(5)).clock();
    let cache = Cache::new(&CacheSettings::default(), None, clock.clone()).unwrap();
    cache.put(key_of("acme", 1), entry(7, clock.now()));
    cache.flush();
    assert!(cache.get(&key_of("acme", 1), None).is_some());
    let expected =
        TierStatistics { hits: 1, stores: 1, entries: 1, bytes: 512 + 64 + 2, ..<_>::default() };
    let statistics = cache.statistics();
    assert_eq!(statistics, CacheStatistics { memory: expected, disk: None });
}

#[test]
fn one_tenant_misses_what_another_stored_in_both_tiers() {
    let bench = Bench::new();
    for number in 0..200 {
        bench.cache.put(key_of("acme", number), entry(number, bench.hand.clock().now()));
    }
    bench.cache.flush();
    for number in 0..200 {
        assert!(bench.cache.get(&key_of("acme2", number), None).is_none());
        assert!(bench.cache.get(&key_of("acme", number), None).is_some());
    }
}
