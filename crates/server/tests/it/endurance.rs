//! An outage and an overload as they pass in real time: minutes, so only with FOREBAY_LONG.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use forebay_server::Daemon;
use simulator::{Authentication, Fault, Latency, Script, Simulator, SimulatorSettings};
use tokio::task::JoinSet;
use tokio::time::Instant;
use types::Clock;

use crate::client::{Client, streamed, with};
use crate::stand::{OPENAI, Plan, provider_key, resident_kib};

/// What is said to a request for which nobody was asked.
const SHED: &str = "no provider could answer; p0 has too many requests waiting";
/// What the process may grow by in the last 15 s of an overload, in which the cache keeps 750
/// answers.
const MEMORY_GROWTH_KIB_MAX: u64 = 4 << 10;

/// What came of one request.
#[derive(Clone, Copy, Debug)]
struct Outcome {
    /// When it came, in seconds since the start.
    came: f64,
    took: Duration,
    status: u16,
    /// It was told when to come back, and the provider was not asked for it.
    is_shed: bool,
}

/// A gateway by the real clock in front of a provider with ten places.
struct Gateway {
    daemon: Daemon,
    simulator: Arc<Simulator>,
    directory: tempfile::TempDir,
}

impl Gateway {
    async fn start(latency: Latency) -> Self {
        let settings = SimulatorSettings {
            authentication: Authentication::Key(provider_key(0)),
            latency,
            concurrency_max: 10,
            kept_requests: 0,
            ..SimulatorSettings::default()
        };
        let simulator = Arc::new(Simulator::start(settings).await.unwrap());
        let directory = tempfile::tempdir().unwrap();
        let plan = Plan::new(&[OPENAI])
            .with("budget.developer_limit_usd = \"1000\"")
            .with("server.header_read_seconds = 600")
            .with("server.connections_max = 10000")
            .with("resilience.queue_max = 50")
            .with("resilience.headers_ms = 4000");
        let config = plan.config(&[Arc::clone(&simulator)], directory.path());
        let daemon = Daemon::start(&config, Clock::system(), 0).await.unwrap();
        Self { daemon, simulator, directory }
    }

    fn always(&self, fault: Fault) {
        self.simulator.set_script(Script { always: fault, ..Script::default() });
    }

    /// Sends `rate` requests a second for so many seconds, evenly, whatever comes of them, while
    /// the provider does at each of the given seconds what is said there.
    async fn offer(
        &self,
        rate: fn(f64) -> f64,
        seconds: f64,
        turns: &[(f64, Fault)],
    ) -> Vec<Outcome> {
        let client = Arc::new(Client::new(self.daemon.address(), OPENAI));
        let start = Instant::now();
        let (mut running, mut outcomes, mut next) = (JoinSet::new(), Vec::new(), 0.0);
        let mut turns = turns.iter().peekable();
        while next < seconds {
            tokio::time::sleep_until(start + Duration::from_secs_f64(next)).await;
            if let Some((_, fault)) = turns.next_if(|(at, _)| *at <= next) {
                self.always(fault.clone());
            }
            let client = Arc::clone(&client);
            running.spawn(async move {
                let question = with(&client.question(&next.to_string()), "temperature", 1);
                let asked = Instant::now();
                let answer = client.ask(&streamed(&question)).await;
                let took = asked.elapsed();
                let tells = !answer.header("retry-after").is_empty();
                let is_shed = tells && answer.text().contains(SHED);
                Outcome { came: next, took, status: answer.status, is_shed }
            });
            next += 1.0 / rate(next);
            while let Some(outcome) = running.try_join_next() {
                outcomes.push(outcome.unwrap());
            }
        }
        outcomes.extend(running.join_all().await);
        outcomes
    }

    async fn stop(self) {
        assert_eq!(self.daemon.stop().await.unwrap(), 0);
        Arc::into_inner(self.simulator).unwrap().stop().await;
        self.directory.close().unwrap();
    }
}

