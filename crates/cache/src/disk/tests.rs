use std::collections::HashMap;

use bytes::Bytes;
use proptest::prelude::*;
use rusqlite::Connection;
use types::ManualClock;

use super::*;
use crate::testing::{self, noise};

mod kill;

fn key_of(number: u64) -> Key {
    testing::key_of("acme", number)
}

fn entry(seed: u64, length: usize, stored_at: Timestamp) -> Arc<Entry> {
    let frames = vec![
        noise(seed, length),
        Bytes::from_static(
            b"data: [DONE]

",
        ),
    ];
    testing::entry(seed, frames, stored_at)
}

/// A disk tier in a folder of its own, and another door to its file.
struct Bench {
    folder: tempfile::TempDir,
    hand: ManualClock,
    settings: CacheSettings,
    database: Database,
    disk: Option<Disk>,
}

impl Bench {
    fn new(l2_bytes: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let hand = ManualClock::new(Timestamp::from_millis(1_000_000_000));
        let settings = CacheSettings { l2_bytes, ..CacheSettings::default() };
        let database = open(&folder.path().join("cache.db")).unwrap();
        let mut bench = Self { folder, hand, settings, database, disk: None };
        bench.start();
        bench
    }

    fn start(&mut self) {
        let disk = Disk::new(self.database.clone(), &self.settings, self.hand.clock());
        self.disk = Some(disk.unwrap());
    }

    fn reopen(&mut self) {
        self.disk = None;
        self.database.clone().close().unwrap();
        self.database = open(&self.folder.path().join("cache.db")).unwrap();
        self.start();
    }

    fn disk(&self) -> &Disk {
        self.disk.as_ref().unwrap()
    }

    fn now(&self) -> Timestamp {
        self.hand.clock().now()
    }

    fn put(&self, number: u64, length: usize) -> Arc<Entry> {
        let entry = entry(number, length, self.now());
        self.disk().put(key_of(number), Arc::clone(&entry));
        self.disk().flush();
        entry
    }

    fn get(&self, number: u64) -> Option<Entry> {
        self.disk().get(&key_of(number), None).map(|found| found.entry)
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> T {
        self.database.write(storage::Durability::Written, work).wait().unwrap()
    }

    /// What the file holds, counted without the cache.
    fn counted(&self) -> (u64, u64) {
        let sql = "SELECT count(*), coalesce(sum(160 + length(value)), 0) FROM entries NOT INDEXED";
        let count = |connection: &Connection| {
            connection.query_row(sql, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))
        };
        let (rows, bytes) = self.database.read(count).unwrap();
        (u64::try_from(rows).unwrap(), u64::try_from(bytes).unwrap())
    }

    #[track_caller]
    fn check_total(&self) {
        let statistics = self.disk().statistics();
        assert_eq!((statistics.entries, statistics.bytes), self.counted());
    }
}

#[test]
fn every_listed_query_uses_an_index() {
    for plan in Bench::new(1_000_000).database.verify_queries().unwrap() {
        assert!(plan.uses_index, "{plan:?}");
    }
}

#[test]
fn what_was_written_survives_a_restart() {
    let mut bench = Bench::new(1_000_000);
    let entries: Vec<_> = (0..50).map(|number| bench.put(number, 100)).collect();
    bench.reopen();
    for (number, entry) in (0..).zip(&entries) {
        assert_eq!(bench.get(number).as_ref(), Some(&**entry));
    }
    assert!(bench.get(50).is_none());
    let statistics = bench.disk().statistics();
    assert_eq!((statistics.hits, statistics.misses, statistics.entries), (50, 1, 50));
    bench.check_total();
}

#[test]
fn dropping_the_tier_writes_what_waits() {
    let mut bench = Bench::new(10_000_000);
    for number in 0..1_000 {
        bench.disk().put(key_of(number), entry(number, 100, bench.now()));
    }
    bench.reopen();
    assert_eq!(bench.disk().statistics().entries, 1_000);
}

#[test]
fn an_entry_takes_the_place_of_its_predecessor() {
    let bench = Bench::new(1_000_000);
    bench.put(1, 5_000);
    let later = entry(2, 100, bench.now());
    bench.disk().put(key_of(1), Arc::clone(&later));
    bench.disk().flush();
    assert_eq!(bench.get(1).as_ref(), Some(&*later));
    assert_eq!(bench.disk().statistics().entries, 1);
    bench.check_total();
}

