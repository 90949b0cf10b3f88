//! What a budget check costs: `cargo run --release -p forebay-budget --example cost`.
//!
//! Prints microseconds at p50 and p99 for a reservation alone, and for a whole request: reserved,
//! written down, settled and the charge awaited; alone and from 16 tasks at once.

use std::io::Write;
use std::time::Duration;

use forebay_budget::{AccountPath, Dispatch, Ledger, LedgerSettings, SCHEMA, Settlement};
use storage::{DataDirectory, Database, Settings};
use tokio::task::JoinSet;
use types::{
    Clock, DeveloperId, Microdollars, ModelId, Principal, ProjectId, ProviderId, RequestId, TeamId,
    TenantId, TokenUsage,
};

type Failure = Box<dyn std::error::Error + Send + Sync>;

const ROUNDS: usize = 20_000;
const TASKS: usize = 16;
const AMOUNT: Microdollars = Microdollars::new(1_500);

#[derive(Clone)]
struct Bench {
    ledger: Ledger,
    path: AccountPath,
    request: RequestId,
    provider: ProviderId,
    model: ModelId,
    clock: Clock,
}

impl Bench {
    async fn check(&self) -> Result<Duration, Failure> {
        let start = self.clock.monotonic();
        let hold = self.ledger.reserve(&self.path, &self.request, AMOUNT).await?;
        let taken = self.clock.monotonic().saturating_sub(start);
        drop(hold);
        Ok(taken)
    }

    async fn request(&self) -> Result<Duration, Failure> {
        let (provider, model) = (self.provider.clone(), self.model.clone());
        let start = self.clock.monotonic();
        let hold = self.ledger.reserve(&self.path, &self.request, AMOUNT).await?;
        let call = Dispatch { provider, model, floor: Microdollars::ZERO };
        let sent = hold.dispatched(call)?;
        let (provider, model) = (self.provider.clone(), self.model.clone());
        let usage = TokenUsage::default();
        sent.settle(Settlement { cost: Microdollars::new(700), usage, provider, model }).await?;
        Ok(self.clock.monotonic().saturating_sub(start))
    }
}

fn print(name: &str, mut times: Vec<Duration>) -> Result<(), Failure> {
    times.sort_unstable();
    let at = |percent: usize| {
        let index = (times.len() * percent / 100).min(times.len().saturating_sub(1));
        times.get(index).map_or(0.0, |time| time.as_secs_f64() * 1e6)
    };
    let (median, tail, most) = (at(50), at(99), at(100));
    let mut out = std::io::stdout().lock();
    writeln!(out, "{name:<28} p50 {median:>9.3} µs   p99 {tail:>9.3} µs   max {most:>9.3} µs")?;
    Ok(())
}

async fn measure(bench: Bench) -> Result<(), Failure> {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        times.push(bench.check().await?);
    }
    print("reserve", times)?;
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        times.push(bench.request().await?);
    }
    print("whole request, one at a time", times)?;
    let mut tasks = JoinSet::new();
    let start = bench.clock.monotonic();
    for _ in 0..TASKS {
        let bench = bench.clone();
        tasks.spawn(async move {
            let mut times = Vec::new();
            for _ in 0..ROUNDS / TASKS {
                times.push(bench.request().await?);
            }
            Ok::<_, Failure>(times)
        });
    }
    let mut times = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        times.extend(ended??);
    }
    let span = bench.clock.monotonic().saturating_sub(start);
    print("whole request, 16 at a time", times)?;
    let rate = 20_000.0 / span.as_secs_f64();
    writeln!(std::io::stdout(), "{rate:.0} requests/s; {:?}", bench.ledger.statistics())?;
    bench.ledger.close().await?;
    Ok(())
}

fn main() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let file = Database::open(&folder.path().join("ledger.db"), &SCHEMA, &Settings::default())?;
    let clock = Clock::system();
    let settings = LedgerSettings {
        developer_limit: Some(Microdollars::new(5_000_000_000)),
        ..LedgerSettings::default()
    };
    let ledger = Ledger::open(file, settings, DataDirectory::boot_id(), clock.clone())?;
    let principal = Principal {
        tenant: TenantId::new("acme")?,
        team: Some(TeamId::new("core")?),
        project: Some(ProjectId::new("apollo")?),
        developer: DeveloperId::new("ada")?,
        key: None,
    };
    let bench = Bench {
        ledger,
        path: AccountPath::of(&principal),
        request: RequestId::new("r-1")?,
        provider: ProviderId::new("openai")?,
        model: ModelId::new("gpt-5-mini")?,
        clock,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
    runtime.block_on(measure(bench))
}
