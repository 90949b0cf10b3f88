//! `forebay serve`

use std::process::ExitCode;

use orchestrator::config::Config;
use serde_json::json;
use server::Daemon;
use types::Clock;

use crate::arguments::Serve;
use crate::context::Context;
use crate::output::{say, say_json};
use crate::signals::StopSignals;

pub(super) fn run(context: &Context, arguments: &Serve) -> anyhow::Result<ExitCode> {
    let mut config = context.config()?;
    if let Some(listen) = arguments.listen {
        config.server.listen = listen;
    }
    config.log.install()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(context, &config))
}

async fn serve(context: &Context, config: &Config) -> anyhow::Result<ExitCode> {
    // Whoever reads that it listens may ask it to stop at once.
    let mut signals = StopSignals::listen()?;
    let daemon = Daemon::start(config, Clock::system(), rand::random()).await?;
    let address = daemon.address();
    if context.json() {
        say_json(&json!({"listening": address}))?;
    } else {
        say(&format!("listening on http://{address}"))?;
    }
    for left_out in &config.left_out {
        tracing::info!(provider = %left_out.provider, reason = left_out.reason, "left out");
    }
    if config.inference.chain.is_empty() {
        tracing::warn!("no provider can be used; `forebay config check` says why");
    }
    signals.received().await;
    tracing::info!("stopping");
    let cut = daemon.stop().await?;
    if cut > 0 {
        tracing::warn!(connections = cut, "cut what did not end within the drain time");
    }
    Ok(ExitCode::SUCCESS)
}
