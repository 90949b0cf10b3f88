//! How a command reaches the data directory: through the daemon that owns it, or directly.

use orchestrator::config::Config;
use orchestrator::operator::{Command, Operator, Outcome, Store};
use orchestrator::{Gateway, KnowledgeAction, KnowledgeCommand, KnowledgeOutcome, Parts};
use server::ControlClient;
use tokio::runtime::{Builder, Runtime};
use types::{Clock, TenantId};

/// Carries out one command, wherever the data directory is open.
pub(crate) fn execute(config: &Config, command: Command) -> anyhow::Result<Outcome> {
    if let Some(daemon) = ControlClient::connect(&config.data_directory)? {
        return Ok(daemon.operate(command)?);
    }
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = Store::open(config, Clock::system())?;
        let outcome = Operator::new(store.clone(), None).execute(command).await;
        store.close().await?;
        Ok(outcome?)
    })
}

/// Does one thing with what `tenant` knows.
pub(crate) fn know(
    config: &Config,
    tenant: &TenantId,
    action: KnowledgeAction,
) -> anyhow::Result<KnowledgeOutcome> {
    let door = KnowledgeDoor::open(config)?;
    let outcome = door.know(tenant, action);
    door.close()?;
    outcome
}

/// A way to what is known, for as many actions as are wanted.
pub(crate) enum KnowledgeDoor<'a> {
    /// A daemon owns the data directory.
    Daemon(&'a Config),
    /// This process does.
    Here(Box<Here>),
}

/// The data directory, opened by this process.
pub(crate) struct Here {
    runtime: Runtime,
    store: Store,
    gateway: Gateway,
}

impl<'a> KnowledgeDoor<'a> {
    pub(crate) fn open(config: &'a Config) -> anyhow::Result<Self> {
        if ControlClient::connect(&config.data_directory)?.is_some() {
            return Ok(Self::Daemon(config));
        }
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let entered = runtime.enter();
        let store = Store::open(config, Clock::system())?;
        let gateway = Gateway::new(Parts::open(config, &store, true, None)?);
        drop(entered);
        Ok(Self::Here(Box::new(Here { runtime, store, gateway })))
    }

    pub(crate) fn know(
        &self,
        tenant: &TenantId,
        action: KnowledgeAction,
    ) -> anyhow::Result<KnowledgeOutcome> {
        let command = KnowledgeCommand { tenant: tenant.clone(), action };
        match self {
            Self::Daemon(config) => {
                let daemon = ControlClient::connect(&config.data_directory)?;
                let daemon = daemon.ok_or_else(|| {
                    anyhow::anyhow!("the daemon ended; what it did until then is kept: try again")
                })?;
                Ok(daemon.know(command)?)
            }
            Self::Here(here) => Ok(here.runtime.block_on(here.gateway.carry_out(command))?),
        }
    }

    /// Writes what is waiting and gives the data directory back.
    pub(crate) fn close(self) -> anyhow::Result<()> {
        let Self::Here(here) = self else { return Ok(()) };
        let Here { runtime, store, gateway } = *here;
        runtime.block_on(async {
            gateway.drained().await;
            gateway.parts().cache.flush();
            store.close().await
        })?;
        Ok(())
    }
}
