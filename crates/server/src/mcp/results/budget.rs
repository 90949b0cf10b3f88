//! What may be spent.

use orchestrator::operator::AccountStatus;
use rmcp::schemars::{self, JsonSchema};
use serde::Serialize;
use types::Microdollars;

#[derive(Serialize, JsonSchema)]
pub(in crate::mcp) struct Budget {
    /// The nearest first. A call to a model needs room in each.
    pub(in crate::mcp) accounts: Vec<Account>,
}

/// Where an account stands; amounts are dollars.
#[derive(Serialize, JsonSchema)]
pub(in crate::mcp) struct Account {
    /// developer, project, team or tenant.
    account: &'static str,
    name: String,
    /// The calendar month in UTC.
    month: String,
    /// None without a limit.
    limit: Option<String>,
    spent: String,
    /// Held by requests that are being answered.
    reserved: String,
    /// What may still be spent; none without a limit.
    left: Option<String>,
}

impl From<AccountStatus> for Account {
    fn from(status: AccountStatus) -> Self {
        Self {
            account: status.account.kind().as_str(),
            name: status.account.name().to_owned(),
            month: status.window.to_string(),
            limit: status.limit.map(dollars),
            spent: dollars(status.spent),
            reserved: dollars(status.reserved),
            left: status.left().map(dollars),
        }
    }
}

fn dollars(amount: Microdollars) -> String {
    amount.to_string().trim_start_matches('$').to_owned()
}
