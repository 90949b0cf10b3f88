//! How a command reaches the data directory: through the daemon that owns it, or directly.

use orchestrator::config::Config;
use orchestrator::operator::{Command, Operator, Outcome, Store};
use server::ControlClient;
use types::Clock;

/// Carries out one command, wherever the data directory is open.
pub(crate) fn execute(config: &Config, command: Command) -> anyhow::Result<Outcome> {
    if let Some(daemon) = ControlClient::connect(&config.data_directory)? {
        return Ok(daemon.send(&command)?);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = Store::open(config, Clock::system())?;
        let outcome = Operator::new(store.clone(), None).execute(command).await;
        store.close().await?;
        Ok(outcome?)
    })
}
