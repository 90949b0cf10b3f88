//! `forebay usage`

use std::process::ExitCode;

use orchestrator::operator::{Command, GroupBy, Outcome, Usage, Window};
use serde_json::json;
use types::Microdollars;

use super::unexpected;
use crate::arguments::{self, By};
use crate::context::Context;
use crate::door;
use crate::output::{or_dash, say, say_json, table};

pub(super) fn run(context: &Context, arguments: &arguments::Usage) -> anyhow::Result<ExitCode> {
    let command = Command::Usage { by: group(arguments.by), month: arguments.month };
    let Outcome::Usage { month, lines } = door::execute(&context.config()?, command)? else {
        return Err(unexpected());
    };
    show(context, arguments.by, month, &lines)?;
    Ok(ExitCode::SUCCESS)
}

fn group(by: By) -> GroupBy {
    match by {
        By::Developer => GroupBy::Developer,
        By::Team => GroupBy::Team,
        By::Project => GroupBy::Project,
        By::Model => GroupBy::Model,
        By::Day => GroupBy::Day,
    }
}

fn show(context: &Context, by: By, month: Window, lines: &[Usage]) -> anyhow::Result<()> {
    if context.json() {
        return say_json(&json!({"month": month, "usage": lines}));
    }
    let row = |line: &Usage| {
        vec![
            or_dash(line.group.as_ref()),
            line.requests.to_string(),
            line.free.to_string(),
            line.tokens.total_input().to_string(),
            line.tokens.cache_read.to_string(),
            line.tokens.output.to_string(),
            line.cost.to_string(),
            line.saved.to_string(),
        ]
    };
    let first = format!("{by:?}").to_lowercase();
    let titles = [
        &first,
        ">requests",
        ">from cache",
        ">input",
        ">of it cached",
        ">output",
        ">cost",
        ">saved",
    ];
    say(&table(&titles, lines.iter().map(row).collect()))?;
    let cost: Microdollars = lines.iter().map(|line| line.cost).sum();
    let saved: Microdollars = lines.iter().map(|line| line.saved).sum();
    say(&format!("\n{month}: {cost} spent, {saved} saved by the cache"))
}
