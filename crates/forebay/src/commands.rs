//! One file a command.

mod analyze;
mod budget;
mod classify;
mod completions;
mod config;
mod files;
mod keys;
mod knowledge;
mod learn;
mod mcp;
mod models;
mod search;
mod serve;
mod simulate;
mod status;
mod usage;

use std::process::ExitCode;

use crate::arguments::{Arguments, Command, IndexCommand};
use crate::context::Context;
use crate::quickstart;

/// Runs the command that was typed.
pub(crate) fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let context = Context::new(arguments.common);
    match arguments.command {
        Command::Serve(serve) => serve::run(&context, &serve),
        Command::Status => status::run(&context),
        Command::Keys(keys) => keys::run(&context, keys),
        Command::Budget(budget) => budget::run(&context, budget),
        Command::Usage(usage) => usage::run(&context, &usage),
        Command::Analyze(analyze) => analyze::run(&context, &analyze),
        Command::Learn(learn) => learn::run(&context, &learn),
        Command::Search(question) => search::run(&context, question),
        Command::Ask(question) => search::ask(&context, question),
        Command::Classify(texts) => classify::run(&context, texts),
        Command::Embed(texts) => classify::embed(&context, texts),
        Command::Knowledge(command) => knowledge::run(&context, command),
        Command::Models(models) => models::run(&context, &models),
        Command::Mcp(mcp) => mcp::run(&context, mcp),
        Command::Config(config) => config::run(&context, &config),
        Command::Migrate { check } => files::migrate(&context, check),
        Command::Index { command: None } => files::index(&context),
        Command::Index { command: Some(IndexCommand::Rebuild) } => knowledge::rebuild(&context),
        Command::Backup { target } => files::backup(&context, &target),
        Command::Restore { source, replace } => files::restore(&context, &source, replace),
        Command::Simulate(simulate) => simulate::run(&context, &simulate),
        Command::Quickstart { once } => quickstart::run(&context, once),
        Command::Completions { shell } => completions::run(shell),
    }
}

/// A command whose outcome is of another kind than the command has: a daemon of another version.
fn unexpected() -> anyhow::Error {
    anyhow::anyhow!("the daemon answered something else than was asked; restart it")
}
