use proptest::prelude::*;
use types::Timestamp;

use super::*;
use crate::testing;

fn key_of(number: u64) -> Key {
    testing::key_of("acme", number)
}

fn entry(bytes: usize, mark: u64) -> Arc<Entry> {
    testing::entry(mark, vec![vec![b'x'; bytes].into()], Timestamp::from_millis(mark))
}

fn memory(l1_entries: usize, l1_bytes: u64) -> Memory {
    Memory::new(&CacheSettings { l1_entries, l1_bytes, ..CacheSettings::default() })
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn fresh(remaining: u64) -> Life {
    Life { age: Duration::ZERO, remaining: seconds(remaining) }
}

#[derive(Clone, Debug)]
enum Step {
    Put { key: u64, bytes: usize, age: u64, life: u64 },
    Promote { key: u64, stored_at: u64 },
    Get { key: u64, max_age: Option<u64> },
    Wait(u64),
}

fn any_step() -> impl Strategy<Value = Step> {
    let key = 0..12_u64;
    prop_oneof![
        4 => (key.clone(), 0..3000_usize, 0..20_u64, 0..40_u64)
            .prop_map(|(key, bytes, age, life)| Step::Put { key, bytes, age, life }),
        1 => (key.clone(), 0..60_u64).prop_map(|(key, stored_at)| Step::Promote { key, stored_at }),
        4 => (key, proptest::option::of(0..50_u64))
            .prop_map(|(key, max_age)| Step::Get { key, max_age }),
        1 => (1..30_u64).prop_map(Step::Wait),
    ]
}

/// A list in order of use, searched from end to end.
#[derive(Default)]
struct Naive {
    now: u64,
    slots: Vec<NaiveSlot>,
}

struct NaiveSlot {
    key: u64,
    entry: Arc<Entry>,
    born: i64,
    expires_at: u64,
}

impl Naive {
    fn weight(&self) -> u64 {
        self.slots.iter().map(|slot| slot.entry.weight()).sum()
    }

    fn put(&mut self, key: u64, entry: Arc<Entry>, age: u64, life: u64, bounds: (usize, u64)) {
        self.slots.retain(|slot| slot.key != key);
        if entry.weight() > bounds.1 || life == 0 {
            return;
        }
        while self.slots.len() >= bounds.0 || self.weight() + entry.weight() > bounds.1 {
            self.slots.remove(0);
        }
        let born = i64::try_from(self.now).unwrap() - i64::try_from(age).unwrap();
        self.slots.push(NaiveSlot { key, entry, born, expires_at: self.now + life });
    }

    fn get(&mut self, key: u64, max_age: Option<u64>) -> Option<(Arc<Entry>, u64, u64)> {
        let at = self.slots.iter().position(|slot| slot.key == key)?;
        let slot = self.slots.remove(at);
        if slot.expires_at <= self.now {
            return None;
        }
        let age = u64::try_from(i64::try_from(self.now).unwrap() - slot.born).unwrap();
        let found = (Arc::clone(&slot.entry), age, slot.expires_at - self.now);
        self.slots.push(slot);
        max_age.is_none_or(|max_age| max_age > 0 && age <= max_age).then_some(found)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(testing::cases(1_000, 100_000)))]

    #[test]
    fn does_what_a_naive_list_does(steps in proptest::collection::vec(any_step(), 0..80)) {
        let bounds = (6, 12_000);
        let memory = memory(bounds.0, bounds.1);
        let mut naive = Naive::default();
        for (mark, step) in (0..).zip(steps) {
            match step {
                Step::Put { key, bytes, age, life } => {
                    let entry = entry(bytes, mark);
                    let known = Life { age: seconds(age), remaining: seconds(life) };
                    memory.put(key_of(key), Arc::clone(&entry), &known, seconds(naive.now));
                    naive.put(key, entry, age, life, bounds);
                }
                Step::Promote { key, stored_at } => {
                    let entry = entry(100, stored_at);
                    let life = fresh(9);
                    memory.promote(key_of(key), Arc::clone(&entry), &life, seconds(naive.now));
                    let newer = naive.slots.iter().any(|slot| {
                        slot.key == key && slot.entry.stored_at > entry.stored_at
                    });
                    if !newer {
                        naive.put(key, entry, 0, 9, bounds);
                    }
                }
                Step::Get { key, max_age } => {
                    let found = memory.get(&key_of(key), max_age.map(seconds), seconds(naive.now));
                    let found = found.map(|found| {
                        (found.entry, found.age.as_secs(), found.remaining.as_secs())
                    });
                    prop_assert_eq!(found, naive.get(key, max_age));
                }
                Step::Wait(span) => naive.now += span,
            }
            let statistics = memory.statistics();
            prop_assert_eq!(statistics.bytes, naive.weight());
            prop_assert_eq!(statistics.entries, naive.slots.len() as u64);
            prop_assert!(statistics.bytes <= bounds.1 && statistics.entries <= bounds.0 as u64);
        }
    }
}

#[test]
fn many_shards_stay_within_both_bounds_together() {
    let memory = memory(2_000, 3_000_000);
    assert_eq!(memory.shards.len(), MAX_SHARDS);
    for number in 0..10_000 {
        let bytes = usize::try_from(number * 7 % 4_000).unwrap();
        memory.put(key_of(number), entry(bytes, number), &fresh(10), seconds(0));
    }
    let statistics = memory.statistics();
    assert!(statistics.bytes <= 3_000_000, "{statistics:?}");
    assert!(statistics.bytes > 2_800_000, "{statistics:?}");
    assert_eq!(statistics.stores, 10_000);
    assert_eq!(statistics.evictions, 10_000 - statistics.entries);

    for number in 0..10_000 {
        memory.put(key_of(number), entry(0, number), &fresh(10), seconds(0));
    }
    let statistics = memory.statistics();
    assert!(statistics.entries <= 2_000, "{statistics:?}");
    assert!(statistics.entries > 1_900, "{statistics:?}");
}

#[test]
fn an_entry_larger_than_a_share_is_not_kept_and_its_predecessor_goes() {
    let memory = memory(10, 10_000);
    memory.put(key_of(1), entry(10, 1), &fresh(10), seconds(0));
    memory.put(key_of(1), entry(10_001, 2), &fresh(10), seconds(0));
    assert!(memory.get(&key_of(1), None, seconds(0)).is_none());
    let statistics = memory.statistics();
    assert_eq!((statistics.drops, statistics.bytes, statistics.entries), (1, 0, 0));
}

#[test]
fn a_memory_of_no_entries_keeps_none() {
    let memory = memory(0, 10_000);
    memory.put(key_of(1), entry(10, 1), &fresh(10), seconds(0));
    assert_eq!(memory.statistics().entries, 0);
}
