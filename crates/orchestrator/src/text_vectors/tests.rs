//! The cache of vectors without a model, and the whole with one where there is one.

use std::cell::Cell;
use std::convert::Infallible;
use std::time::Duration;

use tempfile::TempDir;
use types::{ManualClock, Timestamp};

use super::memory::Memory;
use super::vector_cache::{Key, Vector};
use super::*;

const DIMENSIONS: usize = 4;
const NONE: [u8; 0] = [];

/// A directory, a clock that is moved by hand, and a cache in them.
struct Place {
    directory: TempDir,
    hand: ManualClock,
}

impl Place {
    fn new() -> Self {
        let hand = ManualClock::new(Timestamp::from_millis(1_800_000_000_000));
        Self { directory: tempfile::tempdir().unwrap(), hand }
    }

    fn file(&self) -> std::path::PathBuf {
        self.directory.path().join(VECTORS_FILE)
    }

    fn open(&self, rows_max: usize) -> VectorCache {
        let file = VectorFile::bounded(&self.file(), DIMENSIONS, self.hand.clock(), rows_max);
        VectorCache::new(file.unwrap())
    }
}

fn key(number: u8) -> Key {
    [number; 32]
}

/// The vector that belongs to a key.
fn vector(number: u8) -> Vector {
    Arc::from([f32::from(number), 0.1, -1.5, f32::MIN_POSITIVE])
}

/// Asks for vectors by number; returns the numbers that had to be made.
#[track_caller]
fn ask(cache: &VectorCache, numbers: &[u8]) -> Vec<u8> {
    let keys: Vec<Key> = numbers.iter().copied().map(key).collect();
    let asked = Cell::new(Vec::new());
    let vectors = cache.get_or_make::<Infallible>(&keys, |places| {
        let made: Vec<u8> = places.iter().map(|place| numbers[*place]).collect();
        let vectors = made.iter().copied().map(vector).collect();
        asked.set(made);
        Ok(vectors)
    });
    let expected: Vec<Vector> = numbers.iter().copied().map(vector).collect();
    assert_eq!(vectors.unwrap(), expected);
    asked.take()
}

#[test]
fn what_is_known_is_not_made_again_and_order_stays() {
    let place = Place::new();
    let cache = place.open(100);
    assert_eq!(ask(&cache, &[3, 1, 3, 2, 1]), [3, 1, 2], "equal ones once");
    assert_eq!(ask(&cache, &[2, 4, 1]), [4]);
    assert_eq!(ask(&cache, &[4, 3, 2, 1]), NONE);
    assert_eq!(ask(&cache, &[]), NONE);
    cache.close().unwrap();
    let cache = place.open(100);
    assert_eq!(ask(&cache, &[1, 9, 4]), [9], "from the file");
    cache.close().unwrap();
}

#[test]
fn what_could_not_be_made_is_not_kept() {
    let place = Place::new();
    let cache = place.open(100);
    let failed = cache.get_or_make(&[key(1)], |_| Err::<Vec<Vector>, &str>("no"));
    assert_eq!(failed, Err("no"));
    assert_eq!(ask(&cache, &[1]), [1]);
}

#[test]
fn a_file_that_is_full_forgets_what_was_used_longest_ago() {
    let place = Place::new();
    let cache = place.open(32);
    for number in 0..32 {
        ask(&cache, &[number]);
        place.hand.advance(Duration::from_secs(1));
    }
    cache.close().unwrap();
    place.hand.advance(Duration::from_secs(7_200));
    // A use of the oldest one is noted, so the next ones go in its place.
    let cache = place.open(32);
    assert_eq!(ask(&cache, &[0]), NONE);
    place.hand.advance(Duration::from_secs(1));
    assert_eq!(ask(&cache, &[100]), [100]);
    cache.close().unwrap();
    let cache = place.open(32);
    // 33 rows become 30: those of 1, 2 and 3 are gone.
    assert_eq!(ask(&cache, &[0, 4, 31, 100]), NONE);
    assert_eq!(ask(&cache, &[1, 2, 3]), [1, 2, 3]);
    cache.close().unwrap();
}

