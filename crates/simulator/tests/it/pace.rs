//! When bytes are sent, in paused time.

use forebay_simulator::{Fault, Latency, Simulator, SimulatorSettings};
use tokio::time::Instant;

use crate::client::{openai, send};

const HELLO: &str = r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#;
const STREAM: &str = r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"stream":true}"#;

/// How long each of some requests takes, in whole milliseconds.
async fn times(settings: SimulatorSettings, faults: Vec<Fault>, bodies: &[&str]) -> Vec<u128> {
    let simulator = Simulator::start(settings).await.unwrap();
    simulator.script(faults);
    let mut times = Vec::new();
    for body in bodies {
        let start = Instant::now();
        assert_eq!(send(&simulator, &openai(body)).await.status, 200);
        times.push(start.elapsed().as_millis());
    }
    simulator.stop().await;
    times
}

#[track_caller]
fn check_about(times: &[u128], expected: u128) {
    // The timer's own step is a millisecond.
    let range = expected..=expected + 30;
    assert!(times.iter().all(|time| range.contains(time)), "{times:?} {expected}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_takes_its_latency_and_its_pauses() {
    let latency = Latency { min_ms: 5_000, max_ms: 5_000, seed: 0 };
    let settings =
        SimulatorSettings { latency, chunk_delay_ms: 1_000, ..SimulatorSettings::default() };
    check_about(&times(settings.clone(), Vec::new(), &[HELLO, HELLO]).await, 5_000);
    // Eleven events: role, eight pieces, finish reason and terminal, with ten pauses between.
    check_about(&times(settings.clone(), Vec::new(), &[STREAM]).await, 15_000);
    let delayed = vec![Fault::Delay { millis: 2_000 }];
    check_about(&times(settings, delayed, &[HELLO]).await, 7_000);
}

#[tokio::test(start_paused = true)]
async fn a_drip_pauses_after_every_write() {
    let bytes = 50;
    let settings = SimulatorSettings::default();
    let simulator = Simulator::start(settings.clone()).await.unwrap();
    let (proper, _) = crate::client::raw(simulator.address(), &openai(HELLO)).await;
    simulator.stop().await;
    let writes = u128::try_from(proper.len().div_ceil(bytes)).unwrap();
    let drip = vec![Fault::Drip { bytes, pause_ms: 1_000 }];
    check_about(&times(settings, drip, &[HELLO]).await, writes * 1_000);
}

#[tokio::test(start_paused = true)]
async fn latency_is_drawn_from_its_range_by_the_seed() {
    let drawn = async |seed| {
        let latency = Latency { min_ms: 10_000, max_ms: 20_000, seed };
        let settings = SimulatorSettings { latency, ..SimulatorSettings::default() };
        times(settings, Vec::new(), &[HELLO; 20]).await
    };
    let first = drawn(1).await;
    assert!(first.iter().all(|time| (10_000..20_100).contains(time)), "{first:?}");
    assert!(first.iter().max().unwrap() - first.iter().min().unwrap() > 2_000, "{first:?}");
    let same = |a: &[u128], b: &[u128]| a.iter().zip(b).all(|(a, b)| a.abs_diff(*b) < 30);
    assert!(same(&first, &drawn(1).await));
    assert!(!same(&first, &drawn(2).await));
}
