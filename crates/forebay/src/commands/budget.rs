//! `forebay budget`

use std::process::ExitCode;

use orchestrator::operator::{AccountId, AccountStatus, Command, Outcome, Unreconciled};
use serde_json::json;
use types::Microdollars;

use super::unexpected;
use crate::arguments::{Budget, SetBudget};
use crate::context::Context;
use crate::door;
use crate::output::{moment, or_dash, say, say_done, say_json, table};

pub(super) fn run(context: &Context, command: Budget) -> anyhow::Result<ExitCode> {
    match command {
        Budget::Show => show(context, Command::ShowBudget)?,
        Budget::Set(set) => {
            let limit = set.limit.filter(|_| !set.unlimited);
            show(context, Command::SetBudget { account: account(&set), limit })?;
        }
        Budget::Unreconciled => show_unreconciled(context)?,
        Budget::Reconcile { id, actual } => reconcile(context, id, actual)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The account that the arguments name; exactly one of them is given.
fn account(set: &SetBudget) -> AccountId {
    let tenant = &set.tenant;
    match (&set.developer, &set.team, &set.project) {
        (Some(developer), _, _) => AccountId::developer(tenant, developer),
        (_, Some(team), _) => AccountId::team(tenant, team),
        (_, _, Some(project)) => AccountId::project(tenant, project),
        (None, None, None) => AccountId::tenant(tenant),
    }
}

/// Carries out a command that tells of accounts.
fn show(context: &Context, command: Command) -> anyhow::Result<()> {
    let outcome = door::execute(&context.config()?, command)?;
    let Outcome::Accounts(accounts) = outcome else { return Err(unexpected()) };
    if context.json() {
        return say_json(&json!({"accounts": accounts}));
    }
    let row = |status: &AccountStatus| {
        vec![
            status.account.tenant_id().to_string(),
            status.account.kind().as_str().to_owned(),
            status.account.name().to_owned(),
            status.window.to_string(),
            or_dash(status.limit),
            status.spent.to_string(),
            status.reserved.to_string(),
            or_dash(status.left()),
        ]
    };
    let titles = ["tenant", "account", "name", "month", ">limit", ">spent", ">reserved", ">left"];
    say(&table(&titles, accounts.iter().map(row).collect()))
}

fn reconcile(context: &Context, id: i64, actual: Microdollars) -> anyhow::Result<()> {
    let outcome = door::execute(&context.config()?, Command::Reconcile { id, actual })?;
    let Outcome::Done = outcome else { return Err(unexpected()) };
    say_done(context, &json!({"reconciled": id}), "the charge is reconciled")
}

fn show_unreconciled(context: &Context) -> anyhow::Result<()> {
    let outcome = door::execute(&context.config()?, Command::ListUnreconciled)?;
    let Outcome::Unreconciled(charges) = outcome else { return Err(unexpected()) };
    if context.json() {
        return say_json(&json!({"unreconciled": charges}));
    }
    let row = |charge: &Unreconciled| {
        let accounts: Vec<String> = charge.accounts.iter().map(ToString::to_string).collect();
        vec![
            charge.id.to_string(),
            moment(Some(charge.at)),
            or_dash(charge.request.as_ref()),
            or_dash(charge.provider.as_ref()),
            or_dash(charge.model.as_ref()),
            accounts.join(", "),
            charge.cost.to_string(),
        ]
    };
    let titles = [">id", "when", "request", "provider", "model", "accounts", ">charged"];
    say(&table(&titles, charges.iter().map(row).collect()))
}