#[test]
fn a_damaged_file_is_set_aside_and_a_deleted_one_made_anew() {
    let place = Place::new();
    let cache = place.open(100);
    ask(&cache, &[1]);
    cache.close().unwrap();
    fs_err::write(place.file(), b"this is no database, but it is long enough to look at").unwrap();
    let cache = place.open(100);
    assert_eq!(ask(&cache, &[1]), [1]);
    cache.close().unwrap();
    let aside = place.directory.path().join(format!("{VECTORS_FILE}.damaged"));
    assert!(aside.exists(), "{:?}", fs_err::read_dir(place.directory.path()).unwrap().count());
    fs_err::remove_file(place.file()).unwrap();
    let cache = place.open(100);
    assert_eq!(ask(&cache, &[1]), [1]);
    cache.close().unwrap();
}

#[test]
fn a_file_that_fails_costs_no_answer() {
    let place = Place::new();
    let cache = place.open(100);
    ask(&cache, &[1]);
    cache.close().unwrap();
    // Closed, it neither reads nor writes.
    assert_eq!(ask(&cache, &[1, 2]), [2], "1 is in memory");
    assert_eq!(ask(&cache, &[2, 3]), [3]);
}

#[test]
fn memory_is_bounded_in_bytes() {
    let one = size_of::<f32>() * DIMENSIONS + 128;
    let mut memory = Memory::new(one * 3);
    for number in 0..3 {
        memory.put(key(number), vector(number));
    }
    assert!(memory.get(&key(0)).is_some(), "and used last now");
    memory.put(key(3), vector(3));
    memory.put(key(3), vector(3));
    let kept: Vec<bool> = (0..4).map(|number| memory.get(&key(number)).is_some()).collect();
    assert_eq!(kept, [true, false, true, true]);
}

#[test]
fn every_listed_query_uses_an_index() {
    let place = Place::new();
    let database = open_file(&place.file()).unwrap();
    for plan in database.verify_queries().unwrap() {
        assert!(plan.uses_index, "{plan:?}");
    }
}

#[test]
fn without_a_model_there_is_nothing_to_open() {
    let place = Place::new();
    let opened = TextVectors::open(
        place.directory.path(),
        &place.file(),
        &EmbeddingsSection::default(),
        &place.hand.clock(),
    );
    assert!(opened.unwrap().is_none());
    assert!(!place.file().exists(), "and nothing was made");
}

#[test]
fn a_real_model_gives_the_same_vectors_from_the_cache() {
    let Some(model) = std::env::var_os("FOREBAY_TEST_MODEL") else {
        println!("skipped: FOREBAY_TEST_MODEL names no model");
        return;
    };
    let place = Place::new();
    let models = place.directory.path().join("models");
    fs_err::create_dir(&models).unwrap();
    fs_err::os::unix::fs::symlink(model, models.join(ModelSpec::DEFAULT)).unwrap();
    let open = || {
        let (section, clock) = (EmbeddingsSection::default(), Clock::system());
        TextVectors::open(&models, &place.file(), &section, &clock).unwrap().unwrap()
    };
    let texts = ["money is counted in micro-dollars", "how is money counted", "a red fox"];
    let texts = texts.map(str::to_owned).to_vec();
    let opened = open();
    assert_eq!(
        (opened.dimensions(), opened.space().as_str()),
        (384, "all-MiniLM-L6-v2/int8/mean/256/1")
    );
    let made = opened.embed(texts.clone()).unwrap();
    let cosine = |a: &Vector, b: &Vector| a.iter().zip(b.iter()).map(|(a, b)| a * b).sum::<f32>();
    assert!(cosine(&made[0], &made[1]) > cosine(&made[2], &made[1]) + 0.2);
    assert_eq!(opened.token_count("a red fox").unwrap().get(), 5, "with those at the ends");
    opened.close().unwrap();
    let again = open();
    assert_eq!(
        again.embed(texts.into_iter().rev().collect()).unwrap(),
        made.into_iter().rev().collect::<Vec<_>>()
    );
    again.close().unwrap();
}
