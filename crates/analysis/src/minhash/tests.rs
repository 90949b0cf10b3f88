use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

fn words(seed: u64, count: u64) -> Vec<String> {
    (0..count).map(|index| format!("w{}", spread(seed << 32 | index) % 5_000)).collect()
}

fn sketch(words: &[String]) -> Sketch {
    Sketch::of(words.iter().map(String::as_str))
}

/// The similarity by its definition.
fn jaccard(left: &[String], right: &[String]) -> f64 {
    let shingles = |words: &[String]| words.windows(5).map(<[_]>::to_vec).collect::<HashSet<_>>();
    let (left, right) = (shingles(left), shingles(right));
    left.intersection(&right).count() as f64 / left.union(&right).count() as f64
}

/// The first `kept` of `count` words, the others replaced.
fn changed(original: &[String], kept: usize, seed: u64) -> Vec<String> {
    let new = words(seed, u64::try_from(original.len()).unwrap());
    original[..kept].iter().chain(&new[kept..]).cloned().collect()
}

/// 60 pairs: the mean error within 4 standard errors of 0, each within 4.5 deviations.
fn check_estimate(count: usize, kept: usize, deviation_factor: f64) {
    let mut errors = Vec::new();
    let mut exact = 0.0;
    for seed in 0..60 {
        let left = words(seed, u64::try_from(count).unwrap());
        let right = changed(&left, kept, seed + 1_000);
        exact = jaccard(&left, &right);
        errors.push(sketch(&left).similarity(&sketch(&right)) - exact);
    }
    let deviation = deviation_factor * f64::sqrt(exact * (1.0 - exact) / 128.0);
    let mean = errors.iter().sum::<f64>() / 60.0;
    let squares = errors.iter().map(|error| error * error).sum::<f64>() / 60.0;
    assert!(mean.abs() < 4.0 * deviation / 60_f64.sqrt(), "{exact}: mean error {mean}");
    assert!(squares.sqrt() < 1.3 * deviation, "{exact}: {} over {deviation}", squares.sqrt());
    assert!(errors.iter().all(|error| error.abs() < 4.5 * deviation), "{exact}: {errors:?}");
}

#[test]
fn estimates_the_similarity_within_its_stated_error() {
    for kept in [100, 300, 500, 700] {
        check_estimate(800, kept, 1.0);
    }
    // Fewer shingles than bins: their values are not independent.
    check_estimate(60, 45, 1.5);
}

#[test]
fn sees_case_and_order_as_documented() {
    let of = |text: &str| Sketch::of(text.split(' '));
    assert_eq!(of("One two three four five"), of("one TWO three four five"));
    assert_eq!(of("a b").similarity(&of("a b")), 1.0);
    assert_eq!(of("a b").similarity(&of("b a")), 0.0);
    assert_eq!(Sketch::of([]).similarity(&Sketch::of([])), 0.0);
    assert_eq!((of("a b").shingles(), of("a b c d e f").shingles()), (1, 2));
}

#[test]
fn a_sketch_is_the_same_after_it_was_kept() {
    for text in ["", "one", "the pump moves water from the basin to the tank"] {
        let sketch = Sketch::of(text.split_whitespace());
        assert_eq!(Sketch::from_bytes(&sketch.to_bytes()), sketch);
    }
}

proptest! {
    #![proptest_config(crate::testing::cases(48))]
    #[test]
    fn depends_only_on_the_set_of_shingles(seed in 0_u64..1_000, count in 5_u64..300) {
        let once = words(seed, count);
        // The words twice have the shingles of once, and four that cross the border.
        let twice = [once.clone(), once.clone()].concat();
        let thrice = [twice.clone(), once].concat();
        prop_assert_eq!(sketch(&twice).values, sketch(&thrice).values);
    }
}

#[test]
fn finds_near_duplicates_and_prefers_the_earliest() {
    let mut found = NearDuplicates::new(Bands::AT_80);
    let original = words(1, 2_000);
    assert_eq!(found.add(3, sketch(&original)), None);
    assert_eq!(found.add(5, sketch(&words(2, 2_000))), None);
    assert_eq!(found.add(6, Sketch::of([])), None);
    assert_eq!(found.add(7, Sketch::of([])), None);
    let near = changed(&original, 1_950, 9);
    let duplicate = found.add(8, sketch(&near)).unwrap();
    assert_eq!(duplicate.of, 3);
    assert!((duplicate.similarity - jaccard(&original, &near)).abs() < 0.08);
    assert_eq!(found.add(9, sketch(&near)).unwrap().of, 3);
    assert_eq!(found.add(10, sketch(&changed(&original, 1_000, 4))), None);
    assert_eq!(
        found.add(11, sketch(&words(2, 2_000))).unwrap(),
        Duplicate { of: 5, similarity: 1.0 }
    );
}

/// Against comparing every pair, with the chance that the bands give.
#[test]
fn misses_no_more_than_its_bands_let_it() {
    for (bands, kept, expected) in
        [(Bands::AT_70, 760, 0.97), (Bands::AT_80, 770, 0.95), (Bands::AT_90, 790, 0.9)]
    {
        let hits = (0..50).filter(|seed| {
            let mut found = NearDuplicates::new(bands);
            let original = words(*seed, 800);
            found.add(0, sketch(&original));
            found.add(1, sketch(&changed(&original, kept, seed + 500))).is_some()
        });
        let share = hits.count() as f64 / 50.0;
        assert!(share >= expected, "{bands:?} {share}");
    }
    // 1 − (1 − 0.8⁹)¹⁴ = 0.87 and 1 − (1 − 0.9¹³)⁹ = 0.93
    assert!((Bands::AT_70.probability(0.8) - 0.8674).abs() < 1e-3);
    assert!((Bands::AT_80.probability(0.9) - 0.9286).abs() < 1e-3);
    assert_eq!(Bands::EQUAL.probability(1.0), 1.0);
}
