//! `forebay migrate`, `index`, `backup` and `restore`

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use orchestrator::operator::{self, Command};
use serde_json::json;

use crate::context::Context;
use crate::door;
use crate::output::{say, say_done, say_json, table};

pub(super) fn migrate(context: &Context, check: bool) -> anyhow::Result<ExitCode> {
    let directory = context.config()?.data_directory;
    if !check {
        operator::migrate(&directory)?;
    }
    let schemas = operator::schemas(&directory)?;
    let current = schemas.iter().all(|(_, status)| status.is_current());
    if context.json() {
        let files = schemas.iter().map(|(file, status)| {
            json!({
                "file": file,
                "version": status.current,
                "latest": status.latest,
                "missing_indexes": status.missing_indexes,
            })
        });
        say_json(&json!({"current": current, "files": files.collect::<Vec<_>>()}))?;
    } else {
        for (file, status) in &schemas {
            let state = if status.is_current() { "current" } else { "not current" };
            say(&format!("{file}  version {} of {}, {state}", status.current, status.latest))?;
        }
    }
    Ok(if current { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(super) fn index(context: &Context) -> anyhow::Result<ExitCode> {
    let plans = operator::verify(&context.config()?.data_directory)?;
    let without = plans.iter().filter(|plan| !plan.uses_index).count();
    if context.json() {
        let queries = plans.iter().map(
            |plan| json!({"query": plan.query, "uses_index": plan.uses_index, "plan": plan.steps}),
        );
        say_json(&json!({"queries": queries.collect::<Vec<_>>()}))?;
    } else {
        let row = |plan: &orchestrator::operator::QueryPlan| {
            let verdict = if plan.uses_index { "index" } else { "NO INDEX" };
            vec![plan.query.to_owned(), verdict.to_owned(), plan.steps.join("; ")]
        };
        say(&table(&["query", "uses", "plan"], plans.iter().map(row).collect()))?;
    }
    Ok(if without == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(super) fn backup(context: &Context, target: &Path) -> anyhow::Result<ExitCode> {
    // The daemon has a working directory of its own.
    let target = std::path::absolute(target).context("could not resolve the target")?;
    door::execute(&context.config()?, Command::Backup { target: target.clone() })?;
    let told = format!("keys and ledger are in {}", target.display());
    say_done(context, &json!({"backup": target}), &told)?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn restore(context: &Context, source: &Path, replace: bool) -> anyhow::Result<ExitCode> {
    let directory = context.config()?.data_directory;
    operator::restore(source, &directory, replace)?;
    let told = format!("keys and ledger of {} are in {}", source.display(), directory.display());
    say_done(context, &json!({"restored": directory}), &told)?;
    Ok(ExitCode::SUCCESS)
}
