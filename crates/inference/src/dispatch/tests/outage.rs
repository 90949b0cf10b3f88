//! Nothing for a minute, tenfold latency for a minute, or too little for whoever waits, and then all
//! is well again.

use std::ops::Range;
use std::time::Duration;

use wire::UpstreamErrorKind;

use super::world::{Behaviour, Outcome, Upstream, between, goodput, offer};
use crate::InferenceSettings;

const USUAL: Duration = Duration::from_millis(500);
const HEALS: f64 = 150.0;
/// Four fifths of what the provider's ten places can do.
const RATE: f64 = 16.0;

fn behaviour(now: Duration, failure: UpstreamErrorKind) -> Behaviour {
    match now.as_secs() {
        30..90 => Behaviour::Fails(failure),
        90..150 => Behaviour::Answers(10 * USUAL),
        _ => Behaviour::Answers(USUAL),
    }
}

async fn play(
    behaviour: fn(Duration) -> Behaviour,
    full: UpstreamErrorKind,
    seed: u64,
) -> Vec<Outcome> {
    let upstream = Upstream::new(10, full, behaviour, seed);
    let impatient = |settings: &mut InferenceSettings| {
        settings.chain[0].timeouts.first_content = Duration::from_secs(4);
    };
    offer(upstream, impatient, |_| RATE, HEALS + 60.0).await.0
}

/// The part of the requests of a time that was answered.
fn answered(outcomes: &[Outcome], seconds: Range<f64>) -> f64 {
    let came = between(outcomes, seconds.clone()).count() as f64;
    between(outcomes, seconds).filter(|outcome| outcome.is_answered).count() as f64 / came
}

async fn check(behaviour: fn(Duration) -> Behaviour, full: UpstreamErrorKind, seeds: Range<u64>) {
    for seed in seeds {
        let outcomes = play(behaviour, full, seed).await;
        let attempts: usize = outcomes.iter().map(|outcome| outcome.attempts).sum();
        let asked = outcomes.iter().filter(|outcome| outcome.attempts > 0).count();
        let extra = (attempts - asked) as f64 / outcomes.len() as f64;
        assert!(extra <= 0.2, "seed {seed}: {extra} extra attempts for each request");
        let before = answered(&outcomes, 0.0..29.0);
        assert!(before > 0.95, "seed {seed}: {before} before");
        assert!(answered(&outcomes, 31.0..79.0) < 0.01, "seed {seed}: there was no failure");
        let healed = answered(&outcomes, HEALS + 30.0..HEALS + 60.0);
        assert!(healed >= 0.95 * before, "seed {seed}: {healed} of {before}");
        let goodput = goodput(&outcomes, HEALS + 30.0..HEALS + 60.0);
        assert!(goodput > 0.85 * RATE, "seed {seed}: {goodput} answers a second");
    }
}

#[tokio::test(start_paused = true)]
async fn failures_are_over_soon_after_their_cause() {
    let failing = |now| behaviour(now, UpstreamErrorKind::Server);
    check(failing, UpstreamErrorKind::RateLimited, 0..5).await;
    check(failing, UpstreamErrorKind::Overloaded, 5..10).await;
}

#[tokio::test(start_paused = true)]
async fn refusals_are_over_soon_after_their_cause() {
    let overloaded = |now| behaviour(now, UpstreamErrorKind::Overloaded);
    check(overloaded, UpstreamErrorKind::Overloaded, 10..15).await;
    let limited = |now| behaviour(now, UpstreamErrorKind::RateLimited);
    check(limited, UpstreamErrorKind::RateLimited, 15..20).await;
}

/// One place, which each answer takes for so long that nobody can expect to get it in time.
#[tokio::test(start_paused = true)]
async fn a_slow_minute_is_over_when_it_is_over() {
    let behaviour = |now: Duration| {
        let is_slow = now.as_secs() < 60;
        Behaviour::Answers(if is_slow { Duration::from_secs(9) } else { USUAL / 5 })
    };
    for seed in 0..5 {
        let upstream = Upstream::new(1, UpstreamErrorKind::Overloaded, behaviour, seed);
        let narrow = |settings: &mut InferenceSettings| settings.chain[0].concurrency_max = 1;
        let outcomes = offer(upstream, narrow, |_| 1.0, 180.0).await.0;
        let during = answered(&outcomes, 0.0..50.0);
        assert!(during < 0.5, "seed {seed}: {during} during it");
        let after = answered(&outcomes, 90.0..180.0);
        assert!(after > 0.95, "seed {seed}: {after} after it");
    }
}
