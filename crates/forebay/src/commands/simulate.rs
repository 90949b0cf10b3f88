//! `forebay simulate`

use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::json;
use simulator::{Fault, Latency, Simulator, SimulatorSettings};

use crate::arguments::Simulate;
use crate::context::Context;
use crate::output::{say, say_json};
use crate::signals::StopSignals;

pub(super) fn run(context: &Context, arguments: &Simulate) -> anyhow::Result<ExitCode> {
    let faults: Vec<Fault> = match &arguments.faults {
        Some(path) => serde_json::from_str(&fs_err::read_to_string(path)?)
            .with_context(|| format!("{} is not a list of faults", path.display()))?,
        None => Vec::new(),
    };
    let settings = SimulatorSettings {
        address: arguments.listen,
        latency: Latency {
            min_ms: arguments.latency_ms,
            max_ms: arguments.latency_ms,
            ..Latency::default()
        },
        chunk_delay_ms: arguments.between_pieces_ms,
        output_tokens: arguments.output_tokens,
        // Only a caller in the same process could ask for them.
        kept_requests: 0,
        ..SimulatorSettings::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut signals = StopSignals::listen()?;
        let simulator = Simulator::start(settings).await?;
        simulator.script(faults);
        let address = simulator.address();
        if context.json() {
            say_json(&json!({"address": address}))?;
        } else {
            say(&format!("simulating answers on http://{address}/v1"))?;
        }
        signals.received().await;
        simulator.stop().await;
        Ok(ExitCode::SUCCESS)
    })
}
