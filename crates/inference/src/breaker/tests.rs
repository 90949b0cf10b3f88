use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn breaker() -> Breaker {
    Breaker::new(BreakerSettings { open: 60 * SECOND, ..BreakerSettings::default() })
}

#[track_caller]
fn fail(breaker: &mut Breaker, times: u32, now: Duration) {
    for _ in 0..times {
        let ticket = breaker.admit(now).unwrap();
        breaker.record(ticket, Outcome::Failure, now);
    }
}

#[test]
fn five_failures_in_a_row_open_it_for_sixty_seconds() {
    let mut breaker = breaker();
    fail(&mut breaker, 4, Duration::ZERO);
    let ticket = breaker.admit(Duration::ZERO).unwrap();
    breaker.record(ticket, Outcome::Success, Duration::ZERO);
    fail(&mut breaker, 5, Duration::ZERO);
    assert_eq!(breaker.admit(SECOND).unwrap_err(), 59 * SECOND);
    assert_eq!(breaker.state(SECOND), (BreakerState::Open, Some(59 * SECOND)));
    assert!(breaker.admit(60 * SECOND).unwrap().is_probe());
    assert!(breaker.admit(60 * SECOND).is_err(), "a second probe");
}

#[test]
fn a_connection_that_many_share_breaks_once() {
    let mut breaker = breaker();
    let shared: Vec<_> = (0..20).map(|_| breaker.admit(Duration::ZERO).unwrap()).collect();
    for ticket in shared {
        breaker.record(ticket, Outcome::Broken, Duration::ZERO);
    }
    assert_eq!(breaker.state(Duration::ZERO).0, BreakerState::Closed);
    for _ in 0..4 {
        let ticket = breaker.admit(Duration::ZERO).unwrap();
        breaker.record(ticket, Outcome::Broken, Duration::ZERO);
    }
    assert_eq!(breaker.state(Duration::ZERO).0, BreakerState::Open);
}

#[test]
fn stragglers_of_an_earlier_generation_change_nothing() {
    let mut breaker = breaker();
    let early = breaker.admit(Duration::ZERO).unwrap();
    let late = breaker.admit(Duration::ZERO).unwrap();
    fail(&mut breaker, 5, Duration::ZERO);
    breaker.record(early, Outcome::Success, SECOND);
    assert_eq!(breaker.state(SECOND).0, BreakerState::Open);
    let probe = breaker.admit(60 * SECOND).unwrap();
    breaker.record(late, Outcome::Neutral, 60 * SECOND);
    assert!(breaker.admit(60 * SECOND).is_err(), "the straggler freed the probe's place");
    breaker.record(probe, Outcome::Success, 61 * SECOND);
    assert_eq!(breaker.state(61 * SECOND).0, BreakerState::Closed);
}

/// The same rules, written another way: everything is found again from the whole history, which
/// is a list of (when, what) with an entry for each change of state.
#[derive(Default)]
struct Model {
    /// When the breaker opened, with the length of the wait; emptied when it closes.
    opened: Option<(u64, u64)>,
    streak: u32,
    probe: Option<u64>,
    /// Admissions made before this number are stragglers.
    valid_from: u64,
    /// Admissions made before this number share the last failure.
    failed_at: u64,
    admitted: u64,
}

impl Model {
    fn admit(&mut self, now: u64) -> Option<u64> {
        let due = self.opened.is_none_or(|(at, wait)| now >= at + wait);
        if due && self.opened.is_some() && self.probe.is_none() {
            self.valid_from = self.valid_from.max(self.admitted);
        }
        if !due || self.probe.is_some() {
            return None;
        }
        self.admitted += 1;
        let id = self.admitted - 1;
        if self.opened.is_some() {
            self.valid_from = id;
            self.probe = Some(id);
        }
        Some(id)
    }

    fn record(&mut self, id: u64, outcome: Outcome, now: u64) {
        let current = match (self.opened, self.probe) {
            (Some(_), Some(probe)) => probe == id,
            (Some(_), None) => false,
            (None, _) => id >= self.valid_from,
        };
        if !current {
            return;
        }
        if outcome == Outcome::Broken && id < self.failed_at {
            return;
        }
        let probing = self.probe.take().is_some();
        if matches!(outcome, Outcome::Failure | Outcome::Broken) {
            self.failed_at = self.admitted;
        }
        let wait = match outcome {
            Outcome::Success => {
                self.streak = 0;
                if probing {
                    (self.opened, self.valid_from) = (None, self.admitted);
                }
                return;
            }
            Outcome::Neutral => return,
            Outcome::HardDown => 900_000,
            Outcome::Failure | Outcome::Broken if probing => {
                self.opened.map_or(60_000, |(_, wait)| wait)
            }
            Outcome::Failure | Outcome::Broken => {
                self.streak += 1;
                if self.streak < 5 {
                    return;
                }
                60_000
            }
        };
        self.streak = 0;
        self.opened = Some((now, wait));
    }
}

fn random_outcome(random: &mut StdRng) -> Outcome {
    match random.random_range(0..20) {
        0..6 => Outcome::Failure,
        6..12 => Outcome::Broken,
        12..16 => Outcome::Success,
        16..19 => Outcome::Neutral,
        _ => Outcome::HardDown,
    }
}

fn check_sequence(seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let (mut breaker, mut model) = (breaker(), Model::default());
    let mut open: Vec<(Ticket, u64)> = Vec::new();
    let mut now = 0_u64;
    for step in 0..60 {
        let at = Duration::from_millis(now);
        match random.random_range(0..10) {
            0..5 => {
                let (real, expected) = (breaker.admit(at).ok(), model.admit(now));
                assert_eq!(real.is_some(), expected.is_some(), "seed {seed} step {step} at {now}");
                if let (Some(ticket), Some(id)) = (real, expected) {
                    assert_eq!(ticket.is_probe(), model.probe == Some(id), "seed {seed} {step}");
                    open.push((ticket, id));
                }
            }
            5..9 if !open.is_empty() => {
                let (ticket, id) = open.swap_remove(random.random_range(0..open.len()));
                let outcome = random_outcome(&mut random);
                breaker.record(ticket, outcome, at);
                model.record(id, outcome, now);
            }
            _ => now += [1, 400, 9_000, 60_000, 300_000][random.random_range(0..5)],
        }
    }
}

#[test]
fn ten_thousand_random_sequences_go_as_the_model_says() {
    for seed in 0..10_000 {
        check_sequence(seed);
    }
}
