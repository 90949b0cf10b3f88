//! `forebay config`

use std::process::ExitCode;

use orchestrator::config;
use orchestrator::operator;
use serde_json::json;

use crate::arguments::Config;
use crate::context::Context;
use crate::output::{say, say_json};

pub(super) fn run(context: &Context, command: &Config) -> anyhow::Result<ExitCode> {
    match command {
        Config::Example => say(config::example().trim_end())?,
        Config::Check => check(context)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn check(context: &Context) -> anyhow::Result<()> {
    let path = context.config_path();
    let config = context.config()?;
    // What only a start would find.
    config.log.install()?;
    operator::check(&config)?;
    let chain = &config.inference.chain;
    if context.json() {
        let left_out = config
            .left_out
            .iter()
            .map(|left_out| json!({"provider": left_out.provider, "reason": left_out.reason}));
        return say_json(&json!({
            "file": path,
            "data_directory": config.data_directory,
            "listen": config.server.listen,
            "providers": chain.iter().map(|provider| &provider.id).collect::<Vec<_>>(),
            "left_out": left_out.collect::<Vec<_>>(),
            "prices": config.prices.version(),
        }));
    }
    match path {
        Some(path) => say(&format!("{} is good", path.display()))?,
        None => say("there is no configuration file; the defaults hold")?,
    }
    say(&format!("data directory  {}", config.data_directory.display()))?;
    say(&format!("listens on      {}", config.server.listen))?;
    say(&format!("price table     {}", config.prices.version()))?;
    for provider in chain {
        say(&format!("provider        {} at {}", provider.id, provider.base_url))?;
    }
    for left_out in &config.left_out {
        say(&format!("left out        {}: {}", left_out.provider, left_out.reason))?;
    }
    Ok(())
}
