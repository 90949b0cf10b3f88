use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::*;

#[test]
fn a_limit_begins_at_its_most_and_never_leaves_its_bounds() {
    let mut limit = AdaptiveLimit::new(8);
    assert_eq!(limit.places(), 8);
    (0..100).for_each(|_| limit.answered(limit.round(), 8));
    assert_eq!(limit.places(), 8);
    for _ in 0..20 {
        limit.refused(limit.round(), limit.places());
    }
    assert_eq!(limit.places(), 1);
    assert_eq!(AdaptiveLimit::new(0).places(), 1);
}

#[test]
fn a_burst_of_refusals_leaves_what_was_taken() {
    let mut limit = AdaptiveLimit::new(256);
    let round = limit.round();
    // 50 are taken; 206 are refused, one after another.
    let grave = (51..=256).rev().filter(|in_flight| limit.refused(round, *in_flight)).count();
    assert_eq!((limit.places(), grave), (50, 0));
}

#[test]
fn only_the_first_refusal_of_a_round_without_answers_is_grave() {
    let mut limit = AdaptiveLimit::new(64);
    let first = limit.round();
    assert!(!limit.refused(first, 64), "it was answering until now");
    let second = limit.round();
    assert!(limit.refused(second, 10));
    assert!(!limit.refused(second, 9), "a straggler of the same round");
    limit.answered(second, 1);
    assert!(!limit.refused(limit.round(), 1), "some are answered still");
    assert!(limit.refused(limit.round(), 1));
}

#[test]
fn another_most_moves_only_what_it_held_down() {
    let mut limit = AdaptiveLimit::new(64);
    limit.follow(100);
    assert_eq!(limit.places(), 100, "nothing was learned");
    assert!(!limit.refused(limit.round(), 40));
    assert_eq!(limit.places(), 36);
    limit.follow(200);
    assert_eq!(limit.places(), 36);
    limit.answered(limit.round(), 36);
    assert_eq!(limit.places(), 37, "it still doubles where nothing is known to be too much");
    limit.follow(9);
    assert_eq!(limit.places(), 9);
    (0..100).for_each(|_| limit.answered(limit.round(), 9));
    assert_eq!(limit.places(), 9);
    limit.follow(0);
    assert_eq!(limit.places(), 1);
}

#[test]
fn unused_limits_do_not_grow() {
    let mut limit = AdaptiveLimit::new(100);
    limit.refused(limit.round(), 40);
    let cut = limit.places();
    (0..1_000).for_each(|_| limit.answered(limit.round(), cut / 2 - 1));
    assert_eq!(limit.places(), cut);
    limit.answered(limit.round(), cut);
    assert_eq!(limit.places(), cut + 1, "it doubles where nothing is known to be too much");
}

/// The same rules found from the whole history each time, in floating point.
fn modelled(most: f64, history: &[(bool, usize, usize)]) -> (f64, bool) {
    let (mut limit, mut known, mut cuts, mut since) = (most, most, 0_usize, true);
    let mut any = true;
    let mut grave = false;
    for (is_answer, round, in_flight) in history {
        let flying = *in_flight as f64;
        grave = false;
        match is_answer {
            true => {
                any = true;
                if *round == cuts {
                    since = true;
                }
                if flying >= limit / 2.0 {
                    let step = if limit < known { 1.0 } else { f64::max(1.0 / limit, 1.0 / 16.0) };
                    limit = f64::min(most, limit + step);
                }
            }
            false if *round < cuts => limit = f64::min(limit, f64::max(1.0, flying - 1.0)),
            false => {
                let used = f64::min(flying, limit);
                let cut = f64::max(1.0, used * if since { 0.9 } else { 0.5 });
                if since && used >= limit / 2.0 {
                    known = cut;
                }
                (grave, limit, cuts, since, any) = (!any, cut, cuts + 1, false, false);
            }
        }
    }
    (limit, grave)
}

#[test]
fn random_histories_go_as_the_model_says() {
    for seed in 0..300 {
        let mut random = StdRng::seed_from_u64(seed);
        let most = random.random_range(1..300_usize);
        let mut limit = AdaptiveLimit::new(most);
        let (mut history, mut rounds) = (Vec::new(), vec![limit.round()]);
        for step in 0..120 {
            let in_flight = random.random_range(1..=limit.places() + 3);
            let mut grave = false;
            let round = rounds.len() - 1 - random.random_range(0..rounds.len()).min(1);
            let is_answer = random.random_bool(0.7);
            history.push((is_answer, round, in_flight));
            if is_answer {
                limit.answered(rounds[round], in_flight);
            } else {
                grave = limit.refused(rounds[round], in_flight);
                if limit.round() != rounds[rounds.len() - 1] {
                    rounds.push(limit.round());
                }
            }
            let (expected, expected_grave) = modelled(most as f64, &history);
            let real = limit.limit as f64 / PLACE as f64;
            assert!((real - expected).abs() < 0.01, "seed {seed} step {step}: {real} {expected}");
            assert_eq!(grave, expected_grave, "seed {seed} step {step}");
        }
    }
}

