//! The model that finds things by meaning: brought when it is first needed.

mod pull_display;

use orchestrator::config::Config;
use orchestrator::{FetchSettings, ModelStore, ModelStoreError, PullOptions, StoredState};

use self::pull_display::PullDisplay;
use crate::context::{Context, environment};
use crate::output;

/// Sees to it that there is a model, before a command that can use one begins: pulls what is missing
/// or broken, unless nothing may be fetched. A model that cannot be had is told in one line on
/// standard error, and is no error.
pub(crate) fn ensure_model(context: &Context, config: &Config) -> anyhow::Result<()> {
    let store = store(config)?;
    let ensured = match store.model() {
        Ok(stored) if stored.state == StoredState::Installed => return Ok(()),
        Ok(_) => pull(&store, PullOptions { onnx_runtime: false, offline: context.offline() })?,
        Err(error) => Err(error),
    };
    if let Err(error) = ensured {
        let reason = types::chain(&error);
        output::note(&format!(
            "things are found by their words alone: {reason}; `forebay models pull` tries again, \
             and --offline does not ask"
        ));
    }
    Ok(())
}

/// The models of the data directory. They are fetched from the hub that its own variable names.
pub(crate) fn store(config: &Config) -> anyhow::Result<ModelStore> {
    let mut settings = FetchSettings::default();
    if let Some(hub) = (environment().variable)("HF_ENDPOINT") {
        settings.hub = hub.trim_end_matches('/').to_owned();
    }
    Ok(ModelStore::new(&config.data_directory, settings)?)
}

/// Pulls, and shows how far it is. What the store says is told apart from what stops this command.
pub(crate) fn pull(
    store: &ModelStore,
    options: PullOptions,
) -> anyhow::Result<Result<(), ModelStoreError>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut display = PullDisplay::new()?;
    let pulled = runtime.block_on(store.pull(options, &mut |progress| display.show(progress)));
    display.finish();
    Ok(pulled)
}
