//! `forebay status`

use std::process::ExitCode;

use orchestrator::operator::{Command, Outcome, Status};
use types::ModelId;

use super::unexpected;
use crate::context::Context;
use crate::door;
use crate::output::{say, say_json, table};

/// Exit code 1 where no gateway runs, or one that cannot answer requests.
pub(super) fn run(context: &Context) -> anyhow::Result<ExitCode> {
    let Outcome::Status(status) = door::execute(&context.config()?, Command::Status)? else {
        return Err(unexpected());
    };
    if context.json() {
        say_json(&status)?;
    } else {
        show(&status)?;
    }
    let answers = status.address.is_some() && status.not_ready.is_none();
    Ok(if answers { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn show(status: &Status) -> anyhow::Result<()> {
    match (status.address, &status.not_ready) {
        (None, _) => say("no gateway runs on this data directory")?,
        (Some(address), None) => say(&format!(
            "ready on {address}, up {} s, {} in flight",
            status.up_seconds, status.in_flight
        ))?,
        (Some(address), Some(reason)) => say(&format!("not ready on {address}: {reason}"))?,
    }
    say(&format!("version         {}", status.version))?;
    say(&format!("data directory  {}", status.data_directory.display()))?;
    say(&format!("{}         {} spent, {} reserved", status.month, status.spent, status.reserved))?;
    if status.address.is_none() {
        return Ok(());
    }
    let tiers = status.cache.iter().map(|tier| {
        let numbers = [tier.hits, tier.misses, tier.entries, tier.bytes];
        let mut row = vec![tier.tier.clone()];
        row.extend(numbers.map(|number| number.to_string()));
        row
    });
    say("")?;
    say(&table(&["cache", ">hits", ">misses", ">entries", ">bytes"], tiers.collect()))?;
    let providers = status.providers.iter().map(|provider| {
        vec![
            provider.provider.to_string(),
            provider.breaker.clone(),
            provider.rests_seconds.to_string(),
            limited(&provider.limited),
            provider.in_flight.to_string(),
            provider.limit.to_string(),
            provider.waiting.to_string(),
            provider.succeeded.to_string(),
            provider.failed.to_string(),
        ]
    });
    say("")?;
    let titles = [
        "provider",
        "breaker",
        ">rests s",
        "over a limit",
        ">in flight",
        ">of at most",
        ">waiting",
        ">succeeded",
        ">failed",
    ];
    say(&table(&titles, providers.collect()))
}

/// The first of the models, and how many more there are.
fn limited(models: &[ModelId]) -> String {
    let (shown, more) = models.split_at(models.len().min(3));
    let mut words: Vec<String> = shown.iter().map(ToString::to_string).collect();
    if !more.is_empty() {
        words.push(format!("and {} more", more.len()));
    }
    words.join(" ")
}
