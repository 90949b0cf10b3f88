//! `forebay quickstart`: a gateway, a simulated provider and ten simulated clients, from nothing.

mod client;
mod latencies;
mod report;
mod setup;
mod workload;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use server::Daemon;
use simulator::{Authentication, Latency, Simulator, SimulatorSettings};
use tempfile::TempDir;
use tokio::task::JoinSet;
use types::Clock;

use self::client::{Answered, Client};
use self::report::Report;
use crate::context::{self, Context};
use crate::output::say;
use crate::signals::StopSignals;

/// What the simulated provider takes for an answer.
const LATENCY_MS: u64 = 40;

/// Exit code 1 if any request failed.
pub(crate) fn run(context: &Context, once: bool) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(quickstart(context, once))
}

async fn quickstart(context: &Context, once: bool) -> anyhow::Result<ExitCode> {
    let mut signals = StopSignals::listen()?;
    let place = Place::new(context.data().cloned())?;
    let simulator = Simulator::start(SimulatorSettings {
        authentication: Authentication::Open,
        latency: Latency { min_ms: LATENCY_MS, max_ms: LATENCY_MS, ..Latency::default() },
        ..SimulatorSettings::default()
    })
    .await?;
    let config = context::resolve(setup::config(&place.directory, simulator.address())?)?;
    let daemon = Daemon::start(&config, Clock::system(), rand::random()).await?;
    let clients = setup::clients(&daemon).await?;
    if !context.json() {
        say(&format!("data directory  {}", place.directory.display()))?;
        say(&format!("gateway         http://{}", daemon.address()))?;
        say(&format!("provider        http://{} (simulated)\n", simulator.address()))?;
    }
    let answers = tokio::select! {
        answers = ask_all(&clients) => answers?,
        () = signals.received() => anyhow::bail!("stopped before all requests were answered"),
    };
    let report = Report::new(&answers, simulator.counts().attempts(), daemon.operator()).await?;
    if context.json() {
        crate::output::say_json(&report)?;
    } else {
        say(&report.text())?;
        say(&setup::first_request(daemon.address(), &clients))?;
    }
    if !once {
        if !context.json() {
            say("\nThe gateway stays up. Stop it with Ctrl-C.")?;
        }
        signals.received().await;
    }
    daemon.stop().await?;
    simulator.stop().await;
    Ok(if report.failed() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Lets every client ask its questions one after the other, all clients at once.
async fn ask_all(clients: &[Client]) -> anyhow::Result<Vec<Answered>> {
    let total = workload::CLIENTS * workload::REQUESTS_PER_CLIENT;
    let progress = ProgressBar::new(total as u64).with_style(
        ProgressStyle::with_template("{bar:30} {pos}/{len} requests")
            .context("a bar's template")?,
    );
    let mut running = JoinSet::new();
    for client in clients {
        let (client, progress) = (client.clone(), progress.clone());
        running.spawn(async move {
            let mut answers = Vec::new();
            for question in workload::questions(client.number()) {
                answers.push(client.ask(&question).await);
                progress.inc(1);
            }
            answers
        });
    }
    let answers = running.join_all().await.into_iter().flatten().collect();
    progress.finish_and_clear();
    Ok(answers)
}

/// The data directory: the one that was named, or a new one that goes with the command.
struct Place {
    directory: PathBuf,
    _temporary: Option<TempDir>,
}

impl Place {
    fn new(named: Option<PathBuf>) -> anyhow::Result<Self> {
        match named {
            Some(directory) => Ok(Self { directory, _temporary: None }),
            None => {
                let temporary = TempDir::with_prefix("forebay-quickstart-")?;
                Ok(Self { directory: temporary.path().join("data"), _temporary: Some(temporary) })
            }
        }
    }
}
