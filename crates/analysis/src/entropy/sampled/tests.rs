use super::*;

/// A third of the units are of few kinds, the others follow Zipf's law.
fn keys() -> impl Iterator<Item = u64> {
    (0_u64..200_000).map(|index| {
        let random = hash::spread(index);
        if random.is_multiple_of(3) {
            random % 7
        } else {
            (1 << 40)
                | ((200_000 / (1 + (random >> 8) % 200_000)) << 20)
                | ((random >> 30) % 40_000)
        }
    })
}

#[test]
fn is_exact_within_its_budget_and_close_beyond() {
    let count = |budget| {
        let mut tally = SampledTally::new(budget);
        keys().for_each(|key| tally.add(key, 1));
        tally.entropy()
    };
    let (exact, estimate) = (count(usize::MAX), count(4_000));
    assert_eq!(count(usize::try_from(exact.kinds).unwrap()), exact);
    assert!(!exact.is_estimate && estimate.is_estimate);
    assert_eq!(estimate.units, exact.units);
    assert!((estimate.bits - exact.bits).abs() < 0.25, "{} {}", estimate.bits, exact.bits);
    let ratio = estimate.kinds as f64 / exact.kinds as f64;
    assert!((0.9..1.1).contains(&ratio), "{ratio}");
}

#[test]
fn never_holds_more_than_its_budget() {
    let mut tally = SampledTally::new(100);
    for key in keys().take(50_000) {
        tally.add(key, 1);
        assert!(tally.sampled.kinds() <= 100 && tally.kept.kinds() <= 6);
    }
}
