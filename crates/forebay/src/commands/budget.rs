//! `forebay budget`

use std::process::ExitCode;

use orchestrator::operator::{AccountId, AccountStatus, Command, Outcome, Unreconciled};
use serde_json::json;

use super::unexpected;
use crate::arguments::{Budget, SetBudget};
use crate::context::Context;
use crate::door;
use crate::output::{moment, or_dash, say, say_json, table};

pub(super) fn run(context: &Context, command: Budget) -> anyhow::Result<ExitCode> {
    let command = match command {
        Budget::Show => Command::ShowBudget,
        Budget::Set(set) => {
            let limit = set.limit.filter(|_| !set.unlimited);
            Command::SetBudget { account: account(&set), limit }
        }
        Budget::Unreconciled => Command::ListUnreconciled,
        Budget::Reconcile { id, actual } => Command::Reconcile { id, actual },
    };
    let outcome = door::execute(&context.config()?, command)?;
    if let Outcome::Accounts(accounts) = &outcome {
        show(context, accounts)?;
    } else if let Outcome::Unreconciled(charges) = &outcome {
        show_unreconciled(context, charges)?;
    } else if let Outcome::Done = outcome {
        say("the charge is reconciled")?;
    } else {
        return Err(unexpected());
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

fn show(context: &Context, accounts: &[AccountStatus]) -> anyhow::Result<()> {
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

fn show_unreconciled(context: &Context, charges: &[Unreconciled]) -> anyhow::Result<()> {
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
