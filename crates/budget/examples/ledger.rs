//! The ledger alone: two developers share a team's dollar.
//!
//! `cargo run -p forebay-budget --example ledger`

use std::io::Write;

use forebay_budget::{
    AccountId, AccountPath, Dispatch, Error, GroupBy, Ledger, LedgerSettings, PriceTable, SCHEMA,
    Settlement,
};
use storage::{DataDirectory, Database, Settings};
use types::{
    Clock, DeveloperId, ModelId, Principal, ProviderId, RequestId, TeamId, TenantId, TokenCount,
    TokenUsage,
};

type Failure = Box<dyn std::error::Error>;

async fn spend(ledger: &Ledger) -> Result<(), Failure> {
    let (tenant, team) = (TenantId::new("acme")?, TeamId::new("core")?);
    ledger.set_limit(&AccountId::team(&tenant, &team), Some("1.00".parse()?)).await?;

    let prices = PriceTable::builtin()?;
    let (provider, model) = (ProviderId::new("anthropic")?, ModelId::new("claude-sonnet-4-5")?);
    let price = prices.price(&provider, &model).ok_or("no price is known")?;
    let (input, output) = (TokenCount::new(20_000), TokenCount::new(8_192));
    let worst_case = price.worst_case(input, output).ok_or("too many tokens")?;
    let usage = TokenUsage { input, output: TokenCount::new(6_000), ..TokenUsage::default() };
    let cost = price.cost(&usage).ok_or("too many tokens")?;

    let mut out = std::io::stdout().lock();
    for number in 1.. {
        let developer = DeveloperId::new(if number % 3 == 0 { "bob" } else { "ada" })?;
        let (tenant, team, project) = (tenant.clone(), Some(team.clone()), None);
        let principal = Principal { tenant, team, project, developer, key: None };
        let request = RequestId::new(&format!("r-{number}"))?;
        let hold = match ledger.reserve(&AccountPath::of(&principal), &request, worst_case).await {
            Ok(hold) => hold,
            Err(refused @ Error::Exhausted { .. }) => {
                writeln!(out, "request {number}: {refused}")?;
                break;
            }
            Err(other) => return Err(other.into()),
        };
        let (provider, model) = (provider.clone(), model.clone());
        let floor = price.cost(&TokenUsage { output: TokenCount::ZERO, ..usage });
        let floor = floor.unwrap_or(worst_case);
        let call = Dispatch { provider: provider.clone(), model: model.clone(), floor };
        let sent = hold.dispatched(call)?;
        sent.settle(Settlement { cost, usage, provider, model }).await?;
        writeln!(out, "request {number}: reserved {worst_case}, cost {cost}")?;
    }
    for line in ledger.report(GroupBy::Developer, ledger.window(), None)? {
        let name = line.group.unwrap_or_default();
        writeln!(out, "{name}: {} requests, {}", line.requests, line.cost)?;
    }
    ledger.close().await?;
    Ok(())
}

fn main() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let file = Database::open(&folder.path().join("ledger.db"), &SCHEMA, &Settings::default())?;
    let settings = LedgerSettings::default();
    let ledger = Ledger::open(file, settings, DataDirectory::boot_id(), Clock::system())?;
    tokio::runtime::Builder::new_current_thread().build()?.block_on(spend(&ledger))
}
