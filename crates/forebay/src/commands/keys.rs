//! `forebay keys`

use std::process::ExitCode;

use orchestrator::operator::{Command, CreateKey, KeyRecord, Outcome};
use serde_json::json;
use types::KeyId;

use super::unexpected;
use crate::arguments::{self, Keys};
use crate::context::Context;
use crate::door;
use crate::output::{moment, or_dash, say, say_done, say_json, table};

const SECONDS_PER_DAY: u64 = 86_400;

pub(super) fn run(context: &Context, command: Keys) -> anyhow::Result<ExitCode> {
    match command {
        Keys::Create(create) => make(context, Command::CreateKey(wanted(create)))?,
        Keys::List => list(context)?,
        Keys::Rotate { id, grace_seconds } => {
            make(context, Command::RotateKey { id, grace_seconds })?;
        }
        Keys::Revoke { id } => revoke(context, &id)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn wanted(create: arguments::CreateKey) -> CreateKey {
    CreateKey {
        tenant: create.tenant,
        team: create.team,
        project: create.project,
        developer: create.developer,
        models: create.models,
        lifetime_seconds: create
            .expires_in_days
            .map(|days| u64::from(days).saturating_mul(SECONDS_PER_DAY)),
    }
}

fn make(context: &Context, command: Command) -> anyhow::Result<()> {
    let outcome = door::execute(&context.config()?, command)?;
    let Outcome::KeyCreated { record, key } = outcome else { return Err(unexpected()) };
    if context.json() {
        return say_json(&json!({"id": record.principal.key, "key": key, "record": record}));
    }
    say(&key)?;
    say("This is the only time that the key is shown.")
}

fn revoke(context: &Context, id: &KeyId) -> anyhow::Result<()> {
    let outcome = door::execute(&context.config()?, Command::RevokeKey { id: id.clone() })?;
    let Outcome::Done = outcome else { return Err(unexpected()) };
    say_done(context, &json!({"revoked": id}), "the key is revoked")
}

fn list(context: &Context) -> anyhow::Result<()> {
    let outcome = door::execute(&context.config()?, Command::ListKeys)?;
    let Outcome::Keys(records) = outcome else { return Err(unexpected()) };
    if context.json() {
        return say_json(&json!({"keys": records}));
    }
    let row = |record: &KeyRecord| {
        let principal = &record.principal;
        vec![
            or_dash(principal.key.as_ref()),
            principal.tenant.to_string(),
            or_dash(principal.team.as_ref()),
            or_dash(principal.project.as_ref()),
            principal.developer.to_string(),
            record
                .models
                .as_ref()
                .map_or_else(|| "all".to_owned(), |models| models.len().to_string()),
            moment(Some(record.created_at)),
            moment(record.expires_at),
            moment(record.revoked_at),
        ]
    };
    let titles =
        ["id", "tenant", "team", "project", "developer", "models", "created", "expires", "revoked"];
    say(&table(&titles, records.iter().map(row).collect()))
}
