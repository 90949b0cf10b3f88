//! Five times what a provider can do, from clients that wait for nobody.

use std::time::Duration;

use wire::UpstreamErrorKind;

use super::world::{Behaviour, Upstream, between, goodput, offer};
use crate::InferenceSettings;

const USUAL: Duration = Duration::from_millis(200);
/// Places of the provider: it can do 100 requests a second.
const CAPACITY: usize = 20;
const PEAK: f64 = 100.0;

fn rate(now: f64) -> f64 {
    if (10.0..30.0).contains(&now) { 5.0 * PEAK } else { 0.8 * PEAK }
}

async fn check(full: UpstreamErrorKind, waiting_max: usize, wait_max: Duration, seed: u64) {
    let upstream = Upstream::new(CAPACITY, full, |_| Behaviour::Answers(USUAL), seed);
    let queue = |settings: &mut InferenceSettings| {
        settings.queue.waiting_max = waiting_max;
        settings.queue.wait_max = wait_max;
    };
    let (outcomes, most) = offer(upstream, queue, rate, 60.0).await;
    let told = format!("{full:?} {waiting_max} {wait_max:?} seed {seed}");

    let shed: Vec<_> =
        outcomes.iter().filter(|outcome| !outcome.is_answered && outcome.attempts == 0).collect();
    assert!(shed.len() > 5_000, "{told}: {} shed", shed.len());
    for outcome in shed {
        assert!(outcome.took < Duration::from_millis(10), "{told}: {outcome:?}");
        assert!(outcome.retry_after.is_some(), "{told}: {outcome:?}");
    }
    let failed = outcomes.iter().filter(|outcome| !outcome.is_answered && outcome.attempts > 0);
    let failed = failed.count() as f64 / outcomes.len() as f64;
    assert!(failed < 0.05, "{told}: {failed} of all were asked for in vain");

    let during = goodput(&outcomes, 11.0..30.0);
    assert!(during >= 0.9 * PEAK, "{told}: {during} answers a second");
    // Open at once: in flight at the provider, in the queue, or about to be told.
    assert!(most <= waiting_max.min(250) + 256, "{told}: {most} at once");

    let answered = between(&outcomes, 40.0..60.0).filter(|outcome| outcome.is_answered).count();
    let came = between(&outcomes, 40.0..60.0).count();
    assert!(answered as f64 > 0.99 * came as f64, "{told}: {answered} of {came}");
    let slow = between(&outcomes, 40.0..60.0).filter(|outcome| outcome.took > 5 * USUAL).count();
    assert!((slow as f64) < 0.05 * came as f64, "{told}: {slow} of {came} still wait");
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_sheds_at_once_and_the_provider_stays_busy() {
    for seed in 0..2 {
        check(UpstreamErrorKind::Overloaded, 100, Duration::from_secs(10), seed).await;
        check(UpstreamErrorKind::RateLimited, 100, Duration::from_secs(10), seed).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_queue_sheds_by_the_expected_wait() {
    check(UpstreamErrorKind::Overloaded, 10_000, Duration::from_secs(2), 1).await;
}