/// The part of the requests of a time that was answered.
fn answered(outcomes: &[Outcome], seconds: Range<f64>) -> f64 {
    let came: Vec<_> = outcomes.iter().filter(|outcome| seconds.contains(&outcome.came)).collect();
    came.iter().filter(|outcome| outcome.status == 200).count() as f64 / came.len() as f64
}

/// The memory in use, in KiB, at the end of each of so many seconds.
async fn resident_each_second(seconds: usize) -> Vec<u64> {
    let mut turns = tokio::time::interval(Duration::from_secs(1));
    turns.tick().await;
    let mut resident = Vec::with_capacity(seconds);
    while resident.len() < seconds {
        turns.tick().await;
        resident.push(resident_kib());
    }
    resident
}

fn is_skipped() -> bool {
    let is_skipped = std::env::var_os("FOREBAY_LONG").is_none_or(|value| value != "1");
    if is_skipped {
        println!("skipped: it takes minutes; FOREBAY_LONG=1 runs it");
    }
    is_skipped
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_are_back_soon_after_an_outage() {
    if is_skipped() {
        return;
    }
    let gateway = Gateway::start(Latency { min_ms: 250, max_ms: 750, seed: 1 }).await;
    let failing = Fault::Status { code: 500, retry_after: None, error: None };
    let turns = [(20.0, failing), (80.0, Fault::Delay { millis: 4_500 }), (140.0, Fault::None)];
    let outcomes = gateway.offer(|_| 16.0, 200.0, &turns).await;
    let attempts = gateway.simulator.counts().attempts() as f64;
    assert!(attempts <= 1.2 * outcomes.len() as f64, "{attempts} of {}", outcomes.len());
    let (before, during) = (answered(&outcomes, 0.0..19.0), answered(&outcomes, 22.0..75.0));
    let healed = answered(&outcomes, 170.0..200.0);
    println!("answered: {before} before, {during} during the outage, {healed} 30 s after it");
    assert!(during < 0.05 && healed >= 0.95 * before);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_overload_is_told_at_once_and_gone_at_once() {
    if is_skipped() {
        return;
    }
    let gateway = Gateway::start(Latency { min_ms: 150, max_ms: 250, seed: 1 }).await;
    // Ten places of 0.2 s each: 50 requests a second.
    let rate = |now: f64| if (10.0..30.0).contains(&now) { 250.0 } else { 40.0 };
    let (outcomes, memory) = tokio::join!(gateway.offer(rate, 60.0, &[]), resident_each_second(60));
    let ended = |outcome: &&Outcome| {
        let at = outcome.came + outcome.took.as_secs_f64();
        outcome.status == 200 && (12.0..30.0).contains(&at)
    };
    let goodput = outcomes.iter().filter(ended).count() as f64 / 18.0;
    let refused = outcomes.iter().filter(|outcome| outcome.status != 200);
    let (mut shed, in_vain): (Vec<&Outcome>, Vec<&Outcome>) =
        refused.partition(|outcome| outcome.is_shed);
    shed.sort_by_key(|outcome| outcome.took);
    let (median, slow) = (shed[shed.len() / 2].took, shed[shed.len() * 99 / 100].took);
    let after = answered(&outcomes, 40.0..60.0);
    let (early, late) = (memory[14], memory[29]);
    println!(
        "{goodput} answers a second; {} shed, p50 {median:?}, p99 {slow:?}; {} asked for in vain; \
         memory {early} KiB after 5 s, {late} KiB after 20 s; {after} of those that came 10 s \
         later answered",
        shed.len(),
        in_vain.len(),
    );
    assert!(goodput >= 0.9 * 50.0);
    assert!(shed.len() > 2_000 && in_vain.len() * 20 < outcomes.len(), "{}", in_vain.len());
    assert!(slow < Duration::from_millis(10));
    assert!(late < early + MEMORY_GROWTH_KIB_MAX);
    assert!(after > 0.99);
    gateway.stop().await;
}