#[test]
fn time_up_is_a_miss_and_the_row_goes_with_the_next_batch() {
    let bench = Bench::new(1_000_000);
    bench.put(1, 100);
    bench.hand.advance(Duration::from_millis(3_599_999));
    let found = bench.disk().get(&key_of(1), None).unwrap();
    assert_eq!(found.remaining, Duration::from_millis(1));
    assert_eq!(found.age, Duration::from_millis(3_599_999));
    bench.hand.advance(Duration::from_millis(1));
    assert!(bench.get(1).is_none());
    bench.put(2, 100);
    let statistics = bench.disk().statistics();
    assert_eq!((statistics.expirations, statistics.entries), (1, 1));
    bench.check_total();
}

#[test]
fn a_maximum_age_is_honoured() {
    let bench = Bench::new(1_000_000);
    bench.put(1, 100);
    bench.hand.advance(Duration::from_secs(10));
    let with = |seconds| bench.disk().get(&key_of(1), Some(Duration::from_secs(seconds)));
    assert!(with(10).is_some());
    assert!(with(9).is_none());
    assert!(with(0).is_none());
}

#[test]
fn an_entry_from_the_future_is_not_used() {
    let bench = Bench::new(1_000_000);
    bench.put(1, 100);
    let then = bench.now();
    bench.hand.set_wall(Timestamp::from_millis(then.as_millis() - 1));
    assert!(bench.get(1).is_none());
    bench.hand.set_wall(then);
    assert!(bench.get(1).is_some());
}

#[test]
fn a_shorter_life_holds_for_what_is_there_already() {
    let mut bench = Bench::new(1_000_000);
    bench.put(1, 100);
    bench.hand.advance(Duration::from_secs(60));
    bench.settings.l2_ttl = Duration::from_secs(61);
    bench.reopen();
    let found = bench.disk().get(&key_of(1), None).unwrap();
    assert_eq!(found.remaining, Duration::from_secs(1));
    bench.hand.advance(Duration::from_secs(1));
    assert!(bench.get(1).is_none());
}

#[test]
fn room_is_made_from_the_oldest_that_are_used_least() {
    let bench = Bench::new(200_000);
    for number in 0..1_000 {
        bench.put(number, 1_000);
        assert!(bench.get(0).is_some(), "used all the time, gone at {number}");
        assert!(bench.disk().statistics().bytes <= 200_000);
    }
    bench.check_total();
    let statistics = bench.disk().statistics();
    assert_eq!(statistics.evictions, 1_000 - statistics.entries);
    assert!(statistics.bytes > 190_000, "{statistics:?}");
    assert!(bench.get(999).is_some());
    assert!(bench.get(1).is_none());
}

#[test]
fn an_entry_larger_than_the_tier_is_dropped() {
    let bench = Bench::new(10_000);
    bench.put(1, 1_000);
    bench.put(2, 10_000);
    let statistics = bench.disk().statistics();
    assert_eq!((statistics.drops, statistics.entries), (1, 1));
}

/// The oracle is the flip itself: whatever byte it hits, what comes back is not what was written.
#[test]
fn every_flipped_byte_of_a_row_is_found() {
    let bench = Bench::new(1_000_000);
    let written = bench.put(1, 40);
    let (value, checksum, expires_at) = bench.write(|connection| {
        connection.query_row("SELECT value, checksum, expires_at FROM entries", [], |row| {
            Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, i64>(2)?))
        })
    });
    let mut found = 0;
    let mut check = |value: Vec<u8>, checksum: Vec<u8>, expires_at: i64| {
        bench.write(move |connection| {
            let sql = "UPDATE entries SET value = ?1, checksum = ?2, expires_at = ?3";
            connection.execute(sql, (value, checksum, expires_at))
        });
        assert!(bench.get(1).is_none());
        bench.disk().flush();
        found += 1;
        let statistics = bench.disk().statistics();
        assert_eq!((statistics.corrupt, statistics.entries), (found, 0));
        bench.check_total();
        assert_eq!(*bench.put(1, 40), *written);
    };
    for at in 0..value.len() {
        let mut flipped = value.clone();
        flipped[at] ^= 1 << (at % 8);
        check(flipped, checksum.clone(), expires_at);
    }
    for length in (0..value.len()).step_by(7) {
        check(value[..length].to_vec(), checksum.clone(), expires_at);
    }
    for at in 0..checksum.len() {
        let mut flipped = checksum.clone();
        flipped[at] ^= 0x80;
        check(value.clone(), flipped, expires_at);
    }
    check(value.clone(), checksum[..15].to_vec(), expires_at);
    check(value.clone(), checksum.clone(), expires_at + 1);
    assert_eq!(bench.get(1).as_ref(), Some(&*written));
}

#[test]
fn a_row_of_another_key_does_not_pass() {
    let bench = Bench::new(1_000_000);
    bench.put(1, 100);
    bench.put(2, 100);
    bench.write(|connection| {
        let sql = "UPDATE entries SET (checksum, value) =
                       (SELECT checksum, value FROM entries WHERE id = 1) WHERE id = 2";
        connection.execute(sql, [])
    });
    assert!(bench.get(2).is_none());
    assert!(bench.get(1).is_some());
    bench.disk().flush();
    assert_eq!(bench.disk().statistics().corrupt, 1);
}

