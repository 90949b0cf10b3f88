//! `forebay keys`

use std::process::ExitCode;

use orchestrator::operator::{Command, CreateKey, KeyRecord, Outcome};
use serde_json::json;

use super::unexpected;
use crate::arguments::{self, Keys};
use crate::context::Context;
use crate::door;
use crate::output::{moment, or_dash, say, say_json, table};

const SECONDS_PER_DAY: u64 = 86_400;

pub(super) fn run(context: &Context, command: Keys) -> anyhow::Result<ExitCode> {
    let command = match command {
        Keys::Create(create) => Command::CreateKey(wanted(create)),
        Keys::List => Command::ListKeys,
        Keys::Rotate { id, grace_seconds } => Command::RotateKey { id, grace_seconds },
        Keys::Revoke { id } => Command::RevokeKey { id },
    };
    let outcome = door::execute(&context.config()?, command)?;
    if let Outcome::KeyCreated { record, key } = &outcome {
        created(context, record, key)?;
    } else if let Outcome::Keys(records) = &outcome {
        list(context, records)?;
    } else if let Outcome::Done = outcome {
        say("the key is revoked")?;
    } else {
        return Err(unexpected());
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

fn created(context: &Context, record: &KeyRecord, key: &str) -> anyhow::Result<()> {
    if context.json() {
        return say_json(&json!({"id": record.principal.key, "key": key, "record": record}));
    }
    say(key)?;
    say("This is the only time that the key is shown.")
}

fn list(context: &Context, records: &[KeyRecord]) -> anyhow::Result<()> {
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
