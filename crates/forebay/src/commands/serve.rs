//! `forebay serve`

use std::process::ExitCode;

use orchestrator::config::{Config, ConfigFile};
use serde_json::json;
use server::Daemon;
use types::Clock;

use crate::arguments::Serve;
use crate::context::{Context, resolve};
use crate::output::{say, say_json};
use crate::reloads::Reloads;
use crate::signals::StopSignals;

pub(super) fn run(context: &Context, arguments: &Serve) -> anyhow::Result<ExitCode> {
    let config = configuration(context.config_file()?, arguments)?;
    config.log.install()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(context, arguments, &config))
}

/// The configuration, with the arguments over it.
fn configuration(file: ConfigFile, arguments: &Serve) -> anyhow::Result<Config> {
    let mut config = resolve(file)?;
    if let Some(listen) = arguments.listen {
        config.server.listen = listen;
    }
    Ok(config)
}

async fn serve(context: &Context, arguments: &Serve, config: &Config) -> anyhow::Result<ExitCode> {
    // Whoever reads that it listens may ask it to stop or to read its configuration at once.
    let mut signals = StopSignals::listen()?;
    let mut reloads = Reloads::listen(context.config_path())?;
    let daemon = Daemon::start(config, Clock::system(), rand::random()).await?;
    let address = daemon.address();
    if context.json() {
        say_json(&json!({"listening": address}))?;
    } else {
        say(&format!("listening on http://{address}"))?;
    }
    tell_left_out(config);
    loop {
        tokio::select! {
            () = signals.received() => break,
            file = reloads.wanted() => {
                let file = file.and_then(|file| match file {
                    Some(file) => Ok(context.with_data(file)),
                    None => context.config_file(),
                });
                reload(file, arguments, &daemon);
            }
        }
    }
    tracing::info!("stopping");
    let cut = daemon.stop().await?;
    if cut > 0 {
        tracing::warn!(connections = cut, "cut what did not end within the drain time");
    }
    Ok(ExitCode::SUCCESS)
}

/// Uses what the file holds now; where anything is wrong with it, everything stays as it was.
fn reload(file: anyhow::Result<ConfigFile>, arguments: &Serve, daemon: &Daemon) {
    let reloaded = file.and_then(|file| {
        let config = configuration(file, arguments)?;
        let unchanged = daemon.reload(&config)?;
        Ok((config, unchanged))
    });
    match reloaded {
        Ok((config, unchanged)) => {
            tracing::info!("the configuration was read again");
            for section in unchanged {
                tracing::warn!(section, "has changed and takes a new start to be used");
            }
            tell_left_out(&config);
        }
        Err(error) => daemon.keep_configuration(error.as_ref()),
    }
}

fn tell_left_out(config: &Config) {
    for left_out in &config.left_out {
        tracing::info!(provider = %left_out.provider, reason = left_out.reason, "left out");
    }
    if config.inference.chain.is_empty() {
        tracing::warn!("no provider can be used; `forebay config check` says why");
    }
}