#[test]
fn a_full_queue_drops_and_never_waits() {
    let bench = Bench::new(100_000_000);
    let (release, held) = bounded::<()>(0);
    let holding = bench.database.write(storage::Durability::Written, move |_| {
        held.recv().unwrap_or_default();
        Ok(())
    });
    let most = u64::try_from(QUEUE_ENTRIES_MAX).unwrap();
    for number in 0..2 * most {
        bench.disk().put(key_of(number), entry(number, 10, bench.now()));
    }
    let drops = bench.disk().statistics().drops;
    let batch = 256;
    assert!((most - batch..=most).contains(&drops), "{drops}");
    release.send(()).unwrap();
    holding.wait().unwrap();
    bench.disk().flush();
    let statistics = bench.disk().statistics();
    assert_eq!(statistics.stores, 2 * most - drops);
    bench.check_total();
}

#[test]
fn the_queue_is_bounded_in_bytes_too() {
    let bench = Bench::new(1_000_000_000);
    let (release, held) = bounded::<()>(0);
    let holding = bench.database.write(storage::Durability::Written, move |_| {
        held.recv().unwrap_or_default();
        Ok(())
    });
    let large = entry(1, 10_000_000, bench.now());
    for number in 0..10 {
        bench.disk().put(key_of(number), Arc::clone(&large));
    }
    let drops = bench.disk().statistics().drops;
    assert!((3..=4).contains(&drops), "{drops}");
    release.send(()).unwrap();
    holding.wait().unwrap();
    bench.disk().flush();
    assert_eq!(bench.disk().shared.counters.queued_bytes.load(Ordering::Relaxed), 0);
}

#[test]
fn a_file_that_fails_is_a_miss_and_a_counter() {
    let bench = Bench::new(1_000_000);
    bench.put(1, 100);
    bench.write(|connection| connection.execute_batch("DROP TABLE entries"));
    assert!(bench.get(1).is_none());
    bench.put(2, 100);
    let statistics = bench.disk().statistics();
    assert_eq!((statistics.failures, statistics.misses, statistics.stores), (2, 1, 1));
}

#[test]
fn a_damaged_file_is_set_aside() {
    let bench = Bench::new(1_000_000);
    bench.put(1, 100);
    let Bench { folder, database, disk, .. } = bench;
    drop(disk);
    database.close().unwrap();
    let path = folder.path().join("cache.db");
    let mut bytes = fs_err::read(&path).unwrap();
    bytes[..4_096].fill(0x5a);
    fs_err::write(&path, bytes).unwrap();
    let database = open(&path).unwrap();
    let disk = Disk::new(database, &CacheSettings::default(), Clock::system()).unwrap();
    assert_eq!(disk.statistics().entries, 0);
}

#[derive(Clone, Debug)]
enum Step {
    Put { key: u64, length: usize },
    Get { key: u64, max_age: Option<u64> },
    Wait(u64),
    Reopen,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..8_u64, 0..2_000_usize).prop_map(|(key, length)| Step::Put { key, length }),
        6 => (0..8_u64, proptest::option::of(0..4_000_u64))
            .prop_map(|(key, max_age)| Step::Get { key, max_age }),
        2 => (1..3_000_u64).prop_map(Step::Wait),
        1 => Just(Step::Reopen),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(testing::cases(20, 2_000).min(2_000)))]

    #[test]
    fn does_what_a_map_does(steps in proptest::collection::vec(any_step(), 0..40)) {
        let mut bench = Bench::new(1_000_000);
        let mut map: HashMap<u64, Arc<Entry>> = HashMap::new();
        for (mark, step) in (0..).zip(steps) {
            match step {
                Step::Put { key, length } => {
                    let entry = entry(mark, length, bench.now());
                    bench.disk().put(key_of(key), Arc::clone(&entry));
                    bench.disk().flush();
                    map.insert(key, entry);
                }
                Step::Get { key, max_age } => {
                    let found = bench.disk().get(&key_of(key), max_age.map(Duration::from_secs));
                    let expected = map.get(&key).filter(|entry| {
                        let age = bench.now().saturating_since(entry.stored_at).as_secs();
                        age < 3_600 && max_age.is_none_or(|max_age| max_age > 0 && age <= max_age)
                    });
                    prop_assert_eq!(found.map(|found| found.entry), expected.map(|entry| (**entry).clone()));
                }
                Step::Wait(seconds) => bench.hand.advance(Duration::from_secs(seconds)),
                Step::Reopen => bench.reopen(),
            }
        }
        bench.check_total();
    }
}