/// A provider in virtual milliseconds under a client that always sends what the limit allows.
struct Scenario {
    /// What the provider takes at once at a time; it refuses the rest after 20 ms.
    capacity: fn(u64) -> usize,
    /// From sending to the first content, and to the end.
    times: fn(&mut StdRng) -> (u64, u64),
    /// One in so many that it would take is refused all the same; 0 for none.
    drops: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Refused(u64),
    Begun(u64),
    Ended,
}

/// Plays `seconds` and gives the limit at the end of each tenth, and how many were answered in it.
fn play(scenario: &Scenario, seconds: u64, seed: u64) -> Vec<(usize, usize)> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut limit = AdaptiveLimit::new(256);
    let mut events = BinaryHeap::new();
    let (mut in_flight, mut taken, mut answered, mut tenths) = (0_usize, 0_usize, 0, Vec::new());
    for now in 0..seconds * 1_000 {
        while in_flight < limit.places() {
            in_flight += 1;
            let round = limit.round().0;
            let unlucky = scenario.drops > 0 && random.random_range(0..scenario.drops) == 0;
            if taken >= (scenario.capacity)(now) || unlucky {
                events.push(Reverse((now + 20, Event::Refused(round))));
            } else {
                taken += 1;
                let (first, end) = (scenario.times)(&mut random);
                events.push(Reverse((now + first, Event::Begun(round))));
                events.push(Reverse((now + end, Event::Ended)));
            }
        }
        while events.peek().is_some_and(|Reverse((at, _))| *at <= now) {
            match events.pop().unwrap().0.1 {
                Event::Refused(round) => {
                    limit.refused(Round(round), in_flight);
                    in_flight -= 1;
                }
                Event::Begun(round) => limit.answered(Round(round), in_flight),
                Event::Ended => {
                    (in_flight, taken, answered) = (in_flight - 1, taken - 1, answered + 1);
                }
            }
        }
        if (now + 1) % 100 == 0 {
            tenths.push((limit.places(), std::mem::take(&mut answered)));
        }
    }
    tenths
}

/// Holds the mean limit of a span of seconds to a band.
#[track_caller]
fn check(tenths: &[(usize, usize)], seconds: std::ops::Range<usize>, band: std::ops::Range<f64>) {
    let span = &tenths[seconds.start * 10..seconds.end * 10];
    let mean = span.iter().map(|(limit, _)| *limit as f64).sum::<f64>() / span.len() as f64;
    assert!(band.contains(&mean), "{seconds:?}: {mean}");
}

fn half_a_second(_: &mut StdRng) -> (u64, u64) {
    (200, 500)
}

fn jittered(random: &mut StdRng) -> (u64, u64) {
    let first = random.random_range(50..400);
    (first, first + random.random_range(50..1_500))
}

#[test]
fn it_finds_a_constant_capacity_and_fills_it() {
    for seed in 0..20 {
        let even = Scenario { capacity: |_| 50, times: half_a_second, drops: 0 };
        let uneven = Scenario { times: jittered, ..even };
        // Either answers 50 requests in the mean time of one, when all its places are at work.
        for (scenario, mean_seconds) in [(even, 0.5), (uneven, 1.0)] {
            let tenths = play(&scenario, 30, seed);
            check(&tenths, 3..30, 43.0..52.0);
            let answered: usize = tenths[30..].iter().map(|(_, answered)| answered).sum();
            let possible = 27.0 * 50.0 / mean_seconds;
            assert!(answered as f64 > 0.9 * possible, "seed {seed}: {answered} of {possible}");
        }
    }
}

#[test]
fn it_follows_a_knee_down_and_up() {
    let capacity = |now| if (20_000..40_000).contains(&now) { 20 } else { 100 };
    let tenths = play(&Scenario { capacity, times: half_a_second, drops: 0 }, 80, 1);
    check(&tenths, 5..20, 85.0..105.0);
    check(&tenths, 25..40, 16.0..22.0);
    check(&tenths, 65..80, 80.0..105.0);
}

#[test]
fn single_refusals_do_not_starve_it() {
    let scenario = Scenario { capacity: |_| 100, times: jittered, drops: 200 };
    for seed in 0..20 {
        check(&play(&scenario, 60, seed), 10..60, 45.0..105.0);
    }
}

#[test]
fn long_answers_alone_never_shrink_it() {
    let times = |random: &mut StdRng| (random.random_range(1_000..9_000), 60_000);
    let tenths = play(&Scenario { capacity: |_| 1_000, times, drops: 0 }, 120, 1);
    assert!(tenths.iter().all(|(limit, _)| *limit == 256));
}

#[test]
fn it_is_back_soon_after_everything_was_refused() {
    let capacity = |now| if (10_000..70_000).contains(&now) { 0 } else { 80 };
    for seed in 0..20 {
        let tenths = play(&Scenario { capacity, times: jittered, drops: 0 }, 100, seed);
        check(&tenths, 20..70, 1.0..1.1);
        check(&tenths, 75..100, 68.0..84.0);
    }
}
